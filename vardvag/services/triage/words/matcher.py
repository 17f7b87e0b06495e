"""The index that a text is matched against: which words together speak for which reason. Built once for a library."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from vardvag.services.triage.words.lexicon import Lexicon
from vardvag.services.triage.words.reading import Mention, Reading

LEVELS: Mapping[str, float] = {"strong": 1.0, "fair": 0.6, "weak": 0.3}
_NEAR = 9  # words
DENIALS = frozenset(
    [
        "inte",
        "ej",
        "ingen",
        "inget",
        "inga",
        "utan",
        "aldrig",
        "not",
        "no",
        "without",
        "can't",
        "cannot",
        "won't",
        "don't",
        "doesn't",
        "isn't",
        "haven't",
    ]
)
_WHOLE_PAIR, _WHOLE_PHRASE = 0.8, 0.9  # more for a pattern of several words that stands whole
_STEM = 6  # letters of a stem, with its mark, from which it may stand for a word of its own
_LIGHT = 0.4
_LITERAL = 1.3  # the most that a word without a concept can weigh beside concepts


@dataclass(frozen=True, slots=True)
class Pattern:
    """Each element is met by any of its keys; a key is a concept or `~stem`."""

    reason: str
    elements: tuple[tuple[str, ...], ...]
    level: float
    literal: bool = False  # of spoken words: they must stand in one sentence
    denies: bool = False  # says "inte" itself


@dataclass
class Index:
    patterns: dict[str, list[Pattern]] = field(default_factory=dict)  # by each key of the first element
    against: dict[str, list[tuple[float, tuple[tuple[str, ...], ...]]]] = field(default_factory=dict)
    weight: dict[str, float] = field(default_factory=dict)
    literals: set[str] = field(default_factory=set)
    light: frozenset[str] = frozenset()  # words as such that weigh next to nothing ("out", "upp")
    _spread: Counter[str] = field(default_factory=Counter)
    _all: dict[tuple[str, tuple[tuple[str, ...], ...]], Pattern] = field(default_factory=dict)

    def add(
        self, reason: str, elements: Sequence[Sequence[str]], level: float, literal: bool = False
    ) -> None:
        found = tuple(tuple(one) for one in elements if one)
        if not found:
            return
        old = self._all.get((reason, found))
        if old is None or old.level < level:
            denies = any(key[1:] in DENIALS for one in found for key in one if key[0] == "~")
            self._all[reason, found] = Pattern(reason, found, level, literal, denies)
        self.literals.update(key for one in found for key in one if key[0] in "~=")

    def finish(self, reasons: int) -> None:
        spread: dict[str, dict[str, float]] = {}
        for pattern in self._all.values():
            share = pattern.level / math.sqrt(len(pattern.elements))
            for one in pattern.elements:
                for key in one:
                    by = spread.setdefault(key, {})
                    by[pattern.reason] = max(by.get(pattern.reason, 0), share)
        for key, by in spread.items():
            self.weight[key] = max(0.4, math.log((reasons + 2) / (sum(by.values()) + 0.8)))
        for pattern in self._all.values():
            weights = [min(self.weight[key] for key in one) for one in pattern.elements]
            rare = weights.index(max(weights))
            elements = (pattern.elements[rare], *pattern.elements[:rare], *pattern.elements[rare + 1 :])
            for key in elements[0]:
                self.patterns.setdefault(key, []).append(replace(pattern, elements=elements))

    # -- a text against it
    def covered(self, reading: Reading, keys: Iterable[str]) -> dict[str, dict[str, float]]:
        """For each reason the keys of the text that speak for it, with how much."""
        out: dict[str, dict[str, float]] = {}
        words = reading.words
        for key in keys:
            for pattern in self.patterns.get(key, ()):
                for start in _mentions(reading, key, pattern)[:4]:
                    met = self._met(pattern, key, start, reading)
                    if met is None:
                        continue
                    near, mentions = met
                    by = out.setdefault(pattern.reason, {})
                    literal_only = all(one.key[0] in "~=" for one in mentions)
                    for one in mentions:
                        weight = self.weight[one.key]
                        if one.key[0] in "~=":
                            most = _LIGHT if one.key in self.light else _LITERAL
                            weight = min(weight, 4.5 / len(mentions) if literal_only else most)
                        value = weight * pattern.level * near * one.sure * _place(one, words)
                        if reading.past(one) or reading.told(one):
                            value *= 0.4
                        name = f"{one.first}.{one.part}" if one.first == one.last else one.key
                        by[name] = max(by.get(name, 0.0), value)
                    if near == 1.0 and len(mentions) > 1 and pattern.level == 1.0:
                        bonus = _WHOLE_PHRASE if pattern.literal else _WHOLE_PAIR
                        by[""] = max(by.get("", 0.0), bonus * min(one.sure for one in mentions))
        return out

    def _met(
        self, pattern: Pattern, key: str, start: Mention, reading: Reading
    ) -> tuple[float, list[Mention]] | None:
        mentions, near = [start], 1.0
        for element in pattern.elements[1:]:
            best: Mention | None = None
            far = 10_000
            for other in element:
                for one in _mentions(reading, other, pattern)[:6]:
                    if any(_same(one, taken) for taken in mentions):
                        continue
                    apart = _apart(one, start, reading)
                    if apart < far:
                        best, far = one, apart
            if best is None or (pattern.literal and far > _NEAR):
                return None
            near *= 1.0 if far <= _NEAR else 0.8 if far < 1000 else 0.65
            mentions.append(best)
        return near, mentions


def _mentions(reading: Reading, key: str, pattern: Pattern) -> Sequence[Mention]:
    return reading.mentions.get(key, ()) if pattern.denies else reading.said(key)


def _same(one: Mention, two: Mention) -> bool:
    return one.first == two.first and one.last == two.last and one.part == two.part


def _apart(one: Mention, two: Mention, reading: Reading) -> int:
    gap = max(one.first, two.first) - min(one.last, two.last)
    return gap if reading.words[one.first].sentence == reading.words[two.first].sentence else 1000 + gap


def _place(one: Mention, words: Sequence[Any]) -> float:
    """What is said first weighs a little more."""
    return 1.0 if one.first < 12 else 0.92 if one.first < 30 else 0.85


def spoken(phrase: str, lexicon: Lexicon, owned: frozenset[str] = frozenset()) -> list[tuple[str, ...]]:
    """A phrase in plain words as elements: its concepts, or its words where they have none. `owned`: concepts that
    may speak for the reason alone."""
    named = lexicon.named(phrase) & owned
    if named:
        return [tuple(sorted(named))]
    out: list[tuple[str, ...]] = []
    said = phrase.lower().replace(",", " ").split()
    for word in (one for one in said if one in DENIALS or one not in lexicon.tiny):
        known = lexicon.look(word)
        if word not in DENIALS and known.sure >= 0.95 and known.parts:
            out += known.parts
        else:
            out.append(("~" + known.stem,))
    if len(set(out)) == 1 and out[0][0][0] == "~":  # no single everyday word speaks for a reason
        if len(said) > 1:
            out = [("~" + lexicon.look(word).stem,) for word in said]
        elif len(out[0][0]) < _STEM or said[0] in lexicon.little | lexicon.known:
            out = [("=" + said[0],)]
    seen: list[tuple[str, ...]] = []
    for one in out:
        if one not in seen:
            seen.append(one)
    if len(seen) == 1 and seen[0][0][0] != "~":
        mine = tuple(key for key in seen[0] if key in owned)
        return [mine or tuple("=" + word for word in said)] if mine or len(phrase.split()) == 1 else []
    return seen
