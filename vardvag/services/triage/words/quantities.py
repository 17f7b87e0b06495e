"""Numbers in words and figures, temperatures, durations and pain out of ten."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from vardvag.services.triage.words import load
from vardvag.services.triage.words.normal import squeeze

_TEN = re.compile(r"(?<![\d.,])(\d{1,2})(?:\s*-\s*(\d{1,2}))?\s*(?:/|av|out of|of)\s*10(?!\d)", re.IGNORECASE)
_SCALE = re.compile(r"\b(?:vas|nrs|smärtskala\w*|pain scale)\D{0,12}(\d{1,2})(?!\d)", re.IGNORECASE)
_LOWEST, _HIGHEST = 34.0, 43.0
_BETWEEN = ("of", "hela", "senaste", "sista", "past", "last", "nästan", "drygt", "ca", "cirka", "about")
_WEEKDAY_UNKNOWN = 72.0  # hours since a weekday when nobody says what day it is


_MAPS = ("numbers", "tens", "units", "since", "days", "whole", "ordinals", "counted")
_VAGUE = (
    "några",
    "någon",
    "nån",
    "par",
    "flera",
    "halv",
    "halva",
    "few",
    "couple",
    "several",
    "half",
    "a",
    "an",
)
_LISTS = ("before", "ago", "about", "degrees", "not_temp", "event", "rate", "per", "sleep", "no_start")


@dataclass(frozen=True, slots=True)
class Found:
    value: float
    first: int
    last: int


@dataclass(frozen=True)
class Speech:
    """How one language says quantities, from lexicon/quantities.yaml."""

    numbers: Mapping[str, float]
    tens: Mapping[str, int]
    counts: Mapping[str, int]  # by what is left of the word when people misspell
    units: Mapping[str, float]
    since: Mapping[str, float]
    days: Mapping[str, int]
    whole: Mapping[str, float]
    before: frozenset[str]
    ago: frozenset[str]
    about: frozenset[str]
    degrees: frozenset[str]
    not_temp: frozenset[str]
    event: frozenset[str]  # efter: a time since something that happened
    rate: frozenset[str]  # per
    per: frozenset[str]  # dagen: "4 timmar om dagen"
    sleep: frozenset[str]
    no_start: frozenset[str]  # om, var: "om tre dagar", "var fjärde timme"
    left: Sequence[Sequence[str]]  # "kvar", "to go": what lies ahead
    ordinals: Mapping[str, float]
    counted: Mapping[str, float]  # dagen: "fjärde dagen"
    birth: Sequence[Sequence[str]]  # "fick barn", which says how long ago only with a time
    lately: Sequence[Sequence[str]]  # "förra veckan"
    labs: Mapping[str, Sequence[tuple[str, float, float]]]  # kalium: what follows from a value between two

    def knows(self, form: str) -> bool:
        return form in self.numbers or form in self.units or form in self.since or form in self.days

    def count(self, form: str) -> int | None:
        """A whole number in words, also put together: "nio", "trettiofyra", "thirty-four"."""
        return self.counts.get(squeeze(form))


@lru_cache(maxsize=2)
def speech_of(lang: str) -> Speech:
    return speech(load.lexicon_files()["quantities"][lang])


def speech(data: Mapping[str, Any]) -> Speech:
    fields: dict[str, Any] = {name: data[name] for name in _MAPS}
    for name in ("birth", "lately", "left"):
        fields[name] = [said.split() for said in data[name]]
    fields["labs"] = data["labs"]
    fields["counts"] = _counts(data["numbers"], data["tens"])
    fields |= {name: frozenset(data[name]) for name in _LISTS}
    return Speech(**fields)


def _counts(numbers: Mapping[str, float], tens: Mapping[str, int]) -> dict[str, int]:
    """The listed numbers that say exactly how many, the tens, and both together."""
    exact = {word: int(number) for word, number in numbers.items() if word not in _VAGUE}
    whole = {
        f"{ten}{between}{word}": above + number
        for ten, above in tens.items()
        for word, number in exact.items()
        if number < 10
        for between in ("", "-")
    }
    return {squeeze(word): number for word, number in (exact | dict(tens) | whole).items()}


def value(form: str, how: Speech) -> float | None:
    if form[:1].isdecimal() and len(form) <= 12:
        try:
            return float(form.replace(",", ".").replace(":", ".").replace("/", "."))
        except ValueError:
            return None
    return how.numbers.get(form)


def temperature(forms: Sequence[str], how: Speech) -> Found | None:
    """The highest that is said of a body."""
    best: Found | None = None
    for place, form in enumerate(forms):
        found = value(form, how)
        if found is None:
            continue
        near = set(forms[max(0, place - 5) : place + 4])
        after = forms[place + 1] if place + 1 < len(forms) else ""
        fever = bool(near & how.degrees) or any(one.startswith(("feb", "temp", "term")) for one in near)
        if 95 <= found <= 108 and fever and after not in how.not_temp:
            found = round((found - 32) / 1.8, 1)
        before = forms[place - 1] if place else ""
        if not _LOWEST <= found <= _HIGHEST or after in how.not_temp or before in ("v", "vecka", "week"):
            continue
        if not fever and not ("." in form or "," in form):
            continue
        if not fever and found < 37.5:
            continue
        about = place > 0 and forms[place - 1] in how.about
        first = place - 1 if about else place
        last = place + 1 if after in how.degrees else place
        one = Found(found - 0.2 if about else found, first, last)
        if best is None or one.value > best.value:
            best = one
    return best


def durations(forms: Sequence[str], how: Speech, today: date | None) -> Iterator[tuple[bool, Found]]:
    """Each length of time, and whether it is said as a time ago rather than as going on."""
    for place, form in enumerate(forms):
        before = forms[max(0, place - 3) : place]
        if form in how.units:
            found = _length(forms, place, how)
            if found and not _is_left(forms, place, how):
                after = forms[place + 1] if place + 1 < len(forms) else ""
                yield after in how.ago, Found(found[0], found[1], place)
        elif form in how.counted and before and before[-1] in how.ordinals and "var" not in before:
            if "every" not in before:
                yield False, Found(how.ordinals[before[-1]] * how.counted[form], place - 1, place)
        elif form in how.since and set(before) & {"sedan", "sen", "since"}:
            yield False, Found(how.since[form], place - 1, place)
        elif form in how.days and set(before) & {"sedan", "sen", "since"}:
            yield False, Found(_since(how.days[form], today), place - 1, place)
        elif form in how.whole and before and before[-1] in ("hela", "all", "whole", "förra", "last"):
            yield False, Found(how.whole[form], place - 1, place)


def _is_left(forms: Sequence[str], unit: int, how: Speech) -> bool:
    """ "Tio veckor kvar", "10 weeks to go", "3 weeks of tablets left"."""
    after = forms[unit + 1 : unit + 5]
    after = after[2:] if after[:1] == ("of",) or after[:1] == ["of"] else after
    return any(list(after[: len(one)]) == one for one in how.left)


def _length(forms: Sequence[str], place: int, how: Speech) -> tuple[float, int] | None:
    """Hours and the first word: "tre dagar", "ett par veckor", "3-4 dagar", "en och en halv vecka"."""
    hours = how.units[forms[place]]
    at = place - 1
    while at >= 0 and forms[at] in _BETWEEN:
        at -= 1
    if at < 0:
        return None
    number = value(forms[at], how)
    if number is None:
        return (hours, place) if forms[place] in ("kvart", "halvtimme", "halvtimma", "halvår") else None
    if number == 0.5 and at >= 3 and forms[at - 2 : at] == ("och", "en"):
        whole = value(forms[at - 3], how)
        if whole is not None:
            return (whole + 0.5) * hours, at - 3
    if (
        forms[at].isdecimal()
        and at
        and forms[at - 1].isdecimal()
        and int(forms[at]) - int(forms[at - 1]) in (1, 2)
    ):
        return number * hours, at - 1
    first = at - 1 if at and forms[at - 1] in ("ett", "en", "a", "an") and number in (2, 3, 0.5) else at
    return number * hours, first


def _since(weekday: int, today: date | None) -> float:
    if today is None:
        return _WEEKDAY_UNKNOWN
    return 24.0 * ((today.weekday() - weekday) % 7 or 7)


def pain(text: str) -> tuple[float, int, int] | None:
    """0-10 and where it stands in the text."""
    for pattern in (_TEN, _SCALE):
        found = pattern.search(text)
        if found:
            number = float(found[2] if pattern is _TEN and found[2] else found[1])
            if number <= 10:
                return number, found.start(), found.end()
    return None
