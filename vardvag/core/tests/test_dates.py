"""Dates as people read them: Swedish time whatever the clock of the machine, one way of saying each."""

from datetime import UTC, date, datetime, timedelta

import pytest

from vardvag.core import dates

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)  # a Friday, 10.00 in Sweden


def at(month, day, hour, minute=0, year=2026):
    return datetime(year, month, day, hour, minute, tzinfo=dates.SWEDEN)


@pytest.mark.parametrize(
    ("when", "swedish", "english"),
    [
        (at(11, 20, 16), "i dag kl. 16.00", "today at 16:00"),
        (at(11, 21, 0, 5), "i morgon kl. 00.05", "tomorrow at 00:05"),
        (at(11, 19, 23, 59), "i går kl. 23.59", "yesterday at 23:59"),
        (at(11, 24, 16), "tisdag 24 november kl. 16.00", "Tuesday 24 November at 16:00"),
        (at(3, 3, 8, 15, 2025), "3 mars 2025 kl. 08.15", "3 March 2025 at 08:15"),
        (at(1, 4, 8, 0, 2027), "måndag 4 januari 2027 kl. 08.00", "Monday 4 January 2027 at 08:00"),
    ],
)
def test_a_moment_in_full(when, swedish, english):
    assert dates.moment(when, now=NOW) == swedish
    assert dates.moment(when, now=NOW, language="en") == english


def test_the_day_is_the_swedish_one():
    """Half past eleven at night in Greenwich is already tomorrow here."""
    assert dates.moment(datetime(2026, 11, 20, 23, 30, tzinfo=UTC), now=NOW) == "i morgon kl. 00.30"
    summer = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
    assert dates.clock(summer) == "14.00" and dates.clock(NOW) == "10.00"


@pytest.mark.parametrize(
    ("away", "words"),
    [
        (timedelta(minutes=14), "14 min kvar"),
        (timedelta(hours=2, minutes=59), "2 tim kvar"),
        (timedelta(hours=6), "6 tim kvar"),
        (timedelta(hours=20), "i morgon 06.00"),
        (timedelta(days=3, hours=6), "mån 23 nov 16.00"),
        (timedelta(minutes=-1), "1 min"),
        (timedelta(hours=-31), "31 tim"),
        (timedelta(days=-9), "9 dagar"),
    ],
)
def test_what_is_left_of_a_deadline(away, words):
    assert dates.left(NOW + away, now=NOW) == words


def test_rows_say_the_year_when_it_is_another():
    assert dates.brief(at(3, 3, 8, 15, 2025), now=NOW) == "3 mars 2025"
    assert dates.brief(at(1, 4, 8, 0, 2027), now=NOW, language="en") == "Mon 4 Jan 08:00"
    assert dates.short(at(11, 20, 16), now=NOW) == "16.00"
    assert dates.short(at(10, 3, 16), now=NOW) == "3/10"
    assert dates.short(at(10, 3, 16, 0, 2025), now=NOW) == "2025-10-03"


def test_how_long_ago():
    assert dates.since(NOW - timedelta(hours=3), now=NOW) == "3 tim sedan"
    assert dates.since(NOW - timedelta(days=3), now=NOW, language="en") == "3 days ago"
    assert dates.since(NOW + timedelta(minutes=1), now=NOW) == "0 min sedan"


def test_a_day_with_and_without_year():
    assert dates.day(date(2026, 5, 15)) == "15 maj 2026"
    assert dates.day(date(2026, 5, 15), language="en", year=False) == "15 May"
