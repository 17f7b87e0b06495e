"""The interview: which question comes next, and what an answer makes of it. Pure: a state in, a state out."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from vardvag.services.triage.engine.answers import NONE, BadAnswer, understood
from vardvag.services.triage.engine.asking import Asking, Side, entry_of
from vardvag.services.triage.engine.chosen import NEAR, chosen
from vardvag.services.triage.engine.conditions import YES
from vardvag.services.triage.engine.evaluate import Fired, Outcome, evaluate
from vardvag.services.triage.engine.library import Library
from vardvag.services.triage.engine.model import Concept, Kind
from vardvag.services.triage.engine.questions import NONE_TEXT, Question, screen, single
from vardvag.services.triage.engine.relevance import relevant, relevant_beside
from vardvag.services.triage.engine.text import About
from vardvag.services.triage.engine.values import UNKNOWN, Value
from vardvag.services.triage.engine.view import Patient

__all__ = [
    "MOST_QUESTIONS", "NONE_TEXT", "Put", "Question", "State", "answer", "begin", "heard", "next_question",
    "screen_again", "single", "standing", "upcoming",
]  # fmt: skip
MOST_QUESTIONS = 15


@dataclass(frozen=True, slots=True)
class Put:
    """A question that was put and answered."""

    id: str
    concepts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class State:
    """An interview so far. `answers` also holds what was known before: age, sex, what the free text said."""

    protocols: tuple[str, ...]
    answers: Mapping[str, Value] = field(default_factory=dict)
    put: tuple[Put, ...] = ()
    apart: frozenset[str] = frozenset()  # screens answered "I don't know", now asked line by line
    raised: tuple[Fired, ...] = ()  # what the watch over free text found
    about: About = About.SELF
    near: tuple[str, ...] = ()  # other reasons that the words were like

    @property
    def sex(self) -> str | None:
        sex = self.answers.get("sex")
        return sex if isinstance(sex, str) else None


def begin(
    library: Library, protocols: tuple[str, ...], known: Mapping[str, Value],
    raised: tuple[Fired, ...] = (), about: About = About.SELF, near: tuple[str, ...] = (),
) -> State:  # fmt: skip
    """`known`: age, sex and what has been answered before. What the reasons themselves imply is added, and what cannot
    be so is left out (an adult's "slapp" is no limp child). `near`: the reasons that the words are like, best first."""
    implied: dict[str, Value] = {name: True for id in protocols for name in library.protocol(id).implies}
    known = implied | {name: float(one) if type(one) is int else one for name, one in known.items()}
    patient = Patient(library, (), known)
    never = {
        name
        for name in known
        if name not in implied
        and (concept := library.concepts.get(name))
        and concept.unless
        and concept.unless.truth(patient) == YES
    }
    answers = {name: value for name, value in known.items() if name not in never}
    return State(tuple(dict.fromkeys(protocols)), answers, raised=raised, about=about, near=near[:NEAR])


def heard(library: Library, state: State, said: Mapping[str, Value]) -> State:
    """What words written later say. They only raise: a yes where nothing, "I don't know" or a no to something that
    matters stood; a temperature where there was none; nothing of it if the outcome would be milder."""
    more = {name: value for name, value in said.items() if _new(library.concepts.get(name), state, value)}
    after = replace(state, answers=begin(library, state.protocols, dict(state.answers) | more).answers)
    return after if standing(library, after).rank <= standing(library, state).rank else state


def _new(concept: Concept | None, state: State, value: Value) -> bool:
    if concept is None:
        return False
    before = state.answers.get(concept.id)
    if concept.kind is Kind.YESNO:
        wrongly = before is False and (concept.is_danger or concept.background)
        return value is True and (before is None or before is UNKNOWN or wrongly)
    return concept.kind is Kind.TEMP and (before is None or before is UNKNOWN)


def standing(library: Library, state: State, abandoned: bool = False) -> Outcome:
    """The outcome as it is now, with what free text raised."""
    outcome = evaluate(library, state.protocols, state.answers, abandoned, state.near)
    if not state.raised:
        return outcome
    fired = tuple(sorted((*state.raised, *outcome.fired), key=lambda one: (one.is_default, one.rank)))
    top = min(fired, key=lambda one: one.rank)
    refers = [one.rule.refer for one in fired if one.rank == top.rank and one.rule.refer]
    return Outcome(top.rule.urgency, top.rule.care, refers[0] if refers else None, fired)


def next_question(library: Library, state: State, outcome: Outcome | None = None) -> Question | None:
    """None when the interview is over: nothing can change any more, danger, or enough asked. `outcome`: `standing` of
    this state, where it is known."""
    return None if len(state.put) >= MOST_QUESTIONS else upcoming(library, state, outcome=outcome)


def upcoming(
    library: Library, state: State, kept: bool = True, outcome: Outcome | None = None
) -> Question | None:
    """The next question, were there no limit to their number. Not `kept`: only what can change the outcome."""
    outcome = outcome or standing(library, state)
    if outcome.urgency == 1:
        return None
    taking = chosen(library, state.protocols, state.answers, state.near)
    patient = Patient(library, taking.asking, state.answers)
    beside = Patient(library, taking.around, state.answers)
    asking = Asking(
        library,
        taking,
        Side(patient, relevant(patient, taking, outcome)),
        Side(beside, relevant_beside(patient, beside, taking, outcome)),
        state.apart,
        tuple(put.id for put in state.put),
        kept,
    )
    return asking.next()


def screen_again(library: Library, state: State, put: Put) -> Question:
    """A screen that has been answered, to be answered again."""
    return screen(library, put.id, put.concepts, (one.id for one in state.put[: state.put.index(put)]))


def answer(library: Library, state: State, question: str, raw: Any, asked: Question | None = None) -> State:
    """The state after an answer to the question that stands, or to an earlier one. `asked`: what next_question said of
    this state, where it is known. Raises BadAnswer."""
    earlier = next((put for put in state.put if put.id == question), None)
    if earlier:
        return _changed(library, state, earlier, raw)
    asked = asked or next_question(library, state)
    if asked is None or asked.id != question:
        raise BadAnswer(
            f"The question is {asked.id if asked else 'none: the interview is over'}, not {question[:40]}."
        )
    put = Put(asked.id, asked.concepts)
    apart = state.apart | {entry_of(put.id)} if asked.screen and _unknown(raw) else state.apart
    return replace(
        state, answers=_merged(library, state.answers, put, raw), put=(*state.put, put), apart=apart
    )


def _unknown(raw: Any) -> bool:
    return raw is None or raw is UNKNOWN or raw == "unknown"


def _merged(library: Library, answers: Mapping[str, Value], put: Put, raw: Any) -> dict[str, Value]:
    if put.concepts == (put.id,):
        return dict(answers) | {put.id: understood(library.concepts[put.id], raw)}
    if _unknown(raw):
        return {name: value for name, value in answers.items() if name not in put.concepts}
    ticked = [raw] if isinstance(raw, str) else raw
    if not isinstance(ticked, (list, tuple)) or not all(one in (*put.concepts, NONE) for one in ticked):
        raise BadAnswer(
            f"{put.id} takes a list of {', '.join(put.concepts)}, an empty list for none of them, or null."
        )
    return dict(answers) | {name: name in ticked for name in put.concepts}


def _changed(library: Library, state: State, put: Put, raw: Any) -> State:
    """An earlier answer changed: what was asked because of it and no longer applies is forgotten."""
    answers = _merged(library, state.answers, put, raw)
    entry = entry_of(put.id)
    apart = state.apart - {entry} | ({entry} if len(put.concepts) > 1 and _unknown(raw) else set())
    asked = {name for one in state.put if one.id != put.id for name in one.concepts}
    while True:
        patient = Patient(library, chosen(library, state.protocols, answers).asking, answers)
        gone = [name for name in asked if name in answers and patient.closed(name)]
        if not gone:
            break
        answers = {name: value for name, value in answers.items() if name not in gone}
    kept = tuple(
        one
        for one in state.put
        if one.id == put.id or any(name in answers for name in one.concepts) or entry_of(one.id) in apart
    )
    return replace(state, answers=answers, put=kept, apart=frozenset(apart))
