"""Reads for pages and for the floors above: the region, calendars, the directory of units.

What every request needs is kept in the process for a few seconds; an action of this part makes it forgotten.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from time import monotonic
from typing import Any, TypeVar

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max, Q

from vardvag.audit.queries import Namelessness
from vardvag.core.personal_number import SWEDEN
from vardvag.identity.models import Person, Staff
from vardvag.organisation import rules, search
from vardvag.organisation.models import (
    Assignment,
    Group,
    ImportRun,
    OpeningHours,
    Provider,
    Region,
    SpecialDay,
    StaffingChange,
    Unit,
    UnitSettings,
)
from vardvag.organisation.rules import OFFICE_WEEK, Calendar, Hours, swedish

T = TypeVar("T")
KEEP_SECONDS = 0 if settings.MODE == "test" else 5
STALE_AFTER = timedelta(days=30)
Kind = OpeningHours.Kind
_kept: dict[tuple[object, ...], tuple[float, Any]] = {}


def _keep(key: tuple[object, ...], load: Callable[[], T]) -> T:
    found = _kept.get(key)
    if found is not None and monotonic() - found[0] < KEEP_SECONDS:
        value: T = found[1]
        return value
    fresh = load()
    _kept[key] = (monotonic(), fresh)
    return fresh


def forget() -> None:
    """Called by actions that change what is kept: now, and once more when the change is committed."""
    _kept.clear()
    transaction.on_commit(_kept.clear)


def region() -> Region:
    """The region's settings; defaults before it is set up."""
    return _keep(
        ("region",), lambda: Region.objects.filter(pk=1).first() or Region(pk=1, name="", service_name="")
    )


def guardian_age() -> int:
    """Guardians act for children younger than this."""
    return region().guardian_until_age


def calendar_of(unit_id: int, kind: str = Kind.DIGITAL) -> Calendar:
    """When the unit is open: its hours of that kind, else its phone hours, else office hours.

    Local hours go before imported ones. A branch that receives nothing itself goes by its mother's calendar
    (`receiving_unit`).
    """
    return _keep(("calendar", unit_id, kind), lambda: _calendar(unit_id, kind))


def _calendar(unit_id: int, kind: str) -> Calendar:
    rows = list(OpeningHours.objects.filter(unit_id=unit_id))
    chosen: list[OpeningHours] = []
    for wanted in dict.fromkeys((kind, Kind.PHONE) if kind != Kind.VISIT else (kind,)):
        of_kind = [row for row in rows if row.kind == wanted]
        chosen = [row for row in of_kind if row.local] or of_kind
        if chosen:
            break
    week = tuple(
        tuple(sorted(Hours(row.opens, row.closes) for row in chosen if row.weekday == day))
        for day in range(7)
    )
    special = {
        day: () if closed or not opens or not closes else (Hours(opens, closes),)
        for day, closed, opens, closes in SpecialDay.objects.filter(unit_id=unit_id).values_list(
            "day", "closed", "opens", "closes"
        )
    }
    return Calendar(week if chosen or kind == Kind.VISIT else OFFICE_WEEK, special)


def due(*, unit_id: int, since: datetime, days: int) -> datetime:
    """Closing time of the `days`-th working day after `since` in the unit's calendar."""
    return rules.working_days_after(since, days, calendar_of(unit_id))


def open_hours_before(*, unit_id: int, until: datetime, hours: float) -> datetime:
    """When this many of the unit's open hours remain until then."""
    return rules.working_hours_before(until, hours, calendar_of(unit_id))


def closing_time(*, unit_id: int, day: date) -> datetime:
    """When the unit closes that day; 16.00 on a day it is not open."""
    return rules.closing_time(calendar_of(unit_id), day)


def answer_days(unit_id: int) -> int:
    """Working days within which the unit promises an answer (a case type may promise otherwise)."""
    own = _keep(
        ("answer_days", unit_id),
        lambda: (
            UnitSettings.objects.filter(unit_id=unit_id).values_list("answer_working_days", flat=True).first()
        ),
    )
    return own or region().answer_working_days


def receiving_unit(unit_id: int) -> int:
    """Where cases to the unit go: a branch sends them to its mother."""
    return next((e.mother_id for e in directory() if e.unit_id == unit_id and e.mother_id), unit_id)


def directory() -> list[search.Entry]:
    """Every unit in use, in Swedish alphabetical order; practice units too (marked)."""
    return _keep(("directory",), _directory)


def _directory() -> list[search.Entry]:
    closed = set(UnitSettings.objects.filter(accepts_cases=False).values_list("unit_id", flat=True))
    rows = Unit.objects.filter(archived_at=None).select_related("provider")
    found = [
        search.Entry(
            unit.pk, unit.hsa_id, unit.public_name, unit.slug, unit.kind_of_care, tuple(unit.specialities),
            unit.municipality, unit.city, unit.street, unit.phone, unit.provider_id, unit.provider.name,
            unit.mother_id, unit.pk not in closed, unit.practice,
            search.weighed(unit),
        )
        for unit in rows
    ]  # fmt: skip
    return sorted(found, key=lambda entry: swedish(entry.name))


def find_units(
    text: str, *, kind_of_care: str = "", municipality: str = "", limit: int = 50
) -> list[search.Entry]:
    """Units a resident may choose, best first; misspellings and lost dots are understood."""
    among = [
        entry
        for entry in directory()
        if not entry.practice
        and (not kind_of_care or entry.kind_of_care == kind_of_care)
        and (not municipality or entry.municipality == municipality)
    ]
    return search.find(text[:100], among, limit)


def units_of(provider_id: int) -> list[search.Entry]:
    return [entry for entry in directory() if entry.provider_id == provider_id]


@dataclass(frozen=True, slots=True)
class Choices:
    kinds_of_care: list[str]
    municipalities: list[str]


def choices() -> Choices:
    """What one can filter the directory by."""
    shown = [entry for entry in directory() if not entry.practice]
    return Choices(
        sorted({e.kind_of_care for e in shown if e.kind_of_care}, key=swedish),
        sorted({e.municipality for e in shown if e.municipality}, key=swedish),
    )


@dataclass(frozen=True, slots=True)
class Days:
    """Weekdays (0 Monday) from `first` to `last` with the same hours; no hours means closed."""

    first: int
    last: int
    hours: tuple[Hours, ...]


@dataclass(frozen=True, slots=True)
class SpecialHours:
    day: date
    hours: tuple[Hours, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Opening:
    """Open until `closes`, or closed until `opens` (None: no opening known)."""

    closes: datetime | None
    opens: datetime | None

    @property
    def now(self) -> bool:
        return self.closes is not None


@dataclass(frozen=True, slots=True)
class ContactCard:
    """What a resident sees of a unit (CASE-2). `missing`: what the catalogue lacks, for the unit."""

    unit_id: int
    name: str
    slug: str
    kind_of_care: str
    provider_name: str
    street: str
    postal_code: str
    city: str
    municipality: str
    phone: str
    directions: str
    other_information: str
    resident_message: str
    mother: search.Entry | None
    accepts_cases: bool
    answer_days: int
    phone_opening: Opening
    phone_hours: list[Days]
    visit_hours: list[Days]
    special_days: list[SpecialHours]
    missing: tuple[str, ...]


def contact_card(unit: Unit, *, now: datetime) -> ContactCard:
    """`unit` with or without its settings loaded; the next 30 days' special days."""
    local = UnitSettings.objects.filter(unit=unit).first() or UnitSettings(unit=unit)
    provider = Provider.objects.get(pk=unit.provider_id)
    phone, visit = calendar_of(unit.pk, Kind.PHONE), calendar_of(unit.pk, Kind.VISIT)
    today = now.astimezone(SWEDEN).date()
    special = [
        SpecialHours(row.day, phone.special.get(row.day, ()), row.why)
        for row in SpecialDay.objects.filter(unit=unit, day__range=(today, today + timedelta(30))).order_by(
            "day"
        )
    ]
    mother = next((e for e in directory() if e.unit_id == unit.mother_id), None) if unit.mother_id else None
    return ContactCard(
        unit_id=unit.pk,
        name=unit.public_name,
        slug=unit.slug,
        kind_of_care=unit.kind_of_care,
        provider_name=provider.name,
        street=unit.street,
        postal_code=unit.postal_code,
        city=unit.city,
        municipality=unit.municipality,
        phone=unit.phone,
        directions=local.directions or unit.directions,
        other_information=local.other_information,
        resident_message=local.resident_message,
        mother=mother,
        accepts_cases=local.accepts_cases,
        answer_days=answer_days(unit.pk),
        phone_opening=opening(phone, now),
        phone_hours=_weekdays(phone) if _has_hours(unit.pk, Kind.PHONE) else [],
        visit_hours=_weekdays(visit) if any(visit.week) else [],
        special_days=special,
        missing=missing(unit, now=now),
    )


def opening(calendar: Calendar, at: datetime) -> Opening:
    return Opening(rules.closes_at(calendar, at), rules.next_opening(calendar, at))


def missing(unit: Unit, *, now: datetime) -> tuple[str, ...]:
    """Contact data that is missing or old (ORG-1): phone, street, city, hours, stale."""
    lacks = [name for name in ("phone", "street", "city") if not getattr(unit, name)]
    if not _has_hours(unit.pk, Kind.PHONE):
        lacks.append("hours")
    if unit.fetched_at is not None and now - unit.fetched_at > STALE_AFTER:
        lacks.append("stale")
    return tuple(lacks)


def _has_hours(unit_id: int, kind: str) -> bool:
    return OpeningHours.objects.filter(unit_id=unit_id, kind=kind).exists()


def _weekdays(calendar: Calendar) -> list[Days]:
    """Neighbouring days with the same hours together; closed weekdays are left out."""
    grouped: list[Days] = []
    for day, hours in enumerate(calendar.week):
        if grouped and grouped[-1].hours == hours and grouped[-1].last == day - 1:
            grouped[-1] = Days(grouped[-1].first, day, hours)
        else:
            grouped.append(Days(day, day, hours))
    return [days for days in grouped if days.hours]


def my_units(*, person_id: int, used: Sequence[int] = ()) -> list[Unit]:
    """The patient's listed unit first, then those used before, newest first; none that is closed down."""
    listed = Person.objects.filter(pk=person_id).values_list("listed_unit_id", flat=True).first()
    ids = list(dict.fromkeys([*([listed] if listed else []), *used]))[:10]
    units = Unit.objects.filter(pk__in=ids, archived_at=None).select_related("provider").in_bulk()
    return [units[pk] for pk in ids if pk in units]


def unit_name(unit_id: int | None) -> str:
    """Public name, from the directory; '' for none or one no longer in use."""
    return next((entry.name for entry in directory() if entry.unit_id == unit_id), "")


def nameless(staff_ids: Collection[int], unit_ids: Collection[int]) -> Namelessness:
    """Whose names the patient does not see in the log: protected staff, and units that show no names."""
    return Namelessness(
        frozenset(Staff.objects.filter(pk__in=staff_ids, protected=True).values_list("pk", flat=True)),
        frozenset(
            UnitSettings.objects.filter(unit_id__in=unit_ids, shows_staff_names=False).values_list(
                "unit_id", flat=True
            )
        ),
    )


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
