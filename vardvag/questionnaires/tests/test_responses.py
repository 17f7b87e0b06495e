"""What was answered, as people read it and as FHIR says it."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from vardvag.questionnaires import fhir_response, readable, rules
from vardvag.questionnaires.fhir_read import read
from vardvag.questionnaires.tests import validator
from vardvag.questionnaires.tests.forms import choice, form, is_code, question, section

NOW = datetime(2026, 11, 20, 20, 4, tzinfo=UTC)
FOLDER = Path(__file__).resolve().parents[2] / "catalogue" / "data" / "questionnaires"
SHIPPED = {path.stem: read(json.loads(path.read_text())) for path in sorted(FOLDER.glob("*.json"))}
UNIT = {
    "url": "http://hl7.org/fhir/StructureDefinition/questionnaire-unit",
    "valueCoding": {"system": "http://unitsofmeasure.org", "code": "Cel", "display": "°C"},
}

DEFINITION = form(
    section("s", question("ord", "text"), choice("val", "x", "y", repeats=True)),
    question("feber", "decimal", extension=[UNIT], enableWhen=[is_code("val", "x")]),
    question("dag", "date"),
    question("ja", "boolean"),
    choice("annat", "p", kind="open-choice", repeats=True),
    question("bild", "attachment", repeats=True),
    question("tyst", "string"),
)
ANSWERS = {
    "ord": "Det gör ont.\nMycket.",
    "val": ["x", "y"],
    "feber": "38.5",
    "dag": "2026-05-15",
    "ja": False,
    "annat": ["p", {"other": "en gul"}],
    "bild": ["0d9b2f6e-0000-4000-8000-000000000001"],
}


def build(definition, answers, **more):
    said = {
        "identifier": "0d9b2f6e-0000-4000-8000-00000000000a",
        "authored": NOW,
        "patient": "p1",
        "author": "p1",
        "language": "sv",
        **more,
    }
    return fhir_response.build(definition, answers, **said)


def test_staff_read_every_question_with_its_answer():
    rows = {row.link_id: row for row in readable.rows(DEFINITION, ANSWERS, "sv")}
    assert rows["ord"].question == "Fråga ord?" and rows["ord"].section == "Del s"
    assert rows["ord"].answers == ("Det gör ont.\nMycket.",) and rows["ord"].own_words
    assert rows["val"].answer == "X, Y"
    assert rows["feber"].answers == ("38,5 °C",)
    assert rows["dag"].answers == ("15 maj 2026",)
    assert rows["ja"].answers == ("Nej",)
    assert rows["annat"].answers == ("P", "en gul")
    assert rows["bild"].files == ("0d9b2f6e-0000-4000-8000-000000000001",)
    assert not rows["tyst"].answered
    english = {row.link_id: row for row in readable.rows(DEFINITION, ANSWERS, "en")}
    assert english["dag"].answers == ("15 May 2026",) and english["feber"].answers == ("38.5 °C",)


def test_a_number_that_would_fill_the_memory_when_it_is_written_out_is_no_number():
    rows = readable.rows(DEFINITION, {**ANSWERS, "feber": "1e-90000"}, "sv")
    assert {row.link_id: row.answers for row in rows}["feber"] == ("1e-90000",)


def test_a_question_that_does_not_apply_is_not_shown():
    assert "feber" not in {row.link_id for row in readable.rows(DEFINITION, {**ANSWERS, "val": ["y"]}, "sv")}


def test_the_own_words_come_unchanged_and_the_excerpt_on_one_line():
    assert readable.own_words(DEFINITION, ANSWERS) == ("Det gör ont.\nMycket.",)
    assert readable.excerpt(DEFINITION, ANSWERS) == "Det gör ont. Mycket."
    assert readable.excerpt(DEFINITION, {"ord": "ord " * 100}, 20) == "ord ord ord ord…"
    assert readable.own_words(form(question("a")), {"a": "kort"}) == ("kort",)


def test_each_answer_can_be_changed_on_its_page():
    found = {row.row.link_id: row.page for row in readable.check_rows(DEFINITION, ANSWERS, "sv")}
    assert found["ord"] == "s" and found["feber"] == "feber"


def test_the_response_says_the_questions_and_the_answers():
    response = build(DEFINITION, ANSWERS)
    flat = {}

    def visit(items):
        for item in items:
            flat[item["linkId"]] = item.get("answer")
            visit(item.get("item", ()))

    visit(response["item"])
    assert response["questionnaire"] == "https://vardvag.example/fhir/Questionnaire/prov|1"
    assert response["item"][0]["item"][0]["text"] == "Fråga ord?"
    assert flat["feber"] == [{"valueDecimal": 38.5}] and flat["ja"] == [{"valueBoolean": False}]
    assert flat["annat"][1] == {"valueString": "en gul"}
    assert "tyst" not in flat


def test_the_guardian_is_the_author():
    assert build(DEFINITION, ANSWERS, author="p2")["author"] == {"reference": "RelatedPerson/p2"}


def _filled(definition, pick):
    """Some answer to every question; `pick` chooses among options."""
    answers = dict(rules.initial(definition))
    for item in definition.questions():
        code = item.options[pick % len(item.options)].code if item.options else ""
        answers[item.link_id] = {
            "text": "Jag mår inte bra.",
            "string": "ett ord",
            "phone": "070-174 06 05",
            "choice": [code] if item.several else code,
            "open-choice": [code, {"other": "något annat"}],
            "boolean": True,
            "date": "2026-12-01",
            "integer": 3,
            "decimal": "38.5",
            "attachment": ["0d9b2f6e-0000-4000-8000-000000000001"],
        }[item.kind.value]
    return rules.applying(definition, answers)


def test_forms_and_responses_are_valid_fhir_to_another_vendors_validator():
    forms = [json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))]
    responses = [
        build(definition, _filled(definition, pick)) for definition in SHIPPED.values() for pick in range(6)
    ]
    assert validator.problems([*forms, *responses, build(DEFINITION, ANSWERS)]) == []


def test_the_validator_does_object():
    assert validator.problems([{"resourceType": "Questionnaire", "status": "påhittad", "item": 3}])


@pytest.mark.parametrize("name", SHIPPED)
def test_a_filled_form_reads_in_both_languages(name):
    answers = _filled(SHIPPED[name], 1)
    for language in ("sv", "en"):
        assert all(row.question for row in readable.rows(SHIPPED[name], answers, language))
