"""Likeness of letters: TF-IDF over runs of three and four letters, folded. Carries what no word list knows."""

import math
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache

from vardvag.services.triage.words.normal import fold
from vardvag.services.triage.words.reading import Reading

_SIZES = (3, 4)
_MOST = 400  # runs looked at in a text
_COMMON = 40  # runs that stand in more reasons than this say nothing


@dataclass
class Likeness:
    _words: dict[str, set[str]] = field(default_factory=dict)
    _by: dict[str, list[tuple[str, float]]] = field(default_factory=dict)
    _idf: dict[str, float] = field(default_factory=dict)

    def add(self, reason: str, phrase: str, everyday: frozenset[str] = frozenset()) -> None:
        words = (word for word in phrase.lower().replace(",", " ").split() if word not in everyday)
        self._words.setdefault(reason, set()).update(words)

    def finish(self) -> None:
        counted = {
            reason: Counter(run for word in words for run in runs(word))
            for reason, words in self._words.items()
        }
        spread = Counter(run for counts in counted.values() for run in counts)
        total = len(counted)
        self._idf = {
            run: math.log((total + 1) / (count + 0.5)) for run, count in spread.items() if count <= _COMMON
        }
        for reason, counts in counted.items():
            weights = {
                run: (1 + math.log(count)) * self._idf[run]
                for run, count in counts.items()
                if run in self._idf
            }
            norm = math.sqrt(sum(value * value for value in weights.values())) or 1.0
            for run, value in weights.items():
                self._by.setdefault(run, []).append((reason, value / norm))
        self._words.clear()

    def like(self, reading: Reading, everyday: frozenset[str] = frozenset()) -> dict[str, float]:
        """`everyday`: words that say nothing of a reason, however they are spelt."""
        counts = Counter(
            run
            for place, word in enumerate(reading.words[:120])
            if not word.number
            and len(word.text) > 2
            and place not in reading.masked
            and not reading.scopes[place].denied
            and word.text not in everyday
            for run in runs(word.text)
        )
        weights = [
            (run, (1 + math.log(count)) * self._idf[run]) for run, count in counts.items() if run in self._idf
        ]
        norm = math.sqrt(sum(value * value for _, value in weights)) or 1.0
        out: dict[str, float] = {}
        for run, value in weights[:_MOST]:
            for reason, other in self._by.get(run, ()):
                out[reason] = out.get(reason, 0.0) + value / norm * other
        return out


@lru_cache(maxsize=20_000)
def runs(word: str) -> tuple[str, ...]:
    padded = f" {fold(word)} "
    return tuple(padded[place : place + size] for size in _SIZES for place in range(len(padded) - size + 1))
