"""What a text already says: concepts by the phrases they are `said` with, temperature, duration, pain, who it is about.
Not asked again, but shown to the resident for confirmation."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from vardvag.services.triage.engine.library import Library
from vardvag.services.triage.engine.model import Concept, Kind
from vardvag.services.triage.words import load, quantities
from vardvag.services.triage.words.match import words_of
from vardvag.services.triage.words.normal import fold, squeeze
from vardvag.services.triage.words.quantities import Found, Speech
from vardvag.services.triage.words.reading import PREGNANT, Reading
from vardvag.services.triage.words.who import who

_FREE = ("fri", "fritt", "fria")  # "feberfri": says the thing only to deny it
_FILL = 1  # small words that may stand inside a phrase
_LONGEST = 5 * 8766.0
_FEVER_NEAR = 4
_SAME = 12  # times that one word is looked at


@dataclass(frozen=True, slots=True)
class Fact:
    concept: str  # also: age, sex, about
    value: bool | float | str
    words: str


@dataclass(frozen=True, slots=True)
class _Phrase:
    concept: str
    words: tuple[str, ...]
    whole: tuple[bool, ...]  # a phrase that ends in a space names whole words


def facts(text: str, *, lang: str | None, library: Library, today: date | None = None) -> list[Fact]:
    """In the order of the text. `today` tells how long ago "i fredags" was; without it three days are taken."""
    reading = words_of(library).read(text, lang)
    how = _speech(reading.lang)
    found: list[tuple[int, Fact]] = [*_said(reading, library)]
    found += _numbers(reading, how, library, today)
    found += _person(reading)
    seen: dict[str, Fact] = {}
    for _, fact in sorted(found, key=lambda one: (one[0], one[1].concept)):
        old = seen.get(fact.concept)
        if old is None or (old.value is False and fact.value is True):
            seen[fact.concept] = fact
    return list(seen.values())


@lru_cache(maxsize=2)
def _speech(lang: str) -> Speech:
    return quantities.speech(load.lexicon_files()["quantities"][lang])


# -- concepts
_PHRASES: dict[int, tuple[Library, dict[str, dict[str, list[_Phrase]]]]] = {}


def _phrases(library: Library, lang: str) -> Mapping[str, Sequence[_Phrase]]:
    """By the first three letters of the first word, folded."""
    found = _PHRASES.get(id(library))
    if found is None or found[0] is not library:
        built: dict[str, dict[str, list[_Phrase]]] = {"sv": {}, "en": {}}
        for concept in library.concepts.values():
            for spoken in ("sv", "en"):
                for phrase in getattr(concept.said, spoken):
                    words = phrase.lower().split()
                    if concept.kind is Kind.YESNO and words:
                        whole = tuple(
                            place < len(words) - 1 or phrase.endswith(" ") or len(word) < 3
                            for place, word in enumerate(words)
                        )
                        one = _Phrase(concept.id, tuple(words), whole)
                        built[spoken].setdefault(fold(words[0])[:3], []).append(one)
        _PHRASES.clear()
        found = _PHRASES[id(library)] = (library, built)
    return found[1][lang]


def _said(reading: Reading, library: Library) -> list[tuple[int, Fact]]:
    out: list[tuple[int, Fact]] = []
    phrases = _phrases(library, reading.lang)
    seen: Counter[str] = Counter()
    for place, word in enumerate(reading.words):
        seen[word.text] += 1
        if place in reading.masked or word.number or seen[word.text] > _SAME:
            continue
        starts = {fold(form)[:3] for form in _forms(reading, place)}
        for start in starts:
            for phrase in (*phrases.get(start, ()), *phrases.get(start[:2], ())):
                places = _stands(phrase, reading, place)
                if places:
                    value = _value(places, reading, library.concepts[phrase.concept])
                    if value is not None:
                        words = reading.excerpt(places[0], places[-1])
                        out.append((place, Fact(phrase.concept, value, words)))
    return out


def _forms(reading: Reading, place: int) -> tuple[str, ...]:
    return (reading.words[place].text, reading.forms[place], *reading.known[place].words)


def _stands(phrase: _Phrase, reading: Reading, place: int) -> tuple[int, ...] | None:
    places = []
    at = place
    for number, (word, whole) in enumerate(zip(phrase.words, phrase.whole, strict=True)):
        for step in range(1 if number == 0 else _FILL + 1):
            here = at + step
            if here >= len(reading.words) or reading.words[here].sentence != reading.words[place].sentence:
                return None
            if any(_meets(form, word, whole) for form in _forms(reading, here)):
                places.append(here)
                at = here + 1
                break
        else:
            return None
    return tuple(places)


def _meets(form: str, word: str, whole: bool) -> bool:
    if whole:
        return form == word or (len(word) > 4 and (squeeze(form) == squeeze(word)))
    return form.startswith(word) or (len(word) > 4 and squeeze(form).startswith(squeeze(word)))


def _value(places: tuple[int, ...], reading: Reading, concept: Concept) -> bool | None:
    """Yes, no, or nothing said of now: someone else's history, or long past and no lasting trait."""
    scopes = [reading.scopes[place] for place in places]
    if any(scope.told for scope in scopes):
        return None
    denied = any(one not in places for scope in scopes for one in scope.denied)
    if not denied:
        forms = [reading.words[place].text for place in places]
        denied = any(form.endswith(_FREE) and len(form) > 6 for form in forms)
    if any(scope.past for scope in scopes) and not concept.background:
        return None
    if any(scope.over for scope in scopes) and not concept.danger:
        return None
    return not denied


# -- quantities
def _numbers(reading: Reading, how: Speech, library: Library, today: date | None) -> list[tuple[int, Fact]]:
    out: list[tuple[int, Fact]] = []
    words, forms = reading.words, reading.forms
    warm = quantities.temperature(forms, how)
    if warm and "temp" in library.concepts:
        out.append((warm.first, Fact("temp", warm.value, reading.excerpt(warm.first, warm.last))))
    long = _duration(reading, how, today)
    if long:
        hours, told = round(long.value, 2), reading.excerpt(long.first, long.last)
        out.append((long.first, Fact("duration", hours, told)))
        if _of_fever(reading, long) and "fever_duration" in library.concepts:
            out.append((long.first, Fact("fever_duration", hours, told)))
    hurts = quantities.pain(reading.plain.text)
    if hurts and "pain" in library.concepts:
        out.append((len(words), Fact("pain", hurts[0], reading.plain.text[hurts[1] : hurts[2]])))
    if reading.week is not None:
        said = str(reading.week)
        place = next(
            one.first for one in reading.mentions[PREGNANT] if reading.words[one.first].text.endswith(said)
        )
        told = reading.excerpt(max(0, place - 1), place)
        out += [(place, Fact("pregnant_week", float(said), told)), (place, Fact("pregnant", True, told))]
    return out


def _duration(reading: Reading, how: Speech, today: date | None) -> Found | None:
    """The first that goes on; a time ago only when nothing else is said. Years give way to shorter ones."""
    going: list[Found] = []
    ago: list[Found] = []
    for is_ago, found in quantities.durations(reading.forms, how, today):
        scope = reading.scopes[found.last]
        aged = found.value >= 8766 and not _goes_on(reading, found)
        if scope.told or found.value > _LONGEST or aged or (is_ago and found.value > 3 * 730):
            continue
        (ago if is_ago else going).append(found)
    for listed in (going, ago):
        if listed:
            short = [one for one in listed if one.value < 2000]
            return (short or listed)[0]
    return None


def _goes_on(reading: Reading, found: Found) -> bool:
    """ "i tre år", "for three years": not an age."""
    return found.first > 0 and reading.forms[found.first - 1] in (
        "i",
        "sedan",
        "sen",
        "för",
        "for",
        "past",
        "senaste",
    )


def _of_fever(reading: Reading, found: Found) -> bool:
    near = range(max(0, found.first - _FEVER_NEAR), min(found.last + 3, len(reading.words)))
    return any(
        reading.words[one].text.startswith(("feber", "fever", "febr"))
        and reading.words[one].sentence == reading.words[found.first].sentence
        and not reading.scopes[one].denied
        for one in near
    )


# -- the person
def _person(reading: Reading) -> list[tuple[int, Fact]]:
    one = who(reading)
    out: list[tuple[int, Fact]] = []
    if one.sure and one.reporter != "self":
        out.append((0, Fact("about", one.reporter, one.words)))
    if one.age is not None:
        out.append((0, Fact("age", one.age, one.age_words)))
    if one.sex and one.reporter != "self":
        out.append((0, Fact("sex", one.sex, one.words)))
    return out
