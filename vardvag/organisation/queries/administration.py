"""Reads for the pages of administration."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q

from vardvag.audit.queries import Namelessness
from vardvag.core import compiled
from vardvag.core.personal_number import SWEDEN
from vardvag.organisation.models import (
    Assignment,
    Group,
    ImportRun,
    OpeningHours,
    SpecialDay,
    StaffingChange,
    UnitSettings,
)
from vardvag.organisation.rules import swedish


def nameless(staff_ids: Collection[int], unit_ids: Collection[int]) -> Namelessness:
    """Whose names the patient does not see in the log: protected staff, and units that show no names."""
    return Namelessness(_ids(_PROTECTED, staff_ids), _ids(_NAMELESS, unit_ids))


_PROTECTED = "select id from identity_staff where id = any(%s::bigint[]) and protected"
_NAMELESS = "select unit_id from organisation_unitsettings where unit_id = any(%s::bigint[]) and not shows_staff_names"


def _ids(statement: str, among: Collection[int]) -> frozenset[int]:
    return frozenset(row[0] for row in compiled.fetch(statement, [list(among)])) if among else frozenset()


@dataclass(frozen=True, slots=True)
class Member:
    """One line of the staff page. `state`: active | paused | coming | ended."""

    assignment: Assignment
    state: str
    groups: list[str]
    last_login: datetime | None


def staff_of(*, unit_id: int, now: datetime) -> list[Member]:
    """Everyone at the unit; the ended ones last, and only those of the last year."""
    today = now.astimezone(SWEDEN).date()
    rows = (
        Assignment.objects.filter(unit_id=unit_id)
        .exclude(ended_at__lt=now - timedelta(days=365))
        .select_related("staff")
        .prefetch_related("groups")
        .annotate(last_login=Max("staff__sessions__created_at"))
    )
    members = [
        Member(a, _state(a, today), sorted((g.name for g in a.groups.all()), key=swedish), a.last_login)
        for a in rows
    ]
    order = {"active": 0, "coming": 1, "paused": 2, "ended": 3}
    return sorted(members, key=lambda m: (order[m.state], swedish(m.assignment.staff.given_name)))


def _state(assignment: Assignment, today: date) -> str:
    if assignment.ended_at is not None or assignment.staff.gone_at is not None:
        return "ended"
    if assignment.valid_until is not None and assignment.valid_until < today:
        return "ended"
    if assignment.paused_at is not None:
        return "paused"
    return "coming" if assignment.valid_from > today else "active"


def groups_with_members(*, unit_id: int) -> list[Group]:
    """The unit's groups with `members` (number in force); the receivers first."""
    return list(
        Group.objects.filter(unit_id=unit_id, archived_at=None)
        .annotate(
            members=Count("assignments", filter=Q(assignments__ended_at=None, assignments__paused_at=None))
        )
        .order_by("-receivers", "name")
    )


def staffing_history(*, assignment: Assignment) -> list[StaffingChange]:
    return list(StaffingChange.objects.filter(assignment=assignment).order_by("-id")[:50])


def unit_settings(*, unit_id: int) -> UnitSettings:
    """The unit's own, or the defaults before it has changed any."""
    return UnitSettings.objects.filter(unit_id=unit_id).first() or UnitSettings(unit_id=unit_id)


def hours_to_edit(*, unit_id: int, kind: str) -> dict[str, Any]:
    """`days`: seven times two openings as text; `local`: whether they are the unit's own."""
    rows = list(OpeningHours.objects.filter(unit_id=unit_id, kind=kind).order_by("weekday", "opens"))
    own = [row for row in rows if row.local]
    week: list[list[tuple[str, str]]] = [[] for _ in range(7)]
    for row in own or rows:
        week[row.weekday].append((f"{row.opens:%H:%M}", f"{row.closes:%H:%M}"))
    return {"days": [day + [("", "")] * max(0, 2 - len(day)) for day in week], "local": bool(own)}


def special_days(*, unit_id: int, today: date) -> list[SpecialDay]:
    return list(SpecialDay.objects.filter(unit_id=unit_id, day__gte=today).order_by("day"))


def import_runs() -> list[ImportRun]:
    return list(ImportRun.objects.defer("content", "errors", "warnings").order_by("-id")[:50])
