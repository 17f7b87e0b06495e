"""Deadlines: what is amber, what is late, told once whatever is started anew; who is told of what."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from tests import acting
from tests.cluster import as_system
from vardvag.cases import actions, jobs
from vardvag.cases.actions import after
from vardvag.cases.actions.clocks import owe_answer
from vardvag.cases.models import Case, Event, HeldReply, Message, State
from vardvag.cases.tests.told import case_of, mine, public_id, reply, text, url, write
from vardvag.core import clock
from vardvag.core.actor import SystemActor
from vardvag.demo import cast
from vardvag.identity.models import Person, Staff
from vardvag.inbox.actions.laying import lay_waiting
from vardvag.inbox.models import Delivery, InboxItem, StaffNotice
from vardvag.organisation.models import Unit
from vardvag.organisation.queries import open_hours_before

pytestmark = pytest.mark.usefixtures("world")
HELD = timedelta(seconds=11)
JOB = SystemActor("test")


def overdue() -> int:
    with as_system(), transaction.atomic():
        return actions.overdue(actor=JOB, now=clock.now())


def notices(kind: str, name: str) -> list[StaffNotice]:
    with as_system():
        return list(StaffNotice.objects.filter(kind=kind, object_id=public_id(name)))


def items(name: str, kind: str) -> list[InboxItem]:
    with as_system():
        return list(InboxItem.objects.filter(object_id=public_id(name), kind=kind))


def make_due(name: str, at) -> None:
    with as_system():
        Case.objects.filter(public_id=public_id(name)).update(due_at=at, late_told=False)


def told(name: str, verb: str) -> None:
    """What the job does for the last event of the kind."""
    with as_system(), transaction.atomic():
        event = Event.objects.filter(case__public_id=public_id(name), verb=verb).latest("pk")
        actions.tell_of(actor=JOB, event_id=event.pk, now=clock.now())


def test_late_is_told_once_also_after_a_restart():
    overdue()
    make_due("recept", clock.now() - timedelta(minutes=1))
    with pytest.raises(RuntimeError), as_system(), transaction.atomic():
        assert actions.overdue(actor=JOB, now=clock.now()) == 1
        raise RuntimeError("the worker dies before it is stored")
    assert notices("overdue", "recept") == []
    assert overdue() == 1
    assert overdue() == 0
    assert len(notices("overdue", "recept")) == 1


def test_a_case_not_yet_due_or_nobodys_turn_is_never_late(sara):
    overdue()
    make_due("recept", clock.now() + timedelta(minutes=1))
    assert overdue() == 0
    reply(sara, "recept", "Vilken dos?", verb="ask")
    assert case_of("recept").due_at is None
    assert overdue() == 0


def test_a_new_date_is_told_of_anew(sara):
    overdue()
    make_due("recept", clock.now() - timedelta(minutes=5))
    assert overdue() == 1
    day = (clock.now() + timedelta(days=10)).date()
    reply(sara, "recept", "Läkaren svarar.", verb="partial", promised=day.isoformat())
    assert not case_of("recept").late_told
    make_due("recept", clock.now() - timedelta(minutes=1))
    assert overdue() == 1
    assert len(notices("overdue", "recept")) == 2


def test_amber_begins_four_open_hours_before(sara, anna, shift):
    reply(sara, "recept", "Vilken dos?", verb="ask")
    shift(HELD)
    write(anna, "recept", "10 mg")
    case = case_of("recept")
    assert case.due_at is not None
    assert case.amber_at == open_hours_before(unit_id=case.unit_id, until=case.due_at, hours=4)
    assert case.amber_at <= case.due_at - timedelta(hours=4)
    assert case.promised_at == case.due_at


def test_a_partial_reply_after_a_question_starts_the_clock_again(sara):
    reply(sara, "recept", "Vilken dos?", verb="ask")
    reply(sara, "recept", "Vi tar reda på det själva.", verb="partial")
    case = case_of("recept")
    assert case.state == State.BEGUN
    assert case.due_at is not None


def test_a_promised_day_is_read_in_one_way_only(sara):
    """Where a browser has no date field 05/06 was 6 May."""
    day = (clock.now() + timedelta(days=10)).date()
    answer = reply(sara, "recept", "Läkaren svarar.", verb="partial", promised=f"{day:%m/%d/%Y}")
    assert answer.status_code == 409
    assert "2026-11-24" in text(answer) and "Läkaren svarar." in text(answer)


@pytest.mark.parametrize("days", [-1, 400])
def test_a_promise_is_neither_past_nor_years_away(sara, days):
    day = (clock.now() + timedelta(days=days)).date()
    answer = reply(sara, "recept", "Läkaren svarar.", verb="partial", promised=day.isoformat())
    assert answer.status_code == 409
    assert "högst ett år fram" in text(answer)
    assert "Läkaren svarar." in text(answer)


def test_a_date_left_in_the_form_is_not_promised_with_a_final_reply(sara):
    day = (clock.now() + timedelta(days=5)).date()
    reply(sara, "recept", "Klart!", promised=day.isoformat())
    with as_system():
        assert Message.objects.filter(case=case_of("recept")).latest("seq").promised_at is None


def test_staff_are_told_of_what_they_are_given(sara):
    with as_system():
        amir = Staff.objects.get(hsa_id=cast.AMIR.hsa_id)
        group = case_of("recept").unit.groups.exclude(receivers=True).first()
    for to in (f"person:{amir.pk}", f"group:{group.pk}"):
        sent = {"cases": str(public_id("recept")), "to": to}
        assert sara.post("/personal/fordela/", sent).status_code == 303
    person, team = notices("assigned", "recept")
    assert person.staff_id == amir.pk
    assert (team.staff_id, team.group_id) == (None, group.pk)
    with as_system():
        assert person.by_staff_id == Staff.objects.get(hsa_id=cast.SARA.hsa_id).pk  # she is not told herself


def test_a_case_is_not_given_to_somebody_who_cannot_open_it(sara):
    with as_system():
        lena = Staff.objects.get(hsa_id=cast.LENA.hsa_id)
        group = case_of("recept").unit.groups.exclude(receivers=True).first()
        group.archived_at = clock.now()
        group.save()
    for to in (f"person:{lena.pk}", f"group:{group.pk}"):
        answer = sara.post("/personal/fordela/", {"cases": str(public_id("recept")), "to": to})
        assert answer.status_code == 409
        assert "Välj en annan" in text(answer)
    assert case_of("recept").owner_id is None


def test_nothing_marked_and_something_gone_are_said(sara):
    with as_system():
        amir = Staff.objects.get(hsa_id=cast.AMIR.hsa_id)
    for ids, words in (("", "Markera minst ett"), (f"{public_id('recept')},{uuid4()}", "markera på nytt")):
        answer = sara.post("/personal/fordela/", {"cases": ids, "to": f"person:{amir.pk}"})
        assert answer.status_code == 409
        assert words in text(answer)
    assert case_of("recept").owner_id is None


def release() -> None:
    with as_system():
        jobs.release_due(0)


def test_a_released_reply_is_told_once_and_an_undone_one_never(sara, shift):
    reply(sara, "recept")
    release()
    assert items("recept", "reply") == []
    shift(HELD)
    for _ in range(2):
        release()
    assert len(items("recept", "reply")) == 1
    with as_system():
        assert not HeldReply.objects.exists()


def test_an_undone_reply_is_told_to_nobody(sara, shift):
    reply(sara, "recept")
    with as_system():
        event = Event.objects.filter(case=case_of("recept")).latest("pk")
    sara.post(url("recept", "angra/"), {"event": event.pk})
    shift(HELD)
    release()
    assert items("recept", "reply") == []


def test_a_reply_that_cannot_be_told_keeps_nobody_else_waiting(sara, shift, monkeypatch):
    reply(sara, "recept")
    reply(sara, "tolk")
    bad, whole = case_of("recept").public_id, after.tell_resident

    def fails(**told: Any) -> None:
        if told["object_id"] == bad:
            raise ValueError("what nobody thought of")
        whole(**told)

    monkeypatch.setattr(after, "tell_resident", fails)
    shift(HELD)
    release()
    assert (len(items("recept", "reply")), len(items("tolk", "reply"))) == (0, 1)
    monkeypatch.undo()
    shift(HELD)
    release()
    assert len(items("recept", "reply")) == 1


def test_a_reply_of_the_version_before_is_told_too(sara, shift):
    reply(sara, "recept")
    with as_system():
        (message_id,) = HeldReply.objects.values_list("pk", flat=True)
        HeldReply.objects.all().delete()
        for _ in range(2):
            jobs.release(message_id)
    shift(HELD)
    release()
    assert len(items("recept", "reply")) == 1


def test_the_resident_hears_of_a_case_closed_without_reply_unless_it_is_undone(sara):
    sara.post(url("recept", "avsluta/"), {"how": "phone"})
    told("recept", "close_without_reply")
    told("recept", "close_without_reply")
    assert len(items("recept", "closed")) == 1
    sara.post(url("tolk", "avsluta/"), {"how": "phone"})
    with as_system():
        event = Event.objects.filter(case=case_of("tolk")).latest("pk")
    sara.post(url("tolk", "angra/"), {"event": event.pk})
    told("tolk", "close_without_reply")
    assert items("tolk", "closed") == []


def test_guardians_and_the_new_unit_hear_of_a_moved_case(sara):
    with as_system():
        hamnen = case_of("hamnen").unit
        johan = Person.objects.get(personal_number=cast.JOHAN.number)
    sara.post(url("eksem", "flytta/"), {"unit_id": hamnen.pk, "reason": "Listad där"})
    told("eksem", "move")
    assert johan.pk in {item.person_id for item in items("eksem", "moved")}
    (notice,) = notices("new", "eksem")
    assert notice.unit_id == hamnen.pk


def test_only_receivers_move_a_case(amir):
    answer = amir.post(url("färdtjänst", "flytta/"), {"unit_id": 1, "reason": "Fel"})
    assert answer.status_code == 409
    assert "Lämna över det till mottagarna" in text(answer)


def test_reopening_is_told(sara):
    sara.post(url("recept", "avsluta/"), {"how": "phone"})
    assert sara.post(url("recept", "oppna-igen/"), {"reason": "Fel ärende"}).status_code == 303
    told("recept", "reopen")
    told("recept", "close_without_reply")  # the job of the closing comes later: it is open again
    assert len(items("recept", "reopened")) == 1
    assert items("recept", "closed") == []


def test_what_slipped_past_somebodys_leaving_goes_to_the_receivers():
    with as_system():
        tove = Staff.objects.get(hsa_id=cast.TOVE.hsa_id)  # on leave
        Case.objects.filter(public_id=public_id("recept")).update(
            owner=tove, owner_name=tove.name, state="begun"
        )
    with as_system(), transaction.atomic():
        assert actions.stranded(actor=JOB, now=clock.now()) >= 1
    case = case_of("recept")
    assert (case.owner_id, case.state, case.group.receivers) == (None, State.NEW, True)
    with as_system(), transaction.atomic():
        assert actions.stranded(actor=JOB, now=clock.now()) == 0


def test_a_closed_case_whose_group_is_gone_can_be_written_in(sara, shift):
    reply(sara, "tolk", close=True)
    with as_system():
        Case.objects.filter(public_id=public_id("tolk")).update(
            group=None, group_name="", owner=None, owner_name=""
        )
    shift(HELD)
    marek = acting.resident(cast.MAREK.number)
    assert write(marek, "tolk", "One more thing").status_code == 303
    assert case_of("tolk").group.receivers


def test_an_overdue_case_that_is_moved_is_told_where_it_comes(sara):
    case = case_of("recept")
    with as_system(), transaction.atomic():
        other = Unit.objects.filter(provider_id=case.provider_id).exclude(pk=case.unit_id).first()
        row = Case.objects.get(pk=case.pk)
        row.waiting_since = clock.now() - timedelta(days=60)
        owe_answer(row, since=row.waiting_since)
        row.save()
    overdue()
    moved = sara.post(url("recept", "flytta/"), {"reason": "Listad där", "unit_id": other.pk})
    assert moved.status_code == 303
    overdue()
    assert {notice.unit_id for notice in notices("overdue", "recept")} == {case.unit_id, other.pk}


def test_a_reply_read_before_it_is_told_of_is_no_news(sara, anna, shift):
    reply(sara, "recept")
    shift(HELD)
    assert "Receptet är förnyat" in text(anna.get(mine("recept")))
    with as_system(), transaction.atomic():
        due = actions.due_replies(now=clock.now(), at_most=10)
        actions.release(actor=JOB, case_ids=due, now=clock.now())
        before = Delivery.objects.count()
        lay_waiting(actor=JOB, now=clock.now())
        assert Delivery.objects.filter(object_id=public_id("recept")).count() == 0
        assert Delivery.objects.count() == before
    (item,) = items("recept", "reply")
    assert item.read_at is not None
