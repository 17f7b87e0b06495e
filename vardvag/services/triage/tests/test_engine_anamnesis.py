"""The nurse's summary."""

from dataclasses import replace

from vardvag.services.triage.engine import anamnesis, golden, wording
from vardvag.services.triage.engine.golden_cases import Case
from vardvag.services.triage.engine.interview import State, begin
from vardvag.services.triage.engine.model import Concept, Kind
from vardvag.services.triage.engine.result import Result, result
from vardvag.services.triage.engine.text import About, Text
from vardvag.services.triage.engine.values import UNKNOWN, Value
from vardvag.services.triage.tests.made import library

WORDS = "Ont i halsen  sen i fredags,\nfeber å så"


def told(**given: Value) -> tuple[State, Result]:
    facts: dict[str, Value] = {"age": 33.0, "sex": "F"}
    state = golden.play(library(), Case("", 0, "halsont", facts | given, {}))
    return state, result(library(), state)


def test_why_comes_first_then_their_own_words_then_what_they_said_and_denied() -> None:
    state, _ = told(duration=72.0, coated_tonsils=True, tender_neck_glands=True)
    state = replace(state, answers=dict(state.answers) | {"temp": 38.7})
    reached = result(library(), state)
    found = anamnesis.sections(library(), state, reached, lang="sv", words=WORDS)
    assert [one.id for one in found][:5] == ["head", "why", "reason", "now", "denied"]
    by = {one.id: one for one in found}
    assert by["head"].lines[0] == "Kvinna 33 år. Patienten skriver själv."
    assert by["why"].title == f"Varför prio {reached.urgency}"
    assert by["reason"].lines == ("Halsont",)
    assert by["now"].lines[0] == "”Ont i halsen sen i fredags, feber å så”"
    assert "Alla allvarliga tecken i början av frågorna" in by["denied"].lines
    assert any("38,7 °C" in line for line in by["vital"].lines)


def test_what_was_not_answered_stands_first_among_the_reasons() -> None:
    state, reached = told(stridor=UNKNOWN)
    why = anamnesis.sections(library(), state, reached, lang="en")[1]
    assert why.lines[0].startswith("Not known: Crowing sound")
    assert any("Counted as yes to be safe." in line for line in why.lines)


def test_a_guardian_writes_about_a_child() -> None:
    state = begin(library(), ("feber_barn",), {"age": 3.0, "sex": "M"}, about=About.CHILD)
    text = anamnesis.plain(library(), state, result(library(), state), lang="sv")
    assert "Pojke 3 år. Vårdnadshavare skriver." in text
    assert "Frågorna blev inte färdiga" in text


def test_sbar_has_four_parts_in_both_languages() -> None:
    state, reached = told(temp=38.7)
    for lang in ("sv", "en"):
        parts = anamnesis.sbar(library(), state, reached, lang=lang, words=WORDS).split("\n\n")
        assert [part[0] for part in parts] == ["S", "B", "A", "R"]


def test_no_token_and_no_id_reaches_the_nurse() -> None:
    for id in ("halsont", "feber_barn", "brostsmarta"):
        facts: dict[str, Value] = {"age": 7.0 if "barn" in id else 60.0, "sex": "F"}
        state = golden.play(library(), Case("", 0, id, facts, {}))
        for lang in ("sv", "en"):
            text = anamnesis.plain(library(), state, result(library(), state), lang=lang, words="{du}")
            assert "_" not in text
            assert "{" not in text.replace("{du}", "")


def test_lengths_and_numbers_in_words() -> None:
    assert [wording.length(hours, "sv") for hours in (1.0, 6.0, 24.0, 72.0, 240.0, 336.0, 1460.0, 17532.0)] == [
        "1 timme", "6 timmar", "1 dygn", "3 dygn", "10 dygn", "2 veckor", "2 månader", "2 år",
    ]  # fmt: skip
    assert wording.length(48.0, "en") == "2 days"
    week = Concept("week", Kind.NUMBER, unit=Text("veckor", "weeks"))
    assert wording.said(week, 12.0, "sv") == "12 veckor"
    assert wording.said(Concept("t", Kind.TEMP), 38.5, "sv") == "38,5 °C"
