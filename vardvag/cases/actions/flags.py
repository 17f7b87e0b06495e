"""Danger signs in what patients write, wherever they write it: they raise the urgency and never lower it. What is a
danger sign, a service says (triage)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from vardvag.cases.actions.changes import commit, snapshot
from vardvag.cases.models import Case
from vardvag.core.actor import ResidentActor


@dataclass(frozen=True, slots=True)
class Flag:
    urgency: int
    because: str  # in Swedish, for staff
    words: str  # of the text


watchers: list[Callable[[str], Flag | None]] = []


def flag_in(text: str) -> Flag | None:
    """The most urgent."""
    found = [flag for watch in watchers if (flag := watch(text))]
    return min(found, key=lambda flag: flag.urgency, default=None)


def raise_by_words(*, actor: ResidentActor, case: Case, text: str, now: datetime) -> Flag | None:
    """In the transaction of what was written, after it: a row of its own in the history says why."""
    flag = flag_in(text)
    if flag is None or (case.urgency is not None and case.urgency <= flag.urgency):
        return None
    before = snapshot(case)
    case.urgency = flag.urgency
    commit(
        actor=actor,
        case=case,
        before=before,
        verb="flagged",
        now=now,
        reason=f"{flag.because} ”{flag.words}”",
    )
    return flag
