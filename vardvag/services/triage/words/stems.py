"""Endings off. Short and predictable rather than clever; what it misses the lexicon lists."""

from functools import lru_cache

_SWEDISH = (
    "heterna", "heten", "heter", "andena", "anden", "arnas", "ernas", "ornas", "arna", "erna", "orna", "ades",
    "andes", "ande", "ende", "aste", "arens", "aren", "arne", "are", "ens", "ets", "ade", "ast", "ern", "as",
    "ar", "at", "ad", "an", "er", "es", "en", "et", "or", "ns", "ts", "a", "e", "s", "n",
)  # fmt: skip
_ENGLISH = ("ingly", "edly", "ing", "ies", "ied", "ed", "es", "ly", "'s", "s", "e", "y")
_DOUBLE_SWEDISH = ("dd", "gd", "nn", "dt", "gt", "kt", "tt", "mm", "ll")


@lru_cache(maxsize=40_000)
def swedish(word: str) -> str:
    stem = _cut(word, _SWEDISH)
    if len(stem) > 3 and stem.endswith(_DOUBLE_SWEDISH):
        stem = stem[:-1]
    return stem


@lru_cache(maxsize=40_000)
def english(word: str) -> str:
    stem = _cut(word, _ENGLISH)
    if len(stem) > 3 and stem[-1] == stem[-2] and stem[-1] not in "aeiouls":
        stem = stem[:-1]
    return stem


def _cut(word: str, endings: tuple[str, ...]) -> str:
    for ending in endings:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def stem(word: str, lang: str) -> str:
    return english(word) if lang == "en" else swedish(word)
