"""From an act to a message outside, through every fault, never twice."""

import io
import time as real_time
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.management import call_command

from vardvag.core import clock
from vardvag.inbox import actions, carrier, jobs
from vardvag.inbox.actions import laying, sending
from vardvag.inbox.models import ChannelHealth, ContactSettings, Delivery, InboxItem, ItemKind
from vardvag.inbox.rules import Verb
from vardvag.inbox.tests.conftest import MAIL, MOBILE, NOON, SYSTEM, move_to
from vardvag.organisation.tests import world as people

State = Delivery.State


def wait_for(world, number):
    until = real_time.monotonic() + 20
    while len(world.messages) < number and real_time.monotonic() < until:
        real_time.sleep(0.01)


def sms_of(deliveries):
    return next(d for d in deliveries if d.channel == "sms")


def mail_of(deliveries):
    return next(d for d in deliveries if d.channel == "mail")


def test_a_reply_reaches_inbox_phone_and_mailbox(house, sms, mail):
    deliveries = house.told()
    for delivery in deliveries:
        jobs.deliver(delivery_id=delivery.pk)
    assert [d.state for d in Delivery.objects.all()] == [State.SENT, State.SENT]
    assert sms.messages[0]["to"] == MOBILE and mail.messages[0]["to"] == MAIL
    assert "recept" not in (sms.messages[0]["message"] + mail.messages[0]["raw"]).lower()
    assert InboxItem.objects.get().told_at == clock.now() or InboxItem.objects.get().told_at


def test_the_same_act_and_the_same_job_tell_once(house, sms, mail):
    item = house.tell("message:1")
    assert house.tell("message:1").pk == item.pk
    for _ in range(3):
        jobs.tell_resident(item_id=item.pk)
    assert Delivery.objects.count() == 2
    for _ in range(3):
        for pk in Delivery.objects.values_list("pk", flat=True):
            jobs.deliver(delivery_id=pk)
    assert (len(sms.messages), len(mail.messages)) == (1, 1)


def test_what_waits_is_laid_once_by_either_job_and_not_before_its_time(house, shift):
    now, later = house.tell("message:1"), house.tell("message:2", visible_at=NOON + timedelta(minutes=1))
    mute = house.tell("message:3", recipients=[people.person(date(1961, 5, 1), 985).pk])  # has no wishes
    jobs.lay_waiting(timestamp=0)
    assert set(Delivery.objects.values_list("item", flat=True)) == {now.pk}
    assert set(InboxItem.objects.filter(told_at=None)) == {later}
    move_to(shift, NOON + timedelta(minutes=2))
    jobs.tell_resident(item_id=later.pk)
    assert Delivery.objects.filter(item=later).count() == 2
    for one in (now, later, mute):
        jobs.tell_resident(item_id=one.pk)
    jobs.lay_waiting(timestamp=0)
    assert Delivery.objects.count() == 4


@pytest.mark.parametrize(
    ("change", "channels"),
    [
        ({"sms_for": []}, ["mail"]),
        ({"mail_for": ["reminders"]}, ["sms"]),
        ({"email_verified_at": None}, ["sms"]),
        ({"mobile_bad_at": NOON}, ["mail"]),
        ({"sms_for": [], "mail_for": []}, []),
    ],
)
def test_only_what_was_chosen_and_can_be_used(house, change, channels):
    ContactSettings.objects.update(**change)
    assert [d.channel for d in house.told()] == channels


def test_who_has_said_nothing_finds_it_in_the_inbox_only(house):
    ContactSettings.objects.all().delete()
    assert house.told() == []
    assert InboxItem.objects.count() == 1


@pytest.mark.parametrize("change", [{"protected": True}, {"deceased_on": NOON.date()}])
def test_protected_and_dead_are_left_alone(house, change):
    type(house.anna).objects.filter(pk=house.anna.pk).update(**change)
    assert house.told() == []


def test_protected_who_has_asked_for_it_is_told(house):
    type(house.anna).objects.filter(pk=house.anna.pk).update(protected=True)
    ContactSettings.objects.update(when_protected=True)
    assert len(house.told()) == 2


def test_protection_that_comes_before_it_leaves_stops_it(house, sms):
    delivery = sms_of(house.told())
    type(house.anna).objects.filter(pk=house.anna.pk).update(protected=True)
    jobs.deliver(delivery_id=delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.state, sms.messages) == (State.DROPPED, [])


def test_a_guardian_who_may_no_longer_read_is_not_told(house):
    child = people.person(NOON.date().replace(year=2020), serial=982, given="Elsa")
    assert house.told(patient_id=child.pk) == []


def test_the_unit_is_named_only_where_the_reader_chose_it(house):
    assert house.unit.public_name not in sms_of(house.told()).text
    ContactSettings.objects.update(name_unit=True)
    assert house.unit.public_name in sms_of(house.told()).text


def test_the_language_is_the_readers(house):
    ContactSettings.objects.update(language="en")
    assert sms_of(house.told()).text.startswith("You have a new message.")


def test_an_sms_waits_for_the_morning_and_mail_does_not(house, sms, mail, shift):
    move_to(shift, NOON + timedelta(hours=11))
    deliveries = house.told()
    assert sms_of(deliveries).next_at == NOON.replace(day=21, hour=7)
    for delivery in deliveries:
        jobs.deliver(delivery_id=delivery.pk)
    assert (len(sms.messages), len(mail.messages)) == (0, 1)
    move_to(shift, NOON.replace(day=21, hour=7, minute=1))
    jobs.deliver(delivery_id=sms_of(deliveries).pk)
    assert len(sms.messages) == 1


def test_what_was_read_meanwhile_is_not_sent(house, sms, shift):
    move_to(shift, NOON + timedelta(hours=11))
    delivery = sms_of(house.told())
    actions.read_items(actor=house.resident(), object_id=InboxItem.objects.get().object_id, now=clock.now())
    move_to(shift, NOON + timedelta(hours=21))
    jobs.deliver(delivery_id=delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.state, sms.messages) == (State.DROPPED, [])


def test_three_sms_a_day_and_case_then_next_morning(house, sms):
    case = uuid4()
    for _ in range(3):
        jobs.deliver(delivery_id=sms_of(house.told(case=case)).pk)
    fourth = sms_of(house.told(case=case))
    assert fourth.next_at == NOON.replace(day=21, hour=7)
    assert sms_of(house.told(case=case)) == fourth  # the waiting one speaks for this too
    assert sms_of(house.told(case=uuid4())).next_at <= clock.now()
    assert len(sms.messages) == 3


def test_the_units_number_of_sms_a_day(house, sms, monkeypatch):
    monkeypatch.setattr("vardvag.inbox.rules.SMS_PER_UNIT_AND_DAY", 1)
    first, second = sms_of(house.told()), sms_of(house.told())
    jobs.deliver(delivery_id=first.pk)
    jobs.deliver(delivery_id=second.pk)
    second.refresh_from_db()
    assert (second.state, second.next_at) == (State.QUEUED, NOON.replace(day=21, hour=7))


# --- faults -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "state", "taken"),
    [
        ("credit", State.QUEUED, 0),
        ("refuse", State.FAILED, 0),
        ("error", State.UNKNOWN, 0),
        ("lost", State.UNKNOWN, 0),
        ("drop", State.UNKNOWN, 1),
        ("slow", State.UNKNOWN, 1),
        ("garbled", State.UNKNOWN, 1),
    ],
)
def test_every_sms_fault_ends_with_exactly_one_or_none(house, sms, shift, answer, state, taken):
    """Whatever happens at the first try, in the end the phone has one SMS, or (refused) none."""
    delivery = sms_of(house.told())
    sms.plan(answer)
    jobs.deliver(delivery_id=delivery.pk)
    delivery.refresh_from_db()
    assert delivery.state == state
    wait_for(sms, taken)
    jobs.deliver(delivery_id=delivery.pk)  # too early, or nothing to do
    for minutes in (3, 6, 9):
        move_to(shift, NOON + timedelta(minutes=minutes))
        jobs.sweep(0)
        jobs.deliver(delivery_id=delivery.pk)
    delivery.refresh_from_db()
    assert delivery.state == (State.FAILED if answer == "refuse" else State.SENT)
    assert len(sms.messages) == (0 if answer == "refuse" else 1)


@pytest.mark.parametrize(
    ("answer", "state", "taken"),
    [
        ("busy", State.QUEUED, 0),
        ("later", State.QUEUED, 0),
        ("lost", State.QUEUED, 0),
        ("nobody", State.FAILED, 0),
        ("spam", State.FAILED, 0),
        ("drop", State.UNKNOWN, 1),
        ("slow", State.UNKNOWN, 1),
    ],
)
def test_every_mail_fault_ends_with_at_most_one(house, mail, shift, answer, state, taken):
    delivery = mail_of(house.told())
    mail.plan(answer)
    jobs.deliver(delivery_id=delivery.pk)
    delivery.refresh_from_db()
    assert delivery.state == state
    for minutes in (3, 6, 9):
        move_to(shift, NOON + timedelta(minutes=minutes))
        jobs.sweep(0)
        jobs.deliver(delivery_id=delivery.pk)
    delivery.refresh_from_db()
    assert delivery.state == (State.SENT if state == State.QUEUED else state)
    assert len(mail.messages) == (1 if state == State.QUEUED else taken)


def test_a_worker_that_dies_after_the_provider_took_it_sends_nothing_twice(house, sms, shift, monkeypatch):
    """kill -9 between the call and the word of it: the row says `sending`, the provider has the message."""
    delivery = sms_of(house.told())
    attempt = sending.claim(actor=SYSTEM, delivery_id=delivery.pk, now=clock.now())
    assert attempt
    carrier.carry(attempt)  # and here it dies
    jobs.deliver(delivery_id=delivery.pk)  # the rescued job
    assert len(sms.messages) == 1
    move_to(shift, NOON + timedelta(minutes=3))
    jobs.sweep(0)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.provider_ref) == (State.SENT, sms.messages[0]["id"])
    assert len(sms.messages) == 1


def test_a_worker_that_dies_before_the_call_lets_it_go_later(house, sms, shift):
    delivery = sms_of(house.told())
    assert sending.claim(actor=SYSTEM, delivery_id=delivery.pk, now=clock.now())
    move_to(shift, NOON + timedelta(minutes=1))
    jobs.sweep(0)
    delivery.refresh_from_db()
    assert delivery.state == State.SENDING  # the attempt may still be under way
    move_to(shift, NOON + timedelta(minutes=3))
    jobs.sweep(0)
    jobs.deliver(delivery_id=delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.state, len(sms.messages)) == (State.SENT, 1)


def test_a_mail_whose_worker_died_stays_unknown(house, mail, shift):
    delivery = mail_of(house.told())
    sending.claim(actor=SYSTEM, delivery_id=delivery.pk, now=clock.now())
    move_to(shift, NOON + timedelta(minutes=3))
    jobs.sweep(0)
    jobs.deliver(delivery_id=delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.state, mail.messages) == (State.UNKNOWN, [])


def test_two_lost_sms_with_the_same_words_are_told_apart(house, sms, shift):
    one, two = sms_of(house.told()), sms_of(house.told(case=uuid4()))
    sms.plan("drop", "lost")
    for delivery in (one, two):
        jobs.deliver(delivery_id=delivery.pk)
    move_to(shift, NOON + timedelta(minutes=3))
    jobs.sweep(0)
    assert sorted(Delivery.objects.filter(channel="sms").values_list("state", flat=True)) == [
        "queued",
        "sent",
    ]


def test_only_the_attempt_under_way_may_settle(house, sms, shift):
    """A worker that slept through its attempt wakes up when the next one is under way."""
    delivery = sms_of(house.told())
    slept = sending.claim(actor=SYSTEM, delivery_id=delivery.pk, now=clock.now())
    move_to(shift, NOON + timedelta(minutes=3))
    jobs.sweep(0)
    assert slept and sending.claim(actor=SYSTEM, delivery_id=delivery.pk, now=clock.now())
    sending.settle(actor=SYSTEM, attempt=slept, outcome=sending.Outcome(Verb.PUT_OFF), now=clock.now())
    delivery.refresh_from_db()
    assert delivery.state == State.SENDING


def test_what_is_too_old_is_dead_not_sent(house, sms, shift):
    delivery = sms_of(house.told())
    move_to(shift, NOON + timedelta(hours=73))
    jobs.deliver(delivery_id=delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.state, sms.messages) == (State.DEAD, [])


def test_the_breaker_leaves_a_dead_channel_alone_and_tries_again(house, sms, shift):
    sms.plan(*["credit"] * 5)
    for _ in range(5):
        jobs.deliver(delivery_id=sms_of(house.told()).pk)
    health = ChannelHealth.objects.get(channel="sms")
    assert health.down_since and health.open_until
    waiting = sms_of(house.told())
    jobs.deliver(delivery_id=waiting.pk)
    waiting.refresh_from_db()
    assert (waiting.attempts, waiting.next_at > health.open_until - timedelta(seconds=1)) == (0, True)
    move_to(shift, NOON + timedelta(minutes=2))
    jobs.deliver(delivery_id=waiting.pk)
    health.refresh_from_db()
    assert (len(sms.messages), health.failures) == (1, 0)
    assert not health.down_since


def test_a_lost_job_is_found_by_the_sweep(house, monkeypatch, shift):
    item = house.tell()
    found = []
    monkeypatch.setattr(jobs, "defer", lambda job, **what: found.append((job, what)))
    move_to(shift, NOON + timedelta(minutes=2))
    jobs.sweep(0)
    assert found == [("inbox.tell_resident", {"item_id": item.pk})]


# --- what comes back ----------------------------------------------------------------------------------------


def test_receipts_are_looked_up_not_believed(house, sms, client, settings):
    delivery = sms_of(house.told())
    jobs.deliver(delivery_id=delivery.pk)
    id = sms.messages[0]["id"]
    jobs.receipt(id=id, public_id=str(delivery.public_id))
    delivery.refresh_from_db()
    assert delivery.state == State.SENT  # the provider does not say delivered yet
    sms.messages[0]["status"] = "delivered"
    for _ in range(2):  # receipts come twice
        jobs.receipt(id=id, public_id=str(delivery.public_id))
    delivery.refresh_from_db()
    assert delivery.state == State.DELIVERED
    jobs.receipt(id="sunknown", public_id=str(delivery.public_id))
    other = sms_of(house.told())
    jobs.receipt(id=id, public_id=str(other.public_id))
    other.refresh_from_db()
    assert (other.state, other.provider_ref) == (State.QUEUED, None)


def test_a_receipt_of_one_message_says_nothing_of_another(house, sms):
    """Whoever knows the secret path cannot mark one SMS with the receipt of another to the same number."""
    first, second = (sms_of(house.told()) for _ in range(2))
    for delivery in (first, second):
        jobs.deliver(delivery_id=delivery.pk)
    sms.messages[1]["status"] = "failed"
    jobs.receipt(id=sms.messages[1]["id"], public_id=str(first.public_id))
    first.refresh_from_db()
    assert first.state == State.SENT


def test_a_receipt_before_the_answer_settles_a_lost_one(house, sms):
    delivery = sms_of(house.told())
    sms.plan("drop")
    jobs.deliver(delivery_id=delivery.pk)
    sms.messages[0]["status"] = "delivered"
    jobs.receipt(id=sms.messages[0]["id"], public_id=str(delivery.public_id))
    delivery.refresh_from_db()
    assert (delivery.state, delivery.provider_ref) == (State.DELIVERED, sms.messages[0]["id"])


def test_a_bounce_marks_delivery_and_address(house, mail, monkeypatch, capsys):
    delivery = mail_of(house.told())
    jobs.deliver(delivery_id=delivery.pk)
    raw = (
        f"To: bounces+{delivery.public_id}@solberga.example\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n--b\n'
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\nAction: failed\nStatus: 5.1.1\n\n"
        "--b--\n"
    )
    stranger = raw.replace(str(delivery.public_id), "hej-du")
    for said, given in (("marked", raw), ("not a bounce", "hej"), ("not a bounce", stranger)):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
        call_command("bounce")
        assert said in capsys.readouterr().out
    delivery.refresh_from_db()
    assert delivery.state == State.FAILED
    assert ContactSettings.objects.get().email_bad_at
    assert [d.channel for d in house.told()] == ["sms"]


def test_addresses_are_forgotten_after_thirty_days(house, shift):
    house.told()
    move_to(shift, NOON + timedelta(days=31))
    jobs.forget(0)
    assert set(Delivery.objects.values_list("address", "text")) == {("", "")}


def test_kinds_are_told_by_what_was_chosen_for_them(house):
    ContactSettings.objects.update(sms_for=["reminders"], mail_for=["answers"])
    assert [d.channel for d in house.told(kind=ItemKind.REMINDER)] == ["sms"]
    assert [d.channel for d in house.told(kind=ItemKind.QUESTION)] == ["mail"]
    assert laying.wanted(InboxItem.objects.latest("id"), clock.now())[1] == {"mail": MAIL}
