"""A condition as a clinician reads it: labels for concepts, "och" and "eller" for the rest."""

from collections.abc import Mapping
from functools import partial

from vardvag.services.triage.engine import wording
from vardvag.services.triage.engine.conditions import (
    And,
    Compare,
    Condition,
    Count,
    Is,
    Not,
    Or,
    Score,
    Sex,
    Yes,
)
from vardvag.services.triage.engine.model import Concept, Kind

_WORDS: Mapping[str, Mapping[str, str]] = {
    "sv": {"and": " och ", "or": " eller ", "not": "inte ", "of": " av: ", "points": "poäng ", "age": "ålder",
           "F": "kvinna", "M": "man", ">=": "minst", ">": "över", "<=": "högst", "<": "under", "==": "precis",
           "=": "precis", "!=": "annat än", "years": "år"},
    "en": {"and": " and ", "or": " or ", "not": "not ", "of": " of: ", "points": "score ", "age": "age",
           "F": "woman", "M": "man", ">=": "at least", ">": "over", "<=": "at most", "<": "under", "==": "exactly",
           "=": "exactly", "!=": "other than", "years": "years"},
}  # fmt: skip


def in_words(condition: Condition, concepts: Mapping[str, Concept], lang: str, inside: bool = False) -> str:
    """`inside`: part of another, so that an "or" in an "and" gets brackets."""
    words = _WORDS["en" if lang == "en" else "sv"]
    part = partial(in_words, concepts=concepts, lang=lang)

    def name(concept: str) -> str:
        if concept not in concepts:
            return words.get(concept, concept)
        label = wording.name(concepts[concept], lang)
        return f"”{label}”" if label else concept

    match condition:
        case Yes(concept):
            derive = concepts[concept].derive if concept in concepts else None
            return part(derive, inside=True) if derive else name(concept)
        case Is(concept, options):
            known = [one for one in concepts[concept].options if one.id in options]
            return f"{name(concept)}: {words['or'].join(one.text.said(lang) for one in known)}"
        case Sex(sex):
            return words[sex]
        case Compare(concept, operator, number, duration):
            return f"{name(concept)} {words[operator]} {_number(concept, number, duration, concepts, lang)}"
        case Not(inner):
            return words["not"] + part(inner, inside=True)
        case And(some):
            return words["and"].join(part(one, inside=True) for one in some)
        case Or(some):
            said = words["or"].join(part(one) for one in some)
            return f"({said})" if inside else said
        case Count(some, operator, number):
            return f"{words[operator]} {number:g}{words['of']}{', '.join(part(one) for one in some)}"
        case Score(title, operator, number):
            return f"{words['points']}{title} {words[operator]} {number:g}"


def _number(concept: str, number: float, duration: bool, concepts: Mapping[str, Concept], lang: str) -> str:
    if duration:
        return wording.length(number, lang)
    if concept == "age":
        return f"{wording.number(number, lang)} {_WORDS['en' if lang == 'en' else 'sv']['years']}"
    known = concepts.get(concept)
    unit = "°C" if known and known.kind is Kind.TEMP else known.unit.said(lang) if known else ""
    return f"{wording.number(number, lang)} {unit}".strip()
