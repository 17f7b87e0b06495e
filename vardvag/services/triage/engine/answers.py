"""From what was sent or written to an answer, by the kind of the concept."""

from typing import Any

from vardvag.services.triage.engine import values
from vardvag.services.triage.engine.model import Concept, Kind
from vardvag.services.triage.engine.values import NO_OPTION, UNKNOWN, Value

LONGEST = 3_000
NONE = "none"  # the line "none of these"


class BadAnswer(ValueError):
    """`str()` says what would do."""


_BOUNDS = {Kind.TEMP: (30.0, 45.0), Kind.DURATION: (0.0, values.hours("120y") or 0.0)}
_YES = {
    True: True,
    False: False,
    "yes": True,
    "no": False,
    "ja": True,
    "nej": False,
    "true": True,
    "false": False,
}


def understood(concept: Concept, raw: Any) -> Value:
    """The value to keep. None and "unknown" are "I don't know"."""
    if raw is None or raw is UNKNOWN or raw == "unknown":
        return UNKNOWN
    match concept.kind:
        case Kind.YESNO | Kind.DERIVED:
            key = raw.lower() if isinstance(raw, str) else raw
            if isinstance(key, (bool, str)) and key in _YES:
                return _YES[key]
            raise BadAnswer(f"{concept.id} takes yes, no or null.")
        case Kind.CHOICE:
            if isinstance(raw, str) and (raw == NO_OPTION or concept.option(raw)):
                return raw
            raise BadAnswer(
                f"{concept.id} takes one of {', '.join(one.id for one in concept.options)} or null."
            )
        case Kind.MULTI:
            return _several(concept, raw)
        case Kind.TEXT:
            if isinstance(raw, str):
                return raw.replace("\x00", "")[:LONGEST]  # which no database keeps
            raise BadAnswer(f"{concept.id} takes a text or null.")
        case _:
            return _number(concept, raw)


def _several(concept: Concept, raw: Any) -> Value:
    ticked = [raw] if isinstance(raw, str) else raw
    if not isinstance(ticked, (list, tuple)) or not all(isinstance(one, str) for one in ticked):
        raise BadAnswer(f"{concept.id} takes a list of options or null.")
    known = [one.id for one in concept.options]
    wrong = sorted(set(ticked) - {*known, NONE})
    if wrong:
        raise BadAnswer(f"{concept.id} has no option {wrong[0][:40]}; known: {', '.join(known)}.")
    return tuple(id for id in known if id in ticked)


def _number(concept: Concept, raw: Any) -> Value:
    length = concept.kind is Kind.DURATION
    value: float | None = None
    if isinstance(raw, str):
        value = values.hours(raw) if length else values.number(raw)
    elif isinstance(raw, (int, float)) and not isinstance(raw, bool):  # a duration in hours
        value = values.number(str(raw))
    if value is None:
        raise BadAnswer(
            f"{concept.id} takes {'a duration such as 6h, 3d, 2w or 3m' if length else 'a number'} or null."
        )
    low, high = _BOUNDS.get(concept.kind, (concept.min, concept.max))
    if (low is not None and value < low) or (high is not None and value > high):
        raise BadAnswer(
            f"{concept.id} takes {'0 to 120 years' if length else f'a number from {low or 0:g} to {high:g}'}."
        )
    return value


def fact(name: str, raw: Any) -> Value | None:
    """Age in years, sex as F or M; None when it is not known."""
    if name == "age" and isinstance(raw, (int, float)) and not isinstance(raw, bool) and 0 <= raw <= 130:
        return float(raw)
    if name == "sex" and raw in ("F", "M"):
        return str(raw)
    return None
