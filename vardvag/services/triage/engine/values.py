"""What an answer can be. Answers are kept by concept: bool, option id, tuple of option ids, number or words.

Durations are kept in hours, temperatures in degrees Celsius, age in years. "I don't know" is UNKNOWN; a concept
that is not in the answers has not been asked.
"""

import re
from collections.abc import Mapping
from enum import Enum
from typing import Final


class Missing(Enum):
    UNKNOWN = "unknown"


UNKNOWN: Final = Missing.UNKNOWN
Value = bool | str | float | tuple[str, ...] | Missing
Answers = Mapping[str, Value]

NO_OPTION: Final = ""  # a choice that was put, and nothing of it fits

_HOURS = {"h": 1.0, "d": 24.0, "w": 168.0, "m": 730.0, "y": 8766.0}
_DURATION = re.compile(r"(\d+(?:[.,]\d+)?)\s*(h|d|w|m|y)")


def hours(text: str) -> float | None:
    """`3d` as hours; None when it is not a duration."""
    found = _DURATION.fullmatch(text.strip().lower())
    amount = number(found[1]) if found else None
    return None if found is None or amount is None else amount * _HOURS[found[2]]


def length(value: float) -> tuple[float, str]:
    """Hours as somebody would say them: in the longest unit of which they are a whole number."""
    whole = (unit for unit in reversed(_HOURS) if value and value % _HOURS[unit] == 0)
    unit = next(whole, "h" if value else "d")
    return value / _HOURS[unit], unit


def number(text: str) -> float | None:
    try:
        value = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return value if abs(value) < 1_000_000 else None  # also refuses nan and infinity
