"""conditions.js in a real browser: questions come and go as one answers, and nothing hidden is sent."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from playwright.sync_api import Page

from tests.browser import axe
from vardvag.core.actor import ResidentActor, Subject
from vardvag.questionnaires.fhir_read import read
from vardvag.questionnaires.shown import Files, build

PARTS = Path(__file__).resolve().parents[2]
FOLDER = PARTS / "catalogue" / "data" / "questionnaires"
STYLES = ("core/static/core/vendor/designsystemet.css", "core/static/core/vendor/theme.css",
          "core/static/core/app.css", "questionnaires/static/questionnaires/form.css")  # fmt: skip
SCRIPT = PARTS / "questionnaires" / "static" / "questionnaires" / "conditions.js"
ANNA = Subject(1, "Anna", "Lind", date(1988, 3, 2))


@pytest.fixture
def page(browser) -> Iterator[Page]:
    page = browser.new_page(locale="sv-SE")
    yield page
    page.close()


@pytest.fixture
def opened(page, rf):
    """Opens one page of a shipped form with its styles and script."""

    def open_page(name, link_id, answers=None, **more):
        definition = read(json.loads((FOLDER / f"{name}.json").read_text()))
        shown = build(
            definition, answers or {}, page_id=link_id, revision=1, kept={}, language="sv",
            files=Files("0d9b2f6e-0000-4000-8000-000000000001", ()), **more,
        )  # fmt: skip
        request = rf.get("/")
        request.actor = ResidentActor(1, ANNA, ANNA)
        fields = render_to_string("questionnaires/page.html", {"shown": shown, "request": request})
        page.set_content(
            '<html lang="sv" data-color-scheme="light"><head><title>Prov</title></head><body class="side-resident">'
            f'<main class="wrap narrow"><form class="stack">{fields}</form></main></body></html>'
        )
        for style in STYLES:
            page.add_style_tag(content=(PARTS / style).read_text())
        page.add_script_tag(content=SCRIPT.read_text(), type="module")
        return page

    return open_page


def sent(page):
    return page.evaluate("[...new FormData(document.querySelector('form'))].map(([n]) => n)")


def test_a_question_appears_and_goes_with_the_answer(opened):
    page = opened("fornya-recept", "halsa")
    more = page.get_by_label("Berätta mer om det som har ändrats")
    assert not more.is_visible() and "q-andrat-vad" not in sent(page)
    page.get_by_label("Jag tror att jag har fått en biverkning").check()
    more.wait_for(state="visible")
    assert "q-andrat-vad" in sent(page)
    page.get_by_label("Nej, allt är som vanligt").check()
    assert not page.get_by_label("Jag tror att jag har fått en biverkning").is_checked()
    assert not more.is_visible() and "q-andrat-vad" not in sent(page)


def test_what_follows_a_hidden_question_is_hidden_too(opened):
    page = opened("kontakta-mig", "vad")
    page.get_by_label("Ring mig", exact=True).check()
    page.get_by_label("På vilket nummer når vi dig?").wait_for(state="visible")
    assert "q-nar" in sent(page) or page.get_by_label("På förmiddagen").is_visible()
    page.get_by_label("Skriv till mig här").check()
    assert not page.get_by_label("På vilket nummer når vi dig?").is_visible()


def test_words_beside_other_tick_it(opened):
    page = opened("bestall-tid", "behov-sida")
    page.get_by_label("Skriv vad").fill("Plats för ledarhund")
    assert page.get_by_label("Annat", exact=True).is_checked()
    page.get_by_label("Tolk", exact=True).check()
    page.get_by_label("Vilket språk ska tolken tala?").wait_for(state="visible")


def test_words_beside_other_are_not_sent_when_it_is_unticked(opened):
    page = opened("bestall-tid", "behov-sida")
    page.get_by_label("Skriv vad").fill("Plats för ledarhund")
    page.get_by_label("Annat", exact=True).uncheck()
    words = "new FormData(document.querySelector('form')).get('q-behov~annat')"
    assert not page.evaluate(words)
    page.get_by_label("Annat", exact=True).check()
    assert page.get_by_label("Skriv vad").input_value() == "Plats för ledarhund"
    assert page.evaluate(words) == "Plats för ledarhund"


@pytest.mark.parametrize(
    ("name", "link_id", "answers"),
    [
        ("fornya-recept", "lakemedel", {}),
        ("fraga-sjukskoterskan", "akut", {}),
        ("fraga-sjukskoterskan", "ring-112", {"akut": ["brost"]}),
        ("begar-intyg", "sjukskrivning", {"slag": "sjuk"}),
    ],
)
def test_axe_finds_nothing(opened, name, link_id, answers):
    """As first shown, and with what to put right."""
    axe(opened(name, link_id, answers), everywhere=False)
    asked = [item.link_id for item in read(json.loads((FOLDER / f"{name}.json").read_text())).walk()]
    axe(
        opened(name, link_id, answers, today=date(2026, 11, 20), seen=dict.fromkeys(asked, "")),
        everywhere=False,
    )
