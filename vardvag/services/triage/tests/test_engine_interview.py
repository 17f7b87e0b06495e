"""The interview: what is asked, in what order, and when it ends."""

from dataclasses import replace
from pathlib import Path

import pytest

from vardvag.services.triage.engine import load
from vardvag.services.triage.engine.answers import BadAnswer
from vardvag.services.triage.engine.evaluate import Fired
from vardvag.services.triage.engine.interview import (
    Put,
    State,
    answer,
    begin,
    heard,
    next_question,
    screen_again,
)
from vardvag.services.triage.engine.library import Library
from vardvag.services.triage.engine.model import Rule
from vardvag.services.triage.engine.questions import SCREEN_TEXT, screen
from vardvag.services.triage.engine.result import result
from vardvag.services.triage.engine.text import Text
from vardvag.services.triage.engine.values import UNKNOWN
from vardvag.services.triage.tests import small


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return small.library(tmp_path)


@pytest.fixture
def start(library: Library) -> State:
    return begin(library, ("prov",), {"age": 40.0, "sex": "F"})


def run(library: Library, state: State, *given: object) -> State:
    for raw in given:
        question = next_question(library, state)
        assert question is not None
        state = answer(library, state, question.id, raw)
    return state


def asks(library: Library, state: State) -> str | None:
    question = next_question(library, state)
    return question.id if question else None


def test_everyone_is_screened_first_then_dangers_then_the_rest(library: Library, start: State) -> None:
    order = []
    state = start
    given = {
        "screening.1": [],
        "prov.2": [],
        "mild": "yes",
        "colour": "blue",
        "days": "1d",
        "temp": 37.1,
    }
    while (question := next_question(library, state)) is not None:
        order.append(question.id)
        state = answer(library, state, question.id, given.get(question.id))
    assert order == ["screening.1", "prov.2", "colour", "days", "mild", "tried"]
    assert result(library, state).urgency == 5
    assert not result(library, state).incomplete


def test_a_danger_in_the_screening_ends_it(library: Library, start: State) -> None:
    state = run(library, start, ["s_bleeding"])
    assert next_question(library, state) is None
    found = result(library, state)
    assert (found.urgency, found.care, found.questions, found.incomplete) == (1, "ambulance", 1, False)


def test_not_knowing_the_screening_is_asked_line_by_line_and_then_counts_as_yes(
    library: Library, start: State
) -> None:
    state = run(library, start, None)
    assert asks(library, state) == "s_dying"
    state = run(library, state, False)
    assert asks(library, state) == "s_bleeding"
    state = run(library, state, None)
    assert result(library, state).urgency == 1


def test_a_screen_answered_by_not_knowing_is_asked_line_by_line_once(library: Library, start: State) -> None:
    state = run(library, start, [], None)
    seen = []
    while (id := asks(library, state)) in ("red", "sure", "amber", "later"):
        seen.append(id)
        state = run(library, state, False)
    assert seen == ["red", "sure", "amber"]  # the last does not apply without amber


def test_what_can_change_nothing_is_not_asked(library: Library, start: State) -> None:
    state = run(library, start, [], ["later", "amber"])  # urgency 2: only more urgent rules matter now
    assert asks(library, state) == "tried"  # kept, though it changes nothing
    assert asks(library, run(library, state, "vila")) is None


def test_what_is_known_is_not_asked(library: Library) -> None:
    state = begin(
        library, ("prov",), {"age": 40.0, "red": False, "sure": False, "s_dying": False, "s_bleeding": False}
    )
    question = next_question(library, state)
    assert question is not None
    assert question.concepts == ("amber", "later")


def test_numbers_and_durations_are_understood_or_refused(library: Library, start: State) -> None:
    state = run(library, start, [], [])
    assert asks(library, state) == "colour"
    for raw in ("green", 3, ["blue"], {"a": 1}):
        with pytest.raises(BadAnswer):
            answer(library, state, "colour", raw)
    state = run(library, state, "blue")
    assert asks(library, state) == "days"
    for raw in ("in a while", "-3d", "nan", [1], "999y"):
        with pytest.raises(BadAnswer):
            answer(library, state, "days", raw)
    assert run(library, state, "3d").answers["days"] == 72.0
    assert run(library, state, None).answers["days"] is UNKNOWN


def test_only_the_standing_question_or_an_earlier_one_is_answered(library: Library, start: State) -> None:
    with pytest.raises(BadAnswer, match="The question is screening.1"):
        answer(library, start, "temp", 38)
    with pytest.raises(BadAnswer, match="takes a list of"):
        answer(library, start, "screening.1", ["red"])


def test_an_earlier_answer_changed_forgets_what_no_longer_applies(library: Library, start: State) -> None:
    state = run(library, start, [], None, False, False, True, True)
    assert result(library, state).urgency == 2
    changed = answer(library, state, "amber", False)
    assert "later" not in changed.answers
    assert [put.id for put in changed.put] == ["screening.1", "prov.2", "red", "sure", "amber"]
    assert result(library, changed).urgency != 2


def test_a_screen_put_again_has_the_same_lines(library: Library, start: State) -> None:
    state = run(library, start, [], ["amber"])
    again = screen_again(library, state, state.put[1])
    assert [line.id for line in again.options] == ["red", "sure", "amber", "later"]
    assert again.text == SCREEN_TEXT
    assert answer(library, state, again.id, ["red"]).answers["red"] is True


def test_two_screens_are_not_taken_for_one(library: Library) -> None:
    first = screen(library, "screening.1", ["red", "sure"], ())
    second = screen(library, "prov.1", ["red", "sure"], ("screening.1", "amber"))
    third = screen(library, "prov.2", ["red", "sure"], ("screening.1", "amber", "prov.1"))
    assert len({first.text, second.text, third.text}) == 3
    assert second.text == SCREEN_TEXT


def test_the_first_year_has_a_protocol_of_its_own(tmp_path: Path) -> None:
    young = small.GENERAL.replace("id: allmant", "id: spadbarn").replace(
        "care: book", 'care: book, refer: "1177"'
    )
    small.write(tmp_path)
    (tmp_path / "infants.yaml").write_text(young, encoding="utf-8")
    made = load.load(tmp_path).library
    assert made is not None
    state = run(made, begin(made, ("prov",), {"age": 0.5, "sex": "M"}), [])
    assert asks(made, state) == "red"  # of the infants' file, whatever the reason
    found = result(made, run(made, state, "no"))
    assert (found.urgency, found.refer, found.protocols[0].id) == (4, "1177", "spadbarn")


def test_what_the_words_raised_stands(library: Library) -> None:
    flag = Fired(Rule("words_chest", 1, "ambulance", Text("Du skrev det.", "You wrote it.")), "words")
    state = begin(library, ("prov",), {"age": 40.0}, raised=(flag,))
    assert next_question(library, state) is None
    assert result(library, state).fired[0].rule.id == "words_chest"


def test_leaving_at_what_only_the_nurse_wants_to_know_is_no_interruption(
    library: Library, start: State
) -> None:
    state = run(library, start, [], ["later", "amber"])
    assert asks(library, state) == "tried"
    assert not result(library, state).incomplete


def test_an_implied_answer(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "implied"
    folder.mkdir()
    other = small.library(
        folder, prov=small.PROTOCOL.replace("danger_rank: 20", "danger_rank: 20\nimplies: {amber: yes}")
    )
    state = begin(other, ("prov",), {"age": 40.0})
    assert state.answers["amber"] is True


def test_the_result_lists_what_was_not_answered_and_which_content_said_so(
    library: Library, start: State
) -> None:
    state = run(library, start, [], None, False)
    left = result(library, state)
    assert left.incomplete
    assert left.unanswered == ("sure", "amber", "later", "colour")
    assert "red" in result(library, run(library, start, [], None, None)).unanswered
    assert [used.id for used in left.protocols] == ["prov", "screening", "allmant"]
    assert all(len(used.sha256) == 64 for used in left.protocols)
    assert left.seek_again.sv == ("Igen",)


def test_screens_of_several_reasons_share_a_page(tmp_path: Path) -> None:
    folder = small.write(tmp_path)
    other = small.PROTOCOL.replace("id: prov", "id: andra").replace(
        "screen: [red, sure, amber, later]", "screen: [red, extra]"
    )
    other = other.replace("{id: red, when: red,", "{id: red, when: extra,")
    (folder / "protocols" / "andra.yaml").write_text(other, encoding="utf-8")
    (folder / "concepts" / "more.yaml").write_text(
        'extra: {danger: true, text: {sv: "Extra?", en: "Extra?"}, label: {sv: Extra, en: Extra}}\n',
        encoding="utf-8",
    )
    loaded = load.load(folder)
    assert loaded.library is not None
    state = run(loaded.library, begin(loaded.library, ("prov", "andra"), {"age": 40.0}), [])
    question = next_question(loaded.library, state)
    assert question is not None
    assert question.concepts == ("red", "extra", "sure", "amber", "later")


def test_a_screen_put_a_second_time_has_an_id_of_its_own(library: Library, start: State) -> None:
    state = replace(
        run(library, start, []), put=(*start.put, Put("screening.1", ()), Put("prov.2", ("red",)))
    )
    question = next_question(library, state)
    assert question is not None
    assert question.id == "prov.2+1"
    assert answer(library, state, question.id, ["sure"]).answers["sure"] is True


JOINED = small.PROTOCOL.replace("id: prov", "id: annan")
WITH_JOIN = small.GENERAL.replace("default:", "joins: [{when: hot, take: annan}]\ndefault:", 1)
ERRAND = f"""
id: prov
version: 1.0.0
title: {{sv: Prov, en: Trial}}
ask: [mild]
default: {{urgency: 4, care: admin, {small.BECAUSE}}}
seek_again: {{sv: [Igen], en: [Again]}}
"""


@pytest.fixture
def joining(tmp_path: Path) -> Library:
    small.write(tmp_path, general=WITH_JOIN, prov=ERRAND)
    (tmp_path / "protocols" / "annan.yaml").write_text(JOINED, encoding="utf-8")
    loaded = load.load(tmp_path)
    assert [str(problem) for problem in loaded.problems] == []
    assert loaded.library is not None
    return loaded.library


def test_another_protocol_joins_for_what_the_chosen_one_does_not_know(joining: Library) -> None:
    plain = begin(joining, ("prov",), {"age": 40.0})
    assert result(joining, run(joining, plain, [])).urgency == 4
    hot = begin(joining, ("prov",), {"age": 40.0, "temp": 39.0})
    asked = run(joining, hot, [])
    assert asks(joining, asked) == "annan.2"
    assert result(joining, run(joining, asked, ["red"])).urgency == 1
    assert [one.id for one in result(joining, asked).protocols][:2] == ["prov", "annan"]


def test_it_does_not_join_one_that_knows_or_another_age(joining: Library) -> None:
    both = begin(joining, ("annan",), {"age": 40.0, "temp": 39.0})
    assert [one.id for one in result(joining, both).protocols].count("annan") == 1
    child = begin(joining, ("prov",), {"age": 0.5, "temp": 39.0})
    assert "annan" not in [one.id for one in result(joining, child).protocols]


def test_words_heard_later_only_raise(library: Library, start: State) -> None:
    state = run(library, start, [])
    assert heard(library, state, {"red": True}).answers["red"] is True
    no = replace(state, answers=dict(state.answers) | {"red": False, "mild": False})
    assert heard(library, no, {"red": True}).answers["red"] is True
    assert heard(library, no, {"red": False, "mild": True, "days": 2.0}) == no
    assert heard(library, state, {"temp": 39.0}).answers["temp"] == 39.0
    assert heard(library, replace(state, answers={"temp": 37.0}), {"temp": 39.0}).answers["temp"] == 37.0


def test_what_cannot_be_so_is_left_out(tmp_path: Path) -> None:
    concepts = small.CONCEPTS.replace("red: {danger: true,", 'red: {danger: true, unless: "age >= 13",', 1)
    made = small.library(tmp_path, concepts=concepts)
    assert "red" not in begin(made, ("prov",), {"age": 40.0, "red": True}).answers
    assert begin(made, ("prov",), {"age": 4, "red": True}).answers == {"age": 4.0, "red": True}
