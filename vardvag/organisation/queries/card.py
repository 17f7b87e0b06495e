"""The contact card of a unit (CASE-2)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from vardvag.core.personal_number import SWEDEN
from vardvag.organisation import rules, search
from vardvag.organisation.models import Unit
from vardvag.organisation.queries.kept import UnitFacts, facts_of
from vardvag.organisation.queries.times import Kind, answer_days, calendar
from vardvag.organisation.queries.units import directory
from vardvag.organisation.rules import Calendar, Hours

STALE_AFTER = timedelta(days=30)


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
    """`unit` best with its provider loaded; the next 30 days' special days."""
    facts = facts_of(unit.pk)
    local, phone, visit = facts.settings, calendar(facts, Kind.PHONE), calendar(facts, Kind.VISIT)
    today = now.astimezone(SWEDEN).date()
    special = [
        SpecialHours(row.day, phone.special.get(row.day, ()), row.why)
        for row in facts.special
        if today <= row.day <= today + timedelta(30)
    ]
    mother = next((e for e in directory() if e.unit_id == unit.mother_id), None) if unit.mother_id else None
    return ContactCard(
        unit_id=unit.pk,
        name=unit.public_name,
        slug=unit.slug,
        kind_of_care=unit.kind_of_care,
        provider_name=unit.provider.name,
        street=unit.street,
        postal_code=unit.postal_code,
        city=unit.city,
        municipality=unit.municipality,
        phone=unit.phone,
        directions=local.directions or unit.directions,
        other_information=local.other_information,
        resident_message=local.resident_message,
        mother=mother,
        accepts_cases=local.accepts_cases
        and (unit.mother_id is None or facts_of(unit.mother_id).settings.accepts_cases),
        answer_days=answer_days(unit.pk),
        phone_opening=opening(phone, now),
        phone_hours=_weekdays(phone) if _has_phone_hours(facts) else [],
        visit_hours=_weekdays(visit) if any(visit.week) else [],
        special_days=special,
        missing=missing(unit, now=now),
    )


def opening(calendar: Calendar, at: datetime) -> Opening:
    return Opening(rules.closes_at(calendar, at), rules.next_opening(calendar, at))


def missing(unit: Unit, *, now: datetime) -> tuple[str, ...]:
    """Contact data that is missing or old (ORG-1): phone, street, city, hours, stale."""
    lacks = [name for name in ("phone", "street", "city") if not getattr(unit, name)]
    if not _has_phone_hours(facts_of(unit.pk)):
        lacks.append("hours")
    if unit.fetched_at is not None and now - unit.fetched_at > STALE_AFTER:
        lacks.append("stale")
    return tuple(lacks)


def _has_phone_hours(facts: UnitFacts) -> bool:
    return any(row.kind == Kind.PHONE for row in facts.hours)


def _weekdays(calendar: Calendar) -> list[Days]:
    """Neighbouring days with the same hours together; closed weekdays are left out."""
    grouped: list[Days] = []
    for day, hours in enumerate(calendar.week):
        if grouped and grouped[-1].hours == hours and grouped[-1].last == day - 1:
            grouped[-1] = Days(grouped[-1].first, day, hours)
        else:
            grouped.append(Days(day, day, hours))
    return [days for days in grouped if days.hours]
