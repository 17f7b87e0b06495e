"""A text understood: which concepts it mentions and where, with what is denied, past or about someone else."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import NamedTuple

from vardvag.services.triage.words import stems
from vardvag.services.triage.words.lexicon import Known, Lexicon
from vardvag.services.triage.words.normal import Plain, Word
from vardvag.services.triage.words.quantities import speech_of
from vardvag.services.triage.words.scopes import Rules, Scope, scopes
from vardvag.services.triage.words.weeks import Week, week

_TEMPERATURE = re.compile(r"(?:37[.,][89]|3[89][.,]\d|4[012][.,]\d)")
_PRESSURE = re.compile(
    r"(?:[89]\d|1\d\d|2[0-5]\d) ?(?:/|över|over|genom) ?(?:[4-9]\d|1[0-4]\d)", re.IGNORECASE
)
_LOW, _HIGH = 100, 140  # systolic blood pressure, mmHg
_DOTTED = re.compile("[åäöÅÄÖ]")
_BARE = 22  # letters from which a Swedish text without å, ä and ö is written without them
_MOST = 60  # mentions of one concept
PREGNANT = "pregnant_w"


class Mention(NamedTuple):  # as Word: many are made
    """A concept, or a word as such (`~stem`), at words first..last. `part` tells parts of one compound apart."""

    key: str
    first: int
    last: int
    sure: float = 1.0
    part: int = 0


@dataclass(frozen=True)
class Reading:
    lang: str
    plain: Plain
    known: tuple[Known, ...]
    forms: tuple[str, ...]
    mentions: Mapping[str, Sequence[Mention]]
    scoped: Callable[[], Sequence[Scope]] = field(repr=False, compare=False)  # makes them once for all copies
    masked: frozenset[int] = frozenset()
    although: frozenset[str] = frozenset()  # concepts that a denial does not undo ("ingen aptit")
    week: Week | None = None
    denies: frozenset[int] = frozenset()  # words that deny others
    joins: frozenset[int] = frozenset()  # "och"
    _cache: dict[str, tuple[Mention, ...]] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def scopes(self) -> Sequence[Scope]:
        """Made when first asked for: of many texts the watch never does, since nothing it looks for stands there."""
        return self.scoped()

    @property
    def words(self) -> tuple[Word, ...]:
        return self.plain.words

    def said(self, key: str) -> tuple[Mention, ...]:
        """Mentions that are not denied."""
        found = self._cache.get(key)
        if found is None:
            found = self._cache[key] = tuple(
                one for one in self.mentions.get(key, ()) if key in self.although or not self.denied(one)
            )
        return found

    def denied(self, one: Mention) -> bool:
        """Denied by a word outside the mention itself."""
        return any(
            not one.first <= place <= one.last
            for word in range(one.first, one.last + 1)
            for place in self.scopes[word].denied
        )

    def past(self, one: Mention) -> bool:
        return bool(self.scopes[one.first].past)

    def told(self, one: Mention) -> bool:
        return bool(self.scopes[one.first].told)

    def excerpt(self, first: int, last: int) -> str:
        return " ".join(self.plain.text[self.words[first].start : self.words[last].end].split())


def language(plain: Plain, lexicons: Mapping[str, Lexicon], wanted: str | None) -> tuple[str, bool]:
    """By the words that the other language has not; what was asked for when in doubt. With whether it is sure."""
    sv, en = lexicons["sv"], lexicons["en"]
    swedish = english = 0.0
    for word in plain.words[:300]:
        form = word.text
        if word.number:
            continue
        here = form in sv.little or form in sv.exact or any(letter in "åäö" for letter in form)
        there = form in en.little or form in en.exact
        weight = 1.0 if form in sv.little or form in en.little else 0.7
        if here and not there:
            swedish += weight
        elif there and not here:
            english += weight
    sure = abs(swedish - english) >= 0.5 + 0.2 * (swedish + english)
    if wanted in ("sv", "en") and not sure:
        return wanted, False
    return ("en" if english > swedish else "sv"), sure


def read(
    plain: Plain,
    lang: str,
    lexicon: Lexicon,
    rules: Rules,
    literals: frozenset[str],
    although: frozenset[str],
) -> Reading:
    words = plain.words
    bare = lang == "sv" and len(plain.text) >= _BARE and not _DOTTED.search(plain.text)
    known = tuple(Known(word.text) if word.number else lexicon.look(word.text, bare) for word in words)
    forms = tuple(
        word.text
        if word.number or not one.words or (lexicon.knows(word.text) and (not bare or one.sure == 1.0))
        else one.words[0]
        for word, one in zip(words, known, strict=True)
    )
    mentions: dict[str, dict[Mention, None]] = {}  # in order, each once

    def add(one: Mention) -> None:
        listed = mentions.setdefault(one.key, {})
        if len(listed) < _MOST:
            listed[one] = None

    masked = _masked(known, lexicon)
    for place, one in enumerate(known):
        if place in masked or words[place].number:
            continue
        for part, concepts in enumerate(one.parts):
            for concept in concepts:
                add(Mention(concept, place, place, one.sure, part))
        for literal in ("~" + one.stem, "=" + words[place].text):
            if literal in literals:
                add(Mention(literal, place, place, one.sure))
    denies = frozenset(place for place, form in enumerate(forms) if form in rules.denying)
    for mention in _phrases(words, known, lexicon, denies):
        add(mention)
    for mention in _joined(words, lexicon, masked):
        add(mention)
    for mention in _measured(plain):
        add(mention)
    named = week(words, lang, speech_of(lang))
    if named:
        add(Mention(PREGNANT, named.first, named.last, 0.9))
    return Reading(
        lang,
        plain,
        known,
        forms,
        {key: list(listed) for key, listed in mentions.items()},
        cache(lambda: scopes(words, rules.dotted(forms) if bare else forms, rules)),
        masked,
        although,
        named,
        denies,
        frozenset(
            place for place, form in enumerate(forms) if form in rules.joins or _joins(forms, place, rules)
        ),
    )


def _joins(forms: Sequence[str], place: int, rules: Rules) -> bool:
    """ "o bebisen sparkar"; "svårt o andas" is "att"."""
    return forms[place] in rules.briefly and place + 1 < len(forms) and forms[place + 1] in rules.subjects


def _masked(known: Sequence[Known], lexicon: Lexicon) -> frozenset[int]:
    out: set[int] = set()
    for place, one in enumerate(known):
        for turn in lexicon.ignore.get(one.stem, ()):
            if tuple(other.stem for other in known[place : place + len(turn)]) == turn:
                out.update(range(place, place + len(turn)))
    return frozenset(out)


def _phrases(
    words: Sequence[Word], known: Sequence[Known], lexicon: Lexicon, denies: frozenset[int]
) -> list[Mention]:
    found = []
    said = {one.stem for one in known}
    for place, one in enumerate(known):
        for phrase in lexicon.phrases.get(one.stem, ()):
            if not said.issuperset(phrase.stems):
                continue
            last = _follow(words, known, place, phrase.stems, denies)
            if last is not None:
                sure = min(known[two].sure for two in range(place, last + 1))
                found.append(Mention(phrase.concept, place, last, sure))
    return found


def _follow(
    words: Sequence[Word], known: Sequence[Known], place: int, wanted: tuple[str, ...], denies: frozenset[int]
) -> int | None:
    """The last word of a phrase that begins here; one other word may stand between two of its words, but none that
    denies ("tappar inte talet")."""
    at = place
    for stem in wanted[1:]:
        for step in (1, 2):
            after = at + step
            if (
                after < len(known)
                and known[after].stem == stem
                and words[after].sentence == words[place].sentence
                and (step == 1 or _fills(words, after, denies))
            ):
                at = after
                break
        else:
            return None
    return at


def _fills(words: Sequence[Word], after: int, denies: frozenset[int]) -> bool:
    """The word before may stand inside a phrase."""
    filling = words[after - 1]
    return not filling.number and after - 1 not in denies and filling.clause == words[after].clause


def _joined(words: Sequence[Word], lexicon: Lexicon, masked: frozenset[int]) -> list[Mention]:
    """Words that were written apart ("huvud värk")."""
    found = []
    for place in range(len(words) - 1):
        one, two = words[place], words[place + 1]
        if one.number or two.number or one.clause != two.clause or place in masked:
            continue
        if (one.text in lexicon.little and two.text in lexicon.little) or len(one.text) + len(two.text) < 6:
            continue
        joined = one.text + two.text
        concepts = lexicon.exact.get(joined) or lexicon.stem.get(stems.stem(joined, lexicon.lang), ())
        for concept in concepts:
            found.append(Mention(concept, place, place + 1, 0.95))
    return found


def _measured(plain: Plain) -> list[Mention]:
    """Figures that say what they are: a body temperature with a decimal, a blood pressure."""
    found = []
    words = plain.words
    for place, word in enumerate(words):
        if not word.number:
            continue
        if _TEMPERATURE.fullmatch(word.text):
            found.append(Mention("fever_w", place, place, 0.9))
        after = place + 1 if place + 1 < len(words) and words[place + 1].number else place + 2
        if (
            after < len(words)
            and words[after].number
            and _PRESSURE.fullmatch(" ".join(plain.text[word.start : words[after].end].split()))
        ):
            found.append(Mention("bp", place, after, 0.9))
            upper = int(word.text)
            if upper < _LOW or upper >= _HIGH:
                found.append(Mention("low" if upper < _LOW else "high", place, after, 0.9))
    return found
