"""Time as a unit counts it: opening hours, days off, and what "two working days" means.

A working day is Monday to Friday, no Swedish public holiday, none of the eves that offices take off
(midsummer, Christmas, New Year), and a day the unit is open. All arithmetic is in Swedish local time;
what comes in and goes out are aware datetimes (UTC out).
"""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from types import MappingProxyType

from holidays.countries.sweden import Sweden

from vardvag.core.personal_number import SWEDEN

SEARCHED_DAYS = 400  # a calendar closed for longer than this is treated as plain weekdays


@dataclass(frozen=True, slots=True, order=True)
class Hours:
    """One opening, local time, within a day."""

    opens: time
    closes: time


OFFICE = (Hours(time(8), time(16)),)
Week = tuple[tuple[Hours, ...], ...]  # seven days, Monday first
OFFICE_WEEK: Week = (OFFICE,) * 5 + ((),) * 2


@dataclass(frozen=True, slots=True)
class Calendar:
    """`special`: days that differ; no hours means closed. Special days go before holidays and weekdays."""

    week: Week = OFFICE_WEEK
    special: Mapping[date, tuple[Hours, ...]] = field(default_factory=lambda: MappingProxyType({}))

    def hours(self, day: date) -> tuple[Hours, ...]:
        """When the unit is open that day."""
        if day in self.special:
            return self.special[day]
        return () if is_day_off(day) else self.week[day.weekday()]

    def is_working_day(self, day: date) -> bool:
        return day.weekday() < 5 and not is_day_off(day) and bool(self.hours(day))


@cache
def _days_off(year: int) -> frozenset[date]:
    return frozenset(Sweden(years=year, include_sundays=False, categories=("public", "de_facto")))


def is_day_off(day: date) -> bool:
    """Public holiday, or an eve that offices take off; Saturdays and Sundays are not asked about."""
    return day in _days_off(day.year)


def moment(day: date, clock: time) -> datetime:
    """A local time as UTC; one that the change to summer time skips becomes the next that exists."""
    return datetime.combine(day, clock, tzinfo=SWEDEN).astimezone(UTC)


def openings(calendar: Calendar, day: date) -> list[tuple[datetime, datetime]]:
    """That day's open stretches in order, merged where they overlap."""
    merged: list[tuple[datetime, datetime]] = []
    for hours in sorted(calendar.hours(day)):
        start, end = moment(day, hours.opens), moment(day, hours.closes)
        if end <= start:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def working_days_after(arrived: datetime, days: int, calendar: Calendar) -> datetime:
    """When it is due: closing time of the `days`-th working day, the day of arrival not counted."""
    if days < 1:
        raise ValueError("at least one working day")
    day = _local(arrived).date()
    for _n in range(days):
        day = _next_working_day(day, calendar)
    return closing_time(calendar, day)


def working_days_between(start: datetime, end: datetime, calendar: Calendar) -> int:
    """How many working days begin after the day of `start`, up to and with the day of `end`."""
    first, last = _local(start).date(), _local(end).date()
    return sum(calendar.is_working_day(first + timedelta(n)) for n in range(1, (last - first).days + 1))


def working_hours_before(due: datetime, hours: float, calendar: Calendar) -> datetime:
    """The moment when this many open hours of working days remain until `due`."""
    left = timedelta(hours=hours)
    for start, end in _backwards(due, calendar):
        if end - start >= left:
            return end - left
        left -= end - start
    return due - timedelta(hours=hours)


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Open from the minute it opens until, not including, the minute it closes."""
    return any(start <= at < end for start, end in openings(calendar, _local(at).date()))


def closes_at(calendar: Calendar, at: datetime) -> datetime | None:
    """When the opening that is going on ends; None while closed."""
    return next((e for s, e in openings(calendar, _local(at).date()) if s <= at < e), None)


def next_opening(calendar: Calendar, at: datetime) -> datetime | None:
    """The next time it opens after `at`; None if it does not within 400 days."""
    first = _local(at).date()
    for n in range(SEARCHED_DAYS):
        for start, _end in openings(calendar, first + timedelta(n)):
            if start > at:
                return start
    return None


def open_between(calendar: Calendar, since: datetime, until: datetime) -> timedelta:
    """How much of the time between is opening time."""
    day, total = _local(since).date(), timedelta()
    while day <= _local(until).date():
        for start, end in openings(calendar, day):
            total += max(timedelta(), min(end, until) - max(start, since))
        day += timedelta(1)
    return total


def after_open(calendar: Calendar, at: datetime, length: timedelta) -> datetime:
    """The moment when it has been open for that long after `at`."""
    first = _local(at).date()
    for n in range(SEARCHED_DAYS):
        for start, end in openings(calendar, first + timedelta(n)):
            start = max(start, at)
            if end - start >= length:
                return start + length
            length -= max(timedelta(), end - start)
    return at + length


def _local(at: datetime) -> datetime:
    return at.astimezone(SWEDEN)


def _next_working_day(day: date, calendar: Calendar) -> date:
    plain = Calendar()
    for counted in (calendar, plain):
        for n in range(1, SEARCHED_DAYS):
            if counted.is_working_day(day + timedelta(n)):
                return day + timedelta(n)
    raise AssertionError("no weekday in a year")


def closing_time(calendar: Calendar, day: date) -> datetime:
    """When the unit closes that day; 16.00 on a day it is not open."""
    hours = calendar.hours(day) or OFFICE
    return moment(day, max(h.closes for h in hours))


def _backwards(due: datetime, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    """Open stretches of working days before `due`, the last one first."""
    last = _local(due).date()
    for n in range(SEARCHED_DAYS):
        day = last - timedelta(n)
        if calendar.is_working_day(day):
            for start, end in reversed(openings(calendar, day)):
                if start < due:
                    yield start, min(end, due)


def swedish(text: str) -> str:
    """Key for Swedish alphabetical order (a-z, å, ä, ö)."""
    return unicodedata.normalize("NFC", text).casefold().translate(_ORDER)


_ORDER = str.maketrans("åäöéü", "{|}eu")
