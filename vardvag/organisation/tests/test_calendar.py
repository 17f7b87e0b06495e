"""Working days and opening hours, against examples from the almanac and an oracle that counts day by day."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vardvag.core.personal_number import SWEDEN
from vardvag.organisation import rules
from vardvag.organisation.rules import OFFICE, OFFICE_WEEK, Calendar, Hours

PLAIN = Calendar()


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SWEDEN)


def due(arrived: str, days: int, calendar: Calendar = PLAIN) -> str:
    return (
        rules.working_days_after(local(arrived), days, calendar).astimezone(SWEDEN).strftime("%Y-%m-%d %H:%M")
    )


@pytest.mark.parametrize(
    ("arrived", "days", "expected"),
    [
        ("2026-11-20 07:00", 2, "2026-11-24 16:00"),  # Friday -> Tuesday
        ("2026-11-20 23:59", 2, "2026-11-24 16:00"),  # the hour does not matter
        ("2026-11-21 00:00", 2, "2026-11-24 16:00"),  # Saturday does not count either
        ("2026-11-23 00:00", 1, "2026-11-24 16:00"),
        ("2026-12-22 10:00", 2, "2026-12-28 16:00"),  # 24-25 off, 26-27 weekend
        ("2026-12-30 10:00", 2, "2027-01-05 16:00"),  # 31 and 1 off; Monday 4, Tuesday 5
        ("2026-06-17 10:00", 2, "2026-06-22 16:00"),  # Midsummer's Eve is a Friday off
        ("2026-04-02 10:00", 1, "2026-04-07 16:00"),  # Good Friday, Easter Monday
        ("2024-02-28 10:00", 1, "2024-02-29 16:00"),  # leap day
        ("2026-03-27 10:00", 1, "2026-03-30 16:00"),  # over the change to summer time
        ("2026-10-23 10:00", 1, "2026-10-26 16:00"),  # and back
    ],
)
def test_due_dates_of_the_almanac(arrived, days, expected):
    assert due(arrived, days) == expected


def test_the_day_is_the_swedish_day():
    arrived = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)  # 00.30 on Tuesday in Sweden
    assert rules.working_days_after(arrived, 1, PLAIN) == local("2026-11-25 16:00")


def test_a_closed_day_moves_the_deadline_and_its_own_closing_time_counts():
    week = (*[(Hours(time(8), time(12)), Hours(time(13), time(17)))] * 4, (Hours(time(8), time(14)),), (), ())
    calendar = Calendar(week, {date(2026, 11, 24): ()})
    assert due("2026-11-20 10:00", 2, calendar) == "2026-11-25 17:00"
    assert due("2026-11-25 10:00", 2, calendar) == "2026-11-27 14:00"


def test_a_unit_that_is_never_open_still_has_deadlines():
    assert due("2026-11-20 10:00", 2, Calendar(((),) * 7)) == "2026-11-24 16:00"


def test_a_weekend_clinic_counts_weekdays():
    assert due("2026-11-20 10:00", 1, Calendar(((),) * 5 + (OFFICE, OFFICE))) == "2026-11-23 16:00"


def test_amber_comes_four_open_hours_before():
    before = lambda text: rules.working_hours_before(local(text), 4, PLAIN).astimezone(SWEDEN)  # noqa: E731
    assert before("2026-11-24 16:00") == local("2026-11-24 12:00")
    assert before("2026-11-23 10:00") == local("2026-11-20 14:00")  # over the weekend
    assert before("2026-10-26 09:00") == local("2026-10-23 13:00")  # over the change of clocks
    lunch = Calendar((((Hours(time(8), time(12)), Hours(time(13), time(16))),) * 5) + ((),) * 2)
    assert rules.working_hours_before(local("2026-11-24 16:00"), 4, lunch) == local("2026-11-24 11:00")


def test_open_now_and_next():
    assert rules.is_open(PLAIN, local("2026-11-20 08:00")) and rules.is_open(PLAIN, local("2026-11-20 15:59"))
    assert not rules.is_open(PLAIN, local("2026-11-20 16:00"))
    assert rules.closes_at(PLAIN, local("2026-11-20 09:00")) == local("2026-11-20 16:00")
    assert rules.next_opening(PLAIN, local("2026-12-23 16:30")) == local("2026-12-28 08:00")
    assert rules.next_opening(Calendar(((),) * 7), local("2026-12-23 16:30")) is None


def test_a_special_day_goes_before_a_holiday():
    calendar = Calendar(OFFICE_WEEK, {date(2026, 12, 24): (Hours(time(9), time(12)),)})
    assert rules.is_open(calendar, local("2026-12-24 10:00"))
    assert not calendar.is_working_day(date(2026, 12, 24))


times = st.integers(0, 24 * 4 - 1).map(lambda n: time(n // 4, n % 4 * 15))
hours = st.tuples(times, times).filter(lambda t: t[0] < t[1]).map(lambda t: Hours(*t))
day_hours = st.lists(hours, max_size=2).map(tuple)
moments = st.datetimes(datetime(2023, 1, 1), datetime(2032, 12, 31)).map(lambda d: d.replace(tzinfo=SWEDEN))  # noqa: DTZ001
calendars = st.builds(
    Calendar,
    st.tuples(*[day_hours] * 7),
    st.dictionaries(st.dates(date(2023, 1, 1), date(2033, 12, 31)), day_hours, max_size=20),
)


@settings(max_examples=300, deadline=None)
@given(moments, st.integers(1, 30), calendars)
def test_a_deadline_is_counted_like_on_fingers(arrived, days, calendar):
    found = rules.working_days_after(arrived, days, calendar)
    if not any(calendar.week[:5]):
        return  # never open on a weekday: plain office days instead
    day, counted = arrived.date(), 0
    while counted < days:
        day += timedelta(1)
        counted += calendar.is_working_day(day)
    assert found.astimezone(SWEDEN).date() == day
    assert found == datetime.combine(day, max(h.closes for h in calendar.hours(day)), tzinfo=SWEDEN)
    assert found.date() > arrived.astimezone(UTC).date() or found > arrived
    assert rules.working_days_between(arrived, found, calendar) == days


@settings(max_examples=300, deadline=None)
@given(moments, st.floats(0.25, 4), calendars)
def test_open_hours_before_are_as_many_as_asked_for(at, wanted, calendar):
    start = rules.working_hours_before(at, wanted, calendar)
    if not any(calendar.week[:5]):
        return
    seconds = 0.0
    day = start.astimezone(SWEDEN).date()
    while day <= at.date():
        if calendar.is_working_day(day):
            for opens, closes in rules.openings(calendar, day):
                seconds += max(0.0, (min(closes, at) - max(opens, start)).total_seconds())
        day += timedelta(1)
    assert seconds == pytest.approx(wanted * 3600, abs=0.01)
    assert start < at


@settings(max_examples=200, deadline=None)
@given(moments, calendars)
def test_the_next_opening_opens(at, calendar):
    opening = rules.next_opening(calendar, at)
    if opening is not None:
        assert opening > at
        assert rules.is_open(calendar, opening)
        assert not rules.is_open(calendar, opening - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("since", "until", "minutes"),
    [
        ("2026-11-24 10:00", "2026-11-24 10:40", 40),
        ("2026-11-24 07:00", "2026-11-24 08:30", 30),  # before it opens
        ("2026-11-24 15:30", "2026-11-25 08:15", 45),  # over the night
        ("2026-11-27 15:00", "2026-11-30 09:00", 120),  # over the weekend
        ("2026-11-28 10:00", "2026-11-30 08:30", 30),  # sent when closed
    ],
)
def test_only_opening_time_counts_as_waiting(since, until, minutes):
    """And that much opening time after `since` is where it ended."""
    length = rules.open_between(PLAIN, local(since), local(until))
    assert length == timedelta(minutes=minutes)
    assert rules.after_open(PLAIN, local(since), length) == local(until)


def test_while_closed_nothing_is_waited_and_nothing_begins_before_the_opening():
    closed, later = local("2026-11-28 10:00"), local("2026-11-29 10:00")
    assert rules.open_between(PLAIN, closed, later) == timedelta()
    assert rules.after_open(PLAIN, closed, timedelta()) == local("2026-11-30 08:00")


def test_after_opening_time_that_passes_closing_it_is_the_next_day():
    assert rules.after_open(PLAIN, local("2026-11-27 15:30"), timedelta(minutes=45)) == local(
        "2026-11-30 08:15"
    )
    assert rules.after_open(PLAIN, local("2026-11-24 10:00"), timedelta(minutes=5)) == local(
        "2026-11-24 10:05"
    )
