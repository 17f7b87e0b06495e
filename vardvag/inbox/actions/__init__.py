"""What other parts call: `tell_resident`, `tell_staff`, `take_back_from_staff`, `read_items`. The rest is for
the inbox's own pages and jobs."""

from vardvag.inbox.actions.contact import (
    ask_for_code,
    confirm_code,
    forget_address,
    save_contact,
    save_staff_notices,
)
from vardvag.inbox.actions.telling import (
    mark_reached,
    mark_read,
    mark_unread,
    read_items,
    take_back_from_staff,
    tell_resident,
    tell_staff,
)
from vardvag.inbox.actions.trouble import receive_receipt, send_again, take_bounce
from vardvag.inbox.rules import (
    ChangedElsewhere,
    CodeTooOld,
    NotAnAddress,
    NotSentAgain,
    NotVerified,
    TooManyCodes,
    WrongCode,
)

__all__ = [
    "ChangedElsewhere",
    "CodeTooOld",
    "NotAnAddress",
    "NotSentAgain",
    "NotVerified",
    "TooManyCodes",
    "WrongCode",
    "ask_for_code",
    "confirm_code",
    "forget_address",
    "mark_reached",
    "mark_read",
    "mark_unread",
    "read_items",
    "receive_receipt",
    "save_contact",
    "save_staff_notices",
    "send_again",
    "take_back_from_staff",
    "take_bounce",
    "tell_resident",
    "tell_staff",
]
