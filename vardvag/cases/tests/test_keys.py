"""What single keys do in the workspace: why here (W), copy (C), remind (Q); and what stands where."""

from datetime import timedelta

import pytest

from tests import acting
from tests.cluster import as_system
from vardvag.audit.models import Entry
from vardvag.cases import actions
from vardvag.cases.models import Event, State
from vardvag.cases.tests.told import case_of, public_id, reply, text, url, write
from vardvag.core import clock
from vardvag.core.actor import SystemActor
from vardvag.demo import cast
from vardvag.inbox.models import InboxItem

pytestmark = pytest.mark.usefixtures("world")


def log_of(name: str) -> list[str]:
    with as_system():
        return list(
            Entry.objects.filter(object_kind="case", object_id=case_of(name).pk)
            .order_by("-pk")
            .values_list("verb", flat=True)[:1]
        )


def test_why_here_tells_who_put_it_there_and_how_the_deadline_was_counted(sara):
    page = text(sara.get(url("recept", "varfor/")))
    assert "Det kom in" in page and "Nya ärenden av typen" in page and case_of("recept").group_name in page
    assert "Ingen brådskandegrad är satt" in page and "arbetsdag" in page and "räknat från" in page
    assert log_of("recept") == ["read_history"]
    sara.post(url("recept", "ta/"))
    sara.post(url("recept", "bradska/"), {"urgency": "2", "reason": "Svår värk"})
    page = text(sara.get(url("recept", "varfor/")))
    assert f"{cast.SARA.name} tog det" in page and f"Grad 2, satt av {cast.SARA.name}" in page
    assert "Svår värk" in page


def test_a_promised_date_and_a_stopped_clock_are_told_as_such(sara):
    day = (clock.now() + timedelta(days=14)).date().isoformat()
    reply(sara, "recept", "Vi väntar på provet", verb="partial", promised=day)
    assert "lovad i ett delsvar" in text(sara.get(url("recept", "varfor/")))
    assert "Ingen klocka går. Invånaren ska svara." in text(sara.get(url("feber", "varfor/")))


def test_a_fetched_panel_is_the_list_alone(sara):
    answer = sara.get(url("recept", "varfor/"), headers={"X-Requested-With": "live"})
    assert text(answer).startswith('<dl class="why">')


def test_the_copy_has_who_when_and_what_but_no_note_and_nothing_held(sara, anna, shift):
    sara.post(
        url("recept", "anteckna/"), {"body": "Bara mellan oss", "key": "8b0f46ae-3f6e-4ba9-a7f2-7b0a3a0c7c11"}
    )
    reply(sara, "recept", "Det är förnyat")
    first = text(sara.post(url("recept", "kopiera/"), headers={"X-Requested-With": "live"}))
    assert "Det är förnyat" not in first
    shift(timedelta(seconds=12))
    write(anna, "recept", "Tack så mycket")
    answer = sara.post(url("recept", "kopiera/"), headers={"X-Requested-With": "live"})
    copied = text(answer)
    assert answer["Content-Type"].startswith("text/plain")
    assert log_of("recept") == ["copy"]
    case = case_of("recept")
    assert case.number in copied and f"{case.patient_number[:8]}-{case.patient_number[8:]}" in copied
    assert f"{cast.SARA.name}, {cast.SARA.title.lower()}\nDet är förnyat" in copied
    assert "Tack så mycket" in copied and "Bara mellan oss" not in copied
    with as_system():
        own = case.messages.get(seq=1).body
    assert copied.count(own) == 1


def test_without_javascript_the_copy_is_a_page(sara):
    assert "<textarea" in text(sara.post(url("recept", "kopiera/")))


def test_the_own_words_stand_once_in_the_workspace(sara):
    with as_system():
        own = case_of("recept").messages.get(seq=1).body.split("\n")[0]
    page = text(sara.get(url("recept")))
    assert page.count(own[:60]) == 1 and "Övriga frågor och svar" in page


def test_a_reminder_goes_once_a_day_and_only_while_an_answer_is_awaited(sara, shift):
    with as_system():
        assert case_of("feber").state == State.WAITING
    assert 'data-key="q"' in text(sara.get(url("feber"))) and 'data-key="q"' not in text(
        sara.get(url("recept"))
    )
    refused = sara.post(url("recept", "paminn/"))
    assert refused.status_code == 409 and "inget att svara på" in text(refused)
    assert sara.post(url("feber", "paminn/")).status_code == 303
    assert sara.post(url("feber", "paminn/")).status_code == 303  # the same form once more: nothing new
    again = acting.staff(cast.ALI.hsa_id).post(url("feber", "paminn/"))
    assert again.status_code == 409 and "redan påmints" in text(again)
    page = text(sara.get(url("feber")))
    assert "Invånaren är påmind i dag" in page and 'data-key="q"' not in page
    assert "påminde invånaren" in text(sara.get(url("feber", "historik/")))
    with as_system():
        event = Event.objects.get(case=case_of("feber"), verb="remind")
        for _ in range(2):
            actions.tell_of(actor=SystemActor("test"), event_id=event.pk, now=clock.now())
        items = InboxItem.objects.filter(object_id=public_id("feber"), kind="reminder")
        readers = items.count()
        assert readers == items.values("person_id").distinct().count() >= 1
    shift(timedelta(hours=24, minutes=1))
    assert acting.staff(cast.SARA.hsa_id).post(url("feber", "paminn/")).status_code == 303


def test_a_reminder_that_comes_late_to_an_answered_question_is_not_sent(sara):
    sara.post(url("feber", "paminn/"))
    with as_system():
        case = case_of("feber")
        type(case).objects.filter(pk=case.pk).update(state=State.BEGUN)
        event = Event.objects.get(case=case, verb="remind")
        actions.tell_of(actor=SystemActor("test"), event_id=event.pk, now=clock.now())
        assert not InboxItem.objects.filter(object_id=case.public_id, kind="reminder").exists()
