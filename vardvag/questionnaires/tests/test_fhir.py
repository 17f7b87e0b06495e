"""Forms in and out of FHIR R4: nothing is lost, and what is wrong is told with its place and its cure."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vardvag.questionnaires.definition import BadDefinition, Kind, Operator
from vardvag.questionnaires.fhir_read import read
from vardvag.questionnaires.fhir_write import canonical, write
from vardvag.questionnaires.tests.forms import choice, fhir, is_code, question, section, the, when

DATA = Path(__file__).resolve().parents[2] / "catalogue" / "data" / "questionnaires"
SHIPPED = sorted(DATA.glob("*.json"))
CORE = "http://hl7.org/fhir/StructureDefinition/"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_form_comes_out_as_it_went_in(path):
    content = json.loads(path.read_text())
    assert canonical(write(read(content))) == canonical(content)


def test_every_kind_of_item_survives_the_round():
    content = fhir(
        section(
            "s",
            question("a", "text", maxLength=500, required=True, prefix="1."),
            question("b", "boolean", initial=[{"valueBoolean": True}]),
            enableWhen=[when("z", "exists", answerBoolean=True)],
        ),
        question("c", "integer", extension=[{"url": CORE + "minValue", "valueInteger": 0}]),
        question(
            "d",
            "decimal",
            extension=[
                {"url": CORE + "maxValue", "valueDecimal": 43.5},
                {"url": CORE + "questionnaire-unit", "valueCoding": {"code": "Cel", "display": "°C"}},
            ],
        ),
        question("e", "date", initial=[{"valueDate": "2026-05-15"}]),
        choice("f", "x", "y", kind="open-choice", repeats=True),
        question(
            "g", "attachment", repeats=True, extension=[{"url": CORE + "mimeType", "valueCode": "image/png"}]
        ),
        question("h", "string", code=[{"system": "http://loinc.org", "code": "8310-5"}]),
        question(
            "i", "string", extension=[{"url": "https://annat.example/ext", "valueString": "följer med"}]
        ),
    )
    content["item"].insert(0, question("z"))
    definition = read(content)
    assert canonical(write(definition)) == canonical(content)
    assert [item.kind for item in definition.questions()][-1] is Kind.STRING
    assert the(definition, "f").several and the(definition, "s").when[0].operator is Operator.EXISTS


def test_phone_is_a_string_with_a_keyboard():
    keyboard = {
        "url": "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-keyboard",
        "valueCoding": {
            "system": "http://hl7.org/fhir/uv/sdc/CodeSystem/keyboardType",
            "code": "phone",
        },
    }
    content = fhir(question("tel", extension=[keyboard]))
    assert the(read(content), "tel").kind is Kind.PHONE
    assert write(read(content)) == content


def test_translations_and_help_are_read():
    translation = {
        "extension": [
            {
                "url": CORE + "translation",
                "extension": [
                    {"url": "lang", "valueCode": "en"},
                    {"url": "content", "valueString": "How are you?"},
                ],
            }
        ]
    }
    control = {
        "url": CORE + "questionnaire-itemControl",
        "valueCodeableConcept": {
            "coding": [{"system": "http://hl7.org/fhir/questionnaire-item-control", "code": "help"}]
        },
    }
    helping = {"linkId": "a.hjalp", "text": "Några ord räcker.", "type": "display", "extension": [control]}
    content = fhir(question("a", item=[helping], _text=translation))
    item = the(read(content), "a")
    assert item.text.said("en") == "How are you?" and item.text.said("fi") == "Fråga a?"
    assert item.help and item.help.text.source == "Några ord räcker."
    assert write(read(content)) == content


def translated(language: Any, words: Any) -> dict[str, Any]:
    parts = [{"url": "lang", "valueCode": language}, {"url": "content", "valueString": words}]
    return {"extension": [{"url": CORE + "translation", "extension": parts}]}


WRONG = [
    ("another resource", {"resourceType": "Patient"}, "resourceType", "Questionnaire"),
    ("no language", fhir(question("a"), language="en"), "language", "sv"),
    ("no items", fhir(), "item", "minst en fråga"),
    ("unknown head", fhir(question("a"), hittepå=1), "hittepå", "Ta bort"),
    ("unknown type", fhir(question("a", "quantity")), "item[0].type", "decimal"),
    ("same id", fhir(question("a"), question("a")), "item[1].linkId", "eget id"),
    ("bad id", fhir(question("å ä")), "item[0].linkId", "a till z"),
    ("no text", fhir({"linkId": "a", "type": "string"}), "item[0].text", "Skriv frågan"),
    ("choice without options", fhir(question("a", "choice")), "item[0].answerOption", "minst ett val"),
    ("same code", fhir(choice("a", "x", "x")), "item[0].answerOption[1]", "egen kod"),
    (
        "looks forward",
        fhir(question("a", enableWhen=[when("b", "exists", answerBoolean=True)]), question("b")),
        "item[0].enableWhen[0].question",
        "Flytta",
    ),
    (
        "nobody",
        fhir(question("a", enableWhen=[when("x", "exists", answerBoolean=True)])),
        "item[0].enableWhen[0].question",
        "finns i formuläret",
    ),
    (
        "code that is not there",
        fhir(choice("a", "x"), question("b", enableWhen=[is_code("a", "y")])),
        "item[1].enableWhen[0]",
        "bland valen",
    ),
    (
        "order among words",
        fhir(question("a"), question("b", enableWhen=[when("a", ">", answerString="x")])),
        "item[1].enableWhen[0].operator",
        "exists",
    ),
    (
        "two conditions without all or any",
        fhir(choice("a", "x", "y"), question("b", enableWhen=[is_code("a", "x"), is_code("a", "y")])),
        "item[1].enableBehavior",
        "all eller any",
    ),
    (
        "a question under a question",
        fhir(question("a", item=[question("b")])),
        "item[0].item[0]",
        "enableWhen",
    ),
    (
        "two file questions",
        fhir(question("a", "attachment"), question("b", "attachment")),
        "item[1].type",
        "en fråga",
    ),
    ("options elsewhere", fhir(question("a", answerValueSet="x")), "item[0].answerValueSet", "Ta bort"),
    ("wrong shape", fhir(question("a", extension="x")), "item[0].extension", "[{...}]"),
    ("empty section", fhir(question("a"), section("s")), "item[1].item", "minst en fråga"),
    (
        "language of a translation",
        fhir(question("a", _text=translated(["en"], "How?"))),
        "item[0]._text.extension[0].extension[0].valueCode",
        "citattecken",
    ),
    (
        "words of a translation",
        fhir(question("a", _text=translated("en", 5))),
        "item[0]._text.extension[0].extension[1].valueString",
        "citattecken",
    ),
    ("what no database keeps", fhir(question("a", text="Hej\x00")), "item[0].text", "tecken"),
    ("code with space around", fhir(choice("a", "x ")), "item[0].answerOption[0]", "annan kod"),
    ("code with two spaces", fhir(choice("a", "x  y")), "item[0].answerOption[0]", "annan kod"),
    (
        "the code of own words",
        fhir(choice("a", "_annat", kind="open-choice")),
        "item[0].answerOption[0]",
        "annan kod",
    ),
    ("id too long", fhir(question("a"), id="a" * 61), "id", "60"),
    ("address too long", fhir(question("a"), url="https://x.example/" + "a" * 200), "url", "200"),
    ("only defaults", fhir(question("a", required=False)), "item", "standardval"),
]


@pytest.mark.parametrize(("content", "path", "cure"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG])
def test_what_is_wrong_is_told_with_place_and_cure(content, path, cure):
    with pytest.raises(BadDefinition) as told:
        read(content)
    assert [p for p in told.value.problems if p.path == path and cure in p.cure], str(told.value)


@pytest.mark.parametrize(
    "number", [float("inf"), float("-inf"), float("nan"), 1e300]
)  # 1e999 and NaN in JSON
def test_a_number_without_end_is_told(number):
    endless = [{"url": CORE + "maxValue", "valueDecimal": number}]
    with pytest.raises(BadDefinition) as told:
        read(fhir(question("d", "decimal", extension=endless)))
    assert "Decimal" in str(told.value)


def test_every_problem_is_told_at_once():
    with pytest.raises(BadDefinition) as told:
        read(fhir(question("a", "time"), question("b", "choice"), status=""))
    assert len(told.value.problems) >= 3


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        found += _places(inner, (*path, key))
    return found


SAMPLE = json.loads((DATA / "fornya-recept.json").read_text())
PLACES = _places(SAMPLE)
JUNK: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, -1, 1.5, "", "x", [], {}, [[]], [{}], {"x": 1}, "a" * 100]
)


@given(place=st.sampled_from(PLACES), junk=JUNK)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_junk_anywhere_is_read_or_refused_in_words(place, junk):
    content = copy.deepcopy(SAMPLE)
    at: Any = content
    for key in place[:-1]:
        at = at[key]
    at[place[-1]] = junk
    try:
        definition = read(content)
    except BadDefinition as told:
        assert told.problems and all(one.what and one.cure for one in told.problems)
    else:
        assert canonical(write(definition)) == canonical(content)
