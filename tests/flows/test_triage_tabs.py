"""One interview in two tabs or on two devices: what is sent from one is about what that one showed."""

import pytest
from django.test import Client
from lxml import html

from tests import acting
from tests.cluster import as_system
from tests.flows.test_triage import Talk, text
from vardvag.cases.models import Case
from vardvag.core import clock
from vardvag.demo.cast import ANNA, SARA
from vardvag.identity.models import Staff
from vardvag.services.triage.engine import load
from vardvag.services.triage.models import Interview, ProtocolVersion

ELSEWHERE = "ändrat"


@pytest.fixture
def anna(world) -> Client:
    return acting.resident(ANNA.number)


def form(page, action: str) -> dict[str, str]:
    """The hidden fields of the form as the tab shows it."""
    (found,) = page.xpath(f"//form[contains(@action, '/{action}/')]")
    return {one.get("name"): one.get("value", "") for one in found.xpath(".//input[@type='hidden']")}


def there() -> Interview:
    return Interview.objects.get(author__personal_number=ANNA.number)


def shown(client: Client, address: str):
    return html.fromstring(client.get(address).content.decode())


def test_words_left_open_in_another_tab_do_not_undo_the_interview(anna):
    talk = Talk(anna)
    talk.begin("Jag har ont i halsen")
    left = form(shown(anna, f"{talk.root}beratta/"), "beratta")
    words = "Jag har ont i halsen och svårt att andas"
    anna.post(f"{talk.root}beratta/", {"words": words, "sheet": "telefon", "nth": "1"} | left)
    page = talk.choose(shown(anna, f"{talk.root}stammer-det/"), "halsont")
    question = page.xpath("//input[@name='question']/@value")[0]
    anna.post(f"{talk.root}fraga/", {"question": question, "answer": "none"})
    before = there()

    late = left | {"words": "Jag har ont i halsen.", "sheet": "dator", "nth": "1"}
    assert anna.post(f"{talk.root}spara/", late).status_code == 409
    answer = anna.post(f"{talk.root}beratta/", late | {"nth": "2"})
    assert answer.status_code == 409
    now = there()
    assert (now.words, now.state, now.reasons) == (words, before.state, before.reasons)

    # Both are shown, and what is then sent is taken.
    page = html.fromstring(answer.content.decode())
    assert words in text(page) and page.xpath("//textarea")[0].text.strip() == "Jag har ont i halsen."
    fresh = form(page, "beratta") | {"words": "Jag har ont i halsen.", "sheet": "dator", "nth": "3"}
    assert anna.post(f"{talk.root}beratta/", fresh).status_code == 303
    assert there().words == "Jag har ont i halsen."


def test_a_page_that_saves_several_times_is_never_in_its_own_way(anna):
    talk = Talk(anna)
    talk.begin("Jag har ont i halsen")
    mine = form(shown(anna, f"{talk.root}beratta/"), "beratta") | {"sheet": "dator"}
    for nth, words in enumerate(["Ont i magen", "Ont i magen nu", "Ont i magen nu ikväll"], 1):
        saved = anna.post(f"{talk.root}spara/", mine | {"words": words, "nth": str(nth)})
        assert saved.status_code == 200
    for _twice in range(2):
        sent = mine | {"words": "Ont i magen nu ikväll!", "nth": "9"}
        assert anna.post(f"{talk.root}beratta/", sent)["Location"].endswith("/stammer-det/")
    assert there().words == "Ont i magen nu ikväll!"


@pytest.mark.parametrize("words", ["", "x" * 3001])
def test_words_that_cannot_be_saved_are_not_said_to_be(anna, words):
    talk = Talk(anna)
    talk.begin("Jag har ont i halsen")
    assert anna.post(f"{talk.root}spara/", {"words": words}).status_code == 422
    assert there().words == "Jag har ont i halsen"


def test_a_danger_sign_told_in_another_tab_is_not_taken_back_unseen(anna):
    talk = Talk(anna)
    page = talk.answer(
        talk.choose(talk.begin("Jag tror jag får hjärtinfarkt, det trycker över bröstet"), "brostsmarta")
    )
    left = form(page, "stammer-inte")
    anna.post(f"{talk.root}beratta/", {"words": "Jag vill inte leva längre"})
    talk.choose(shown(anna, f"{talk.root}stammer-det/"), "allmant")
    told = there()
    assert told.result and told.result["urgency"] == 1
    anna.post(f"{talk.root}stammer-inte/", left)
    assert not there().calmed

    seen = form(shown(anna, f"{talk.root}resultat/"), "stammer-inte")
    for _twice in range(2):
        assert anna.post(f"{talk.root}stammer-inte/", seen).status_code == 303
    assert there().calmed


@pytest.mark.parametrize("act", ["skicka", "avsluta"])
def test_a_result_that_is_no_longer_so_is_shown_again(anna, act):
    talk = Talk(anna, duration="2 d", cough=True)
    page = talk.answer(talk.choose(talk.begin("Jag har ont i halsen och hostar"), "halsont"))
    assert talk.at.endswith("/resultat/") and "själv" in text(page)
    left, first = form(page, act), talk.asked[0]
    anna.post(f"{talk.root}fraga/", {"question": first, "again": first, "answer": "s_chest"})

    answer = anna.post(f"{talk.root}{act}/", left)
    assert answer.status_code == 409
    page = html.fromstring(answer.content.decode())
    assert "112" in text(page) and page.xpath("//*[contains(@class, 'ds-alert')]")
    assert there().is_open and there().words
    assert anna.post(f"{talk.root}skicka/", form(page, "skicka"))["Location"].endswith("/skickat/")
    assert anna.post(f"{talk.root}skicka/", left)["Location"].endswith("/skickat/")  # once more
    with as_system():
        assert Case.objects.get(draft_id=there().public_id).urgency == 1


def test_what_it_is_about_is_chosen_for_the_words_that_were_shown(anna):
    talk = Talk(anna)
    page = talk.begin("Jag har ont i halsen")
    left = {
        "revision": (page.xpath("//form//input[@name='revision']/@value") or [""])[0],
        "reason": "halsont",
    }
    anna.post(f"{talk.root}beratta/", {"words": "Jag har ont i magen och har kräkts"})
    talk.choose(shown(anna, f"{talk.root}stammer-det/"), "buksmarta")
    answer = anna.post(f"{talk.root}stammer-det/", left)
    assert there().reasons == ["buksmarta"]
    assert answer.status_code == 409 and "kräkts" in answer.content.decode()


def test_what_it_is_about_sent_again_does_not_undo_the_answers(anna):
    talk = Talk(anna)
    page = talk.begin("Jag har ont i halsen")
    left = {
        "revision": (page.xpath("//form//input[@name='revision']/@value") or [""])[0],
        "reason": "halsont",
    }
    anna.post(f"{talk.root}stammer-det/", left)
    question = shown(anna, f"{talk.root}fraga/").xpath("//input[@name='question']/@value")[0]
    anna.post(f"{talk.root}fraga/", {"question": question, "answer": "none"})
    before = there().state
    assert anna.post(f"{talk.root}stammer-det/", left).status_code == 303
    assert there().state == before


def test_another_answer_to_a_question_already_answered_is_not_dropped_in_silence(anna):
    talk = Talk(anna)
    page = talk.choose(talk.begin("Ont i halsen"), "halsont")
    first = page.xpath("//input[@name='question']/@value")[0]
    anna.post(f"{talk.root}fraga/", {"question": first, "answer": "none"})
    answer = anna.post(f"{talk.root}fraga/", {"question": first, "answer": "s_chest"})
    page = html.fromstring(answer.content.decode())
    assert answer.status_code == 409
    assert page.xpath("//input[@name='question']/@value") == [first]
    assert page.xpath("//input[@name='again']/@value") == [first]
    # The same answer once more, as after a lost try, goes on.
    assert anna.post(f"{talk.root}fraga/", {"question": first, "answer": "none"}).status_code == 303


@pytest.mark.parametrize(("length", "unit"), [("3", "d"), ("2", "w"), ("5", "h"), ("36", "h"), ("1,5", "d")])
def test_a_length_of_time_is_shown_again_as_long_as_it_was(anna, length, unit):
    talk = Talk(anna, duration=f"{length} {unit}")
    talk.answer(talk.choose(talk.begin("Jag har ont i halsen"), "halsont"))
    kept = there().state["answers"]["duration"]
    address = f"{talk.root}fraga/?igen=duration"
    again = shown(anna, address)
    (chosen,) = again.xpath("//select[@name='unit']/option[@selected]/@value")
    sent = {"question": "duration", "again": "duration", "unit": chosen}
    sent["answer"] = again.xpath("//input[@name='answer']/@value")[0]
    anna.post(f"{talk.root}fraga/", sent)
    assert there().state["answers"]["duration"] == kept, sent


CONTACT = "safe_contact"
TOLD = "Ring bara på dagen, aldrig när han är hemma"


def asked_in_words(anna) -> tuple[Talk, dict[str, str]]:
    """An interview that stands at a question in words, and its form's hidden fields."""
    talk = Talk(anna)
    page = talk.choose(talk.begin("Min man slår mig"), "vald")
    while not page.xpath("//textarea[@name='answer']"):
        question = page.xpath("//input[@name='question']/@value")[0]
        sent = {"question": question, **talk.said(page, question)}
        page = talk.page(anna.post(talk.at, sent, follow=True))
    return talk, form(page, "fraga")


def field(page) -> str:
    (found,) = page.xpath("//textarea[@name='answer']")
    return (found.text or "").strip()


def test_an_answer_in_words_is_there_as_it_was_typed_when_one_comes_back(anna):
    talk, mine = asked_in_words(anna)
    mine |= {"sheet": "dator"}
    for nth, words in enumerate(["Ring", "Ring bara", TOLD], 1):
        saved = anna.post(f"{talk.root}fraga/spara/", mine | {"answer": words, "nth": str(nth)})
        assert saved.status_code == 200
    assert anna.post(f"{talk.root}fraga/spara/", mine | {"answer": "Ri", "nth": "2"}).status_code == 200
    assert field(shown(anna, f"{talk.root}fraga/")) == TOLD

    # As late as after it has been answered, too: what was sent stands.
    anna.post(f"{talk.root}fraga/", mine | {"answer": f"{TOLD}.", "nth": "9"})
    anna.post(f"{talk.root}fraga/spara/", mine | {"answer": TOLD, "nth": "4"})
    assert field(shown(anna, f"{talk.root}fraga/?igen={mine['question']}")) == f"{TOLD}."


def test_a_forgotten_tab_does_not_type_over_another(anna):
    talk, left = asked_in_words(anna)
    anna.post(f"{talk.root}fraga/spara/", left | {"answer": TOLD, "sheet": "telefon", "nth": "1"})
    late = left | {"answer": "Ri", "sheet": "dator", "nth": "1"}
    assert anna.post(f"{talk.root}fraga/spara/", late).status_code == 409
    assert field(shown(anna, f"{talk.root}fraga/")) == TOLD
    seen = form(shown(anna, f"{talk.root}fraga/"), "fraga") | late
    seen["revision"] = form(shown(anna, f"{talk.root}fraga/"), "fraga")["revision"]
    assert anna.post(f"{talk.root}fraga/spara/", seen).status_code == 200


def test_what_stands_in_the_field_goes_with_an_interview_cut_short(anna):
    talk, mine = asked_in_words(anna)
    anna.post(f"{talk.root}fraga/spara/", mine | {"answer": TOLD, "sheet": "dator", "nth": "1"})
    for _twice in range(2):
        assert "/skickat/" in anna.post(f"{talk.root}skicka/")["Location"]
    assert there().state["answers"][mine["question"]] == TOLD


def test_typed_answers_are_refused_where_there_is_no_such_question(anna):
    talk, mine = asked_in_words(anna)
    address = f"{talk.root}fraga/spara/"
    assert anna.post(address, mine | {"question": "other_info", "answer": "x"}).status_code == 409
    assert anna.post(address, mine | {"question": "very_ill", "answer": "x"}).status_code == 409
    assert anna.post(address, mine | {"answer": "x" * 3001}).status_code == 422
    anna.post(f"{talk.root}avsluta/")
    assert anna.post(address, mine | {"answer": "x"}).status_code == 409
    assert not there().typed


def test_another_answer_in_words_is_shown_beside_the_one_that_is_kept(anna):
    talk, mine = asked_in_words(anna)
    anna.post(f"{talk.root}fraga/", mine | {"answer": TOLD})
    answer = anna.post(f"{talk.root}fraga/", mine | {"answer": "Skriv hellre"})
    page = html.fromstring(answer.content.decode())
    assert answer.status_code == 409
    assert field(page) == "Skriv hellre" and TOLD in text(page)


def test_a_number_that_was_not_understood_stays_in_its_field(anna):
    talk = Talk(anna)
    page = talk.choose(talk.begin("Jag har feber och hosta"), "feber_vuxen")
    while not page.xpath("//input[@name='answer'][@inputmode]"):
        question = page.xpath("//input[@name='question']/@value")[0]
        page = talk.page(anna.post(talk.at, {"question": question, **talk.said(page, question)}, follow=True))
    question = page.xpath("//input[@name='question']/@value")[0]
    answer = anna.post(talk.at, {"question": question, "answer": "tre och ett halvt", "unit": "w"})
    page = html.fromstring(answer.content.decode())
    assert answer.status_code == 422
    assert page.xpath("//input[@name='answer']/@value") == ["tre och ett halvt"]


def test_lines_that_were_not_shown_are_not_answered(anna):
    """Between the page and its answer a version with one more sign of danger is taken into use."""
    talk = Talk(anna)
    page = talk.choose(talk.begin("Ont i halsen"), "halsont")
    while page.xpath("//input[@name='question']/@value") != ["halsont.1"]:
        question = page.xpath("//input[@name='question']/@value")[0]
        sent = {"question": question, "answer": "none"}
        page = talk.page(anna.post(talk.at, sent, follow=True))
    left = form(page, "fraga") | {"answer": "none"}
    rule = '  - {id: blood, when: vomit_blood, urgency: 1, care: emergency, because: {sv: "Blod.", en: "Blood."}}\n'
    text = load.shipped("halsont").replace("one_side, child", "one_side, vomit_blood, child", 1)
    with as_system():
        ProtocolVersion.objects.create(
            protocol_id="halsont",
            version="1.1.0",
            sha256="1" * 64,
            content=text.replace("\nrules:\n", f"\nrules:\n{rule}", 1),
            why="Blod",
            state=ProtocolVersion.State.ACTIVE,
            proposed_by=Staff.objects.get(hsa_id=SARA.hsa_id),
            proposed_name="Sara",
            proposed_at=clock.now(),
        )
    answer = anna.post(talk.at, left)
    assert "vomit_blood" not in there().state["answers"]
    page = html.fromstring(answer.content.decode())
    assert answer.status_code == 409
    assert page.xpath("//input[@type='checkbox'][@value='vomit_blood']")
    assert anna.post(talk.at, form(page, "fraga") | {"answer": "none"}).status_code == 303
    assert there().state["answers"]["vomit_blood"] is False


def ticked(page, name: str) -> list[str]:
    return page.xpath(f"//input[@name='{name}'][@checked]/@value")


def form_of(page) -> dict[str, str]:
    return {"revision": page.xpath("//form//input[@name='revision']/@value")[0]}


def test_what_was_not_so_is_not_ticked_again(anna):
    talk = Talk(anna)
    page = talk.begin("Jag har ont i halsen, hosta och feber sedan tre dagar")
    facts = page.xpath("//input[@name='fact']/@value")
    assert len(facts) > 1 and ticked(page, "fact") == facts
    kept = facts[1:]
    revision = form_of(page)
    answer = anna.post(f"{talk.root}stammer-det/", revision | {"fact": kept})
    assert answer.status_code == 422
    assert ticked(html.fromstring(answer.content.decode()), "fact") == kept
    anna.post(f"{talk.root}stammer-det/", revision | {"fact": kept, "reason": "halsont"})
    assert ticked(shown(anna, f"{talk.root}stammer-det/"), "fact") == kept


def test_a_fourth_reason_is_not_left_out_in_silence(anna):
    talk = Talk(anna)
    page = talk.begin("Jag har ont i halsen")
    suggested = page.xpath("//input[@name='reason']/@value")[:3]
    sent = form_of(page) | {"reason": suggested, "other_reason": "brostsmarta"}
    answer = anna.post(f"{talk.root}stammer-det/", sent)
    assert len(suggested) == 3 and there().reasons == []
    page = html.fromstring(answer.content.decode())
    assert answer.status_code == 422 and "tre" in text(page)
    assert ticked(page, "reason") == suggested
    assert page.xpath("//select[@name='other_reason']/option[@selected]/@value") == ["brostsmarta"]
    anna.post(f"{talk.root}stammer-det/", sent | {"reason": suggested[:1]})
    assert there().reasons == [suggested[0], "brostsmarta"]
    page = shown(anna, f"{talk.root}stammer-det/")
    assert page.xpath("//select[@name='other_reason']/option[@selected]/@value") == ["brostsmarta"]


def test_what_was_told_is_not_made_milder_by_newer_content(anna):
    talk = Talk(anna, duration="2 d", cough=True)
    talk.answer(talk.choose(talk.begin("Jag har ont i halsen och hostar"), "halsont"))
    told = there().result
    assert told["urgency"] == 5
    earlier = {**told, "urgency": 2, "care": "hours", "fired": ["halsont.earlier"]}
    Interview.objects.filter(pk=there().pk).update(result=earlier)
    assert anna.post(f"{talk.root}skicka/")["Location"].endswith("/skickat/")
    assert there().result == earlier
    with as_system():
        assert Case.objects.get(draft_id=there().public_id).urgency == 2


def test_a_long_text_with_lines_is_kept_to_its_end(anna):
    """A browser counts the end of a line as one character and sends two."""
    words = "\n".join(["x" * 99] * 30)
    sent = words.replace("\n", "\r\n")
    talk, mine = asked_in_words(anna)
    saved = anna.post(f"{talk.root}fraga/spara/", mine | {"answer": sent, "sheet": "dator", "nth": "1"})
    assert saved.status_code == 200
    anna.post(f"{talk.root}fraga/", mine | {"answer": sent, "sheet": "dator", "nth": "2"})
    assert there().state["answers"][mine["question"]] == words
    assert anna.post(f"{talk.root}beratta/", {"words": sent}).status_code == 303
    assert there().words == words


def test_a_question_that_a_release_has_taken_away_does_not_stop_an_interview(anna):
    talk = Talk(anna)
    page = talk.choose(talk.begin("Ont i halsen"), "halsont")
    first = page.xpath("//input[@name='question']/@value")[0]
    anna.post(talk.at, {"question": first, "answer": "none"})
    state = there().state
    state["answers"] |= {"gone": True, "gone_too": False}
    state["put"] = [["gone", ["gone"]], ["halsont.9", ["gone_too"]], *state["put"]]
    Interview.objects.filter(pk=there().pk).update(state=state)
    assert anna.get(f"{talk.root}svar/").status_code == 200
    for again in ("gone", "halsont.9", first):
        assert anna.get(f"{talk.root}fraga/?igen={again}").status_code in (200, 303)
    anna.post(talk.at, {"question": first, "again": first, "answer": "s_chest"})
    assert there().result["urgency"] == 1
    assert anna.post(f"{talk.root}skicka/")["Location"].endswith("/skickat/")


def test_where_newer_content_asks_no_more_the_result_is_shown(anna):
    """The question that stood is not asked any more, so that nothing has been answered since."""
    talk = Talk(anna, duration="2 d", cough=True)
    talk.answer(talk.choose(talk.begin("Jag har ont i halsen och hostar"), "halsont"))
    Interview.objects.filter(pk=there().pk).update(result=None)
    page = talk.page(anna.get(f"{talk.root}fraga/", follow=True))
    assert talk.at.endswith("/resultat/")
    assert anna.post(f"{talk.root}skicka/", form(page, "skicka"))["Location"].endswith("/skickat/")


def test_a_sign_that_cannot_be_stored_does_not_cost_the_answer(anna):
    talk, mine = asked_in_words(anna)
    assert anna.post(f"{talk.root}fraga/", mine | {"answer": "Ring\x00 på dagen"}).status_code == 303
    assert there().state["answers"][mine["question"]] == "Ring på dagen"
