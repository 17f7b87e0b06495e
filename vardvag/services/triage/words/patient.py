"""Whom the reasons are for: age, sex and what cannot be about them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from vardvag.services.triage.engine.library import Library
from vardvag.services.triage.words.reading import Reading
from vardvag.services.triage.words.who import Who, who

_GROWN, _PARENT = 18, 50  # years; a younger writer's mother is not of the writer's age
_SOME_CHILD = 6.0
_EARLY = 12  # words within which a child who is the patient is named, beyond the first sentence
_MANY = frozenset(("barn", "barnen", "ungarna", "ungar", "kids", "children", "barnens"))
_OWNED = frozenset(("mitt", "vårt", "ditt", "my", "our", "vårat"))
_MOTHERS_OWN = ("low_mood", "anxiety", "breast", "breastfeed", "after_birth", "womb")
_FIRST_PERSON = frozenset(("jag", "ja", "mig", "i", "i'm", "me"))
_THIRD_PERSON = frozenset(("han", "hon", "honom", "henne", "he", "she", "him", "her"))
_RELATIVES = ("mother", "father", "wife", "husband", "partner", "old_person")
_SAYS = frozenset(("säger", "sa", "sade", "tycker", "tror", "undrar", "says", "said", "thinks", "wonders"))
_KNOWS = frozenset(("veta", "know", "find"))
_SAYS_NEAR = 5  # words after a relative, who then only says or knows something
_SMALL = 0.05
_SECOND, _PERHAPS = 0.8, 0.6  # the other variant; a reason that may be meant


@dataclass(frozen=True, slots=True)
class Patient:
    age: float | None
    sex: str | None
    guessed: bool = False  # the age: a child of whom nothing more is said


def patient(reading: Reading, age: float | None, sex: str | None) -> Patient:
    """What is known beforehand, unless the text speaks of a child or an old parent and a grown-up logged in."""
    about = who(reading)
    if age is None:
        if about.reporter == "guardian":
            return _child(about, about.sex)
        return Patient(about.age, sex or about.sex)
    if age >= _GROWN and about.reporter == "guardian" and _of_the_child(reading, about):
        return _child(about, about.sex)
    if about.reporter == "relative" and about.sure and not _only_says(reading):
        older = age < _PARENT and any(reading.mentions.get(key) for key in ("mother", "father", "old_person"))
        other = bool(about.sex and sex and about.sex != sex)
        return Patient(about.age if older else age, about.sex if other else sex or about.sex)
    return Patient(age, sex or about.sex)


def _only_says(reading: Reading) -> bool:
    """ "Vill inte att mamma får veta", "frun säger att jag snarkar": it is about the writer."""
    words = [word.text for word in reading.words]
    if _THIRD_PERSON & set(words):
        return False
    ends = [one.last for key in _RELATIVES for one in reading.mentions.get(key, ())]
    mine = _FIRST_PERSON - ({"i"} if reading.lang == "sv" else set())
    after = [set(words[end + 1 : end + 1 + _SAYS_NEAR]) for end in ends]
    return bool(ends) and all(_KNOWS & one or (_SAYS & one and mine & one) for one in after)


def _child(about: Who, sex: str | None) -> Patient:
    return Patient(_SOME_CHILD, sex, True) if about.age is None else Patient(about.age, sex)


def _of_the_child(reading: Reading, about: Who) -> bool:
    """A child who is only mentioned is not the patient: "barnen hade det i helgen", "min son fick adhd"."""
    if about.age is not None:
        return True
    named = [one for key in ("son", "daughter", "child") for one in reading.mentions.get(key, ())]
    if not named:
        return False
    one = min(named, key=lambda each: each.first)
    words = reading.words
    if words[one.first].sentence > 0 and one.first > _EARLY:
        return False
    before = words[one.first - 1].text if one.first else ""
    if words[one.first].text in _MANY and before not in _OWNED:
        return False
    said = {word.text for word in words}
    own = any(reading.said(key) for key in _MOTHERS_OWN) and bool(said & _FIRST_PERSON)
    return bool(said & _THIRD_PERSON) or not own or one.key != "child"


def fits(library: Library, id: str, about: Patient) -> bool:
    """As the reason's protocol says whom it is for. Those under a year count as one."""
    protocol = library.protocols.get(id)
    if protocol is None:
        return True
    if about.sex in ("F", "M") and protocol.sex not in ("any", about.sex):
        return False
    years = about.age
    if about.guessed:
        return protocol.age_min < _GROWN
    return years is None or protocol.age_min <= max(years, 1.0) < (protocol.age_max or 200) + 1


def for_patient(
    families: Mapping[str, Any], scores: Mapping[str, float], library: Library, about: Patient
) -> list[tuple[str, float]]:
    """The reasons in the variant that is for this patient, best first."""
    out: dict[str, float] = {}
    for reason, score in scores.items():
        for id, value in _variants(families, reason, score, library, about):
            value *= _likely(families, id, about)
            out[id] = max(out.get(id, 0.0), value)
    return sorted(
        ((id, value) for id, value in out.items() if value > _SMALL), key=lambda one: (-one[1], one[0])
    )


def _variants(
    families: Mapping[str, Any], reason: str, score: float, library: Library, about: Patient
) -> Iterable[tuple[str, float]]:
    """An adult reason and the same for a child: those whose protocol is for this age, from 13 the adult one first."""
    child = families["child_of"].get(reason)
    if about.age is None:
        yield reason, score
        if child:
            yield child, score * _PERHAPS
        return
    grown = about.age >= families["children_too"]
    suits = fits(library, reason, about)
    if child is None:
        instead = families["young_instead"].get(reason)
        if suits:
            yield reason, score
        elif instead and fits(library, instead, about):
            yield instead, score * _PERHAPS
        return
    if suits and not about.guessed:
        yield reason, score if grown else score * _SECOND
    if fits(library, child, about):
        yield child, score * _SECOND if grown and suits else score


def _likely(families: Mapping[str, Any], id: str, about: Patient) -> float:
    value = 1.0
    years = about.age
    span = families["age"].get(id)
    if span and years is not None and not about.guessed and not span[0] <= years <= span[1]:
        return 0.0
    if years is None and id in families["sooner_for_child"]:
        value *= 0.7
    if years is not None and years < families["children_too"]:
        value *= families["sooner_for_child"].get(id, 1.0)
    if years is not None and years >= 65:
        value *= families["sooner_for_old"].get(id, 1.0)
    if about.sex == "M" and id in families["female"] or about.sex == "F" and id in families["male"]:
        return 0.0
    return value
