"""Everything that can happen to an interview and to the content."""

from vardvag.services.triage.actions.contents import activate, approve, propose, retire
from vardvag.services.triage.actions.interviews import (
    OTHER,
    answer,
    begin,
    calm,
    choose,
    end,
    forget,
    may_be_used,
    report,
    send,
    stands,
    tell,
    withdraw_consent,
)
from vardvag.services.triage.actions.typed import keep_typed
from vardvag.services.triage.engine.answers import BadAnswer
from vardvag.services.triage.rules import (
    AnsweredElsewhere,
    ChangedElsewhere,
    GoldenFails,
    NoReason,
    NotEnoughApprovals,
    NothingTold,
    OwnProposal,
    TooYoung,
)

__all__ = [
    "OTHER",
    "AnsweredElsewhere",
    "BadAnswer",
    "ChangedElsewhere",
    "GoldenFails",
    "NoReason",
    "NotEnoughApprovals",
    "NothingTold",
    "OwnProposal",
    "TooYoung",
    "activate",
    "answer",
    "approve",
    "begin",
    "calm",
    "choose",
    "end",
    "forget",
    "keep_typed",
    "may_be_used",
    "propose",
    "report",
    "retire",
    "send",
    "stands",
    "tell",
    "withdraw_consent",
]
