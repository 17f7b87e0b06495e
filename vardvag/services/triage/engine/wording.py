"""Answers in words, Swedish and English."""

from vardvag.services.triage.engine.model import Concept, Kind
from vardvag.services.triage.engine.text import About
from vardvag.services.triage.engine.values import UNKNOWN, Value

_YES_NO = {"sv": ("ja", "nej"), "en": ("yes", "no")}
_UNKNOWN = {"sv": "vet inte", "en": "does not know"}
_NONE = {"sv": "inget av det", "en": "none of it"}
_LENGTHS = (  # hours, one and several
    (8766.0, ("år", "år"), ("year", "years")),
    (730.0, ("månad", "månader"), ("month", "months")),
    (168.0, ("vecka", "veckor"), ("week", "weeks")),
    (24.0, ("dygn", "dygn"), ("day", "days")),
    (1.0, ("timme", "timmar"), ("hour", "hours")),
)


def length(hours: float, lang: str) -> str:
    """Whole units, in the largest that fits twice or evenly: 3 dygn, 10 dygn, 2 veckor."""
    for size, sv, en in _LENGTHS:
        count = round(hours / size)
        if hours >= 2 * size or hours == size or size == 1.0:
            one, many = en if lang == "en" else sv
            return f"{max(count, 1)} {one if count <= 1 else many}"
    return ""


def number(value: float, lang: str) -> str:
    return f"{value:g}".replace(".", "," if lang == "sv" else ".")


def said(concept: Concept, value: Value, lang: str) -> str:
    """The answer alone."""
    if value is UNKNOWN:
        return _UNKNOWN[lang]
    if isinstance(value, bool):
        return _YES_NO[lang][0 if value else 1]
    if isinstance(value, float):
        if concept.kind is Kind.DURATION:
            return length(value, lang)
        unit = "°C" if concept.kind is Kind.TEMP else concept.unit.said(lang)
        return f"{number(value, lang)} {unit}".strip()
    if isinstance(value, tuple):
        chosen = [option.text.said(lang) for option in concept.options if option.id in value]
        return ", ".join(chosen) or _NONE[lang]
    option = concept.option(str(value))
    return option.text.said(lang) if option else str(value) or _NONE[lang]


def name(concept: Concept, lang: str, about: About = About.SELF, sex: str | None = None) -> str:
    """What it is about: its label, else its question without the question mark."""
    return (concept.label or concept.text).said(lang, about, sex).rstrip("?")


def line(concept: Concept, value: Value, lang: str, about: About = About.SELF, sex: str | None = None) -> str:
    """As one line of a summary: the label alone for yes."""
    what = name(concept, lang, about, sex)
    return what if value is True else f"{what}: {said(concept, value, lang)}"
