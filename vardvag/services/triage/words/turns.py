"""Turns of phrase: short runs of words that set the time or the person of a sentence."""

from collections.abc import Callable, Sequence

_MOST = 30  # of one kind in one sentence
_Pieces = tuple[str | frozenset[str] | Callable[[str], bool], ...]


class Turns:
    """Written with * for any one word, `för*` for a beginning, `19??` with any letters and `a|b` for either."""

    def __init__(self, turns: Sequence[str]) -> None:
        self._by: dict[str, list[tuple[int, _Pieces]]] = {}
        self._begun: list[_Pieces] = []
        for turn in turns:
            words = tuple(turn.split())
            pieces = tuple(_piece(word) for word in words)
            place, anchors = _anchor(words)
            for word in anchors:
                self._by.setdefault(word, []).append((place, pieces))
            if not anchors:
                self._begun.append(pieces)

    def hits(self, span: Sequence[str]) -> list[tuple[int, int]]:
        """Where one stands: first word and the word after its last."""
        found: set[tuple[int, int]] = set()
        for at, form in enumerate(span):
            for place, wanted in self._by.get(form, ()):
                if at >= place and _stands(span, at - place, wanted):
                    found.add((at - place, at - place + len(wanted)))
            for wanted in self._begun:
                if _stands(span, at, wanted):
                    found.add((at, at + len(wanted)))
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


def _piece(word: str) -> str | frozenset[str] | Callable[[str], bool]:
    if word == "*":
        return lambda form: True
    if "|" in word:
        return frozenset(word.split("|"))
    if word.endswith("*"):
        begun = word[:-1]
        return lambda form: form.startswith(begun)
    if "?" in word:
        begun = word.rstrip("?")
        return lambda form: len(form) == len(word) and form.isdigit() and form.startswith(begun)
    return word


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
        elif not (form in one if isinstance(one, frozenset) else one(form)):
            return False
        place += 1
    return True
