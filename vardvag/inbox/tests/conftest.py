"""A patient who has given both addresses, staff who listen, and stand-ins of the SMS provider and mail
server."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest
from django.db import connection, transaction

from vardvag.core import border, clock
from vardvag.core.actor import ResidentActor, Role, StaffActor, Subject, SystemActor
from vardvag.identity.models import Person, Staff
from vardvag.inbox import actions, carrier, jobs
from vardvag.inbox.models import (
    ContactSettings,
    Delivery,
    InboxItem,
    ItemKind,
    Matter,
    StaffKind,
    StaffNoticeSettings,
)
from vardvag.organisation.models import Unit
from vardvag.organisation.tests import world
from vardvag.outside.journal import Journal
from vardvag.outside.mail import client as mail_client
from vardvag.outside.mail.standin import StandIn as MailWorld
from vardvag.outside.sms import client as sms_client
from vardvag.outside.sms.standin import StandIn as SmsWorld

SYSTEM = SystemActor(job="test")
NOON = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
MOBILE, MAIL = "+46701740605", "anna@example.org"


@dataclass
class House:
    unit: Unit
    anna: Person
    sara: Staff

    def tell(
        self, key: str = "", *, kind: ItemKind = ItemKind.REPLY, case: Any = None, **more: Any
    ) -> InboxItem:
        key = key or f"m:{uuid4()}"
        actions.tell_resident(
            actor=SYSTEM,
            patient_id=more.pop("patient_id", self.anna.pk),
            recipients=more.pop("recipients", [self.anna.pk]),
            kind=kind,
            unit=self.unit,
            link="cases/resident/case",
            object_id=case or uuid4(),
            key=key,
            now=clock.now(),
            about="Förnya recept",
            **more,
        )
        return InboxItem.objects.filter(key=key).latest("id")

    def told(self, **more: Any) -> list[Delivery]:
        """Tell and let the worker lay the deliveries."""
        item = self.tell(**more)
        jobs.lay_waiting(timestamp=0)
        return list(Delivery.objects.filter(item=item).order_by("channel"))

    def resident(self) -> ResidentActor:
        me = Subject(self.anna.pk, self.anna.given_name, self.anna.surname, self.anna.birth_date)
        return ResidentActor(session_id=1, me=me, patient=me)

    def staff(self, *roles: Role, who: Staff | None = None) -> StaffActor:
        who = who or self.sara
        return StaffActor(
            session_id=1, staff_id=who.pk, hsa_id=who.hsa_id, name=who.name, title=who.title, assignment_id=1,
            unit_id=self.unit.pk, unit_name=self.unit.public_name, provider_id=self.unit.provider_id,
            roles=frozenset(roles),
        )  # fmt: skip


def move_to(shift: Any, when: datetime) -> None:
    shift(when - datetime.now(UTC))


@pytest.fixture
def at_noon(shift) -> None:
    move_to(shift, NOON)


@pytest.fixture
def house(at_noon, system) -> Iterator[House]:
    """Inside, the test acts as the worker; `border.enter` and `as_app` act as pages."""
    with system():
        world.region()
        unit = world.unit()
        anna = world.person(date(1980, 5, 17))
        ContactSettings.objects.create(
            person=anna, email=MAIL, email_verified_at=NOON, mobile=MOBILE, mobile_verified_at=NOON,
            sms_for=Matter.values, mail_for=Matter.values,
        )  # fmt: skip
        sara = world.staff()
        world.assignment(sara, unit, Role.RECEIVER)
        StaffNoticeSettings.objects.create(
            staff=sara, email="sara@example.org", email_verified_at=NOON, mail_for=StaffKind.values
        )
        yield House(unit, anna, sara)


@pytest.fixture
def app_role() -> Any:
    """`with app_role(): ...` acts as vardvag_app again, inside the house."""

    @contextmanager
    def role() -> Iterator[None]:
        with connection.cursor() as cursor:
            cursor.execute("set role vardvag_app")
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("set role vardvag_system")

    return role


@pytest.fixture
def sms(settings, monkeypatch) -> Iterator[SmsWorld]:
    standin = SmsWorld(Journal(), slow=4)
    standin.receipts = "none"
    standin.start()
    place = {
        "url": standin.url,
        "user": "demo",
        "password": "demo",
        "sender": "Vardvag",
        "callback_token": "hemlig",
    }
    settings.OUTSIDE = {**settings.OUTSIDE, "sms": place}
    monkeypatch.setattr(carrier, "SmsClient", lambda p: sms_client.SmsClient(p, httpx.Timeout(2)))
    yield standin
    standin.stop()


@pytest.fixture
def mail(settings, monkeypatch) -> Iterator[MailWorld]:
    standin = MailWorld(Journal(), slow=4)
    standin.start()
    place = {
        "host": "127.0.0.1", "port": str(standin.port), "user": "", "password": "", "tls": "",
        "sender": "Vårdväg <no-reply@solberga.example>",
    }  # fmt: skip
    settings.OUTSIDE = {**settings.OUTSIDE, "mail": place}
    monkeypatch.setattr(carrier, "MailClient", lambda p: mail_client.MailClient(p, timeout=2))
    yield standin
    standin.stop()


def enter(actor: ResidentActor | StaffActor) -> None:
    """As the door does."""
    assert transaction.get_connection().in_atomic_block
    border.enter(actor)
