"""What people type is kept, understood where it can be, and otherwise answered with what to do."""

from datetime import date
from decimal import Decimal

import pytest

from vardvag.questionnaires.answers import problem, tidy, understood, values
from vardvag.questionnaires.tests.forms import choice, form, question, the

TODAY = date(2026, 11, 20)
CORE = "http://hl7.org/fhir/StructureDefinition/"
TODAY_EXTENSION = {
    "_valueDate": {"extension": [{"url": CORE + "cqf-calculatedValue", "valueString": "today()"}]}
}
KEYBOARD = {
    "url": "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-keyboard",
    "valueCoding": {"system": "http://hl7.org/fhir/uv/sdc/CodeSystem/keyboardType", "code": "phone"},
}


def item(kind="string", **more):
    return the(form(question("a", kind, **more)), "a")


PHONE = item(extension=[KEYBOARD])


@pytest.mark.parametrize(
    ("asked", "raw", "kept"),
    [
        (item("text"), "  Hej\r\ndu\x00 ", "Hej\ndu"),
        (item("string"), " två   ord ", "två ord"),
        (item("string"), "   ", None),
        (item("boolean"), "true", True),
        (item("boolean"), "false", False),
        (item("integer"), " 1 200", 1200),
        (item("integer"), "många", "många"),
        (item("decimal"), "38,5", "38.5"),
        (item("decimal"), "1e999999", "1e999999"),
        (item("decimal"), "nan", "nan"),
        (item("decimal"), "1e-900000000", "1e-900000000"),
        (item("decimal"), "38_5", "38_5"),
        (item("decimal"), "0,0000001", "0.0000001"),
        (item("date"), "2026-02-30", "2026-02-30"),
        (item("date"), "20260515", "2026-05-15"),
        (PHONE, "0701740605", "070-174 06 05"),
        (PHONE, "+4680000", "+4680000"),
        (PHONE, "070-174 06 05 hem", "070-174 06 05 hem"),
        (PHONE, "08-123456 jobb", "08-123456 jobb"),
        (PHONE, "070-174 06 05 ext. 12", "070-174 06 05 ext. 12"),
        (the(form(choice("a", "x", "y", repeats=True)), "a"), ["x", "x", ""], ["x"]),
        (
            the(form(choice("a", "x", kind="open-choice")), "a"),
            ["x", {"other": " mer "}],
            ["x", {"other": "mer"}],
        ),
        (the(form(choice("a", "x", "y", repeats=True)), "a"), [], None),
    ],
)
def test_tidy(asked, raw, kept):
    assert tidy(asked, raw) == kept


def test_lone_surrogates_and_control_characters_never_reach_the_database():
    assert tidy(item("text"), "a\ud800b\x07c") == "abc"


LONG = item("text", maxLength=5)
LOW = item("integer", extension=[{"url": CORE + "minValue", "valueInteger": 2}])
HIGH = item("decimal", extension=[{"url": CORE + "maxValue", "valueDecimal": 42.5}])
LATER = item("date", extension=[{"url": CORE + "minValue", **TODAY_EXTENSION}])
MANY = the(form(choice("a", "x", "y", repeats=True, required=True)), "a")
MOST = {"url": CORE + "questionnaire-maxOccurs", "valueInteger": 2}
TWO = the(form(choice("a", "x", "y", "z", repeats=True, extension=[MOST])), "a")
OPEN = the(form(choice("a", "x", kind="open-choice")), "a")
FILES = item("attachment", repeats=True, extension=[MOST])


@pytest.mark.parametrize(
    ("asked", "answer", "cure"),
    [
        (item("text", required=True), None, "Skriv ett svar."),
        (item("boolean", required=True), None, "Välj ja eller nej."),
        (item("date", required=True), None, "Skriv ett datum."),
        (MANY, None, "minst ett"),
        (MANY, ["x", "z"], "svaren i listan"),
        (LONG, "sex st", "högst 5 tecken. Nu är den 6"),
        (item("integer"), "många", "helt tal med siffror"),
        (item("decimal"), "nan", "36,5"),
        (item("date"), "2026-02-30", "2026-05-15"),
        (PHONE, "12", "riktnummer"),
        (PHONE, "070-174 06 05 hem", "riktnummer"),
        (LOW, 1, "minst 2"),
        (HIGH, "43", "högst 42,5"),
        (LATER, "2026-11-19", "dagens datum eller ett senare"),
        (OPEN, [{"other": ""}], "Annat"),
        (OPEN, ["x", {"other": "mer"}], "bara ett"),
        (FILES, ["1", "2", "3"], "högst 2 filer"),
        (TWO, ["x", "y", "z"], "högst 2 av svaren"),
        (item("attachment"), ["1", "2"], "bifoga 1 fil"),
        (the(form(choice("a", "x")), "a"), "z", "svaren i listan"),
    ],
)
def test_what_will_not_do_names_the_cure(asked, answer, cure):
    assert cure in problem(asked, answer, TODAY)


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (item("text"), None),
        (LATER, "2026-11-20"),
        (HIGH, "42.5"),
        (LOW, 2),
        (PHONE, "070-174 06 05"),
        (PHONE, "+47 22 86 24 00"),
        (OPEN, [{"other": "något"}]),
        (MANY, ["x", "y"]),
        (TWO, ["x", "y"]),
        (FILES, ["1", "2"]),
    ],
)
def test_what_will_do_is_not_complained_about(asked, answer):
    assert problem(asked, answer, TODAY) == ""


def test_none_of_these_stands_alone():
    exclusive = {"url": CORE + "questionnaire-optionExclusive", "valueBoolean": True}
    raw = choice("a", "nej", "ont", repeats=True)
    raw["answerOption"][0]["extension"] = [exclusive]
    asked = the(form(raw), "a")
    assert "NEJ" in problem(asked, ["nej", "ont"], TODAY)
    assert problem(asked, ["nej"], TODAY) == "" == problem(asked, ["ont"], TODAY)


def test_what_cannot_be_understood_has_no_value():
    assert values(item("integer"), "många") == ()
    assert understood(item("decimal"), "38,5") == Decimal("38.5")
    assert values(OPEN, ["x", {"other": "x"}]) == ("x",)
