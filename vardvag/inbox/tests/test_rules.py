from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from vardvag.inbox import rules
from vardvag.inbox.models import Delivery
from vardvag.inbox.rules import Verb

NIGHT = (time(21), time(8))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "goes"),
    [
        ("2026-11-20T11:00", "2026-11-20T11:00"),  # noon
        ("2026-11-20T19:59", "2026-11-20T19:59"),  # 20.59
        ("2026-11-20T20:00", "2026-11-21T07:00"),  # 21.00: waits till 8
        ("2026-11-21T06:59", "2026-11-21T07:00"),  # 7.59
        ("2026-11-21T07:00", "2026-11-21T07:00"),
        ("2026-03-28T22:00", "2026-03-29T06:00"),  # the night the clock goes forward
        ("2026-10-24T22:00", "2026-10-25T07:00"),  # the night it goes back
    ],
)
def test_quiet_hours_are_local_clock_time(now, goes):
    assert rules.after_quiet(utc(now), *NIGHT) == utc(goes)


def test_quiet_hours_that_end_in_the_hour_the_clock_moves():
    ends = (time(21), time(2, 30))
    assert rules.after_quiet(utc("2026-03-29T00:15"), *ends) >= utc("2026-03-29T00:30")  # 02.30 is left out
    # In autumn 02.10 comes twice; the second time is still quiet.
    assert rules.after_quiet(utc("2026-10-25T00:10"), *ends) == utc("2026-10-25T01:30")
    assert rules.after_quiet(utc("2026-10-25T01:10"), *ends) == utc("2026-10-25T01:30")
    assert rules.after_quiet(utc("2026-10-25T01:40"), *ends) == utc("2026-10-25T01:40")


def test_quiet_hours_within_a_day_and_never():
    assert rules.after_quiet(utc("2026-11-20T12:00"), time(12), time(14)) == utc("2026-11-20T13:00")
    assert rules.after_quiet(utc("2026-11-20T23:00"), time(8), time(8)) == utc("2026-11-20T23:00")


def test_every_state_and_verb():
    """What is sent, or may be, never goes back to the queue but by the provider's own word."""
    back = {(state, verb) for (state, verb), to in rules.MOVES.items() if to == "queued"}
    assert back == {("sending", Verb.PUT_OFF), ("unknown", Verb.REQUEUE)}
    assert {s for s, _ in rules.MOVES} | set(rules.MOVES.values()) == set(Delivery.State.values)
    for state in Delivery.State.values:
        for verb in Verb:
            assert (rules.move(state, verb) is None) == ((state, verb) not in rules.MOVES)
    for final in ("failed", "dead", "dropped"):
        assert all(rules.move(final, verb) is None for verb in Verb)


def test_back_off_grows_to_an_hour_and_is_spread():
    waits = [rules.back_off(n, spread=0.5).total_seconds() for n in range(1, 12)]
    assert waits[:4] == [30, 60, 120, 240]
    assert waits[-1] == 3600
    assert rules.back_off(1, spread=0) < rules.back_off(1, spread=0.99)


def test_the_breaker_opens_after_five_and_closes_for_at_most_fifteen_minutes():
    assert [rules.pause(n) for n in (1, 4)] == [None, None]
    assert rules.pause(5) == timedelta(minutes=1)
    assert rules.pause(50) == timedelta(minutes=15)


@pytest.mark.parametrize(("urgency", "minutes"), [(1, 0), (2, 0), (3, 15), (None, 15)])
def test_urgent_cases_do_not_wait_for_the_digest(urgency, minutes):
    at = utc("2026-11-20T11:00")
    assert rules.digest_due(at, urgency=urgency, minutes=15) == at + timedelta(minutes=minutes)


def test_a_code_is_right_wrong_old_or_worn_out():
    made = utc("2026-11-20T11:00")
    salt = b"s" * 16
    right, wrong = (rules.code_hash(rules.digits(written), salt) for written in (" 012 345", "12345"))
    facts: dict[str, Any] = {"expected": rules.code_hash("012345", salt), "made_at": made}
    rules.check_code(right, **facts, attempts=0, now=made)
    with pytest.raises(rules.WrongCode):
        rules.check_code(wrong, **facts, attempts=0, now=made)
    with pytest.raises(rules.CodeTooOld):
        rules.check_code(right, **facts, attempts=0, now=made + timedelta(minutes=10))
    with pytest.raises(rules.CodeTooOld):
        rules.check_code(right, **facts, attempts=5, now=made)


@pytest.mark.parametrize(
    ("protected", "asked", "dead", "may"),
    [(0, 0, 0, 1), (1, 0, 0, 0), (1, 1, 0, 1), (0, 0, 1, 0), (1, 1, 1, 0), (0, 1, 1, 0)],
)
def test_who_may_be_notified(protected, asked, dead, may):
    assert rules.may_notify(
        protected=bool(protected), when_protected=bool(asked), deceased=bool(dead)
    ) is bool(may)


@pytest.mark.parametrize(
    "written", ["", "anna", "anna@", "@x.se", "a b@x.se", "å@x.se", "a..b@x.se", "a@x", "a@b@c.se", "a.@x.se"]
)
def test_what_is_no_mail_address(written):
    with pytest.raises(rules.NotAnAddress):
        rules.mail_address(written)


def test_mail_addresses_are_kept_as_written_but_for_the_domain():
    assert rules.mail_address(" Anna.L+vard@Example.ORG ") == "Anna.L+vard@example.org"
    assert rules.mail_address("una.o'brien@example.org") == "una.o'brien@example.org"
