"""From answers to urgency."""

from pathlib import Path

import pytest

from vardvag.services.triage.engine.evaluate import Outcome, evaluate
from vardvag.services.triage.engine.library import Library
from vardvag.services.triage.engine.values import UNKNOWN, Value
from vardvag.services.triage.tests import small

NO: dict[str, Value] = dict.fromkeys(
    ("red", "sure", "amber", "later", "mild", "cough", "feels_hot", "s_dying", "s_bleeding"), False
)
CALM: dict[str, Value] = NO | {"temp": 36.9, "days": 240.0, "colour": "", "tried": UNKNOWN, "cough": True}


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return small.library(tmp_path)


def outcome(library: Library, **answers: Value) -> Outcome:
    return evaluate(library, ("prov",), CALM | answers)


def told(found: Outcome) -> tuple[int, str, list[str]]:
    return found.urgency, found.care, [one.rule.id for one in found.fired if not one.is_default]


def test_nothing_fires(library: Library) -> None:
    assert told(outcome(library)) == (4, "book", [])
    assert [one.rule.id for one in outcome(library).fired] == ["default"]


def test_the_most_urgent_rule_decides(library: Library) -> None:
    found = outcome(library, red=True, sure=True)
    assert told(found) == (1, "ambulance", ["red", "sure"])
    assert found.fired[0].concepts == ("red",)


def test_derived_and_refer(library: Library) -> None:
    found = outcome(library, amber=True, temp=38.0)
    assert told(found) == (3, "day", ["amber"])
    assert found.refer == "bvc"
    assert found.fired[0].concepts == ("amber", "temp")
    assert told(outcome(library, amber=True, temp=UNKNOWN, feels_hot=True))[0] == 3


def test_not_known_counts_as_yes_where_it_says_so(library: Library) -> None:
    found = outcome(library, sure=UNKNOWN)
    assert told(found) == (2, "hours", ["sure"])
    assert found.fired[0].unanswered


def test_not_known_is_one_level_less_urgent_where_careful(library: Library) -> None:
    found = outcome(library, red=UNKNOWN)
    assert told(found) == (2, "hours", ["red"])
    assert found.fired[0].unanswered
    assert told(outcome(library, amber=UNKNOWN, temp=38.2)) == (4, "book", ["amber"])
    assert told(outcome(library, colour=UNKNOWN)) == (3, "day", ["black"])


def test_a_rule_that_fires_also_for_sure_keeps_its_level(library: Library) -> None:
    assert told(outcome(library, amber=True, later=UNKNOWN))[0] == 3
    assert told(outcome(library, amber=False, later=UNKNOWN)) == (4, "book", [])  # does not apply


def test_three_unknown_dangers_are_at_most_urgency_two(library: Library) -> None:
    found = outcome(library, red=UNKNOWN, amber=UNKNOWN, colour=UNKNOWN)
    assert "unknown_budget" in told(found)[2]
    assert found.urgency == 2
    assert "unknown_budget" not in told(outcome(library, amber=UNKNOWN, colour=UNKNOWN, tried=UNKNOWN))[2]


def test_scores_take_the_more_urgent_reading(library: Library) -> None:
    assert "three" in told(outcome(library, temp=UNKNOWN, amber=True, cough=False))[2]
    assert "three" not in told(outcome(library, temp=37.0, amber=True, cough=False))[2]


def test_reassurance_lowers_the_default_only_and_needs_everything(library: Library) -> None:
    calm: dict[str, Value] = {"days": 24.0, "mild": True}
    found = outcome(library, **calm)
    assert told(found)[:2] == (5, "selfcare")
    assert outcome(library, **calm, amber=UNKNOWN).urgency == 4
    assert outcome(library, days=UNKNOWN, mild=True).urgency == 4
    assert outcome(library, **calm, sure=True).urgency == 2


def test_the_general_rules_hold_beside_a_protocol_and_its_own_do_not(library: Library) -> None:
    assert "hot_and_red" in told(outcome(library, red=True, temp=39.0))[2]
    assert "general_red" not in told(outcome(library, red=True))[2]
    assert "general_red" in told(evaluate(library, ("something_else",), NO | {"red": True}))[2]


def test_several_reasons(library: Library) -> None:
    found = evaluate(library, ("prov", "something_else"), CALM)
    assert found.urgency == 4
    assert {one.protocol for one in found.fired} == {"prov", "allmant"}
    assert told(evaluate(library, ("something_else", "prov"), CALM | {"red": True}))[2] == [
        "red",
        "general_red",
    ]


def test_left_in_the_middle(library: Library) -> None:
    assert evaluate(library, ("prov",), {}, abandoned=True).urgency == 3
    assert evaluate(library, ("prov",), {"sure": True}, abandoned=True).urgency == 2


def test_what_was_not_asked_does_not_fire(library: Library) -> None:
    assert told(evaluate(library, ("prov",), {})) == (4, "book", [])
