"""What the words already say. (Being written.)"""

from dataclasses import dataclass

from vardvag.services.triage.engine.library import Library
from vardvag.services.triage.engine.values import Value


@dataclass(frozen=True, slots=True)
class Fact:
    concept: str
    value: Value
    words: str


def facts(text: str, *, lang: str, library: Library) -> list[Fact]:
    return []
