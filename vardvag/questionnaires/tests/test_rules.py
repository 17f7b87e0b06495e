"""Which questions apply, and on which page."""

import json
from datetime import date
from pathlib import Path

import pytest

from vardvag.questionnaires import rules
from vardvag.questionnaires.fhir_read import read
from vardvag.questionnaires.tests.forms import choice, form, information, is_code, question, section, when

TODAY = date(2026, 11, 20)
SHIPPED = sorted(
    (Path(__file__).resolve().parents[2] / "catalogue" / "data" / "questionnaires").glob("*.json")
)


@pytest.mark.parametrize(
    ("operator", "answer", "typed", "applies"),
    [
        ("exists", {"answerBoolean": True}, "", False),
        ("exists", {"answerBoolean": True}, 3, True),
        ("exists", {"answerBoolean": False}, "", True),
        ("=", {"answerInteger": 3}, 3, True),
        ("=", {"answerInteger": 3}, "tre", False),
        ("!=", {"answerInteger": 3}, 4, True),
        ("!=", {"answerInteger": 3}, "", False),
        (">", {"answerInteger": 3}, 3, False),
        (">=", {"answerInteger": 3}, 3, True),
        ("<", {"answerInteger": 3}, 2, True),
        ("<=", {"answerInteger": 3}, 4, False),
    ],
)
def test_conditions(operator, answer, typed, applies):
    definition = form(question("n", "integer"), question("b", enableWhen=[when("n", operator, **answer)]))
    assert ("b" in rules.enabled(definition, {"n": typed} if typed != "" else {})) is applies


def test_dates_and_booleans_compare():
    definition = form(
        question("d", "date"),
        question("j", "boolean"),
        question(
            "b",
            enableWhen=[when("d", ">", answerDate="2026-01-01"), when("j", answerBoolean=True)],
            enableBehavior="all",
        ),
    )
    assert "b" in rules.enabled(definition, {"d": "2026-05-01", "j": True})
    assert "b" not in rules.enabled(definition, {"d": "2026-05-01", "j": False})


def test_not_equal_holds_when_none_of_several_is_the_one():
    """FHIR's "!=": no answer has the value."""
    definition = form(
        choice("a", "x", "y", kind="open-choice", repeats=True),
        question("b", enableWhen=[when("a", "!=", answerCoding={"code": "x"})]),
    )
    assert "b" not in rules.enabled(definition, {"a": ["x", "y"]})
    assert "b" in rules.enabled(definition, {"a": ["y"]})
    assert "b" in rules.enabled(definition, {"a": [{"other": "egna ord"}]})


def test_one_of_several_is_enough_with_any_and_a_list_matches_any_of_its_codes():
    both = [is_code("a", "x"), is_code("a", "y")]
    definition = form(
        choice("a", "x", "y", "z", repeats=True), question("b", enableWhen=both, enableBehavior="any")
    )
    assert "b" in rules.enabled(definition, {"a": ["z", "y"]})
    assert "b" not in rules.enabled(definition, {"a": ["z"]})


def test_answers_to_questions_that_no_longer_apply_count_for_nothing():
    definition = form(
        choice("a", "x", "y"),
        choice("b", "x", enableWhen=[is_code("a", "x")]),
        question("c", required=True, enableWhen=[is_code("b", "x")]),
    )
    answers = {"a": "y", "b": "x", "c": "kvar"}
    assert rules.enabled(definition, answers) == {"a"}
    assert rules.applying(definition, answers) == {"a": "y"}
    assert rules.problems(definition, answers, TODAY) == {}
    assert rules.problems(definition, {"a": "x", "b": "x"}, TODAY).keys() == {"c"}


def test_a_section_hides_all_it_holds():
    definition = form(choice("a", "x"), section("s", question("b"), enableWhen=[is_code("a", "x")]))
    assert "b" not in rules.enabled(definition, {})
    assert "b" in rules.enabled(definition, {"a": "x"})


def names(definition, answers=None):
    return [
        (page.link_id, [item.link_id for item in page.shown])
        for page in rules.pages(definition, answers or {})
    ]


def test_a_short_form_is_one_page_in_its_sections():
    definition = form(question("a"), section("s", question("b"), question("c")))
    assert names(definition) == [("a", ["a", "b", "c"])]
    (page,) = rules.pages(definition, {})
    assert [block.section and block.section.link_id for block in page.blocks] == [None, "s"]


def test_a_long_form_has_a_page_for_each_question_and_small_section():
    definition = form(
        question("a"),
        section("s", question("b"), question("c")),
        section("t", *(question(f"t{n}") for n in range(5))),
    )
    assert names(definition) == [
        ("a", ["a"]),
        ("s", ["b", "c"]),
        *((f"t{n}", [f"t{n}"]) for n in range(5)),
    ]


def test_information_goes_with_what_follows_but_danger_stands_alone():
    definition = form(
        information("i"),
        question("a"),
        choice("b", "x"),
        information("ring", "danger", enableWhen=[is_code("b", "x")]),
        information("j"),
        question("c", enableWhen=[is_code("b", "x")]),
        question("d"),
        question("e"),
        information("sist"),
    )
    assert names(definition) == [
        ("a", ["i", "a"]),
        ("b", ["b"]),
        ("d", ["j", "d"]),
        ("e", ["e"]),
        ("sist", ["sist"]),
    ]
    assert ("ring", ["ring"]) in names(definition, {"b": "x"})


def test_what_an_answer_on_the_page_brings_forth_waits_there():
    definition = form(choice("a", "x"), question("b", enableWhen=[is_code("a", "x")]), question("c"))
    (page,) = rules.pages(definition, {})
    assert page.waiting == {"b"} and [item.link_id for item in page.questions] == ["a", "c"]
    (page,) = rules.pages(definition, {"a": "x"})
    assert page.waiting == frozenset()
    assert [item.link_id for item in rules.newly_shown(page, ["a", "c"])] == ["b"]
    assert rules.newly_shown(page, ["a", "b", "c"]) == ()


def test_one_finds_the_way_between_pages():
    plan = rules.pages(form(*(question(f"q{n}") for n in range(5))), {})
    assert rules.following(plan, plan[0]) == plan[1] and rules.preceding(plan, plan[0]) is None
    assert rules.following(plan, plan[-1]) is None
    assert rules.page_at(plan, "q3") == plan[3] and rules.page_at(plan, "finns inte") == plan[0]


def test_a_new_draft_begins_with_what_the_form_proposes():
    raw = choice("a", "x", "y")
    raw["answerOption"][1]["initialSelected"] = True
    definition = form(raw, question("b", "decimal", initial=[{"valueDecimal": 1.5}]))
    assert rules.initial(definition) == {"a": "y", "b": "1.5"}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_question_of_a_shipped_form_can_be_reached(path):
    """Some answers lead to each question; and each page is short."""
    definition = read(json.loads(path.read_text()))
    reached: set[str] = set()
    tries = [
        {item.link_id: option.code if not item.several else [option.code]}
        for item in definition.questions()
        for option in item.options
    ]
    for first in [{}, *tries]:
        for second in [{}, *tries]:
            plan = rules.pages(definition, {**first, **second})
            reached |= {item.link_id for page in plan for item in page.questions}
            assert all(len(page.questions) <= rules.SHORT for page in plan)
    assert reached == {item.link_id for item in definition.questions()}
