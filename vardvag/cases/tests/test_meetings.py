"""Two transactions that meet in an unlucky moment, in a world whose changes are stored: the second sees the first."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from tests import acting
from tests.cluster import as_system
from vardvag.cases import actions
from vardvag.cases.actions import opening
from vardvag.cases.models import Case, Event
from vardvag.cases.rules import UNDO_MOVE
from vardvag.cases.staff import acts, batches
from vardvag.cases.tests.test_races import ready_draft
from vardvag.cases.tests.told import case_of, mine, public_id, reply, text, url
from vardvag.core import clock
from vardvag.core.actor import SystemActor
from vardvag.core.database import REQUEST
from vardvag.demo import cast
from vardvag.identity.actions import on_person_changed
from vardvag.identity.models import Person
from vardvag.inbox.actions import laying, sending, tell_resident
from vardvag.inbox.models import ContactSettings, Delivery, InboxItem, ItemKind, Matter

pytestmark = pytest.mark.usefixtures("stored_world")
JOB = SystemActor("test")
WAITS = 1.0  # s that a second transaction is given to come as far as it can before the first is stored


class Beside(threading.Thread):
    """`act` in a thread with a connection of its own; `done()` gives what it gave."""

    def __init__(self, act: Callable[[], Any]) -> None:
        super().__init__()
        self.act, self.given, self.fault = act, None, None
        self.start()

    def run(self) -> None:
        try:
            self.given = self.act()
        except Exception as fault:
            self.fault = fault
        finally:
            connection.close()

    def done(self) -> Any:
        self.join(30)
        assert not self.is_alive()
        if self.fault:
            raise self.fault
        return self.given


@contextmanager
def held_after(
    where: Any, name: str, before: Callable[[dict[str, Any]], None] = lambda given: None
) -> Iterator[Any]:
    """What `where.name` has done is not stored until `go` is set; `reached` is set when it has been done."""
    reached, go = threading.Event(), threading.Event()
    real = getattr(where, name)

    def slow(*args: Any, **given: Any) -> Any:
        before(given)
        found = real(*args, **given)
        reached.set()
        go.wait(20)
        return found

    setattr(where, name, slow)
    try:
        yield reached, go
    finally:
        setattr(where, name, real)


def meet(
    first: Callable[[], Any], second: Callable[[], Any], reached: threading.Event, go: threading.Event
) -> Any:
    """The second begins when the first has done its part and not stored it. What both gave."""
    one = Beside(first)
    assert reached.wait(20)
    two = Beside(second)
    two.join(WAITS)
    go.set()
    return one.done(), two.done()


def tell(about: UUID, key: str) -> None:
    anna = Person.objects.get(personal_number=cast.ANNA.number)
    tell_resident(
        actor=JOB, patient_id=anna.pk, recipients=[anna.pk], kind=ItemKind.REPLY, unit=case_of("recept").unit,
        link="cases/resident/case", object_id=about, key=key, now=clock.now(), about="Recept",
    )  # fmt: skip


@pytest.fixture
def waiting_sms() -> Delivery:
    """For the first of two news about one case; the second has come."""
    with as_system():
        anna, now, about = Person.objects.get(personal_number=cast.ANNA.number), clock.now(), uuid4()
        ContactSettings.objects.update_or_create(
            person=anna,
            defaults={
                "mobile": "+46701740605", "mobile_verified_at": now, "sms_for": Matter.values, "mail_for": [],
                "quiet_from": time(3), "quiet_until": time(3),
            },
        )  # fmt: skip
        InboxItem.objects.filter(told_at=None).update(told_at=now)
        tell(about, f"{about}:1")
        laying.lay_waiting(actor=JOB, now=clock.now())
        tell(about, f"{about}:2")
        return Delivery.objects.get(object_id=about)


def lay() -> None:
    with as_system(), transaction.atomic():
        laying.lay_waiting(actor=JOB, now=clock.now())


def claim(delivery: Delivery) -> Any:
    with as_system(), transaction.atomic():
        return sending.claim(actor=JOB, delivery_id=delivery.pk, now=clock.now())


def test_an_sms_goes_though_it_is_made_to_speak_for_more_in_that_moment(waiting_sms: Delivery) -> None:
    with held_after(laying, "lay_waiting") as (reached, go):
        _laid, attempt = meet(lay, lambda: claim(waiting_sms), reached, go)
    assert attempt is not None


def test_news_is_told_though_the_sms_it_was_to_go_with_is_dropped_in_that_moment(
    waiting_sms: Delivery,
) -> None:
    with as_system():
        assert waiting_sms.item_id
        InboxItem.objects.filter(pk=waiting_sms.item_id).update(read_at=clock.now())
    with held_after(sending, "claim") as (reached, go):
        meet(lambda: claim(waiting_sms), lay, reached, go)
    with as_system():
        states = Delivery.objects.filter(object_id=waiting_sms.object_id).values_list("state", flat=True)
        assert sorted(states) == ["dropped", "queued"]


def test_nobody_sees_a_reply_whose_undoing_is_slow_to_be_stored() -> None:
    sara, anna = acting.staff(cast.SARA.hsa_id), acting.resident(cast.ANNA.number)
    assert reply(sara, "recept", "Hemligt misstag").status_code == 303
    with as_system():
        event = Event.objects.filter(case=case_of("recept")).latest("pk")
    try:
        with held_after(acts.actions, "undo") as (reached, go):

            def read() -> str:
                clock.shift(timedelta(seconds=11))
                return text(anna.get(mine("recept")))

            undo = lambda: sara.post(url("recept", "angra/"), {"event": event.pk}).status_code  # noqa: E731
            undone, page = meet(undo, read, reached, go)
    finally:
        clock.shift(timedelta())
    assert undone == 303
    assert "Hemligt misstag" not in page


def test_nobody_is_told_of_a_closing_whose_undoing_is_slow_to_be_stored() -> None:
    sara, batch = acting.staff(cast.SARA.hsa_id), str(uuid4())
    sent = {"cases": f"{public_id('recept')},{public_id('tolk')}", "how": "duplicate", "batch": batch}
    assert sara.post("/personal/avsluta-utan-svar/", sent).status_code == 303
    with as_system():
        event = Event.objects.filter(case=case_of("recept"), verb="close_without_reply").latest("pk")

    def job() -> None:
        with as_system():
            actions.tell_of(actor=JOB, event_id=event.pk, now=event.at + timedelta(minutes=10, seconds=1))

    with held_after(batches.actions, "undo_batch") as (reached, go):
        undone, _told = meet(
            lambda: sara.post(f"/personal/massatgarder/{batch}/angra/").status_code, job, reached, go
        )
    assert undone == 303
    with as_system():
        assert not InboxItem.objects.filter(key=f"case-event:{event.pk}").exists()


def test_an_undoing_that_waited_until_the_closing_was_told_is_told_too() -> None:
    sara, batch = acting.staff(cast.SARA.hsa_id), str(uuid4())
    sent = {"cases": f"{public_id('recept')},{public_id('tolk')}", "how": "duplicate", "batch": batch}
    assert sara.post("/personal/avsluta-utan-svar/", sent).status_code == 303
    with as_system():
        event = Event.objects.filter(case=case_of("recept"), verb="close_without_reply").latest("pk")

    def job() -> None:
        with as_system(), transaction.atomic():
            actions.tell_of(actor=JOB, event_id=event.pk, now=event.at + UNDO_MOVE)

    with held_after(actions, "tell_of") as (reached, go):
        told = Beside(job)
        assert reached.wait(20)
        try:
            clock.shift(UNDO_MOVE - timedelta(seconds=5))
            undone = Beside(lambda: sara.post(f"/personal/massatgarder/{batch}/angra/").status_code)
            undone.join(WAITS)
            clock.shift(UNDO_MOVE + timedelta(seconds=5))
            go.set()
            told.done()
            assert undone.done() == 303
        finally:
            clock.shift(timedelta())
    with as_system():
        assert InboxItem.objects.filter(key=f"case-event:{event.pk}").exists()
        undo = Event.objects.filter(case=case_of("recept"), verb="undo").latest("pk")
        assert ProcrastinateJob.objects.filter(task_name="cases.tell", args__event_id=undo.pk).exists()


def test_a_case_that_is_being_sent_as_its_patient_becomes_protected_is_protected_soon() -> None:
    draft = ready_draft(anna := acting.resident(cast.ANNA.number))
    with as_system():
        person = Person.objects.get(personal_number=cast.ANNA.number)

    def mark(protected: bool = True) -> None:
        with as_system(), transaction.atomic():
            Person.objects.filter(pk=person.pk).update(protected=protected)
            actions.patient_changed(actor=JOB, patient_id=person.pk, now=clock.now())

    with held_after(opening, "give_to_receivers") as (reached, go):
        sent, _marked = meet(lambda: anna.post(f"/utkast/{draft}/skicka/").status_code, mark, reached, go)
    assert sent == 303
    with as_system():
        for tell_of_it in on_person_changed:
            tell_of_it(person.pk)
        jobs = ProcrastinateJob.objects.filter(task_name="cases.person_changed", args__person_id=person.pk)
        later = [job.scheduled_at for job in jobs if job.scheduled_at]
        assert min(later) > clock.now() + timedelta(seconds=2 * REQUEST)
    mark()  # the job does it once more
    with as_system():
        assert Case.objects.get(draft_id=draft).protected
    mark(False)
