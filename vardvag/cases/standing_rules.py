"""How long it may take before somebody begins, from how long it took others. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from vardvag.core.personal_number import SWEDEN

ENOUGH = 5  # waits; a range of fewer would be somebody's own
LAST_HOUR = timedelta(minutes=60)
SAME_HOUR = timedelta(minutes=90)  # this far from the clock time now, on earlier days
NEAR_CLOSING = timedelta(minutes=60)
LOW, HIGH = 0.25, 0.9  # of the waits: a quarter were shorter, one in ten longer
FEW, MANY = timedelta(minutes=5), timedelta(hours=1)  # what lengths are rounded to, within the hour and above


@dataclass(frozen=True, slots=True)
class Wait:
    """Of another case: when it was begun, and for how much opening time it had waited."""

    begun_at: datetime
    length: timedelta


@dataclass(frozen=True, slots=True)
class Expected:
    """Opening time from now. `longer`: it has already taken longer than it does for most, and nothing more is known."""

    least: timedelta
    most: timedelta
    by_last_hour: bool
    longer: bool = False


def expected(waits: Sequence[Wait], *, waited: timedelta, now: datetime) -> Expected | None:
    """What was left for those who had waited as long as this one: in the last hour, else at this time of day on the
    days behind. None: too little to go on."""
    recent = [one.length for one in waits if one.begun_at > now - LAST_HOUR]
    alike = [one.length for one in waits if _clock_apart(one.begun_at, now) <= SAME_HOUR]
    for pool, by_last_hour in ((recent, True), (alike, False)):
        left = sorted(length - waited for length in pool if length > waited)
        if len(pool) >= ENOUGH and len(left) * 4 <= len(pool):
            return Expected(timedelta(), timedelta(), by_last_hour, longer=True)
        if len(left) >= ENOUGH:
            return Expected(_down(_at(left, LOW)), _up(_at(left, HIGH)), by_last_hour)
    return None


def _at(lengths: Sequence[timedelta], share: float) -> timedelta:
    return lengths[min(int(len(lengths) * share), len(lengths) - 1)]


def _step(length: timedelta) -> timedelta:
    return FEW if length <= MANY else MANY


def _down(length: timedelta) -> timedelta:
    return length // _step(length) * _step(length)


def _up(length: timedelta) -> timedelta:
    return -(-length // _step(length)) * _step(length)


def _clock_apart(one: datetime, other: datetime) -> timedelta:
    a, b = one.astimezone(SWEDEN), other.astimezone(SWEDEN)
    apart = abs(timedelta(hours=a.hour - b.hour, minutes=a.minute - b.minute))
    return min(apart, timedelta(days=1) - apart)
