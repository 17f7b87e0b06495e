"""Finding a unit from what people write: misspelt, without dots and rings, in any order of words.

Similarity is that of trigrams (letters three and three), word by word; the whole directory lies in memory.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from vardvag.organisation.models import Unit
from vardvag.organisation.rules import swedish

ENOUGH = 0.42  # a word this alike counts as meant
_FOLD = str.maketrans("øæđł", "oadl")  # those that are not a letter with a mark
# Words between those that say something; "hälsocentralen i Borgnäs" is meant like "hälsocentralen Borgnäs".
_SMALL = frozenset(
    ("i", "pa", "vid", "hos", "nara", "for", "till", "av", "och", "en", "ett", "in", "at", "the")
)
# Everyday words for what the catalogue calls otherwise (folded spelling).
_MEANS = {
    "vardcentral": ("halsocentral",), "vc": ("halsocentral", "vardcentral"), "halsocentral": ("vardcentral",),
    "hc": ("halsocentral",), "distriktslakare": ("halsocentral",), "lakare": ("halsocentral",),
    "bvc": ("barnhalsovard", "barnavardscentral"), "mvc": ("barnmorskemottagning", "modrahalsovard"),
    "barnmorska": ("barnmorskemottagning",), "gravid": ("barnmorskemottagning",),
    "tandlakare": ("tandvard", "folktandvard"), "ogon": ("ogonmottagning",), "oron": ("oronmottagning",),
    "hud": ("hudmottagning",), "psykolog": ("psykiatri",), "psykiater": ("psykiatri",),
    "fysioterapeut": ("rehab", "fysioterapi"), "sjukgymnast": ("rehab", "fysioterapi"),
    "umo": ("ungdomsmottagning",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """A unit as the directory shows it."""

    unit_id: int
    hsa_id: str
    name: str
    slug: str
    kind_of_care: str
    specialities: tuple[str, ...]
    municipality: str
    city: str
    street: str
    phone: str
    provider_id: int
    provider_name: str
    mother_id: int | None
    accepts_cases: bool
    practice: bool
    words: tuple[tuple[str, float], ...] = ()  # folded words with weight


def fold(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold())  # ä may come as one sign, or from a Mac as two
    return "".join(one for one in letters if not unicodedata.combining(one)).translate(_FOLD)


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", fold(text))


def weighed(unit: Unit) -> tuple[tuple[str, float], ...]:
    """The words a unit is found by; its name and place weigh most."""
    return _weighed(
        unit.public_name, unit.city, unit.municipality, unit.kind_of_care, " ".join(unit.specialities)
    )


@lru_cache(maxsize=20_000)
def _weighed(*texts: str) -> tuple[tuple[str, float], ...]:
    found: dict[str, float] = {}
    for text, weight in zip(texts, (1.0, 0.95, 0.85, 0.8, 0.75), strict=True):
        for word in words(text):
            found[word] = max(found.get(word, 0.0), weight)
    return tuple(found.items())


@lru_cache(maxsize=20_000)
def _trigrams(word: str) -> frozenset[str]:
    padded = f"  {word} "
    return frozenset(padded[i : i + 3] for i in range(len(padded) - 2))


@lru_cache(maxsize=50_000)
def alike(asked: str, word: str) -> float:
    """0 to 1. The start of a word counts almost as the whole: people stop typing."""
    if asked == word:
        return 1.0
    if len(asked) >= 2 and word.startswith(asked):
        return 0.95
    if len(asked) >= 4 and asked.startswith(word) and len(word) >= 4:
        return 0.85
    if len(asked) >= 4 and asked in word:
        return 0.8
    if len(asked) < 3:
        return 0.0
    so_far = 0.9 * _dice(_trigrams(asked), _trigrams(word[: len(asked)]))
    return max(_dice(_trigrams(asked), _trigrams(word)), so_far)


def _dice(one: frozenset[str], other: frozenset[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other))


def score(asked: list[str], entry: Entry) -> float:
    """How well a unit answers all the words; 0 when one of them is like nothing in it."""
    total = 0.0
    for word in asked:
        best = 0.0
        for variant in (word, *_MEANS.get(word, ())):
            best = max(best, max((alike(variant, w) * weight for w, weight in entry.words), default=0.0))
        if best >= ENOUGH:
            total += best
        elif len(word) > 1:  # a single letter is the beginning of something, or too little to go by
            return 0.0
    return total / len(asked)


def find(text: str, directory: Iterable[Entry]) -> list[Entry]:
    """Best first, then by name; everything when nothing is asked for."""
    asked = words(text)
    asked = [word for word in asked if word not in _SMALL] or asked
    if not asked:
        return list(directory)
    scored = [(score(asked, entry), entry) for entry in directory]
    good = [(points, entry) for points, entry in scored if points > 0]
    if good:  # a sure hit silences the guesses
        best = max(points for points, _ in good)
        good = [(points, entry) for points, entry in good if points >= best * 0.7]
    good.sort(key=lambda hit: (-round(hit[0], 2), swedish(hit[1].name)))
    return [entry for _, entry in good]
