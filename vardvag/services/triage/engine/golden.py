"""Golden cases played: by evaluating whole answers, and by the interview that should lead to the same."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from vardvag.services.triage.engine.evaluate import Outcome, evaluate
from vardvag.services.triage.engine.golden_cases import Case, cases, silent
from vardvag.services.triage.engine.interview import Question, State, answer, begin, next_question
from vardvag.services.triage.engine.library import Library
from vardvag.services.triage.engine.model import GENERAL, Kind
from vardvag.services.triage.engine.result import result
from vardvag.services.triage.engine.values import UNKNOWN, Value

__all__ = ["Case", "cases", "compared", "faults", "play", "silent", "whole"]


def whole(library: Library, case: Case) -> dict[str, Value]:
    """The answers of somebody who answers everything that can be asked."""
    protocol = library.protocol(case.protocol)
    names = library.used(protocol) | library.used(library.general) | library.used(library.screening)
    answers = {
        name: silent(library.concepts[name]) for name in sorted(names)
        if library.concepts[name].kind is not Kind.DERIVED
    }  # fmt: skip
    return answers | dict.fromkeys(protocol.implies, True) | case.given


def play(library: Library, case: Case) -> State:
    """The interview with somebody who answers as the case says."""
    facts = {name: value for name, value in case.given.items() if name not in library.concepts}
    if case.protocol == GENERAL:  # its rules hold for what other protocols ask
        asked = {
            name
            for one in (library.screening, library.general)
            for entry in one.ask
            for name in entry.concepts
        }
        facts |= {name: value for name, value in case.given.items() if name not in asked}
    state = begin(library, (case.protocol,), facts)
    answers = whole(library, case)
    while question := next_question(library, state):
        known = [answers.get(name, silent(library.concepts[name])) for name in question.concepts]
        said: Value | list[str] = known[0]
        if question.screen:
            said = [name for name, one in zip(question.concepts, known, strict=True) if one is True]
            said = UNKNOWN if UNKNOWN in known and not said else said
        state = _kept(answer(library, state, question.id, said, question), known, question)
    return state


def _kept(state: State, known: list[Value], question: Question) -> State:
    """In a screen with both yes and "I don't know" both are kept."""
    if not question.screen or question.id in state.apart:
        return state
    doubts = {name: one for name, one in zip(question.concepts, known, strict=True) if one is UNKNOWN}
    return replace(state, answers=dict(state.answers) | doubts)


def faults(library: Library, case: Case) -> Iterator[str]:
    """How the evaluation, and the interview that leads there, differ from what the case expects."""
    if case.abandoned:
        yield from compared(evaluate(library, (case.protocol,), case.given, abandoned=True), case)
        return
    outcome = evaluate(library, (case.protocol,), whole(library, case))
    wrong = list(compared(outcome, case))
    yield from wrong
    state = play(library, case)
    if not wrong:
        yield from _interview(library, case, state, outcome)


def _interview(library: Library, case: Case, state: State, outcome: Outcome) -> Iterator[str]:
    found = result(library, state)
    put = {name for one in state.put for name in one.concepts}
    if found.urgency != outcome.urgency:
        rather = f"instead of {outcome.urgency} after {len(state.put)} questions"
        never = [name for name in case.given if name in library.concepts and name not in state.answers]
        told = f"; never asked: {', '.join(never)}" if never else ""
        yield f"the interview ends with urgency {found.urgency} {rather}{told}"
    for name in _list(case.expect.get("asked")):
        if name not in put:
            yield f"{name} was not asked; asked: {', '.join(sorted(put))}"
    for name in _list(case.expect.get("not_asked")):
        if name in put:
            yield f"{name} was asked"


def compared(outcome: Outcome, case: Case) -> Iterator[str]:
    expect = case.expect
    fired = [one.rule.id for one in outcome.fired]
    told = f"fired: {', '.join(_told(outcome)) or 'nothing'}"
    most = expect.get("urgency_at_most", expect.get("at_most"))
    least = expect.get("urgency_at_least", expect.get("at_least"))
    if "urgency" in expect and outcome.urgency != expect["urgency"]:
        yield f"urgency is {outcome.urgency}, expected {expect['urgency']}; {told}"
    if most is not None and outcome.urgency > most:
        yield f"urgency is {outcome.urgency}, expected {most} or more urgent; {told}"
    if least is not None and outcome.urgency < least:
        yield f"urgency is {outcome.urgency}, expected {least} or less urgent; {told}"
    if "care" in expect and outcome.care != expect["care"]:
        yield f"care is {outcome.care}, expected {expect['care']}; {told}"
    if "refer" in expect and outcome.refer != (str(expect["refer"]) if expect["refer"] is not None else None):
        yield f"refer is {outcome.refer}, expected {expect['refer']}; {told}"
    for rule in _list(expect.get("fired")):
        if rule not in fired:
            yield f"{rule} did not fire; {told}"
    for rule in _list(expect.get("not_fired")):
        if rule in fired:
            yield f"{rule} fired; {told}"


def _list(value: Any) -> list[str]:
    return list(value) if isinstance(value, list) else [] if value is None else [str(value)]


def _told(outcome: Outcome) -> list[str]:
    return [
        f"{one.rule.id} ({one.rule.urgency}{', unanswered' if one.unanswered else ''})"
        for one in outcome.fired
    ]
