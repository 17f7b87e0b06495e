"""From the resident's own words to reasons, best first. It only orders suggestions: urgency never depends on it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from vardvag.services.triage.engine.library import Library
from vardvag.services.triage.words import load, ngrams
from vardvag.services.triage.words.base import LANGUAGES, Base, made
from vardvag.services.triage.words.matcher import LEVELS, Index, spoken
from vardvag.services.triage.words.normal import MATCH_READS, plain
from vardvag.services.triage.words.reading import Reading
from vardvag.services.triage.words.who import Who, who

_PRIOR: Mapping[str, float] = {"A": 1.1, "B": 1.05, "C": 1.0, "D": 0.97}
_AGAINST, _NOT_IF = 0.6, 0.75
_SOFT = 4.5  # how much the likeness of letters weighs beside words that were understood
_MOST = 8
_LEAST = 0.09  # of a score: less is noise
_SAME_AGAIN = 0.7  # what a suggestion is worth that explains nothing new
_CLOSE = 30  # what speaks against a reason is looked for only among the best
_HALF = 5.0  # the sum at which a score is a half


@dataclass(frozen=True, slots=True)
class Suggestion:
    id: str
    title: str
    score: float


@dataclass(frozen=True)
class Words:
    """Everything that matching needs, built once for a library."""

    base: Base
    index: Index
    soft: ngrams.Likeness
    families: Mapping[str, Any]
    literals: frozenset[str]

    def read(self, text: str, lang: str | None) -> Reading:
        return self.base.understood(plain(text, MATCH_READS), lang, self.literals)


_LAST: dict[int, tuple[Library, Words]] = {}


def words_of(library: Library) -> Words:
    key = id(library)
    found = _LAST.get(key)
    if found is None or found[0] is not library:
        _LAST.clear()
        found = _LAST[key] = (library, _built(library))
    return found[1]


def _built(library: Library) -> Words:
    files = load.lexicon_files()
    families = files["families"]
    adult = {child: grown for grown, child in families["child_of"].items()}
    index, soft = Index(), ngrams.Likeness()
    phrases = list(_phrases(library, files["pairs"]))
    ready = made(((lang, phrase) for _, lang, _, phrase in phrases), without=frozenset(("danger",)))
    for reason, pairs in files["pairs"].items():
        for level, value in LEVELS.items():
            for pair in pairs.get(level, ()):
                index.add(reason, [(name,) for name in pair.split()], value)
        for pair in pairs.get("not", ()):
            index.against.setdefault(reason, []).append((_AGAINST, tuple((name,) for name in pair.split())))
    owned = {
        reason: frozenset(
            pair for level in ("strong", "fair") for pair in pairs.get(level, ()) if " " not in pair
        )
        for reason, pairs in files["pairs"].items()
    }
    for reason, lang, level, phrase in phrases:
        family = adult.get(reason, reason)
        elements = spoken(phrase, ready.lexicons[lang], owned.get(family, frozenset()))
        if level == "not":
            index.against.setdefault(family, []).append((_NOT_IF, tuple(elements)))
            index.literals.update(key for one in elements for key in one if key[0] in "~=")
        else:
            index.add(family, elements, LEVELS[level], literal=True)
            if level == "strong":
                soft.add(family, phrase)
    index.finish(len(library.reasons))
    soft.finish()
    return Words(ready, index, soft, families, frozenset(index.literals))


def _phrases(library: Library, pairs: Mapping[str, Any]) -> Iterable[tuple[str, str, str, str]]:
    """reason, language, level, words."""
    for reason, listed in pairs.items():
        for lang in LANGUAGES:
            for phrase in listed.get(lang, ()):
                yield reason, lang, "strong", phrase
    for one in library.reasons.values():
        yield one.id, "sv", "strong", one.title.sv.replace(" hos vuxen", "").replace(" hos barn", "")
        yield one.id, "en", "strong", one.title.en.replace(", adult", "").replace(", child", "")
    for protocol in library.protocols.values():
        said = protocol.match
        for level, lines in (("strong", said.strong), ("weak", said.weak), ("not", said.not_if)):
            for lang, phrases in (("sv", lines.sv), ("en", lines.en)):
                for phrase in phrases:
                    yield protocol.id, lang, level, phrase


def match(
    text: str, *, lang: str | None, library: Library, age: float | None = None, sex: str | None = None
) -> list[Suggestion]:
    """Best first, at most eight. Of a text longer than MATCH_READS its beginning and end are read."""
    words = words_of(library)
    reading = words.read(text, lang)
    covered = words.index.covered(reading, list(reading.mentions))
    scores = _scores(words, reading, library, covered)
    ranked = _spread(_for_patient(words, scores, reading, age, sex), covered, words.families)
    out = []
    for reason, score in ranked[:_MOST]:
        share = round(score / (score + _HALF), 3)
        if share >= _LEAST:
            out.append(
                Suggestion(reason, library.reasons[reason].title.said("en" if lang == "en" else "sv"), share)
            )
    return out


def _spread(
    ranked: list[tuple[str, float]], covered: Mapping[str, Mapping[str, float]], families: Mapping[str, Any]
) -> list[tuple[str, float]]:
    """From the second on, what explains more of the text stands before what explains the same once more: several
    reasons in one text all get a place."""
    grown = {child: adult for adult, child in families["child_of"].items()}
    out, rest, taken = ranked[:1], ranked[1 : _MOST * 2], set[str]()
    while rest and len(out) < _MOST:
        taken |= set(covered.get(grown.get(out[-1][0], out[-1][0]), ()))
        worth = [
            (value * _novelty(covered.get(grown.get(id, id), {}), taken), -place)
            for place, (id, value) in enumerate(rest)
        ]
        value, place = max(worth)
        out.append((rest.pop(-place)[0], value))
    return out


def _novelty(keys: Mapping[str, float], taken: set[str]) -> float:
    total = sum(keys.values())
    new = sum(value for key, value in keys.items() if key and key not in taken)
    return _SAME_AGAIN + (1 - _SAME_AGAIN) * (new / total if total else 0.0)


def _scores(
    words: Words, reading: Reading, library: Library, covered: Mapping[str, Mapping[str, float]]
) -> dict[str, float]:
    scores = {reason: sum(by.values()) for reason, by in covered.items()}
    for reason, likeness in words.soft.like(reading).items():
        scores[reason] = scores.get(reason, 0.0) + _SOFT * likeness
    for reason in scores:
        scores[reason] *= _PRIOR.get(library.reasons[reason].band, 1.0)
    for reason in sorted(scores, key=lambda one: -scores[one])[:_CLOSE]:
        scores[reason] *= min(
            (share for share, one in words.index.against.get(reason, ()) if _stands(reading, one)),
            default=1.0,
        )
    return scores


def _stands(reading: Reading, elements: tuple[tuple[str, ...], ...]) -> bool:
    return bool(elements) and all(any(reading.said(key) for key in one) for one in elements)


def _for_patient(
    words: Words, scores: Mapping[str, float], reading: Reading, age: float | None, sex: str | None
) -> list[tuple[str, float]]:
    about = who(reading)
    years, gender = _patient(about, age, sex)
    families = words.families
    out: dict[str, float] = {}
    for reason, score in scores.items():
        for id, value in _variants(families, reason, score, years, about):
            out[id] = max(out.get(id, 0.0), value)
    for id in list(out):
        out[id] *= _fits(families, id, years, gender, about)
    ranked = sorted(
        ((id, value) for id, value in out.items() if value > 0.05), key=lambda one: (-one[1], one[0])
    )
    return ranked


def _patient(about: Who, age: float | None, sex: str | None) -> tuple[float | None, str | None]:
    """What is known from login, unless the text speaks of a child and the login of a grown-up."""
    child = about.reporter == "guardian"
    if age is None or (child and age >= 18):
        return about.age if about.age is not None else (
            6.0 if child else None
        ), about.sex if child or not sex else sex
    return age, sex or about.sex


def _variants(
    families: Mapping[str, Any], reason: str, score: float, years: float | None, about: Who
) -> Iterable[tuple[str, float]]:
    child = families["child_of"].get(reason)
    if child is None or years is None or years >= families["child_before"]:
        yield reason, score
        if child and years is None:
            yield child, score * 0.6
    else:
        yield child, score
        if years >= families["children_too"]:
            yield reason, score * 0.7


def _fits(families: Mapping[str, Any], id: str, years: float | None, gender: str | None, about: Who) -> float:
    value = 1.0
    if gender == "M" and id in families["female"]:
        value *= 0.05
    if gender == "F" and id in families["male"]:
        value *= 0.05
    span = families["age"].get(id)
    if span and years is not None and not span[0] <= years <= span[1]:
        value *= 0.08
    elif span and years is None and id in families["sooner_for_child"]:
        value *= 0.7
    if years is not None and years < 13:
        value *= families["sooner_for_child"].get(id, 1.0)
    if years is not None and years >= 65:
        value *= families["sooner_for_old"].get(id, 1.0)
    return value
