"""What a resident's own words say: reasons, facts, danger signs. Pure but for the content in use."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from vardvag.services.triage import keeping
from vardvag.services.triage.engine.library import Library
from vardvag.services.triage.words import watch
from vardvag.services.triage.words.facts import facts
from vardvag.services.triage.words.match import match, words_of

SHOWN = 3
LIKELY = 8  # kept, so that "something else" can offer more


@dataclass(frozen=True, slots=True)
class Read:
    suggested: list[str]
    facts: list[dict[str, Any]]
    flags: list[dict[str, Any]]


def read(words: str, *, language: str, library: Library, age: float, sex: str, today: date) -> Read:
    understood = words_of(library).read(words, language)
    found = facts(understood, lang=language, library=library, today=today)
    suggested = match(understood, lang=language, library=library, age=age, sex=sex)
    return Read(
        suggested=[one.id for one in suggested[:LIKELY]],
        facts=[
            {"concept": one.concept, "value": keeping.value_out(one.value), "words": one.words}
            for one in found
            if one.concept in library.concepts
        ],
        flags=[
            {
                "id": one.id,
                "urgency": one.urgency,
                "because": dict(one.because),
                "words": one.words,
            }
            for one in watch.scan(words, lang=language, age=age)
        ],
    )
