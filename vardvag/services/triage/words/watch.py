"""Danger signs in free text, wherever patients write. Hand-written patterns; only raises, never lowers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from typing import Any

from vardvag.services.triage.words import load, pattern
from vardvag.services.triage.words.base import LANGUAGES, Base, made
from vardvag.services.triage.words.needed import Needed
from vardvag.services.triage.words.normal import WATCH_READS, Plain, plain
from vardvag.services.triage.words.pattern import Pattern, Places, Seen
from vardvag.services.triage.words.reading import Reading

_LONGEST = 25  # words of an excerpt
_MOST = 8  # ways in which one pattern stands in a text that are looked at


@dataclass(frozen=True, slots=True)
class Flag:
    id: str
    urgency: int
    because: Mapping[str, str]
    words: str  # the patient's own, where it was found


@dataclass(frozen=True, slots=True)
class _Danger:
    id: str
    urgency: int
    because: Mapping[str, str]
    over: bool  # counts even when it has passed
    from_age: float  # years, where the age is known
    patterns: Mapping[str, Sequence[Pattern]]
    against: Mapping[str, Sequence[Pattern]]
    turns: Mapping[str, Sequence[Pattern]]  # turns of phrase whose own words mean nothing: "hugger till"
    eased: int  # the urgency when the text says one of `by` and nothing of `unless`, anywhere
    by: Mapping[str, Sequence[Pattern]]
    unless: Mapping[str, Sequence[Pattern]]


@lru_cache(maxsize=1)
def _dangers() -> tuple[_Danger, ...]:
    out = []
    for listed in load.watch_files().values():
        for id, one in listed.items():
            eased: Mapping[str, Any] = one.get("eased") or {}
            out.append(
                _Danger(
                    id,
                    int(one["urgency"]),
                    one["because"],
                    bool(one.get("over")),
                    float(one.get("from_age", 0)),
                    _parsed(one),
                    _parsed(one.get("not")),
                    _parsed(one.get("turns")),
                    int(eased.get("urgency", one["urgency"])),
                    _parsed(eased.get("by")),
                    _parsed(eased.get("unless")),
                )
            )
    return tuple(sorted(out, key=lambda one: (one.urgency, one.id)))


def _parsed(listed: Mapping[str, Any] | None) -> dict[str, list[Pattern]]:
    return {
        lang: [pattern.parse(text, lang) for text in (listed or {}).get(lang) or ()] for lang in LANGUAGES
    }


@lru_cache(maxsize=1)
def _needed() -> Mapping[str, Needed]:
    """Per language, of everything that a danger looks for first."""
    return {
        lang: Needed(one for danger in _dangers() for one in (*danger.patterns[lang], *danger.turns[lang]))
        for lang in LANGUAGES
    }


@lru_cache(maxsize=1)
def _owners() -> Mapping[Pattern, str]:
    """The danger that looks for it. Turns of phrase have none."""
    return {each: one.id for one in _dangers() for lang in LANGUAGES for each in one.patterns[lang]}


def _grouped(possible: frozenset[Pattern]) -> Mapping[str, Sequence[Pattern]]:
    found: dict[str, list[Pattern]] = {}
    for one in possible:
        if owner := _owners().get(one):
            found.setdefault(owner, []).append(one)
    return found


@lru_cache(maxsize=1)
def _base() -> Base:
    """The words of the patterns are known, so that misspelt ones are mended towards them."""
    return made(
        (lang, word)
        for danger in _dangers()
        for lang in LANGUAGES
        for one in danger.patterns[lang]
        for word in pattern.plain_words(one)
    )


def scan(text: str, *, lang: str | None = None, age: float | None = None) -> list[Flag]:
    """Most urgent first. Of a text longer than WATCH_READS its beginning and end are read. `age`: the patient's, if
    it is known."""
    taken = plain(text, WATCH_READS)
    spoken, sure = _base().language(taken, lang)
    seen = [Seen(_base().taken_as(taken, one)) for one in ((spoken,) if sure else LANGUAGES)]
    possible = [_needed()[one.reading.lang].possible(one) for one in seen]
    grouped = [_grouped(one) for one in possible]
    named = {id for each in grouped for id in each}
    out: list[Flag] = []
    for danger in _dangers():
        if danger.id not in named or (age is not None and age < danger.from_age):
            continue
        for one, these, listed in zip(seen, possible, grouped, strict=True):
            # a text is read anew without turns of phrase only if need be
            if not _says(listed.get(danger.id, ()), one, danger.over):
                continue
            turned = _without_turns(danger, one, taken, these)
            left = these if turned is one else _needed()[one.reading.lang].possible(turned)
            place = _first(danger, turned, left)
            if place is not None:
                urgency = danger.eased if _eased(danger, turned) else danger.urgency
                out.append(Flag(danger.id, urgency, danger.because, one.reading.excerpt(*place)))
                break
    return sorted(out, key=lambda one: one.urgency)


def _eased(danger: _Danger, seen: Seen) -> bool:
    """What makes it grave is expressly denied, and nothing else of the text makes it grave."""
    lang = seen.reading.lang
    return _says(danger.by[lang], seen, over=True) and not _says(danger.unless[lang], seen, over=danger.over)


def _says(listed: Sequence[Pattern], seen: Seen, over: bool) -> bool:
    return any(
        _holds(places, seen.reading, over)
        for one in listed
        for places in islice(pattern.found(one, seen), _MOST)
    )


def _without_turns(danger: _Danger, seen: Seen, taken: Plain, possible: frozenset[Pattern]) -> Seen:
    """The text with the words of the danger's harmless turns of phrase blank."""
    lang = seen.reading.lang
    found = (pattern.found(one, seen) for one in danger.turns[lang] if one in possible)
    hidden = {
        place
        for each in found
        for places in islice(each, _MOST)
        if not _denied(places, seen.reading)
        for place in places
    }
    if not hidden:
        return seen
    words = tuple(
        word._replace(text="-", number=True) if place in hidden else word
        for place, word in enumerate(taken.words)
    )
    return Seen(_base().taken_as(replace(taken, words=words), lang))


def _first(danger: _Danger, seen: Seen, possible: frozenset[Pattern]) -> tuple[int, int] | None:
    reading = seen.reading
    for one in danger.patterns[reading.lang]:
        if one not in possible:
            continue
        for places in islice(pattern.found(one, seen), _MOST):
            if _holds(places, reading, danger.over) and not _taken_back(places, danger, seen):
                near = [place for place in places if place - places[0] < _LONGEST]
                return places[0], near[-1]
    return None


def _holds(places: Places, reading: Reading, over: bool) -> bool:
    """Nothing of it is denied by a word outside it, long past or only told; nor over, unless it counts even then."""
    return not any(
        scope.past
        or scope.told
        or (scope.over and not over)
        or any(one not in places for one in scope.denied)
        for scope in (reading.scopes[place] for place in places)
    )


def _denied(places: Places, reading: Reading) -> bool:
    return any(one not in places for place in places for one in reading.scopes[place].denied)


def _taken_back(places: Places, danger: _Danger, seen: Seen) -> bool:
    """Something harmless stands in the same sentence, and is not denied ("rör sig inte som vanligt")."""
    reading = seen.reading
    sentences = {reading.words[place].sentence for place in places}
    return any(
        reading.words[other[0]].sentence in sentences
        and not any(one not in other for place in other for one in reading.scopes[place].denied)
        for one in danger.against[reading.lang]
        for other in islice(pattern.found(one, seen), _MOST)
    )
