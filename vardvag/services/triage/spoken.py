"""Lengths of time as people write them: 3d, 3 dagar, two weeks, sedan i går. Pure."""

import re

from vardvag.services.triage.engine import values

_WORDS = {
    "en": 1, "ett": 1, "one": 1, "a": 1, "an": 1, "två": 2, "two": 2, "tre": 3, "three": 3, "fyra": 4, "four": 4,
    "fem": 5, "five": 5, "sex": 6, "six": 6, "sju": 7, "seven": 7, "åtta": 8, "eight": 8, "nio": 9, "nine": 9,
    "tio": 10, "ten": 10, "elva": 11, "eleven": 11, "tolv": 12, "twelve": 12, "ett par": 2, "a couple of": 2,
    "några": 3, "a few": 3, "some": 3, "flera": 4, "several": 4, "halv": 0.5, "half": 0.5,
}  # fmt: skip
_UNITS = (
    (r"min\w*", 1 / 60),
    (r"h|hr|hrs|tim\w*|hour\w*", 1.0),
    (r"d|dag\w*|dygn\w*|dar|day\w*|night\w*|natt\w*|nätter", 24.0),
    (r"w|v|veck\w*|week\w*|wk|wks", 168.0),
    (r"m|mån\w*|month\w*|mo", 730.0),
    (r"y|år\w*|year\w*|yr|yrs", 8766.0),
)
_MOMENTS = (
    (r"\b(just nu|nyss|right now|just now)\b", 0.5),
    (r"\b(i ?dag|i morse|today|this morning)\b", 6.0),
    (r"\b(i ?går|i ?natt|yesterday|last night)\b", 24.0),
    (r"\b(i ?förrgår|day before yesterday)\b", 48.0),
    (r"\b(förra veckan|last week)\b", 168.0),
)
_NUMBER = "|".join(sorted(map(re.escape, _WORDS), key=len, reverse=True))


def duration(raw: str | float) -> float | None:
    """In hours; a bare number is days. None when it is not understood."""
    text = " ".join(str(raw).lower().split())[:200]
    exact = values.hours(text)
    if exact is not None:
        return exact
    bare = values.number(text)
    if bare is not None:
        return bare * 24.0
    for unit, hours in _UNITS:
        found = re.search(
            rf"(?:(\d+(?:[.,]\d+)?)(?:\s*[-–]\s*(\d+(?:[.,]\d+)?))?|\b({_NUMBER}))\s*(?:{unit})\b", text
        )
        if found:
            count = _count(found)
            return None if count is None else count * hours
    return next((hours for moment, hours in _MOMENTS if re.search(moment, text)), None)


def _count(found: re.Match[str]) -> float | None:
    """The larger end of a span, so that nothing seems shorter than it was."""
    if found[3]:
        return float(_WORDS[found[3]])
    return values.number(found[2] or found[1])
