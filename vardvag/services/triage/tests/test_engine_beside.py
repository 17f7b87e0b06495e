"""The dangers of reasons that were not chosen but that the words were like."""

import random
from pathlib import Path

import pytest

from vardvag.services.triage.engine.evaluate import evaluate
from vardvag.services.triage.engine.interview import MOST_QUESTIONS, State, answer, begin, next_question
from vardvag.services.triage.engine.library import Library
from vardvag.services.triage.engine.load import load
from vardvag.services.triage.engine.result import result
from vardvag.services.triage.engine.values import UNKNOWN, Value
from vardvag.services.triage.tests import small
from vardvag.services.triage.tests.made import ids, library, patient

CONCEPTS = """
swollen: {danger: true, text: {sv: "Svullen?", en: "Swollen?"}, label: {sv: Svullen, en: Swollen}}
stiff: {danger: true, text: {sv: "Stel?", en: "Stiff?"}, label: {sv: Stel, en: Stiff}}
slow: {danger: true, text: {sv: "Långsam?", en: "Slow?"}, label: {sv: Långsam, en: Slow}}
"""
BECAUSE = small.BECAUSE
OTHER = f"""
id: annan
version: 1.0.0
title: {{sv: Annan, en: Other}}
ask: [{{screen: [swollen, red, stiff, slow]}}, days]
rules:
  - {{id: swollen, when: "swollen", urgency: 1, care: emergency, {BECAUSE}}}
  - {{id: stiff_and_red, when: "stiff and red", urgency: 1, care: emergency, {BECAUSE}}}
  - {{id: red_here, when: "red", urgency: 1, care: ambulance, {BECAUSE}}}
  - {{id: slow, when: "slow", urgency: 3, care: day, {BECAUSE}}}
default: {{urgency: 3, care: day, {BECAUSE}}}
seek_again: {{sv: [Igen], en: [Again]}}
"""
CALM: dict[str, Value] = dict.fromkeys(
    ("red", "sure", "amber", "mild", "cough", "feels_hot", "s_dying", "s_bleeding"), False
) | {"temp": 36.9, "days": 24.0, "colour": "", "age": 40.0, "sex": "F"}


def two(folder: Path, other: str = OTHER) -> Library:
    small.write(folder, concepts=small.CONCEPTS + CONCEPTS)
    (folder / "protocols" / "annan.yaml").write_text(other, encoding="utf-8")
    loaded = load(folder)
    assert [str(one) for one in loaded.problems] == []
    assert loaded.library is not None
    return loaded.library


def asked(found: Library, near: tuple[str, ...]) -> list[tuple[str, ...]]:
    """What is put to somebody to whom nothing of it applies."""
    calm: dict[str, object] = CALM | {"colour": "blue", "swollen": False}
    state, put = begin(found, ("prov",), {"age": 40.0, "sex": "F"}, near=near), []
    while question := next_question(found, state):
        put.append(question.concepts)
        state = answer(found, state, question.id, [] if question.screen else calm.get(question.id))
    return put


def urgency(found: Library, **answers: Value) -> int:
    return evaluate(found, ("prov",), CALM | answers, near=("annan",)).urgency


def test_its_signs_are_asked_after_the_dangers_and_before_the_rest(tmp_path: Path) -> None:
    found = two(tmp_path)
    screens = asked(found, ("annan",))
    assert screens[:4] == [
        ("s_dying", "s_bleeding"),
        ("red", "sure", "amber", "later"),
        ("colour",),
        ("swollen",),
    ]
    assert screens[4:] == [("days",), ("mild",), ("tried",)]
    assert ("swollen",) not in asked(found, ())


def test_a_sign_raises_and_nothing_of_it_lowers(tmp_path: Path) -> None:
    found = two(tmp_path)
    assert (
        evaluate(found, ("prov",), CALM | {"mild": True}, near=("annan",)).urgency == 5
    )  # its default is not ours
    assert urgency(found, swollen=True) == 1
    assert urgency(found, swollen=UNKNOWN) == 2
    assert urgency(found, slow=True) == urgency(found)  # less urgent than what counts
    fired = evaluate(found, ("prov",), CALM | {"swollen": True}, near=("annan",)).fired[0]
    assert (fired.protocol, fired.rule.id, fired.concepts) == ("annan", "swollen", ("swollen",))


def test_what_the_chosen_one_knows_of_is_its_own_to_judge(tmp_path: Path) -> None:
    found = two(tmp_path)
    fired = evaluate(found, ("prov",), CALM | {"red": True}, near=("annan",)).fired
    assert "red_here" not in [one.rule.id for one in fired]
    both = evaluate(found, ("prov",), CALM | {"red": True, "stiff": True}, near=("annan",)).fired
    assert "stiff_and_red" in [one.rule.id for one in both]


def test_what_it_takes_for_granted_must_be_so(tmp_path: Path) -> None:
    found = two(tmp_path, OTHER.replace("ask:", "implies: {cough: yes}\nask:", 1))
    assert urgency(found, swollen=True) > 1
    assert urgency(found, swollen=True, cough=True) == 1


def test_what_it_takes_for_granted_is_asked_before_its_signs(tmp_path: Path) -> None:
    found = two(tmp_path, OTHER.replace("ask:", "implies: {feels_hot: yes}\nask:", 1))
    assert ("feels_hot",) in asked(found, ("annan",))
    assert ("swollen",) not in asked(found, ("annan",))
    unsaid = {name: value for name, value in CALM.items() if name != "feels_hot"}
    state = begin(found, ("prov",), unsaid, near=("annan",))
    put = []
    while question := next_question(found, state):
        put.append(question.concepts)
        state = answer(found, state, question.id, list(question.concepts) if question.screen else True)
    assert put[:2] == [("feels_hot",), ("swollen",)]
    assert result(found, state).urgency == 1


def test_a_sign_that_most_protocols_weigh_with_something_else_needs_it_here_too(tmp_path: Path) -> None:
    small.write(tmp_path, concepts=small.CONCEPTS + CONCEPTS)
    for name in ("annan", "tredje", "fjarde"):
        only = "swollen" if name == "annan" else "swollen and red"
        text = OTHER.replace("id: annan", f"id: {name}").replace('when: "swollen"', f'when: "{only}"')
        (tmp_path / "protocols" / f"{name}.yaml").write_text(text, encoding="utf-8")
    found = load(tmp_path).library
    assert found is not None
    assert (found.usual("swollen"), found.usual("red")) == (9, 1)
    assert urgency(found, swollen=True) > 2
    assert evaluate(found, ("annan",), CALM | {"swollen": True, "stiff": False}).urgency == 1


def test_it_counts_in_what_the_result_stands_on(tmp_path: Path) -> None:
    found = two(tmp_path)
    state = begin(found, ("prov",), CALM | {"swollen": True}, near=("prov", "annan", "no_such"))
    assert [one.id for one in result(found, state).protocols] == ["prov", "screening", "allmant", "annan"]


def others(id: str, seed: int) -> tuple[str, ...]:
    return tuple(random.Random(f"{id} {seed}").sample(sorted(library().protocols), 5))


@pytest.mark.parametrize("id", ids())
def test_reasons_beside_never_lower_and_a_danger_answer_never_does(id: str) -> None:
    for seed in (1, 2):
        near = others(id, seed)
        answers = patient(library().protocol(id), seed)
        signs = sorted({name for one in near if one != id for name in library().used(library().beside(one))})
        alone, beside = evaluate(library(), (id,), answers), evaluate(library(), (id,), answers, near=near)
        assert beside.rank <= alone.rank
        for name in random.Random(seed).sample(signs, min(12, len(signs))):
            concept = library().concepts[name]
            if concept.is_sign and name not in answers:
                for turned in (True, UNKNOWN):
                    after = evaluate(library(), (id,), answers | {name: turned}, near=near)
                    assert after.rank <= beside.rank, f"{name} turned to {turned} (seed {seed})"


@pytest.mark.parametrize("id", ids()[1:])
def test_few_questions_more(id: str) -> None:
    near = others(id, 3)
    answers = patient(library().protocol(id), 1, unknown=0, yes=0)
    known = {name: answers[name] for name in ("age", "sex")}
    numbers = []
    for these in ((), near):
        state = begin(library(), (id,), known, near=these)
        while question := next_question(library(), state):
            state = answer(library(), state, question.id, [] if question.screen else answers.get(question.id))
        numbers.append(len(state.put))
        assert len(state.put) <= MOST_QUESTIONS
    assert numbers[1] <= numbers[0] + 2


def test_the_same_near_in_another_order_ends_the_same() -> None:
    near = others("halsont", 1)
    answers = patient(library().protocol("halsont"), 4) | {"swollen_calf_one": True}
    one = result(library(), State(("halsont",), answers, near=near))
    assert one.urgency == result(library(), State(("halsont",), answers, near=near[::-1])).urgency
