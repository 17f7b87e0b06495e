"""Turns of phrase: short runs of words that set the time or the person of a sentence."""

import re
from collections.abc import Sequence

_MOST = 30  # of one kind in one sentence
_Pieces = tuple[str | frozenset[str] | re.Pattern[str], ...]


class Turns:
    """Written with * for any one word, `för*` for a beginning, `19??` with any figures and `a|b` for either. A turn of
    several words has at least one that is whole."""

    def __init__(self, turns: Sequence[str]) -> None:
        self._by: dict[str, list[tuple[int, _Pieces]]] = {}
        begun = []
        for turn in turns:
            words = tuple(turn.split())
            place, anchors = _anchor(words)
            for word in anchors:
                self._by.setdefault(word, []).append((place, tuple(_piece(word) for word in words)))
            if not anchors:
                if len(words) > 1:
                    raise ValueError(
                        f"The turn {turn!r} has no whole word: write at least one without * and ?."
                    )
                begun.append(_open(turn))
        self._begun = re.compile("|".join(begun) or r"(?!)")
        self._some = re.compile(rf"(?<!\S)(?:{self._begun.pattern})(?!\S)")

    def hits(self, span: Sequence[str]) -> list[tuple[int, int]]:
        """Where one stands: first word and the word after its last."""
        found: set[tuple[int, int]] = set()
        if self._by.keys().isdisjoint(span) and not self._some.search(" ".join(span)):
            return []
        for at, form in enumerate(span):
            for place, wanted in self._by.get(form, ()):
                if at >= place and _stands(span, at - place, wanted):
                    found.add((at - place, at - place + len(wanted)))
            if self._begun.fullmatch(form):
                found.add((at, at + 1))
            if len(found) > _MOST:
                break
        return sorted(found)


def _anchor(words: tuple[str, ...]) -> tuple[int, tuple[str, ...]]:
    """The place of the rarest whole word, and what it can be; no words when all are open."""
    choices = [
        (len(word.split("|")), -len(word), place, tuple(word.split("|")))
        for place, word in enumerate(words)
        if "*" not in word and "?" not in word
    ]
    return (min(choices)[2], min(choices)[3]) if choices else (0, ())


def _piece(word: str) -> str | frozenset[str] | re.Pattern[str]:
    if "*" in word or "?" in word:
        return re.compile(_open(word))
    return frozenset(word.split("|")) if "|" in word else word


def _open(word: str) -> str:
    return re.escape(word).replace(r"\*", r"\S*").replace(r"\?", r"\d")


def _stands(span: Sequence[str], place: int, wanted: _Pieces) -> bool:
    if place + len(wanted) > len(span):
        return False
    for (
        one
    ) in wanted:  # the innermost loop of reading: plain, since a long text comes here ten thousand times
        form = span[place]
        if isinstance(one, str):
            if form != one:
                return False
        elif not (form in one if isinstance(one, frozenset) else one.fullmatch(form)):
            return False
        place += 1
    return True
