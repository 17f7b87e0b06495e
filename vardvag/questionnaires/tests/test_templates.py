"""The fields of a page as HTML: every shipped page, in every state, with what a reader and a keyboard need."""

import json
from datetime import date
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils.translation import override
from lxml import html

from vardvag.core.actor import ResidentActor, Subject
from vardvag.questionnaires import rules
from vardvag.questionnaires.fhir_read import read
from vardvag.questionnaires.shown import Files, build

TODAY = date(2026, 11, 20)
FOLDER = Path(__file__).resolve().parents[2] / "catalogue" / "data" / "questionnaires"
SHIPPED = {path.stem: read(json.loads(path.read_text())) for path in sorted(FOLDER.glob("*.json"))}
KEY = "0d9b2f6e-0000-4000-8000-000000000001"
ANNA = Subject(1, "Anna", "Lind", date(1988, 3, 2))
KEPT = {"vilka": {"value": "Enalapril", "at": "2026-11-20T10:40:00+00:00", "device": "telefon"}}


def page(name, link_id, answers=None, language="sv", **more):
    shown = build(
        SHIPPED[name],
        answers or {},
        page_id=link_id,
        revision=2,
        kept=more.pop("kept", {}),
        language=language,
        files=Files(KEY, ()),
        **more,
    )
    request = RequestFactory().get("/")
    request.actor = ResidentActor(1, ANNA, ANNA, language=language)  # type: ignore[attr-defined]
    with override(language):
        text = render_to_string("questionnaires/page.html", {"shown": shown, "request": request})
    return html.fromstring(f"<form>{text}</form>")


def check_labels(form):
    """Every visible field has a label, every id is its own, every description is there."""
    ids = [element.get("id") for element in form.iter() if element.get("id")]
    assert len(ids) == len(set(ids)), ids
    for field in form.xpath(".//input[not(@type='hidden')] | .//textarea | .//select"):
        assert form.xpath(f".//label[@for='{field.get('id')}']"), html.tostring(field)
    for described in form.xpath(".//*[@aria-describedby]"):
        assert set(described.get("aria-describedby").split()) <= set(ids), html.tostring(described)


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_page_has_labels_and_one_heading(name, language):
    definition = SHIPPED[name]
    for plan in (
        rules.pages(definition, {}),
        rules.pages(definition, {"akut": ["brost", "livet"], "slag": "sjuk"}),
    ):
        for one in plan:
            form = page(name, one.link_id, {"akut": ["brost", "livet"], "slag": "sjuk"}, language)
            check_labels(form)
            assert len(form.xpath(".//h1")) == 1
            wrong = page(name, one.link_id, {}, language, today=TODAY, seen={})
            check_labels(wrong)


def test_what_is_wrong_is_told_on_top_and_at_the_field():
    seen = {item.link_id: "" for item in SHIPPED["fornya-recept"].walk()}
    form = page("fornya-recept", "lakemedel", {}, today=TODAY, seen=seen)
    links = form.xpath(".//*[contains(@class,'ds-error-summary')]//a/@href")
    assert links == ["#q-vilka", "#q-racker_0"]
    for link in links:
        (field,) = form.xpath(f".//*[@id='{link[1:]}']")
        assert field.get("aria-invalid") == "true"
    assert "Skriv ett svar." in form.text_content()


def test_what_waits_is_hidden_and_not_sent():
    form = page("fornya-recept", "halsa")
    (waiting,) = form.xpath(".//div[@data-when and .//textarea]")
    assert waiting.get("hidden") is not None and waiting.find("fieldset").get("disabled") is not None
    assert json.loads(waiting.get("data-when"))[0]["any"] is True
    shown = page("fornya-recept", "halsa", {"andrat": ["dos"]})
    (there,) = shown.xpath(".//div[@data-when and .//textarea]")
    assert there.get("hidden") is None and there.find("fieldset").get("disabled") is None


def test_another_devices_answer_can_be_taken():
    form = page("fornya-recept", "lakemedel", {"vilka": "Levotyroxin"}, kept=KEPT)
    (button,) = form.xpath(".//button[@name='anvand']")
    assert button.get("value") == "vilka"
    text = " ".join(form.text_content().split())
    assert "din telefon den 20 november kl. 11.40" in text and "Enalapril" in text
    assert form.xpath(".//textarea/text()")[0].strip() == "Levotyroxin"


def test_danger_has_one_action():
    form = page("fraga-sjukskoterskan", "ring-112", {"akut": ["brost"]})
    assert form.xpath(".//a[@href='tel:112']") and not form.xpath(".//textarea")
    assert page("fraga-sjukskoterskan", "ring-112", {"akut": ["brost"]}, "en").xpath(".//a[@href='tel:112']")


def test_markup_in_an_answer_is_only_text():
    form = page("fornya-recept", "lakemedel", {"vilka": "</textarea><script>alert(1)</script>"}, kept={
        "vilka": {**KEPT["vilka"], "value": "<img src=x onerror=alert(1)>"}
    })  # fmt: skip
    assert not form.xpath(".//script[not(@src)]") and not form.xpath(".//img")
