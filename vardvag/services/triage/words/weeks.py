"""Which week of pregnancy a text names: "vecka 30", "v trettiofyra", "i nionde veckan", "nine weeks along"."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vardvag.services.triage.words.normal import Word
from vardvag.services.triage.words.quantities import Speech

FIRST, LAST = 4, 42  # the weeks that somebody may name
_SWEDISH = re.compile(r"v(?:ecka|eckan|\.)?|gravvecka")
_NAMED = {
    "sv": re.compile("v|gravv"),
    "en": re.compile("week|wk"),
}  # how a word begins without which there is none
_GLUED = re.compile(r"v(\d{1,2})")
_SOME = ("en", "ett", "varje", "per", "förra", "nästa")  # "en vecka, tre gånger"
_COUNTED = ("weeks", "wks")
_NAMES = frozenset(
    (
        "pregnant",
        "pregnancy",
        "expecting",
        "along",
        "gone",
        "gravid",
        "graviditet",
        "graviditeten",
        "väntar",
        "havande",
    )
)
_MAYBE = _NAMES | {"baby", "i'm", "im"}
_LENGTH = ("for", "past", "last", "over", "since")  # "for nine weeks" is how long a trouble has lasted
_NEAR = (6, 8)  # words before and after


@dataclass(frozen=True, slots=True)
class Week:
    number: int
    first: int  # the words of the number
    last: int


def week(words: Sequence[Word], lang: str, how: Speech) -> Week | None:
    """The first that is plausible."""
    if not any(_NAMED[lang].match(text) for text in {word.text for word in words}):
        return None
    tells = _swedish if lang == "sv" else _english
    return next((one for one in _numbers(words, lang, how) if tells(words, one)), None)


def _numbers(words: Sequence[Word], lang: str, how: Speech) -> Iterator[Week]:
    for place, word in enumerate(words):
        glued = _GLUED.fullmatch(word.text) if lang == "sv" else None
        number, last = int(glued[1]) if glued else _value(word, how), place
        after = words[place + 1] if place + 1 < len(words) else None
        if number and number in how.tens.values() and after and not (word.number or after.number):
            ones = how.count(after.text)
            if ones and ones < 10:
                number, last = number + ones, place + 1
        if number is not None and FIRST <= number <= LAST:
            yield Week(number, place, last)


def _value(word: Word, how: Speech) -> int | None:
    if word.number:
        return int(word.text) if word.text.isdecimal() else None
    return how.count(word.text) or (int(how.ordinals[word.text]) if word.text in how.ordinals else None)


def _swedish(words: Sequence[Word], one: Week) -> bool:
    if _GLUED.fullmatch(words[one.first].text):
        return True
    before = words[one.first - 1].text if one.first else ""
    earlier = words[one.first - 2].text if one.first > 1 else ""
    if _SWEDISH.fullmatch(before):
        return words[one.first].number or (before != "veckan" and earlier not in _SOME)
    after = words[one.last + 1].text if one.last + 1 < len(words) else ""
    return after == "veckan" and not words[one.first].number and bool(_around(words, one) & _NAMES)


def _english(words: Sequence[Word], one: Week) -> bool:
    before = words[one.first - 1].text if one.first else ""
    ahead = [word.text for word in words[one.last + 1 : one.last + 4]]
    if before == "week":
        return True
    if ahead[:1] == ["week"]:
        return bool(_around(words, one) & _NAMES)
    counted = ahead[:1] and ahead[0] in _COUNTED and ahead[1:2] != ["left"] and ahead[1:] != ["to", "go"]
    return bool(counted and _around(words, one) & (_NAMES if before in _LENGTH else _MAYBE))


def _around(words: Sequence[Word], one: Week) -> set[str]:
    return {word.text for word in words[max(0, one.first - _NEAR[0]) : one.last + _NEAR[1]]}
