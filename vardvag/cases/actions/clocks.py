"""When an answer is due, from the unit's calendar and the case type."""

from datetime import datetime

from vardvag.cases.models import Case
from vardvag.cases.rules import AMBER_HOURS
from vardvag.catalogue.queries import answer_days
from vardvag.organisation.queries import due, open_hours_before


def promise(*, unit_id: int, type_version_id: int, since: datetime) -> datetime:
    """The moment an answer is promised at the latest."""
    days = answer_days(unit_id=unit_id, type_version_id=type_version_id)
    return due(unit_id=unit_id, since=since, days=days)


def amber(*, unit_id: int, due_at: datetime) -> datetime:
    return open_hours_before(unit_id=unit_id, until=due_at, hours=AMBER_HOURS)


def owe_answer(case: Case, *, since: datetime, due_at: datetime | None = None) -> None:
    """It is our turn; the clock runs from the resident's word, or to the new date staff promised."""
    case.waiting_since = since
    case.due_at = due_at or promise(unit_id=case.unit_id, type_version_id=case.type_version_id, since=since)
    case.amber_at = amber(unit_id=case.unit_id, due_at=case.due_at)
    case.promised_at = case.due_at
    case.late_told = False


def owe_nothing(case: Case) -> None:
    case.due_at = case.amber_at = None
