from datetime import UTC, date, datetime, timedelta

import pytest

from vardvag.identity import rules
from vardvag.identity.rules import Party, Patience

MOTHER = Party(date(1988, 5, 4), protected=False, deceased=False)
CHILD = Party(date(2013, 11, 20), protected=False, deceased=False)
AGES = rules.age_table(13)


def may(today, *, guardian=MOTHER, child=CHILD, since=date(2013, 11, 20), until=None, ages=AGES):
    return rules.may_act_for(guardian, child, since=since, until=until, today=today, ages=ages)


def test_a_guardian_acts_until_the_day_before_the_thirteenth_birthday():
    assert may(date(2026, 11, 19))
    assert not may(date(2026, 11, 20))


def test_a_child_born_on_the_29th_of_february_turns_thirteen_on_the_28th():
    leap = Party(date(2012, 2, 29), False, False)
    assert may(date(2025, 2, 27), child=leap)
    assert not may(date(2025, 2, 28), child=leap)


def test_custody_has_a_first_day_and_a_first_day_without():
    assert not may(date(2020, 1, 1), since=date(2020, 1, 2))
    assert may(date(2020, 1, 1), since=date(2020, 1, 1), until=date(2020, 1, 2))
    assert not may(date(2020, 1, 2), since=date(2020, 1, 1), until=date(2020, 1, 2))


@pytest.mark.parametrize("changed", [{"protected": True}, {"deceased": True}])
@pytest.mark.parametrize("who", ["guardian", "child"])
def test_nobody_acts_where_either_is_protected_or_dead(who, changed):
    base = MOTHER if who == "guardian" else CHILD
    party = Party(**{"born": base.born, "protected": False, "deceased": False, **changed})
    assert not may(date(2020, 1, 1), **{who: party})


def test_the_region_decides_the_age_and_nobody_falls_between():
    sixteen = rules.age_table(16)
    for day in (date(2026, 11, 19), date(2026, 11, 20), date(2029, 11, 19), date(2029, 11, 20)):
        alone = rules.may_act_alone(CHILD, today=day, ages=sixteen)
        assert alone != may(day, ages=sixteen)


@pytest.mark.parametrize(
    ("idle", "age", "expired"), [(30, 100, False), (31, 100, True), (1, 480, False), (1, 481, True)]
)
def test_a_session_ends_when_unused_or_old(idle, age, expired):
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    patience = Patience(timedelta(minutes=30), timedelta(minutes=480))
    seen, created = now - timedelta(minutes=idle), now - timedelta(minutes=age)
    assert rules.has_expired(created=created, seen=seen, now=now, patience=patience) is expired
