"""When units are open, and times at which people plausibly write and work."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from random import Random

from vardvag.core.personal_number import SWEDEN
from vardvag.demo.units import HOURS, UnitSpec
from vardvag.organisation.rules import Calendar, Hours, openings

Row = tuple[int, time, time]  # weekday, opens, closes


def week(unit: UnitSpec, kind: str) -> list[Row]:
    """Weekly hours of a kind (visit, phone, digital) as rows."""
    return [
        (day, time.fromisoformat(opens), time.fromisoformat(closes))
        for first, last, opens, closes in HOURS[unit.hours][kind]
        for day in range(first, last + 1)
    ]


def calendar(unit: UnitSpec) -> Calendar:
    return _calendar(unit.hours)


@cache
def _calendar(profile: str) -> Calendar:
    rows = [
        (day, time.fromisoformat(opens), time.fromisoformat(closes))
        for first, last, opens, closes in HOURS[profile]["digital"]
        for day in range(first, last + 1)
    ]
    return Calendar(tuple(tuple(Hours(o, c) for day, o, c in rows if day == n) for n in range(7)))


@cache
def _open(profile: str, day: date) -> tuple[tuple[datetime, datetime], ...]:
    return tuple(openings(_calendar(profile), day))


def work_after(unit: UnitSpec, at: datetime, minutes: float) -> datetime:
    """The moment when the unit has been open so many minutes after `at`."""
    left = timedelta(minutes=minutes)
    day = at.astimezone(SWEDEN).date()
    while True:
        for opens, closes in _open(unit.hours, day):
            start = max(opens, at)
            if start + left < closes:
                return start + left
            if start < closes:
                left -= closes - start
        day += timedelta(days=1)


def awake(rng: Random, at: datetime) -> datetime:
    """The same moment, or in the evening before where people sleep."""
    local = at.astimezone(SWEDEN)
    if 1 <= local.hour < 6:
        evening = datetime.combine(local.date() - timedelta(days=1), time(20), SWEDEN)
        return (evening + timedelta(minutes=rng.randint(0, 170))).astimezone(UTC)
    return at


def working_days_ago(rng: Random, unit: UnitSpec, now: datetime, days: int) -> datetime:
    """Some time that many working days ago (0: since the last one began), before `now`."""
    local = now.astimezone(SWEDEN)
    day = local.date()
    for n in range(days + 1):
        day -= timedelta(days=1 if n else 0)
        while not calendar(unit).is_working_day(day):
            day -= timedelta(days=1)
    start = datetime.combine(day, time(6, 30), SWEDEN)
    end = datetime.combine(day, time(22, 45), SWEDEN) if days else local - timedelta(minutes=4)
    if end <= start:  # before seven in the morning: it came in the evening
        start, end = local - timedelta(hours=11), local - timedelta(minutes=4)
    return awake(rng, (start + (end - start) * rng.random()).astimezone(UTC))
