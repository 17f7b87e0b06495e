"""The small language of the watch: words in order with gaps, concepts, numbers; see content/watch/README.md."""

import math
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from vardvag.services.triage.words import stems
from vardvag.services.triage.words.normal import squeeze
from vardvag.services.triage.words.reading import Reading

Places = tuple[int, ...]

_GAPS = {"..": 5, "...": 10}  # steps to the next word
_STEP = 2
_SURE = 0.75
_MOST = 40  # places of one alternative that are looked at
ROUGH = 5  # letters from which a beginning is also found with doubled letters and lost dots


@dataclass(frozen=True, slots=True, eq=False)  # a hash of what it holds would cost more than the rest
class Alternatives:
    concepts: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()  # as written
    stems: frozenset[str] = frozenset()
    begins: tuple[str, ...] = ()
    finishes: tuple[str, ...] = ()
    above: float | None = None
    below: float | None = None
    phrases: tuple["Run", ...] = ()  # written with _ between the words
    together: tuple[tuple[str, ...], ...] = ()  # `<a>+<b>`: concepts of one compound


@dataclass(frozen=True, slots=True)
class Run:
    """Alternatives in order, with the most steps from one to the next."""

    parts: tuple[Alternatives, ...]
    steps: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    runs: tuple[Run, ...]
    anywhere: tuple[bool, ...]  # per run: may stand in another sentence than the first


def parse(text: str, lang: str) -> Pattern:
    runs: list[Run] = []
    anywhere: list[bool] = []
    for number, far in enumerate(text.split(" && ")):
        for place, near in enumerate(far.split(" & ")):
            runs.append(_run(near, lang))
            anywhere.append(number > 0 and place == 0)
    return Pattern(tuple(runs), tuple(anywhere))


def _run(text: str, lang: str) -> Run:
    parts: list[Alternatives] = []
    steps: list[int] = []
    step = _STEP
    for one in text.split():
        if one in _GAPS:
            step = _GAPS[one]
        else:
            parts.append(_alternatives(one, lang))
            steps.append(step)
            step = _STEP
    return Run(tuple(parts), tuple(steps))


@lru_cache(maxsize=20_000)
def _alternatives(text: str, lang: str) -> Alternatives:
    concepts, words, found, begins, finishes, phrases, together = set(), set(), set(), [], [], [], []
    above = below = None
    for one in text.lower().split("|"):
        if "+" in one:
            together.append(tuple(name.strip("<>") for name in one.split("+")))
        elif "_" in one and not one.startswith("<"):
            phrases.append(_run(one.replace("_", " "), lang))
        elif one.startswith("<"):
            concepts.add(one.strip("<>"))
        elif one.startswith("#>"):
            least, _, most = one[2:].partition("<")
            above, below = float(least), float(most) if most else None
        elif one.startswith("#<"):
            below = float(one[2:])
        elif one.endswith("*"):
            begins.append(one[:-1])
        elif one.startswith("*"):
            finishes.append(one[1:])
        elif one.startswith("="):
            words.add(one[1:])
        else:
            words.add(one)
            if len(one) > 4:
                found.add(stems.stem(one, lang))
    return Alternatives(
        frozenset(concepts),
        frozenset(words),
        frozenset(found),
        tuple(begins),
        tuple(finishes),
        above,
        below,
        tuple(phrases),
        tuple(together),
    )


class Seen:
    """A reading made ready for patterns: where each concept, form and stem begins."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.concepts: dict[str, dict[int, int]] = {}  # concept: first word: last word
        for key, mentions in reading.mentions.items():
            for one in mentions:
                if one.sure >= _SURE and key[0] not in "~=":
                    ends = self.concepts.setdefault(key, {})
                    ends[one.first] = max(one.last, ends.get(one.first, 0))
        self.forms: dict[str, list[int]] = {}
        self.stems: dict[str, list[int]] = {}
        self.numbers: list[tuple[int, float]] = []
        for place, word in enumerate(reading.words):
            known = reading.known[place]
            for form in {word.text, reading.forms[place], *known.words}:
                self.forms.setdefault(form, []).append(place)
            if known.sure >= _SURE and not word.number:
                self.stems.setdefault(known.stem, []).append(place)
            value = number(word.text) if word.number else None
            if value is not None:
                self.numbers.append((place, value))
        self.rough: dict[str, list[int]] = {}
        for form, found in self.forms.items():
            self.rough.setdefault(squeeze(form), []).extend(found)
        self._places: dict[Alternatives, dict[int, int]] = {}

    @cached_property
    def ordered(self) -> Sequence[str]:
        return sorted(self.forms)

    @cached_property
    def rough_ordered(self) -> Sequence[str]:
        return sorted(self.rough)

    def places(self, wanted: Alternatives) -> dict[int, int]:
        """First and last word of everything that is wanted."""
        out = self._places.get(wanted)
        if out is None:
            out = self._places[wanted] = self._looked(wanted)
        return out

    def _looked(self, wanted: Alternatives) -> dict[int, int]:
        out = {place: place for place in self._single(wanted)}
        for concept in wanted.concepts:
            out.update(self.concepts.get(concept, {}))
        denies = self.reading.denies
        for phrase in wanted.phrases:
            for span in spans(phrase, self):
                if denies.isdisjoint(
                    {*range(span[0], span[-1])}.difference(span)
                ):  # "drar inte in" is no "drar in"
                    out[span[0]] = span[-1]
        for together in wanted.together:
            ends = [self.concepts.get(concept, {}) for concept in together]
            out.update(
                (place, end) for place, end in ends[0].items() if all(place in other for other in ends[1:])
            )
        return dict(sorted(out.items())[:_MOST])

    def _single(self, wanted: Alternatives) -> Iterator[int]:
        """Words that by themselves are wanted."""
        for word in wanted.words & self.forms.keys():
            yield from self.forms[word]
        for stem in wanted.stems & self.stems.keys():
            yield from self.stems[stem]
        for begin in wanted.begins:
            yield from _begun(begin, self.ordered, self.forms)
            if len(squeeze(begin)) >= ROUGH:
                yield from _begun(squeeze(begin), self.rough_ordered, self.rough)
        for form in self.forms if wanted.finishes else ():
            if form.endswith(wanted.finishes):
                yield from self.forms[form]
        if wanted.above is not None or wanted.below is not None:
            low, high = wanted.above or 0.0, wanted.below or math.inf
            yield from (place for place, value in self.numbers if low < value < high)

    def possible(self, pattern: Pattern) -> bool:
        return all(self.places(part) for run in pattern.runs for part in run.parts)


def _begun(begin: str, ordered: Sequence[str], forms: Mapping[str, Sequence[int]]) -> Iterator[int]:
    for form in ordered[bisect_left(ordered, begin) :]:
        if not form.startswith(begin):
            return
        yield from forms[form]


def plain_words(pattern: Pattern) -> Iterator[str]:
    """Every whole word that a pattern names."""
    for run in pattern.runs:
        yield from _named(run)


def _named(run: Run) -> Iterator[str]:
    for part in run.parts:
        yield from part.words
        for phrase in part.phrases:
            yield from _named(phrase)


def number(text: str) -> float | None:
    try:
        return float(text.replace(",", ".").replace(":", "."))
    except ValueError:
        return None


def found(pattern: Pattern, seen: Seen) -> Iterator[Places]:
    """Each way a pattern stands in the text: the places of the words that meet it."""
    if not seen.possible(pattern):
        return
    for first in spans(pattern.runs[0], seen):
        rest = _others(pattern, seen, first)
        if rest is not None:
            yield tuple(sorted({*first, *rest}))


def _others(pattern: Pattern, seen: Seen, first: Places) -> Places | None:
    words = seen.reading.words
    out: list[Places] = []
    beside = words[first[0]].sentence
    for run, anywhere in zip(pattern.runs[1:], pattern.anywhere[1:], strict=True):
        fit = [
            span
            for span in spans(run, seen)
            if span not in (first, *out) and (anywhere or words[span[0]].sentence == beside)
        ]
        if not fit:
            return None
        best = next((span for span in fit if _is_so(span, seen.reading)), fit[0])
        if anywhere:
            beside = words[best[0]].sentence
        out.append(best)
    return tuple(place for span in out for place in span)


def _is_so(span: Places, reading: Reading) -> bool:
    """Neither denied nor long past: "inte avsvimmad men kräks" says what is so further on."""
    scopes = [reading.scopes[place] for place in span]
    return not any(
        scope.past or scope.told or any(one not in span for one in scope.denied) for scope in scopes
    )


def spans(run: Run, seen: Seen) -> Iterator[Places]:
    for place, end in seen.places(run.parts[0]).items():
        rest = _follow(run, seen, end, 1, seen.reading.words[place].sentence)
        if rest is not None:
            yield (*range(place, end + 1), *rest)


def _follow(run: Run, seen: Seen, end: int, part: int, sentence: int) -> Places | None:
    if part == len(run.parts):
        return ()
    words = seen.reading.words
    places = seen.places(run.parts[part])
    for place in range(end + 1, min(end + 1 + run.steps[part], len(words))):
        if words[place].sentence != sentence:
            return None
        if place in places and not _parted(seen.reading, end, place):
            rest = _follow(run, seen, places[place], part + 1, sentence)
            if rest is not None:
                return (*range(place, places[place] + 1), *rest)
    return None


def _parted(reading: Reading, end: int, place: int) -> bool:
    """What is denied ends with its clause: "inga sammandragningar och bebisen sparkar", "no pain, kicks as usual"."""
    if end in reading.denies:
        if reading.words[end].clause != reading.words[place].clause:
            return True
    elif place not in reading.denies:
        return False
    return not reading.joins.isdisjoint(range(end + 1, place))
