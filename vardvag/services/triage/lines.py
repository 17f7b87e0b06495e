"""The line protocol for evaluators: one JSON object a line in, one a line out, without database.

`{"start": {"age", "sex", "pregnant", "reporter", "lang", "text"}}` gives `{"reasons": [...], "understood": [...]}`;
`{"choose": "halsont"}` (or a list) and `{"answer": {"id": ..., "value": ...}}` give `{"question": {...}}` or
`{"result": {...}}`; `{"stop": true}` gives the result of an interview that was left. A new start begins anew.
A line that cannot be used gets `{"error": "..."}` and changes nothing. Where the first words alone would end it as an
emergency, one question (`words`) first asks whether it is so; null keeps all of it, and so does leaving.

Values: an option's id; for multi a list of ids (empty: none of them); a number; a duration as 6h, 3d, 2w, 3m or days
as a number; words; null for "I don't know".
"""

import gc
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from vardvag.services.triage import keeping, telling_lines
from vardvag.services.triage.doubts import QUESTION, Doubts
from vardvag.services.triage.engine import load
from vardvag.services.triage.engine.answers import BadAnswer, fact, understood
from vardvag.services.triage.engine.evaluate import Fired, Outcome
from vardvag.services.triage.engine.interview import (
    Question,
    State,
    answer,
    begin,
    heard,
    next_question,
    standing,
)
from vardvag.services.triage.engine.library import Library
from vardvag.services.triage.engine.model import GENERAL, Kind
from vardvag.services.triage.engine.result import result
from vardvag.services.triage.engine.text import About
from vardvag.services.triage.engine.values import UNKNOWN, Value
from vardvag.services.triage.spoken import duration
from vardvag.services.triage.words import watch
from vardvag.services.triage.words.facts import Fact, facts
from vardvag.services.triage.words.match import match, words_of
from vardvag.services.triage.words.reading import Reading

LONGEST = 1_000_000  # characters of a line
MOST_REASONS = 5
UNHANDLED = "This line could not be handled"  # a fault of ours
_OTHER = ("annat", "other", "something_else", GENERAL)


class BadLine(ValueError):
    """`str()` says what is wrong and what would do."""


@dataclass(frozen=True, slots=True)
class Started:
    """Before a reason has been chosen."""

    known: Mapping[str, Value]
    raised: tuple[Fired, ...]
    about: About
    lang: str
    text: str
    near: tuple[str, ...]  # the reasons that the words are like, best first


class Conversation:
    """One evaluator's line after line."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.started: Started | None = None
        self.state: State | None = None
        self.asked: Question | None = None  # what stands of the state
        self.doubts = Doubts()

    def line(self, raw: str) -> dict[str, Any]:
        """The answer to one line. Never raises."""
        try:
            return self._reply(_object(raw))
        except (BadLine, BadAnswer) as error:
            return {"error": str(error)}
        except Exception as error:  # the process lives on whatever a line holds
            return {"error": f"{UNHANDLED} ({type(error).__name__})."}

    def _reply(self, said: Mapping[str, Any]) -> dict[str, Any]:
        match [name for name in ("start", "choose", "answer", "stop") if name in said]:
            case ["start"]:
                return self._start(_map(said["start"], "start"))
            case ["choose"]:
                return self._choose(said["choose"])
            case ["answer"]:
                return self._answer(_map(said["answer"], "answer"))
            case ["stop"]:
                return self._result(self._begun())
            case _:
                raise BadLine("A line has one of start, choose, answer and stop.")

    def _start(self, given: Mapping[str, Any]) -> dict[str, Any]:
        text = given.get("text") if isinstance(given.get("text"), str) else ""
        assert isinstance(text, str)
        lang = "en" if given.get("lang") == "en" else "sv"
        reporter = given.get("reporter")
        about = About(reporter) if reporter in tuple(About) else About.SELF
        known = {
            name: value for name in ("age", "sex") if (value := fact(name, _low(given.get(name)))) is not None
        }
        if isinstance(given.get("pregnant"), bool):
            known["pregnant"] = given["pregnant"]
        reading = words_of(self.library).read(text, lang)
        found = self._facts(reading, lang)
        age = known.get("age")
        sex, pregnant = known.get("sex"), known.get("pregnant")
        suggested = match(
            reading, lang=lang, library=self.library, age=age if isinstance(age, float) else None,
            sex=sex if isinstance(sex, str) else None, pregnant=pregnant if isinstance(pregnant, bool) else None,
        )  # fmt: skip
        self.started = Started(
            {one.concept: one.value for one in found} | known,
            self._flags(text, lang, known),
            about,
            lang,
            text,
            tuple(one.id for one in suggested),
        )
        self.state = self.asked = None
        self.doubts = Doubts({one.concept for one in found if one.value is True} - known.keys())
        reply: dict[str, Any] = {
            "reasons": [
                {"id": one.id, "title": one.title, "score": one.score} for one in suggested[:MOST_REASONS]
            ],
            "understood": [
                {"concept": one.concept, "value": telling_lines.value(one.value), "words": one.words}
                for one in found
            ],
        }
        return reply

    def _facts(self, text: str | Reading, lang: str) -> list[Fact]:
        found = facts(text, lang=lang, library=self.library)
        return [one for one in found if self._usable(one.concept, one.value)]

    def _told(self, text: str, lang: str) -> dict[str, Value]:
        return {one.concept: one.value for one in self._facts(text, lang)}

    def _usable(self, concept: str, value: Value) -> bool:
        """Nobody confirms here, so a danger that the words seem to deny is asked all the same."""
        known = self.library.concepts.get(concept)
        return known is not None and value is not UNKNOWN and not (known.is_danger and value is False)

    def _flags(self, text: str, lang: str, known: Mapping[str, Value]) -> tuple[Fired, ...]:
        age = known.get("age")
        return keeping.raised_by(
            [
                {
                    "id": one.id,
                    "urgency": one.urgency,
                    "because": dict(one.because),
                }
                for one in watch.scan(text, lang=lang, age=age if isinstance(age, float) else None)
            ]
        )

    def _choose(self, given: Any) -> dict[str, Any]:
        if self.started is None:
            raise BadLine("Nothing has been started. Send start first.")
        ids = [given] if isinstance(given, str) else given
        if not isinstance(ids, list) or not ids or not all(isinstance(id, str) for id in ids):
            raise BadLine("choose takes the id of a reason, or a list of ids.")
        for id in ids:
            if id not in self.library.reasons and id not in self.library.protocols and id not in _OTHER:
                raise BadLine(
                    f"There is no reason {id[:60]!r}. Choose an id from reasons, or {GENERAL!r} for something else."
                )
        chosen = tuple(GENERAL if id in _OTHER else id for id in ids[:MOST_REASONS])
        told = self.started
        self.state = begin(self.library, chosen, told.known, told.raised, told.about, told.near)
        return self._onward(self.state)

    def _answer(self, given: Mapping[str, Any]) -> dict[str, Any]:
        state, id = self._begun(), given.get("id")
        if not isinstance(id, str) or "value" not in given:
            raise BadLine("answer takes the id of the question and a value; null for “I don't know”.")
        assert self.started is not None
        if id == QUESTION:
            return self._judged(state, given["value"])
        raw = self._read(id, given["value"])
        state = answer(self.library, state, id, raw, self.asked)
        concept = self.library.concepts.get(id)
        if isinstance(raw, str) and concept and concept.kind is Kind.TEXT:
            lang = self.started.lang
            state = replace(state, raised=(*state.raised, *self._flags(raw, lang, state.answers)))
            told = self._told(raw, lang)
            self.doubts.facts |= {name for name in told if state.answers.get(name) is not True}
            state = heard(self.library, state, told)
        self.state = state
        return self._onward(state)

    def _read(self, id: str, raw: Any) -> Any:
        """Also what people write in words: "3 dagar", the text of an option."""
        concept = self.library.concepts.get(id)
        if concept is None:
            return raw
        if concept.kind is Kind.DURATION and isinstance(raw, (str, int, float)) and not isinstance(raw, bool):
            hours = duration(raw)
            return raw if hours is None else hours
        if isinstance(raw, str) and concept.kind.is_number:
            return raw.lower().removesuffix("grader").rstrip("°c ").strip() or raw
        if isinstance(raw, str) and concept.options and not concept.option(raw):
            texts = {
                option.text.said(lang).lower(): option.id
                for option in concept.options
                for lang in ("sv", "en")
            }
            return texts.get(raw.strip().lower(), raw)
        if not isinstance(raw, str) or concept.kind is not Kind.TEXT:
            return raw
        return understood(concept, raw)

    def _judged(self, state: State, raw: Any) -> dict[str, Any]:
        flags, facts = self.doubts.open(state, standing(self.library, state))
        ids = [*(one.rule.id for one in flags), *facts]
        if not ids:
            raise BadLine(f"{QUESTION} is not the question.")
        ticked = [raw] if isinstance(raw, str) else raw
        if ticked is not None and not (
            isinstance(ticked, list) and all(one in (*ids, "none") for one in ticked)
        ):
            raise BadLine(
                f"{QUESTION} takes a list of {', '.join(ids)}, an empty list for none of them, or null."
            )
        self.state = self.doubts.answer(ids, ticked, state)
        return self._onward(self.state)

    def _onward(self, state: State) -> dict[str, Any]:
        assert self.started is not None
        self.asked = None
        outcome = standing(self.library, state)
        self.asked = question = next_question(self.library, state, outcome)
        if question is None:
            flags, facts = self.doubts.open(state, outcome)
            if flags or facts:
                lang = self.started.lang
                return {"question": self.doubts.question(flags, facts, self.library, state, lang)}
            return self._result(state, outcome)
        return {"question": telling_lines.question(question, state, self.started.lang)}

    def _result(self, state: State, outcome: Outcome | None = None) -> dict[str, Any]:
        assert self.started is not None
        reached = result(self.library, state, outcome)
        told = telling_lines.result(self.library, state, reached, self.started.lang, self.started.text)
        return {"result": told | {"questions_asked": reached.questions + self.doubts.asked}}

    def _begun(self) -> State:
        if self.started is None:
            raise BadLine("Nothing has been started. Send start first.")
        if self.state is None:
            told = self.started
            return begin(self.library, (), told.known, told.raised, told.about, told.near)
        return self.state


def _object(raw: str) -> Mapping[str, Any]:
    if len(raw) > LONGEST:
        raise BadLine(f"The line is longer than {LONGEST} characters.")
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        raise BadLine("The line is not JSON.") from None
    return _map(found, "a line")


def _map(found: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(found, dict):
        raise BadLine(f"{what} takes a JSON object.")
    return found


def _low(raw: Any) -> Any:
    if isinstance(raw, str):
        return {"f": "F", "female": "F", "k": "F", "kvinna": "F", "m": "M", "male": "M", "man": "M"}.get(
            raw.lower()
        )
    return raw


def lines(source: BinaryIO) -> Iterator[bytes]:
    """Lines without their ends; one that is too long comes cut, so that it is refused instead of kept."""
    while raw := source.readline(4 * LONGEST):
        while raw and not raw.endswith(b"\n") and len(raw) >= 4 * LONGEST:
            rest = source.readline(4 * LONGEST)
            if not rest or rest.endswith(b"\n"):
                break
        yield raw.strip()


def ready() -> Conversation:
    """With all that a first line would wait for made, and out of the collector's way."""
    conversation = Conversation(load.library())
    for lang in ("sv", "en"):
        conversation.line(json.dumps({"start": {"lang": lang, "text": "ont i halsen, sore throat"}}))
    gc.collect()
    gc.freeze()
    return Conversation(conversation.library)


def main() -> int:
    """Standard input to standard output, until the input ends."""
    conversation = ready()
    for raw in lines(sys.stdin.buffer):
        if not raw:
            continue
        reply = conversation.line(raw.decode("utf-8", "replace"))
        sys.stdout.buffer.write(json.dumps(reply, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
        sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
