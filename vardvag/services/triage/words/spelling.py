"""The known word that a misspelt one most likely is: written as it sounds, or with at most one letter wrong, missing,
doubled or swapped."""

import re
from collections.abc import Iterable
from functools import lru_cache

from vardvag.services.triage.words.normal import squeeze

_SHORTEST = 5
_SOUND = re.compile(  # each group is named as what it is heard as
    "(?P<j>[hlgd]j|g(?=[eiyäö]))|(?P<s>c(?=[eiy])|z)|(?P<k>ck|c|q(?!u))|(?P<kv>qu)|(?P<f>ph)|(?P<t>th)|(?P<ks>x)|(?P<v>w)"
    "|(?P<e>ä)|(?P<o>å)|(?P<i>y)"
)
_TWICE = re.compile(r"(.)\1+")


class Speller:
    """Words by what is left when one letter is taken out of them (symmetric deletes)."""

    def __init__(self, words: Iterable[str]) -> None:
        self._by: dict[str, list[str]] = {}
        self._exact: dict[str, list[str]] = {}
        self._sound: dict[str, list[str]] = {}
        for word in words:
            self._sound.setdefault(sound(word), []).append(word)
            key = squeeze(word)
            if len(key) < 4:
                continue
            self._exact.setdefault(key, []).append(word)
        for key in self._exact:
            for shorter in _shorter(key):
                self._by.setdefault(shorter, []).append(key)

    def nearest(self, word: str) -> str | None:
        """None when nothing is near, or when the word is short."""
        key = squeeze(word)
        if len(key) < 4:
            return None
        for alike in (self._exact.get(key), self._sound.get(sound(word))):
            if alike:
                return _closest(word, alike)
        if len(key) < _SHORTEST:
            return None
        found = {other for shorter in (key, *_shorter(key)) for other in self._by.get(shorter, ())}
        found |= {shorter for shorter in _shorter(key) if shorter in self._exact}
        near = [other for other in found if _one_apart(key, other) and other[0] == key[0]]
        if not near:
            near = [other for other in found if _one_apart(key, other) and len(key) > 5]
        if not near:
            return None
        best = min(near, key=lambda other: (abs(len(other) - len(key)), other))
        return _closest(word, self._exact[best])


@lru_cache(maxsize=60_000)
def sound(word: str) -> str:
    """What is left when people write by ear: "kenns" is "känns", "elikvis" is "eliquis"."""
    return _TWICE.sub(r"\1", _SOUND.sub(lambda found: found.lastgroup or "", word))


def _closest(word: str, words: list[str]) -> str:
    return min(words, key=lambda other: (abs(len(other) - len(word)), other))


def _shorter(key: str) -> set[str]:
    return {key[:place] + key[place + 1 :] for place in range(len(key))}


def _one_apart(one: str, two: str) -> bool:
    """One letter changed, missing, too much, or two neighbours swapped."""
    if len(one) == len(two):
        wrong = [place for place in range(len(one)) if one[place] != two[place]]
        if len(wrong) == 2 and wrong[1] == wrong[0] + 1:
            return one[wrong[0]] == two[wrong[1]] and one[wrong[1]] == two[wrong[0]]
        return len(wrong) <= 1
    if abs(len(one) - len(two)) != 1:
        return False
    short, long = sorted((one, two), key=len)
    place = next((place for place in range(len(short)) if short[place] != long[place]), len(short))
    return short[place:] == long[place + 1 :]
