"""From the resident's own words to reasons, best first. It only orders suggestions: urgency never depends on it."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from vardvag.services.triage.engine.library import Library
from vardvag.services.triage.engine.model import ERRANDS
from vardvag.services.triage.words import load
from vardvag.services.triage.words.base import LANGUAGES, Base, made
from vardvag.services.triage.words.learned import Learned, learned
from vardvag.services.triage.words.lexicon import Lexicon
from vardvag.services.triage.words.matcher import DENIALS, LEVELS, Index, spoken
from vardvag.services.triage.words.normal import MATCH_READS, plain
from vardvag.services.triage.words.patient import Patient, fits, for_patient, patient
from vardvag.services.triage.words.pattern import number
from vardvag.services.triage.words.reading import PREGNANT, Mention, Reading

_PRIOR: Mapping[str, float] = {"A": 1.1, "B": 1.05, "C": 1.0, "D": 0.97}
_AGAINST, _NOT_IF = 0.6, 0.75
_TAUGHT, _STEEP = 25.0, 3.0  # what a margin of nought weighs, and how much more a greater one
_FLOOR, _ENOUGH = -0.75, 0.0  # margins below the first say nothing, above the second nothing more
_SAID_ITSELF = 0.5  # how much what was understood by the lexicon weighs beside it
_MOST = 8
_LEAST = 0.09  # of a score: less is noise
_SAME_AGAIN = 0.7  # what a suggestion is worth that explains nothing new
_CLOSE = 30  # what speaks against a reason is looked for only among the best
_HALF = 5.0  # the sum at which a score is a half
_BESIDE = 0.06  # of the best: what is worth less is noise
_SHOWN = 3
_HALVED, _WHO = 0.5, 4  # another illness; words after it within which "who" stands
_FEVER = ("feber_vuxen", "feber_barn")
_FEVER_FROM, _FEVER_TO, _DEGREES = 38.0, 42.5, 5  # degrees Celsius; words between a number and "fever"
_PREGNANCY, _OTHER_PREGNANCY = "gravid_", "gravid_ovrigt"
_SAYS_PREGNANT = (PREGNANT, "fetal", "contraction", "preg_test", "baby_in_belly")
_SAID = 3.0  # what a word that is strong by itself weighs
_UNSAID = 0.7  # how sure a pregnancy is that is known but not said


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
    taught: Learned
    families: Mapping[str, Any]
    literals: frozenset[str]

    def read(self, text: str, lang: str | None) -> Reading:
        reading = self.base.understood(plain(text, MATCH_READS), lang, self.literals)
        reading = owned(reading, self.base.lexicons[reading.lang])
        return _beside(reading, frozenset(self.families["background"]))


_LAST: dict[int, tuple[Library, Words]] = {}


def words_of(library: Library) -> Words:
    key = id(library)
    found = _LAST.get(key)
    if found is None or found[0] is not library:
        return use(library, _built(library))
    return found[1]


def use(library: Library, words: Words) -> Words:
    _LAST.clear()
    _LAST[id(library)] = (library, words)
    return words


def owned(reading: Reading, lexicon: Lexicon) -> Reading:
    """Without what single words would say inside a phrase that owns them ("roll over in bed")."""
    stems = [one.stem for one in reading.known]
    spans = [
        one
        for listed in reading.mentions.values()
        for one in listed
        if one.first < one.last and (one.key, stems[one.first], stems[one.last]) in lexicon.owning
    ]

    def inside(one: Mention) -> bool:
        return any(two.first <= one.first and one.last <= two.last and one != two for two in spans)

    def joined(one: Mention) -> bool:
        """Two words taken for one that was written apart, of which either says nothing: "lös sen" is not "lössen"."""
        if one.last != one.first + 1:
            return False
        pair = [reading.words[one.first].text, reading.words[one.last].text]
        whole = one.key in lexicon.exact.get("".join(pair), ())
        return whole and any(word in lexicon.little for word in pair)

    kept = {
        key: [one for one in listed if not inside(one) and not joined(one)]
        for key, listed in reading.mentions.items()
    }
    return replace(reading, mentions={key: listed for key, listed in kept.items() if listed}, _cache={})


def _beside(reading: Reading, background: frozenset[str]) -> Reading:
    """Another illness than the one that is written about counts half: named in a later sentence, or "with … who"."""

    def lighter(one: Mention) -> Mention:
        after = [word.text for word in reading.words[one.last + 1 : one.last + _WHO + 1]]
        later = reading.words[one.first].sentence > 0
        return one._replace(sure=one.sure * _HALVED) if later or "who" in after else one

    weighed = {
        key: [lighter(one) for one in listed] if key in background else listed
        for key, listed in reading.mentions.items()
    }
    return replace(reading, mentions=weighed, _cache={})


def _built(library: Library) -> Words:
    files = load.lexicon_files()
    families = files["families"]
    adult = {child: grown for grown, child in families["child_of"].items()}
    named = list(phrases(library, files["pairs"]))
    ready = made(((lang, phrase) for _, lang, _, phrase in named), without=frozenset(("danger",)))
    index = Index(light=_light(ready))
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
    for reason, lang, level, phrase in named:
        family = adult.get(reason, reason)
        elements = spoken(phrase, ready.lexicons[lang], owned.get(family, frozenset()))
        if level == "not":
            index.against.setdefault(family, []).append((_NOT_IF, tuple(elements)))
            index.literals.update(key for one in elements for key in one if key[0] in "~=")
        else:
            index.add(family, elements, LEVELS[level], literal=True)
    index.finish(len(library.reasons))
    return Words(ready, index, learned(), families, frozenset(index.literals))


def _light(base: Base) -> frozenset[str]:
    return frozenset(
        "~" + one.stemmed(word)
        for one in base.lexicons.values()
        for word in one.little
        if word not in DENIALS
    )


def phrases(library: Library, pairs: Mapping[str, Any]) -> Iterable[tuple[str, str, str, str]]:
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
    text: str | Reading,
    *,
    lang: str | None,
    library: Library,
    age: float | None = None,
    sex: str | None = None,
    pregnant: bool | None = None,
) -> list[Suggestion]:
    """Best first, at most eight, of a text or what was read of it (of one longer than MATCH_READS its beginning and
    end). `age`, `sex` and `pregnant` are what is known of the patient: what cannot be about them is not offered."""
    words = words_of(library)
    reading = words.read(text, lang) if isinstance(text, str) else text
    if pregnant and reading.words and not reading.mentions.get(PREGNANT):
        reading = replace(
            reading, mentions={**reading.mentions, PREGNANT: [Mention(PREGNANT, 0, 0, _UNSAID)]}, _cache={}
        )
    covered = words.index.covered(reading, list(reading.mentions))
    scores = _scores(words, reading, library, covered)
    about = patient(reading, age, sex)
    for reason in [] if _expecting(reading, about, pregnant) else list(scores):
        said = covered.get(reason, {})
        if reason.startswith(_PREGNANCY) and not (
            pregnant is None and ("" in said or max(said.values(), default=0) > _SAID)
        ):
            del scores[reason]
    ranked = _spread(for_patient(words.families, scores, library, about), covered, words.families)
    ranked = [one for one in ranked if one[1] >= _BESIDE * ranked[0][1]]
    ranked = _with_fever(_with_symptom(ranked, library), reading, library, about)
    if ranked and pregnant and not any(id.startswith(_PREGNANCY) for id, _ in ranked[:_SHOWN]):
        ranked = _shown(ranked, _OTHER_PREGNANCY)
    out = []
    for reason, score in ranked[:_MOST]:
        share = round(score / (score + _HALF), 3)
        if share >= _LEAST:
            title = library.reasons[reason].title
            out.append(Suggestion(reason, title.said("en" if lang == "en" else "sv"), share))
    return out


def _expecting(reading: Reading, about: Patient, pregnant: bool | None) -> bool:
    """Reasons of pregnancy are offered only where there is one, or may be."""
    if pregnant is False or about.sex == "M":
        return False
    return bool(pregnant) or any(reading.said(key) for key in _SAYS_PREGNANT)


def _with_symptom(ranked: list[tuple[str, float]], library: Library) -> list[tuple[str, float]]:
    """Among the first three there is a complaint, if the text has one beside its errands."""
    if not all(library.reasons[id].group == ERRANDS for id, _ in ranked[:_SHOWN]):
        return ranked
    for place, (id, _) in enumerate(ranked[_SHOWN:], _SHOWN):
        if library.reasons[id].group != ERRANDS:
            return [
                *ranked[: _SHOWN - 1],
                ranked[place],
                ranked[_SHOWN - 1],
                *ranked[_SHOWN:place],
                *ranked[place + 1 :],
            ]
    return ranked


def _with_fever(
    ranked: list[tuple[str, float]], reading: Reading, library: Library, about: Patient
) -> list[tuple[str, float]]:
    """Fever is among the first three wherever a temperature of 38 or more is read."""
    if not _feverish(reading):
        return ranked
    fever = next((id for id in _FEVER if fits(library, id, about)), None)
    return _shown(ranked, fever) if fever else ranked


def _shown(ranked: list[tuple[str, float]], reason: str) -> list[tuple[str, float]]:
    """With the reason as the third, unless it stands among the first three."""
    if reason in [id for id, _ in ranked[:_SHOWN]]:
        return ranked
    rest = [one for one in ranked if one[0] != reason]
    score = rest[_SHOWN - 1][1] if len(rest) >= _SHOWN else _BESIDE * rest[0][1] if rest else _HALF
    return [*rest[: _SHOWN - 1], (reason, score), *rest[_SHOWN - 1 :]]


def _feverish(reading: Reading) -> bool:
    """A number of at least 38 beside fever, neither denied nor over."""
    for one in reading.said("fever_w"):
        if reading.past(one):
            continue
        for word in reading.words[max(0, one.first - _DEGREES) : one.last + _DEGREES + 1]:
            degrees = number(word.text) if word.number else None
            if (
                degrees is not None
                and _FEVER_FROM <= degrees <= _FEVER_TO
                and word.sentence == reading.words[one.first].sentence
            ):
                return True
    return False


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
    for reason in scores:
        scores[reason] *= _PRIOR.get(library.reasons[reason].band, 1.0)
    for reason in sorted(scores, key=lambda one: -scores[one])[:_CLOSE]:
        scores[reason] *= min(
            (share for share, one in words.index.against.get(reason, ()) if _stands(reading, one)),
            default=1.0,
        )
    scores = {reason: _SAID_ITSELF * value for reason, value in scores.items()}
    for reason, margin in words.taught.margins(reading, words.base.lexicons[reading.lang].little).items():
        if margin > _FLOOR and reason in library.reasons:
            more = _TAUGHT * (math.exp(_STEEP * min(margin, _ENOUGH)) - math.exp(_STEEP * _FLOOR))
            scores[reason] = scores.get(reason, 0.0) + more
    return scores


def _stands(reading: Reading, elements: tuple[tuple[str, ...], ...]) -> bool:
    return bool(elements) and all(any(reading.said(key) for key in one) for one in elements)
