"""A unit's calendar, and what is due when."""

from datetime import date, datetime, timedelta

from vardvag.organisation import rules
from vardvag.organisation.models import OpeningHours
from vardvag.organisation.queries.kept import UnitFacts, facts_of, region
from vardvag.organisation.rules import OFFICE_WEEK, Calendar, Hours

Kind = OpeningHours.Kind


def calendar_of(unit_id: int, kind: str = Kind.DIGITAL) -> Calendar:
    """When the unit is open: its hours of that kind, else its phone hours, else office hours.

    Local hours go before imported ones. A branch that receives nothing itself goes by its mother's calendar
    (`receiving_unit`).
    """
    return calendar(facts_of(unit_id), kind)


def calendar(facts: UnitFacts, kind: str) -> Calendar:
    chosen: list[OpeningHours] = []
    for wanted in dict.fromkeys((kind, Kind.PHONE) if kind != Kind.VISIT else (kind,)):
        of_kind = [row for row in facts.hours if row.kind == wanted]
        chosen = [row for row in of_kind if row.local] or of_kind
        if chosen:
            break
    week = tuple(
        tuple(sorted(Hours(row.opens, row.closes) for row in chosen if row.weekday == day))
        for day in range(7)
    )
    special = {
        row.day: () if row.closed or not row.opens or not row.closes else (Hours(row.opens, row.closes),)
        for row in facts.special
    }
    return Calendar(week if chosen or kind == Kind.VISIT else OFFICE_WEEK, special)


def due(*, unit_id: int, since: datetime, days: int) -> datetime:
    """Closing time of the `days`-th working day after `since` in the unit's calendar."""
    return rules.working_days_after(since, days, calendar_of(unit_id))


def open_hours_before(*, unit_id: int, until: datetime, hours: float) -> datetime:
    """When this many of the unit's open hours remain until then."""
    return rules.working_hours_before(until, hours, calendar_of(unit_id))


def open_between(*, unit_id: int, since: datetime, until: datetime) -> timedelta:
    """How much of the time between the unit is open."""
    return rules.open_between(calendar_of(unit_id), since, until)


def after_open(*, unit_id: int, at: datetime, length: timedelta) -> datetime:
    """When the unit has been open for that long after `at`."""
    return rules.after_open(calendar_of(unit_id), at, length)


def closing_time(*, unit_id: int, day: date) -> datetime:
    """When the unit closes that day; 16.00 on a day it is not open."""
    return rules.closing_time(calendar_of(unit_id), day)


def shows_waiting(unit_id: int) -> bool:
    """Whether residents who wait see their place and how long it may take."""
    return facts_of(unit_id).settings.shows_waiting


def answer_days(unit_id: int) -> int:
    """Working days within which the unit promises an answer (a case type may promise otherwise)."""
    return facts_of(unit_id).settings.answer_working_days or region().answer_working_days
