"""Everything that can happen to a case. The page locks the case through access, calls one of these."""

from vardvag.cases.actions.after import (
    due_replies,
    group_gone,
    hold,
    overdue,
    owner_gone,
    patient_changed,
    rate,
    release,
    stranded,
    tell_of,
)
from vardvag.cases.actions.drafts import Saved, save_draft, use_other
from vardvag.cases.actions.flags import Flag, watchers
from vardvag.cases.actions.moves import (
    close,
    close_many,
    close_without_reply,
    distribute,
    give_back,
    mark_unread,
    move_to_unit,
    remind,
    reopen,
    set_urgency,
    take,
)
from vardvag.cases.actions.opening import Opening, open_case, open_from_service, opened_from
from vardvag.cases.actions.protection import open_protected, review_openings
from vardvag.cases.actions.thread import note, reply, seen, withdraw, write
from vardvag.cases.actions.undo import Undone, undo, undo_batch, undoable

__all__ = [
    "Flag",
    "Opening",
    "open_from_service",
    "opened_from",
    "watchers",
    "Saved",
    "Undone",
    "close",
    "close_many",
    "close_without_reply",
    "distribute",
    "due_replies",
    "give_back",
    "group_gone",
    "hold",
    "mark_unread",
    "move_to_unit",
    "note",
    "open_case",
    "open_protected",
    "overdue",
    "owner_gone",
    "patient_changed",
    "rate",
    "release",
    "remind",
    "reopen",
    "reply",
    "review_openings",
    "save_draft",
    "seen",
    "set_urgency",
    "stranded",
    "take",
    "tell_of",
    "undo",
    "undo_batch",
    "undoable",
    "use_other",
    "withdraw",
    "write",
]
