"""Who may act for whom, and how long a session lives. Dates are Swedish dates; times are aware."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from vardvag.core.personal_number import age


class Right(StrEnum):
    """What a right to act may be about; each has its own ages (REP-1)."""

    ACT = "act"  # read, send and answer in the child's matters
    LOG = "log"  # see who has read about the child


@dataclass(frozen=True, slots=True)
class Ages:
    """`own_from`: from this age the person acts alone. `guardian_until`: guardians act before this age."""

    own_from: int = 13
    guardian_until: int = 13


AgeTable = dict[Right, Ages]


def age_table(guardian_until: int) -> AgeTable:
    """A region's table. The log follows the right to act: who may read a matter may see who has read it.

    From the age where guardians no longer act the person acts alone, so nobody falls between the two.
    """
    return {right: Ages(own_from=guardian_until, guardian_until=guardian_until) for right in Right}


@dataclass(frozen=True, slots=True)
class Party:
    """What the rules need to know of a person."""

    born: date
    protected: bool
    deceased: bool


def may_act_alone(person: Party, *, today: date, ages: AgeTable, right: Right = Right.ACT) -> bool:
    return not person.deceased and age(person.born, today) >= ages[right].own_from


def may_act_for(
    guardian: Party,
    child: Party,
    *,
    since: date,
    until: date | None,
    today: date,
    ages: AgeTable,
    right: Right = Right.ACT,
) -> bool:
    """A guardian with custody today, of a child below the age; neither with protected identity (REP-4).

    `since` is the first day with custody, `until` the first day without it.
    """
    return (
        since <= today
        and (until is None or today < until)
        and not (guardian.protected or child.protected)
        and not (guardian.deceased or child.deceased)
        and age(child.born, today) < ages[right].guardian_until
    )


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a session may lie unused, and how long it may live at all."""

    idle: timedelta
    absolute: timedelta


def has_expired(*, created: datetime, seen: datetime, now: datetime, patience: Patience) -> bool:
    return now - seen > patience.idle or now - created > patience.absolute
