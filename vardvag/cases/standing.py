"""Where a case that nobody has begun with stands, for the resident who waits (R7): one statement."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from vardvag.cases.models import Case, State
from vardvag.cases.queries import in_turn
from vardvag.cases.rules import WORKS_WITH_CASES
from vardvag.cases.standing_rules import NEAR_CLOSING, Expected, Wait, expected
from vardvag.core.compiled import fetch
from vardvag.organisation.queries import (
    Opening,
    after_open,
    calendar_of,
    open_between,
    opening,
    shows_waiting,
)

EMERGENCY = 1
_STANDING = "select ahead, overtaken, emergency, staffed, arrived, begun from cases_standing(%s, %s, %s)"


@dataclass(frozen=True, slots=True)
class Standing:
    """`ahead`: cases of the same queue before this one, as staff see it; None where the unit does not show it or it
    is not known. `overtaken`: some of them came later and are more urgent. `staffed`: somebody has worked with the
    unit's cases within half an hour."""

    ahead: int | None
    overtaken: bool
    staffed: bool
    opening: Opening
    closes_soon: datetime | None
    expected: Expected | None = None
    least_at: datetime | None = None  # `expected` as moments, closed hours left out
    most_at: datetime | None = None


def waits(case: Case) -> bool:
    """Nobody has begun with it, and it is none of those that were told to ring 112."""
    return (
        case.type_key in in_turn
        and case.state in (State.NEW, State.DISTRIBUTED)
        and case.urgency != EMERGENCY
    )


def standing(*, case: Case, now: datetime) -> Standing | None:
    """For a page whose case has been fetched and checked; the database answers for the patient in view alone."""
    found = fetch(_STANDING, [case.pk, now, [role.value for role in WORKS_WITH_CASES]]) if waits(case) else []
    if not found or found[0][2]:  # was an emergency before somebody changed it: 112 was said, and stands
        return None
    ahead, overtaken, _, staffed, arrived, begun = found[0]
    unit, hours = case.unit_id, opening(calendar_of(case.unit_id), now)
    soon = hours.closes if hours.closes and hours.closes - now <= NEAR_CLOSING else None
    if not shows_waiting(unit):
        return Standing(None, False, staffed, hours, soon)
    if not (hours.now and staffed):
        return Standing(ahead, overtaken, staffed, hours, soon)
    others = [
        Wait(end, open_between(unit_id=unit, since=start, until=end))
        for start, end in zip(arrived, begun, strict=True)
    ]
    waited = open_between(unit_id=unit, since=case.arrived_at, until=now)
    what = expected(others, waited=waited, now=now)

    def at(length: timedelta) -> datetime:
        return after_open(unit_id=unit, at=now, length=length)

    if what is None or what.longer:
        return Standing(ahead, overtaken, staffed, hours, soon, what)
    return Standing(ahead, overtaken, staffed, hours, soon, what, at(what.least), at(what.most))
