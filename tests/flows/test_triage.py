"""A resident seeks care page by page, without scripts; the case arrives with its urgency and the history taken."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from lxml import html

from tests import acting
from tests.cluster import as_system
from tests.flows.terms import newer_terms
from vardvag.cases.models import Case, Event
from vardvag.core import clock
from vardvag.core.actor import SystemActor
from vardvag.core.personal_number import SWEDEN
from vardvag.demo.cast import ANNA, ELSA, PRIYA, SARA
from vardvag.demo.main_cases import case as main
from vardvag.identity.models import Person
from vardvag.organisation.models import Unit
from vardvag.organisation.queries import forget
from vardvag.services.triage import actions
from vardvag.services.triage.engine import load
from vardvag.services.triage.models import Interview, WrongTriage

SLUG = "bjorkbackens-halsocentral"
BEGIN = f"/rad/hos/{SLUG}/"


class Talk:
    """Answers by concept: True is yes, a text is what is typed; what is not mentioned is no, or not known."""

    def __init__(self, client: Client, **answers: Any) -> None:
        self.client, self.answers, self.asked = client, answers, []
        self.library = load.library()

    def page(self, answer: Any) -> Any:
        assert answer.status_code == 200, (answer.status_code, answer.request["PATH_INFO"])
        self.at = (
            answer.redirect_chain[-1][0]
            if getattr(answer, "redirect_chain", None)
            else answer.request["PATH_INFO"]
        )
        return html.fromstring(answer.content.decode())

    def begin(self, words: str) -> Any:
        accept = self.client.get(f"/kontakta/{SLUG}/sok-vard/")
        found = re.search(rb'name="accept" value="(\d+)"', accept.content)
        answer = self.client.post(
            f"/kontakta/{SLUG}/sok-vard/borja/", {"accept": found[1].decode()} if found else {}, follow=True
        )
        self.page(answer)
        assert self.at == BEGIN
        self.page(self.client.post(BEGIN, {"medication": "yes", "record": "no"}, follow=True))
        assert self.at.endswith("/beratta/")
        self.root = self.at.removesuffix("beratta/")
        return self.page(self.client.post(self.at, {"words": words}, follow=True))

    def choose(self, page: Any, *reasons: str) -> Any:
        facts = page.xpath("//input[@name='fact']/@value")
        chosen = list(reasons) or page.xpath("//input[@name='reason'][@checked]/@value")
        return self.page(
            self.client.post(f"{self.root}stammer-det/", {"reason": chosen, "fact": facts}, follow=True)
        )

    def answer(self, page: Any) -> Any:
        """Every question to the end."""
        while self.at.endswith("/fraga/"):
            question = page.xpath("//input[@name='question']/@value")[0]
            assert len(self.asked) < 20
            self.asked.append(question)
            page = self.page(
                self.client.post(self.at, {"question": question, **self.said(page, question)}, follow=True)
            )
        return page

    def said(self, page: Any, question: str) -> dict[str, Any]:
        ticks = page.xpath("//input[@type='checkbox'][@name='answer']/@value")
        if ticks:
            mine = [one for one in ticks if self.answers.get(one) is True]
            mine = mine or [one for one in ticks if one in (self.answers.get(question) or ())]
            return {"answer": mine or "none"}
        value = self.answers.get(question)
        buttons = page.xpath("//button[@name='answer']/@value")
        if buttons:
            if value in buttons:
                return {"answer": value}
            return (
                {"answer": "yes" if value is True else "no"}
                if set(buttons) == {"yes", "no"}
                else {"unknown": "1"}
            )
        if value is None:
            return {"unknown": "1"}
        if page.xpath("//textarea[@name='answer']"):
            return {"answer": value}
        number, _, unit = str(value).partition(" ")
        return {"answer": number, "unit": unit}


def text(page: Any) -> str:
    return " ".join(page.xpath("//main")[0].text_content().split())


@pytest.fixture
def anna(world) -> Client:
    return acting.resident(ANNA.number)


def test_terms_that_changed_meanwhile_are_accepted_at_the_result(anna):
    """It asked for it and had no place to do it; whoever is in danger could not send either."""
    talk = Talk(anna, breathless_at_rest=True)
    talk.answer(talk.choose(talk.begin("Jag har ont i halsen sedan i går."), "halsont"))
    newer_terms()
    refused = anna.post(f"{talk.root}skicka/")
    box = html.fromstring(refused.content.decode()).xpath("//form//input[@name='accept']/@value")
    assert refused.status_code == 409 and box
    assert anna.post(f"{talk.root}skicka/", {"accept": "1"}).status_code == 409
    sent = anna.post(f"{talk.root}skicka/", {"accept": box[0]})
    assert sent.status_code == 303 and sent["Location"].endswith("/skickat/")


def test_a_mild_sore_throat_ends_in_advice_and_nothing_is_kept(anna):
    talk = Talk(anna, duration="2 d", cough=True)
    page = talk.choose(talk.begin("Jag har ont i halsen och hostar sedan i förrgår"), "halsont")
    page = talk.answer(page)
    assert talk.at.endswith("/resultat/")
    assert "Du kan ta hand om det här själv" in text(page)
    assert "Sök vård igen om" in text(page) and "Råden räcker" in text(page)
    assert not re.search(r"\b(prio|grad|urgency) ?[1-5]\b", text(page), re.IGNORECASE)
    anna.post(f"{talk.root}avsluta/")
    interview = Interview.objects.get(author__personal_number=ANNA.number)
    assert (
        interview.ended_at and interview.words == "" and interview.state == {} and interview.case_id is None
    )
    assert len(talk.asked) <= 12


def test_chest_pressure_stops_at_once_and_still_becomes_a_case(anna):
    talk = Talk(anna, s_chest=True)
    page = talk.answer(talk.choose(talk.begin("Det trycker över bröstet sedan en halvtimme"), "brostsmarta"))
    assert talk.at.endswith("/resultat/") and len(talk.asked) <= 2
    assert page.xpath("//a[@href='tel:112']") and "Vi har sparat det du skrev" in text(page)
    page = talk.page(anna.post(f"{talk.root}skicka/", follow=True))
    assert talk.at.endswith("/skickat/") and "Vänta inte på svar här" in text(page)
    with as_system():
        case = Case.objects.get(draft_id=talk.root.strip("/").split("/")[1])
        assert (case.urgency, case.type_key) == (1, "sok-vard") and "Bröstsmärta" in case.title
        assert case.due_at - case.arrived_at == timedelta(minutes=15)
        assert Interview.objects.get(case=case).provider_id == case.provider_id


def test_staff_see_the_history_taken_and_report_wrong_triage_in_two_clicks(anna):
    talk = Talk(anna, duration="3 d", feels_feverish=True, temp="39")
    talk.answer(talk.choose(talk.begin("Halsont och feber sen tre dagar, svårt att svälja"), "halsont"))
    anna.post(f"{talk.root}skicka/")
    with as_system():
        case = Case.objects.get(draft_id=talk.root.strip("/").split("/")[1])
    sara = acting.staff(SARA.hsa_id)
    page = html.fromstring(sara.get(f"/personal/arenden/{case.public_id}/").content.decode())
    shown = text(page)
    assert "Halsont och feber sen tre dagar" in shown and "Frågor och bedömning" in shown
    assert "Varför" in shown and "Samtycken" in shown and "halsont 1." in shown
    copied = sara.post(f"/personal/arenden/{case.public_id}/kopiera/", headers={"X-Requested-With": "live"})
    assert "VARFÖR PRIO" in copied.content.decode() and "svårt att svälja" in copied.content.decode()
    assert anna.get(f"/arenden/{case.public_id}/skriv-ut/").status_code == 200
    (form,) = page.xpath("//form[contains(@action,'/fel-bedomning/')]")
    for _twice in range(2):
        assert sara.post(form.get("action"), {"how": "too_low", "comment": "Hade andnöd"}).status_code == 303
    with as_system():
        report = WrongTriage.objects.get()
        assert (
            report.case_id == case.pk
            and report.path["reasons"] == ["halsont"]
            and report.path["result"]["fired"]
        )


def test_a_report_about_a_protected_persons_case_is_asked_why_first(world):
    sara, case = acting.staff(SARA.hsa_id), main("skyddad").public_id
    answer = sara.post(f"/personal/arenden/{case}/fel-bedomning/", {"how": "too_low"})
    assert (answer.status_code, answer["Location"]) == (303, f"/personal/arenden/{case}/skal/")


def test_sent_twice_is_one_case_and_an_interview_cut_short_is_never_low(anna):
    talk = Talk(anna)
    talk.choose(talk.begin("Ont i magen"), "buksmarta")
    assert talk.at.endswith("/fraga/")
    for _twice in range(2):
        page = talk.page(anna.post(f"{talk.root}skicka/", follow=True))
    assert talk.at.endswith("/skickat/"), text(page)
    with as_system():
        case = Case.objects.get(draft_id=talk.root.strip("/").split("/")[1])
        assert case.urgency <= 3


def test_an_answer_can_be_changed_and_what_follows_is_asked_anew(anna):
    talk = Talk(anna)
    page = talk.choose(talk.begin("Ont i halsen"), "halsont")
    first = page.xpath("//input[@name='question']/@value")[0]
    page = talk.page(anna.post(talk.at, {"question": first, "answer": "s_chest"}, follow=True))
    assert talk.at.endswith("/resultat/") and "112" in text(page)
    again = talk.page(anna.get(f"{talk.root}fraga/?igen={first}"))
    assert again.xpath("//input[@name='answer'][@value='s_chest'][@checked]")
    talk.page(
        anna.post(f"{talk.root}fraga/", {"question": first, "again": first, "answer": "none"}, follow=True)
    )
    assert talk.at.endswith("/fraga/")


def test_a_form_sent_again_does_not_answer_the_next_question(anna):
    talk = Talk(anna)
    page = talk.choose(talk.begin("Ont i halsen"), "halsont")
    first = page.xpath("//input[@name='question']/@value")[0]
    for _twice in range(2):
        anna.post(talk.at, {"question": first, "answer": "none"})
    with as_system():
        assert len(Interview.objects.get(author__personal_number=ANNA.number).state["put"]) == 1


@pytest.mark.parametrize("sent", [{}, {"answer": ""}, {"answer": "trams"}, {"answer": ["x" * 5000, "\x00"]}])
def test_bad_answers_are_told_and_nothing_is_lost(anna, sent):
    talk = Talk(anna)
    page = talk.choose(talk.begin("Ont i halsen"), "halsont")
    first = page.xpath("//input[@name='question']/@value")[0]
    answer = anna.post(talk.at, {"question": first, **sent})
    assert answer.status_code == 422 and "Vet inte" in answer.content.decode()
    with as_system():
        assert Interview.objects.get(author__personal_number=ANNA.number).state["put"] == []


def test_nobody_else_sees_an_interview(anna):
    talk = Talk(anna)
    talk.begin("Ont i halsen")
    priya = acting.resident(PRIYA.number)
    for page in ("beratta", "stammer-det", "fraga", "svar", "resultat"):
        assert priya.get(f"{talk.root}{page}/").status_code == 404
    for act in ("skicka", "avsluta", "stammer-inte", "samtycke", "spara"):
        assert priya.post(f"{talk.root}{act}/").status_code == 404
    assert acting.staff(SARA.hsa_id).get(f"{talk.root}svar/").status_code != 200


def test_words_that_come_late_do_not_replace_the_last(anna):
    talk = Talk(anna)
    talk.begin("Jag har ont i halsen")
    last = {"words": "Jag har ont i halsen och svårt att svälja", "sheet": "page", "nth": "2"}
    assert anna.post(f"{talk.root}beratta/", last).status_code == 303
    late = {"words": "Jag har ont i", "sheet": "page", "nth": "1"}
    assert anna.post(f"{talk.root}spara/", late).status_code == 200
    assert Interview.objects.get(author__personal_number=ANNA.number).words == last["words"]
    newer = {**late, "words": "Jag har ont i magen", "nth": "3"}
    assert anna.post(f"{talk.root}spara/", newer).status_code == 200
    assert Interview.objects.get(author__personal_number=ANNA.number).words == newer["words"]


def test_a_danger_sign_in_any_words_raises_a_case(anna, world):
    """X-2: an administrative matter with chest pain in it."""
    with as_system():
        case = Case.objects.get(public_id=main("recept").public_id)
        before = case.urgency
    answer = anna.post(
        f"/arenden/{case.public_id}/skriv/",
        {
            "body": "Jag har fått jätteont i bröstet nu och svårt att andas",
            "key": "11111111-1111-4111-8111-111111111111",
        },
        follow=True,
    )
    assert "Vänta inte på svar här" in answer.content.decode()
    with as_system():
        case.refresh_from_db()
        assert before is None and case.urgency == 1
        event = Event.objects.get(case=case, verb="flagged")
        assert "bröst" in event.reason


def test_a_danger_sign_in_the_last_words_counts_too(anna):
    talk = Talk(anna, other_info="Ärligt talat vill jag inte leva längre.")
    page = talk.answer(talk.choose(talk.begin("Jag behöver nya kryckor"), "hjalpmedel"))
    assert "other_info" in talk.asked
    assert page.xpath("//a[@href='tel:112']")
    anna.post(f"{talk.root}fraga/", {"question": "other_info", "again": "other_info", "answer": "Inget mer."})
    with as_system():
        interview = Interview.objects.get(author__personal_number=ANNA.number)
        assert interview.flags == []
    anna.post(
        f"{talk.root}fraga/", {"question": "other_info", "again": "other_info", "answer": "Vill inte leva."}
    )
    anna.post(f"{talk.root}skicka/")
    with as_system():
        case = Case.objects.get(draft_id=talk.root.strip("/").split("/")[1])
        assert case.urgency == 1


def test_what_lasts_is_asked_once(anna):
    talk = Talk(anna, immunosuppressed=True, diabetes=True, duration="3 d", feels_feverish=True)
    talk.answer(talk.choose(talk.begin("Halsont och feber"), "halsont"))
    if talk.at.endswith("/resultat/"):
        anna.post(f"{talk.root}skicka/")
    second = Talk(anna)
    page = second.begin("Öronvärk sedan i morse")
    assert page.xpath("//input[@name='lasting'][@checked]"), text(page)


def test_consents_can_be_taken_back(anna):
    talk = Talk(anna)
    talk.choose(talk.begin("Ont i halsen"), "halsont")
    anna.post(f"{talk.root}skicka/")
    anna.post(f"{talk.root}samtycke/", {"kind": "medication"})
    with as_system():
        given = Interview.objects.get(author__personal_number=ANNA.number, sent_at__isnull=False).consents
    assert (
        given["medication"]["given"] and given["medication"]["withdrawn_at"] and not given["record"]["given"]
    )


def test_an_interview_nobody_touches_is_forgotten(anna, shift):
    talk = Talk(anna)
    talk.begin("Ont i halsen")
    with as_system():
        assert actions.forget(actor=SystemActor("test"), now=clock.now() + timedelta(days=29)) == 0
        assert actions.forget(actor=SystemActor("test"), now=clock.now() + timedelta(days=31)) == 1
        assert Interview.objects.get(author__personal_number=ANNA.number).words == ""


def test_a_guardian_is_asked_about_the_child(anna):
    with as_system():
        elsa = Person.objects.get(personal_number=ELSA.number).pk
    assert anna.post("/byt-person/", {"person": elsa}).status_code == 303
    talk = Talk(anna)
    page = talk.choose(talk.begin("Elsa har feber sedan i går"), "feber_barn")
    question = page.xpath("//input[@name='question']/@value")[0]
    page = talk.page(anna.post(talk.at, {"question": question, "answer": "none"}, follow=True))
    assert re.search(r"\b(hon|henne|hennes|barnet)\b", text(page)) or page.xpath("//fieldset"), text(page)
    interview = Interview.objects.get(author__personal_number=ANNA.number)
    assert interview.represented and interview.patient.personal_number == ELSA.number


def moved_to(shift, weekday: int, hour: int) -> None:
    """The house's clock to the next such weekday (0 Monday) and hour."""
    shift(timedelta())
    now = clock.now().astimezone(SWEDEN)
    there = (now + timedelta(days=(weekday - now.weekday()) % 7 + 7)).replace(hour=hour, minute=30)
    shift(there - now)


def test_while_closed_it_says_when_it_reads_and_who_reads_now(anna, shift, world):
    """DIR-9"""
    moved_to(shift, 2, 10)
    assert "Stängt just nu" not in acting.resident(ANNA.number).get(BEGIN).content.decode()
    moved_to(shift, 5, 10)
    with as_system():
        offering = Unit.objects.filter(offers__case_type__key="sok-vard", offers__active=True, practice=False)
        other = offering.exclude(slug=SLUG).earliest("pk")
        other.hours.create(kind="digital", weekday=5, opens="08:00", closes="20:00", local=True)
        forget()
    page = text(html.fromstring(acting.resident(ANNA.number).get(BEGIN).content.decode()))
    assert "har stängt och läser ärenden igen måndag" in page and "ring 1177" in page
    assert "De här läser ärenden nu" in page and other.public_name in page


def test_the_result_says_when_the_clinic_reads_it(anna, shift):
    moved_to(shift, 6, 12)
    talk = Talk(acting.resident(ANNA.number))
    page = talk.answer(talk.choose(talk.begin("Jag har ont i halsen sedan i går"), "halsont"))
    assert "läser ärenden igen i morgon kl." in text(page)
