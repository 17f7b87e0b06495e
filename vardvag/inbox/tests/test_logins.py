"""A login that somebody else may have begun is told to the person: once, at any hour, by mail or SMS (trust 6.1)."""

import pytest
from django.db import connection

from vardvag.core import clock
from vardvag.core.actor import Anonymous
from vardvag.identity.actions import open_session
from vardvag.identity.models import Person, Session
from vardvag.inbox import jobs
from vardvag.inbox.models import ContactSettings, Delivery
from vardvag.inbox.tests.conftest import MAIL, MOBILE, NOON, move_to
from vardvag.organisation.models import Region


def waiting_jobs() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select args->>'session_id' from procrastinate_jobs where task_name = 'inbox.tell_login'"
        )
        return [int(row[0]) for row in cursor.fetchall()]


def logged_in(house, *, elsewhere: bool = True) -> Session:
    open_session(
        actor=Anonymous(), person=house.anna, method="bankid", user_agent="Firefox on Windows", elsewhere=elsewhere,
        now=clock.now(),
    )  # fmt: skip
    return Session.objects.latest("pk")


def told(session: Session) -> list[Delivery]:
    for _ in range(2):  # a job may come twice
        jobs.tell_login(session_id=session.pk)
    return list(Delivery.objects.filter(kind="login"))


def test_only_a_login_proven_elsewhere_is_told(house):
    logged_in(house, elsewhere=False)
    assert waiting_jobs() == []
    session = logged_in(house)
    assert waiting_jobs() == [session.pk]


def test_it_says_when_where_and_what_to_do(house, sms, mail):
    Region.objects.update_or_create(pk=1, defaults={"support_phone": "0771-00 00 00"})
    session = logged_in(house)
    (delivery,) = told(session)
    jobs.deliver(delivery_id=delivery.pk)
    assert delivery.address == MAIL and not sms.messages
    assert len(mail.messages) == 1
    for words in ("Firefox på Windows", "Logga ut överallt", "0771-00 00 00", "Vi ringer aldrig"):
        assert words in delivery.text
    assert "http" not in delivery.text


def test_at_night_by_sms_where_there_is_no_mail(house, sms, mail, shift):
    ContactSettings.objects.update(email_verified_at=None, sms_for=[])
    move_to(shift, NOON.replace(hour=1))
    (delivery,) = told(logged_in(house))
    assert (delivery.channel, delivery.address) == ("sms", MOBILE) and delivery.next_at <= clock.now()
    jobs.deliver(delivery_id=delivery.pk)
    assert len(sms.messages) == 1 and "\n" not in delivery.text and len(delivery.text) < 400


@pytest.mark.parametrize(
    "change",
    [{"told_of_logins": False}, {"email_verified_at": None, "mobile_verified_at": None}],
    ids=["said no", "no address"],
)
def test_who_has_said_no_or_has_no_address(house, change):
    ContactSettings.objects.update(**change)
    assert told(logged_in(house)) == []


def test_protected_people_are_left_alone_unless_they_said_so(house):
    session = logged_in(house)
    Person.objects.filter(pk=house.anna.pk).update(protected=True)
    assert told(session) == []
    ContactSettings.objects.update(when_protected=True)
    assert len(told(session)) == 1


def test_an_address_changed_meanwhile_gets_nothing(house, sms, mail):
    (delivery,) = told(logged_in(house))
    ContactSettings.objects.update(email="somebody@example.org")
    jobs.deliver(delivery_id=delivery.pk)
    assert Delivery.objects.get().state == Delivery.State.DROPPED and not mail.messages
