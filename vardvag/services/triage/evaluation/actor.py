"""The actor: writes what the vignette says, and answers what is asked, no more. Pure but for the content in use."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from zlib import crc32

from vardvag.services.triage import keeping
from vardvag.services.triage.doubts import Doubts
from vardvag.services.triage.engine.answers import fact
from vardvag.services.triage.engine.evaluate import Fired
from vardvag.services.triage.engine.golden_cases import silent
from vardvag.services.triage.engine.interview import State, answer, begin, next_question, standing
from vardvag.services.triage.engine.library import Library
from vardvag.services.triage.engine.model import GENERAL, Kind
from vardvag.services.triage.engine.questions import Question
from vardvag.services.triage.engine.result import Result, result
from vardvag.services.triage.engine.values import UNKNOWN, Value
from vardvag.services.triage.evaluation.vignettes import TEXTS, Vignette
from vardvag.services.triage.words import watch
from vardvag.services.triage.words.facts import facts
from vardvag.services.triage.words.match import match

SHOWN = 3
GIVEN = "reason"  # no words: the right reason is chosen at once, which shows the content by itself
OTHERS = "others"  # the same through every other accepted reason
FORGETS = "forgets"  # an actor who overlooks true danger signs
WAYS = (GIVEN, OTHERS, FORGETS, *TEXTS)
_OVERLOOKED = 40  # of a hundred true danger signs
_SEEDS = 3
_FEVER = 38.0


class Found(StrEnum):
    FIRST = "first"
    SHOWN = "among the three shown"
    MORE = "under something else"
    NONE = "not at all"  # the general protocol


@dataclass(frozen=True, slots=True)
class Heard:
    """What the words gave."""

    suggested: tuple[str, ...] = ()
    known: Mapping[str, Value] | None = None
    raised: tuple[Fired, ...] = ()


@dataclass(frozen=True, slots=True)
class Played:
    vignette: Vignette
    way: str
    chosen: str
    found: Found
    state: State
    result: Result
    understood: int  # facts from the words
    wrong: tuple[str, ...]  # those of them that are not true
    empty: tuple[str, ...]  # choices where nothing fitted: the vignette should say

    @property
    def decisive(self) -> tuple[bool, ...]:
        """Of each decisive thing whether it became known."""
        return tuple(any(name in self.state.answers for name in one) for one in self.vignette.decisive)


def plays(library: Library, vignette: Vignette, way: str) -> list[Played]:
    match way:
        case "others":
            return [_play(library, vignette, way, Heard(), one, Found.FIRST) for one in vignette.reasons[1:]]
        case "forgets":
            seen = [forgetful(library, vignette, seed) for seed in range(_SEEDS)]
            return [_play(library, one, way, Heard(), one.reasons[0], Found.FIRST) for one in seen]
        case "reason":
            return [_play(library, vignette, way, Heard(), vignette.reasons[0], Found.FIRST)]
        case _:
            heard = hear(library, vignette, way)
            return [_play(library, vignette, way, heard, *_reason(vignette, heard))]


def forgetful(library: Library, vignette: Vignette, seed: int) -> Vignette:
    """The same patient, who overlooks some signs; the same ones every time the seed is the same."""
    kept = {
        name: value
        for name, value in vignette.facts.items()
        if not (value is True and library.concepts[name].is_danger)
        or crc32(f"{vignette.id} {name} {seed}".encode()) % 100 >= _OVERLOOKED
    }
    return replace(vignette, facts=kept)


def _play(
    library: Library, vignette: Vignette, way: str, heard: Heard, chosen: str, found: Found
) -> Played:  # fmt: skip
    who = {name: one for name in ("age", "sex") if (one := fact(name, getattr(vignette, name))) is not None}
    known = dict(heard.known or {})
    state = begin(library, (chosen,), known | who, heard.raised, vignette.about, heard.suggested)
    doubts = Doubts({name for name, value in known.items() if value is True} - who.keys())
    empty: list[str] = []
    while True:
        outcome = standing(library, state)
        if question := next_question(library, state, outcome):
            empty += [name for name in question.concepts if _empty(library, vignette, name)]
            state = _answered(library, vignette, state, question)
            continue
        flags, facts_alone = doubts.open(state, outcome)
        if not flags and not facts_alone:
            break
        state = _judged(library, vignette, state, doubts, flags, facts_alone)
    reached = result(library, state, outcome)
    reached = replace(reached, questions=reached.questions + doubts.asked)
    wrong = tuple(name for name, value in known.items() if _differs(value, told(library, vignette, name)))
    return Played(vignette, way, chosen, found, state, reached, len(known), wrong, tuple(empty))


def hear(library: Library, vignette: Vignette, way: str) -> Heard:
    words, lang = vignette.text[way], TEXTS[way]
    suggested = match(words, lang=lang, library=library, age=vignette.age, sex=vignette.sex)
    understood = {
        one.concept: one.value
        for one in facts(words, lang=lang, library=library)
        if (concept := library.concepts.get(one.concept))
        # as on the lines: nobody confirms here, so a danger that seems denied is asked all the same
        and not (concept.is_danger and one.value is False)
    }
    flags = [
        {"id": one.id, "urgency": one.urgency, "because": dict(one.because)}
        for one in watch.scan(words, lang=lang, age=vignette.age)
    ]
    return Heard(tuple(one.id for one in suggested), understood, keeping.raised_by(flags))


def _judged(
    library: Library, vignette: Vignette, state: State, doubts: Doubts, flags: list[Fired], facts: list[str]
) -> State:
    """ "Is it so?", as on the lines. A flag stands unless the vignette says that it is not so."""
    ids = [one.rule.id for one in flags]
    kept = [id for id in ids if vignette.stands(id.removeprefix("words_"))]
    kept += [name for name in facts if told(library, vignette, name) is True]
    return doubts.answer([*ids, *facts], kept, state)


def _reason(vignette: Vignette, heard: Heard) -> tuple[str, Found]:
    for place, id in enumerate(heard.suggested):
        if id in vignette.reasons:
            return id, Found.FIRST if place == 0 else Found.SHOWN if place < SHOWN else Found.MORE
    return GENERAL, Found.NONE


def told(library: Library, vignette: Vignette, name: str) -> Value:
    """The true answer. What the vignette does not say is no, or has not been measured."""
    value = vignette.facts.get(name)
    if value is None and name == "feels_feverish":  # who has measured a fever says so
        temp = vignette.facts.get("temp")
        return isinstance(temp, float) and temp >= _FEVER
    return silent(library.concepts[name]) if value is None else value


def _differs(heard: Value, true: Value) -> bool:
    """Words are not exact: two days of three is near enough."""
    if isinstance(heard, float) and isinstance(true, float):
        return abs(heard - true) > max(heard, true) / 2
    return heard != true


def _empty(library: Library, vignette: Vignette, name: str) -> bool:
    return library.concepts[name].kind is Kind.CHOICE and name not in vignette.facts


def _answered(library: Library, vignette: Vignette, state: State, question: Question) -> State:
    values = [told(library, vignette, name) for name in question.concepts]
    if not question.screen:
        return answer(library, state, question.id, values[0], question)
    ticked = [name for name, value in zip(question.concepts, values, strict=True) if value is True]
    said = ticked or (None if UNKNOWN in values else [])
    return answer(library, state, question.id, said, question)
