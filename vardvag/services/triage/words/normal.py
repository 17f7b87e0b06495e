"""A text as words with their places: Unicode made one, case away, a copy without dots and rings."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

MATCH_READS = 2_500  # characters; of a longer text its beginning and its end are read
WATCH_READS = 6_000

_APOSTROPHES = str.maketrans({**dict.fromkeys("’‘‛´`′ʼ＇", "'"), "–": " ", "—": " ", "‑": "-"})
_WORD = re.compile(
    r"(?P<number>\d+(?:[.,:]\d+)?)|(?P<word>[^\W\d_][\w]*(?:['-][^\W_][\w]*)*)|(?P<mark>[^\w\s])|(?P<line>\n)"
)
_UNSEEN = re.compile(r"[\u00ad\u034f\u061c\u180e\u200b-\u200f\u2060-\u2064\u2066-\u2069\ufe0e\ufe0f\ufeff]")
_CONTROL = re.compile(r"[\u2028-\u202e\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_RUN = re.compile(r"([^\W\d])\1{2,}")
_FOLD = str.maketrans("åäöéèüáàóíæøñç", "aaoeeuaaoiaonc")
_DENIALS = (
    "can't won't don't doesn't didn't isn't aren't wasn't weren't haven't hasn't hadn't couldn't wouldn't"
)
# "cant breathe" is "can't breathe"; none of these is a word of either language
_BARE = {one.replace("'", ""): one for one in _DENIALS.split()}
_FIGURES = 12  # characters of a number; a longer row of figures is a reference, not an amount
_AGAIN = 2  # times that the same sentence is read
_SENTENCE = 80  # words after which a sentence without a stop is taken to end
_STOPS = frozenset(".!?\n")
_PAUSES = frozenset(',;:()"/-')


class Word(NamedTuple):  # made much faster than a frozen dataclass, and a text has hundreds
    text: str
    start: int
    end: int
    sentence: int
    clause: int  # counts commas and the like too
    number: bool = False


@dataclass(frozen=True, slots=True)
class Plain:
    """A text that has been read: `text` is what the places of the words point into."""

    text: str
    words: tuple[Word, ...]
    whole: bool  # False when only the beginning and the end were read


def plain(text: str, reads: int) -> Plain:
    whole = len(text) <= reads
    if not whole:
        first = reads * 2 // 3
        text = text[:first] + "\n" + text[first - reads :]
    clean = _CONTROL.sub(" ", _UNSEEN.sub("", unicodedata.normalize("NFC", text))).translate(_APOSTROPHES)
    words: list[Word] = []
    sentence = clause = run = 0
    for found in _WORD.finditer(clean):
        kind = found.lastgroup
        token = found[0]
        if kind == "line" or kind == "mark":
            if token in _STOPS:
                sentence, clause, run = sentence + 1, clause + 1, 0
            elif token in _PAUSES:
                clause += 1
            continue
        run += 1
        if run > _SENTENCE:
            sentence, clause, run = sentence + 1, clause + 1, 0
        number = kind == "number" and len(token) <= _FIGURES
        low = token if number else _low(token)
        words.append(Word(low, found.start(), found.end(), sentence, clause, number))
    return Plain(clean, tuple(_new(words)), whole)


def _new(words: Iterable[Word]) -> Iterator[Word]:
    """Without what is said word for word a third time: it tells nothing more, and a text can be all of it."""
    said: Counter[tuple[str, ...]] = Counter()
    for _, each in groupby(words, attrgetter("sentence")):
        sentence = tuple(each)
        form = tuple(one.text for one in sentence)
        said[form] += 1
        if said[form] <= _AGAIN:
            yield from sentence


@lru_cache(maxsize=20_000)
def _low(word: str) -> str:
    if len(word) > 60:
        word = word[:60]
    low = word.lower()
    low = _RUN.sub(r"\1", low) if len(low) > 3 else low
    return _BARE.get(low, low)


def fold(word: str) -> str:
    """Without rings, dots and accents."""
    return word.translate(_FOLD)


@lru_cache(maxsize=60_000)
def squeeze(word: str) -> str:
    """Folded, and double letters made single: what is left when people misspell."""
    folded = fold(word)
    return "".join(letter for place, letter in enumerate(folded) if place == 0 or letter != folded[place - 1])
