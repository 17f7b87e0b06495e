"""What must hold for every protocol, whatever is written in it."""

import random

import pytest

from vardvag.services.triage.engine import golden, reach
from vardvag.services.triage.engine.evaluate import evaluate
from vardvag.services.triage.engine.golden_cases import Case
from vardvag.services.triage.engine.interview import MOST_QUESTIONS, State, answer, begin, next_question
from vardvag.services.triage.engine.model import Kind, Protocol
from vardvag.services.triage.engine.place import Problem
from vardvag.services.triage.engine.result import result
from vardvag.services.triage.engine.values import UNKNOWN, Value
from vardvag.services.triage.tests.made import ids, library, loaded, patient

SEEDS = range(3)


def danger_answers(protocol: Protocol, answers: dict[str, Value]) -> list[tuple[str, Value]]:
    """Each danger that is answered no, turned to yes and to "I don't know"."""
    found: list[tuple[str, Value]] = []
    for name, given in answers.items():
        concept = library().concepts.get(name)
        if concept is None or not concept.is_danger or concept.kind is Kind.DERIVED:
            continue
        if concept.kind is Kind.YESNO and given is False:
            found += [(name, True), (name, UNKNOWN)]
        elif concept.kind is Kind.CHOICE and given is not UNKNOWN and given not in concept.dangers:
            found += [(name, UNKNOWN), *((name, option) for option in sorted(concept.dangers))]
        elif (
            concept.kind is Kind.MULTI
            and isinstance(given, tuple)
            and not concept.dangers.intersection(given)
        ):
            found += [(name, UNKNOWN), *((name, (*given, option)) for option in sorted(concept.dangers))]
    return found


def only_asked(protocol: Protocol, answers: dict[str, Value]) -> dict[str, Value]:
    asked = {name for one in (library().screening, protocol) for entry in one.ask for name in entry.concepts}
    return {
        name: given
        for name, given in answers.items()
        if name in asked or name in ("age", "sex", *protocol.implies)
    }


def test_content_is_whole() -> None:
    assert [str(problem) for problem in loaded().problems] == []


@pytest.mark.parametrize("id", ids())
def test_golden_cases(id: str) -> None:
    protocol = library().protocol(id)
    problems: list[Problem] = []
    cases = golden.cases(library(), protocol, loaded().trees[id], id, problems)
    assert problems == []
    assert [f"{case.name}: {wrong}" for case in cases for wrong in golden.faults(library(), case)] == []


@pytest.mark.parametrize("id", ids())
def test_a_danger_answer_never_lowers_the_urgency(id: str) -> None:
    protocol = library().protocol(id)
    for seed in SEEDS:
        answers = patient(protocol, seed)
        before = evaluate(library(), (id,), answers)
        for name, turned in danger_answers(protocol, answers):
            after = evaluate(library(), (id,), answers | {name: turned})
            assert after.rank <= before.rank, f"{name} turned to {turned} (seed {seed})"


@pytest.mark.parametrize("id", ids())
def test_the_order_of_answers_is_no_matter_and_every_result_explains_itself(id: str) -> None:
    protocol = library().protocol(id)
    for seed in SEEDS:
        answers = patient(protocol, seed)
        names = list(answers)
        random.Random(seed).shuffle(names)
        one, other = (
            evaluate(library(), (id,), answers),
            evaluate(library(), (id,), {name: answers[name] for name in names}),
        )
        assert one == other
        told = result(library(), State((id,), answers))
        assert told == result(library(), State((id,), {name: answers[name] for name in names}))
        assert told.fired
        assert all(fired.rule.because.sv and fired.rule.because.en for fired in told.fired)
        assert told.fired[0].rule.urgency == told.urgency


@pytest.mark.parametrize("id", ids())
def test_an_interview_ends_as_all_its_answers_would(id: str) -> None:
    """What is left out could not have changed anything."""
    protocol = library().protocol(id)
    for seed in SEEDS:
        answers = only_asked(protocol, patient(protocol, seed, unknown=0, yes=0.05))
        state = golden.play(library(), Case("", 0, id, answers, {}))
        told = result(library(), state)
        assert len(state.put) <= MOST_QUESTIONS
        if not told.incomplete:
            whole = evaluate(library(), (id,), answers)
            assert told.urgency == whole.urgency, f"seed {seed}: {[one.id for one in state.put]}"
            assert told.urgency == 1 or told.care == whole.care  # at urgency 1 it stops at once


@pytest.mark.parametrize("id", ids()[1:])  # the screening alone is never an interview
def test_an_interrupted_interview_is_never_below_its_floor(id: str) -> None:
    protocol = library().protocol(id)
    answers = patient(protocol, 1, unknown=0, yes=0)
    state = begin(library(), (id,), {name: answers[name] for name in ("age", "sex")})
    assert result(library(), state).incomplete
    while question := next_question(library(), state):
        left = result(library(), state)
        assert left.urgency <= library().protocol(id).floor_incomplete or not left.incomplete
        given = [] if question.screen else answers[question.id]
        state = answer(library(), state, question.id, given, question)
    assert not result(library(), state).incomplete or len(state.put) == MOST_QUESTIONS


@pytest.mark.parametrize("id", ids())
def test_every_rule_can_fire(id: str) -> None:
    protocol = library().protocol(id)
    cases = golden.cases(library(), protocol, loaded().trees[id], id, [])
    fired = {
        one.rule.id
        for case in cases
        for one in evaluate(library(), (id,), golden.whole(library(), case)).fired
    }
    rules = [rule for rule in (*protocol.rules, *protocol.everywhere) if rule.id not in fired]
    assert [rule.id for rule in rules if reach.reached(library(), protocol, rule) is None] == []


def test_several_reasons_are_as_urgent_as_the_most_urgent() -> None:
    rng = random.Random(3)
    for seed in range(40):
        pair = tuple(rng.sample(sorted(library().protocols), 2))
        answers = {**patient(library().protocol(pair[0]), seed), **patient(library().protocol(pair[1]), seed)}
        both = evaluate(library(), pair, answers)
        assert both == evaluate(library(), pair[::-1], answers)


def test_the_hash_follows_the_content() -> None:
    first = library()
    again = type(first)(
        first.concepts,
        first.protocols,
        first.sources,
        first.screening,
        first.general,
        first.infants,
        first.reasons,
        first.concept_content,
    )
    assert first.whole() == again.whole()
    assert len({first.sha256(id) for id in ids()}) == len(ids())
