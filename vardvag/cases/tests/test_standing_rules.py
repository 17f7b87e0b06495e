"""How long it may take, from how long it took others."""

from datetime import datetime, timedelta

import pytest

from vardvag.cases.standing_rules import Expected, Wait, expected
from vardvag.core.personal_number import SWEDEN

NOW = datetime(2026, 11, 24, 10, 30, tzinfo=SWEDEN)
NONE = timedelta()


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def begun(ago: timedelta, *lengths: float) -> list[Wait]:
    return [Wait(NOW - ago, minutes(length)) for length in lengths]


def test_the_last_hour_decides_when_enough_were_begun_in_it():
    waits = begun(minutes(20), 26, 28, 30, 33, 36, 38) + begun(timedelta(days=1), 200, 210, 220, 230, 240)
    assert expected(waits, waited=NONE, now=NOW) == Expected(minutes(25), minutes(40), True)


def test_else_the_same_time_of_day_on_the_days_behind():
    at_this_time = begun(timedelta(days=1, minutes=30), 12, 14, 16) + begun(timedelta(days=4), 21, 23)
    at_another = begun(timedelta(days=1, hours=-4), 300, 310, 320, 330, 340, 350)
    found = expected(begun(minutes(5), 90) + at_this_time + at_another, waited=NONE, now=NOW)
    assert found == Expected(minutes(10), timedelta(hours=2), False)


def test_what_has_been_waited_already_is_not_waited_again():
    waits = begun(minutes(20), 5, 6, 40, 42, 44, 46, 48)
    assert expected(waits, waited=minutes(30), now=NOW) == Expected(minutes(10), minutes(20), True)


def test_longer_than_for_most_is_said_and_nothing_guessed():
    found = expected(begun(minutes(20), 5, 6, 7, 8, 9, 50), waited=minutes(30), now=NOW)
    assert found is not None and found.longer


@pytest.mark.parametrize(
    "waits", [[], begun(minutes(20), 5, 6, 7, 8), begun(timedelta(days=1, hours=6), *range(9))]
)
def test_too_little_to_go_on_is_nothing(waits):
    assert expected(waits, waited=NONE, now=NOW) is None


def test_four_who_waited_longer_among_few_are_neither_a_range_nor_longer_than_usual():
    assert expected(begun(minutes(20), 5, 40, 41, 42, 43), waited=minutes(30), now=NOW) is None


def test_above_an_hour_it_is_said_in_hours():
    assert expected(begun(minutes(20), 65, 80, 90, 100, 110), waited=NONE, now=NOW) == Expected(
        timedelta(hours=1), timedelta(hours=2), True
    )


def test_midnight_is_near_midnight():
    late = NOW.replace(hour=23, minute=50)
    waits = [Wait(late.replace(hour=0, minute=10), minutes(length)) for length in (11, 12, 13, 14, 14)]
    assert expected(waits, waited=NONE, now=late) == Expected(minutes(10), minutes(15), False)
