"""A resident sends every case type there is, page by page, as a browser without JavaScript does."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from lxml import html

from tests import acting
from tests.cluster import as_system
from tests.flows.terms import newer_terms
from vardvag.cases.models import Case
from vardvag.catalogue.files import DATA
from vardvag.catalogue.models import Offer
from vardvag.core import clock
from vardvag.demo.cast import ANNA, ELSA, PRIYA
from vardvag.identity.models import Person
from vardvag.organisation.models import Unit
from vardvag.questionnaires.models import Draft, Response

KEYS = sorted(
    path.stem
    for path in (DATA / "case_types").glob("*.json")
    if json.loads(path.read_text())["kind"] == "case"
)
SENT = ".//form[contains(@action,'/skicka/')]"


@dataclass
class Browser:
    """Follows links and sends forms; knows nothing of scripts."""

    client: Client
    url: str = ""
    status: int = 0
    page: Any = None
    seen: list[str] = field(default_factory=list)

    def open(self, url: str) -> "Browser":
        return self._at(self.client.get(url, follow=True), url)

    def _at(self, answer: Any, url: str) -> "Browser":
        chain = getattr(answer, "redirect_chain", [])
        self.url, self.status = (chain[-1][0] if chain else url), answer.status_code
        self.page = html.fromstring(answer.content.decode())
        self.seen.append(self.url)
        return self

    def form(self, path: str) -> Any:
        (found,) = self.page.xpath(path)
        return found

    def data(self, form: Any) -> list[tuple[str, str]]:
        """What a browser would send: fields that are not disabled, by themselves or with their fieldset."""
        found = []
        for one in form.xpath(".//input | .//textarea | .//select"):
            kind = one.get("type", "")
            if not one.get("name") or one.xpath("ancestor-or-self::*[@disabled]") or kind == "file":
                continue
            if kind in ("radio", "checkbox") and one.get("checked") is None:
                continue
            value = (
                one.text or ""
                if one.tag == "textarea"
                else one.get("value", "on" if kind == "checkbox" else "")
            )
            found.append((one.get("name"), value.removeprefix("\n")))
        return found

    def send(self, path: str, **answers: Any) -> "Browser":
        form = self.form(path)
        pairs = [(name, value) for name, value in self.data(form) if name not in answers]
        for name, value in answers.items():
            pairs += [(name, one) for one in (value if isinstance(value, list) else [value])]
        body: dict[str, list[str]] = {}
        for name, value in pairs:
            body.setdefault(name, []).append(value)
        url = form.get("action") or self.url
        return self._at(self.client.post(url, body, follow=True), url)

    @property
    def text(self) -> str:
        return " ".join(self.page.text_content().split())


QUESTION = ".//form[@data-autosave]"


def filled(browser: Browser) -> dict[str, Any]:
    """Some answer to every question shown: the second option of boxes, so that more questions come."""
    answers: dict[str, Any] = {}
    for one in browser.form(QUESTION).xpath(".//input | .//textarea"):
        name, kind = one.get("name", ""), one.get("type", "text")
        if (
            not name.startswith("q-")
            or one.xpath("ancestor-or-self::*[@disabled]")
            or name.endswith("~annat")
        ):
            continue
        if one.tag == "textarea":
            answers[name] = "Jag behöver hjälp med det här."
        elif kind == "radio":
            answers.setdefault(name, one.get("value"))
        elif kind == "checkbox":
            answers.setdefault(name, []).append(one.get("value"))
        elif kind == "date":
            answers[name] = (clock.now() + timedelta(days=10)).date().isoformat()
        elif kind == "tel":
            answers[name] = "070-174 06 05"
        else:
            answers[name] = "38,5" if one.get("inputmode") == "decimal" else "ett ord"
    return {
        name: [value[min(1, len(value) - 1)]] if isinstance(value, list) else value
        for name, value in answers.items()
    }


@pytest.fixture
def slug(world):
    """A unit where everything is offered."""
    with as_system():
        unit = Unit.objects.filter(offers__isnull=False).order_by("pk").first()
        assert unit is not None
        Offer.objects.filter(unit=unit).update(active=True)
        return unit.slug


@pytest.fixture
def anna(world):
    with as_system():
        Draft.objects.filter(sent_at=None).update(discarded_at=clock.now())
    return Browser(acting.resident(ANNA.number))


def begin(browser: Browser, slug: str, key: str) -> Browser:
    browser.open(f"/kontakta/{slug}/{key}/")
    form = ".//form[contains(@action,'/borja/')]"
    boxes = browser.page.xpath(f"{form}//input[@name='accept']")
    return browser.send(form, **({"accept": boxes[0].get("value")} if boxes else {}))


def answer_all(browser: Browser) -> Browser:
    for _ in range(30):
        if "/fraga/" not in browser.url:
            return browser
        browser.send(QUESTION, **filled(browser))
    raise AssertionError(f"never came to the end: {browser.seen}")


@pytest.mark.parametrize("key", KEYS)
def test_every_case_type_can_be_sent_without_javascript(anna, slug, key):
    begin(anna, slug, key)
    assert "/fraga/" in anna.url, anna.text
    answer_all(anna)
    assert anna.url.endswith("/kontrollera/"), anna.seen
    anna.send(SENT)
    assert anna.url.endswith("/skickat/"), anna.text
    with as_system():
        case = Case.objects.get(draft_id=anna.seen[1].split("/")[2])
        assert case.type_key == key and case.response is not None
        assert case.response.answers and case.excerpt
    assert case.number in anna.text


def test_what_is_missing_is_told_and_what_was_typed_is_kept(anna, slug):
    begin(anna, slug, "fornya-recept")
    anna.send(QUESTION, **{"q-vilka": "Enalapril 10 mg"})
    assert anna.status == 422 and "Hur länge räcker det du har kvar? Välj ett av svaren." in anna.text
    assert anna.form(".//textarea[@name='q-vilka']").text.strip() == "Enalapril 10 mg"
    anna.send(QUESTION, **{"q-racker": "slut"})
    assert "Blir du utan medicin?" in anna.text and "/lakemedel/" in anna.url
    anna.send(QUESTION)
    assert "/halsa/" in anna.url


def test_a_draft_is_found_again_where_it_was_left(anna, slug):
    begin(anna, slug, "fornya-recept")
    anna.send(QUESTION, **{"q-vilka": "Enalapril 10 mg", "q-racker": "vecka"})
    left = anna.url
    again = Browser(acting.resident(ANNA.number))
    again.open("/")
    (link,) = [one for one in again.page.xpath(".//a/@href") if one == f"/utkast/{left.split('/')[2]}/"]
    again.open(link)
    assert again.url.split("/")[2] == left.split("/")[2]
    again.open(f"/utkast/{left.split('/')[2]}/fraga/lakemedel/")
    assert again.form(".//textarea[@name='q-vilka']").text.strip() == "Enalapril 10 mg"


def test_two_devices_lose_nothing(anna, slug):
    begin(anna, slug, "fornya-recept")
    phone = Browser(acting.resident(ANNA.number))
    phone.open(anna.url)
    first = anna.url
    anna.send(QUESTION, **{"q-vilka": "från datorn", "q-racker": "vecka"})
    phone.send(QUESTION, **{"q-vilka": "från telefonen", "q-racker": "vecka"})
    assert phone.url == first and "från datorn" in phone.text, phone.text
    phone.send(QUESTION, anvand="vilka")
    assert phone.form(".//textarea[@name='q-vilka']").text.strip() == "från datorn"
    assert "från telefonen" in phone.text
    phone.send(QUESTION)
    assert "/halsa/" in phone.url


def test_what_was_changed_after_it_was_read_through_is_not_sent_unseen(anna, slug):
    begin(anna, slug, "fornya-recept")
    phone = Browser(acting.resident(ANNA.number)).open(anna.url)
    answer_all(anna)
    phone.send(QUESTION, **{"q-vilka": "Alvedon, från telefonen", "q-racker": "vecka"})
    anna.send(SENT)
    assert anna.status == 409 and "Svaren har ändrats sedan du kontrollerade dem" in anna.text
    assert "Alvedon, från telefonen" in anna.text
    anna.send(SENT)
    assert anna.url.endswith("/skickat/"), anna.text


def test_what_was_typed_earlier_and_comes_late_does_not_replace_the_last_word(anna, slug):
    begin(anna, slug, "fornya-recept")
    form = anna.form(QUESTION)
    early = {name: value for name, value in anna.data(form) if not name.startswith("q-")}
    slow = {**early, "q-vilka": "Jag tål", "q-racker": "vecka", "sheet": "page", "nth": "1"}
    anna.send(
        QUESTION, **{"q-vilka": "Jag tål inte Alvedon", "q-racker": "vecka", "sheet": "page", "nth": "2"}
    )
    assert anna.client.post(form.get("data-autosave"), slow).status_code == 200
    answer_all(anna)
    assert "Jag tål inte Alvedon" in anna.text, anna.text


def test_sending_twice_gives_one_case(anna, slug):
    answer_all(begin(anna, slug, "skicka-meddelande"))
    twin = Browser(anna.client).open(anna.url)
    anna.send(SENT)
    twin.send(SENT)
    assert twin.url == anna.url and twin.url.endswith("/skickat/")
    with as_system():
        assert Response.objects.filter(draft__public_id=anna.seen[1].split("/")[2]).count() == 1


def test_terms_that_changed_meanwhile_are_accepted_where_one_sends(anna, slug):
    """The page asked for it and had no place to do it."""
    answer_all(begin(anna, slug, "skicka-meddelande"))
    newer_terms()
    anna.send(SENT)
    box = f"{SENT}//input[@name='accept']/@value"
    assert anna.status == 409 and anna.page.xpath(box) and "Nya ord" in anna.text
    anna.send(SENT, accept="1")  # of terms that were not shown
    assert anna.status == 409
    anna.send(SENT, accept=anna.page.xpath(box)[0])
    assert anna.url.endswith("/skickat/")


def test_nobody_else_opens_a_draft(anna, slug, world):
    begin(anna, slug, "fornya-recept")
    numbers = [one["personal_number"] for one in world["residents"]]
    stranger = Browser(acting.resident(next(one for one in numbers if one != ANNA.number)))
    for path in ("", "fraga/lakemedel/", "kontrollera/"):
        assert stranger.open(f"/utkast/{anna.url.split('/')[2]}/{path}").status == 404


def test_a_guardian_sends_for_a_child_and_both_names_stand_on_it(anna, slug):
    with as_system():
        elsa = Person.objects.get(personal_number=ELSA.number)
    anna.open("/byt-person/")
    anna.send(".//main//form[.//*[@name='person']]", person=str(elsa.pk))
    begin(anna, slug, "fraga-sjukskoterskan")
    assert f"gör ärenden för {ELSA.given_name}" in anna.text
    answer_all(anna)
    assert ELSA.name in anna.text
    anna.send(SENT)
    with as_system():
        case = Case.objects.latest("pk")
        assert (case.patient_id, case.author_name, case.represented) == (elsa.pk, ANNA.name, True)
        assert case.response is not None
        assert case.response.fhir["author"]["reference"].startswith("RelatedPerson/")


def test_in_english_all_the_way(world, slug):
    priya = Browser(acting.resident(PRIYA.number))
    begin(priya, slug, "fornya-recept")
    assert "Which medicines do you want to renew?" in priya.text and "Vilka läkemedel" not in priya.text
    priya.send(QUESTION)
    assert "Which medicines do you want to renew? Write an answer." in priya.text
    answer_all(priya)
    assert "Renew a prescription" in priya.text
    priya.send(SENT)
    assert priya.url.endswith("/skickat/")
    assert "Then you can pick it up at any pharmacy." in priya.text
    with as_system():
        case = Case.objects.latest("pk")
        assert (case.language, case.title) == ("en", "Förnya recept")
