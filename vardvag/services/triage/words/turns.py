"""Turns of phrase: short runs of words that set the time or the person of a sentence."""

from collections.abc import Sequence

_MOST = 30  # of one kind in one sentence


class Turns:
    """Written with * for any one word, `för*` for a beginning, `19??` with any letters and `a|b` for either."""

    def __init__(self, turns: Sequence[str]) -> None:
        self._by: dict[str, list[tuple[int, tuple[str, ...]]]] = {}
        self._begun: list[tuple[str, ...]] = []
        for turn in turns:
            words = tuple(turn.split())
            place, anchors = _anchor(words)
            for word in anchors:
                self._by.setdefault(word, []).append((place, words))
            if not anchors:
                self._begun.append(words)

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


def _stands(span: Sequence[str], place: int, wanted: Sequence[str]) -> bool:
    return place + len(wanted) <= len(span) and all(
        _fits(span[place + step], one) for step, one in enumerate(wanted)
    )


def _fits(form: str, wanted: str) -> bool:
    if wanted == "*":
        return True
    if "|" in wanted:
        return form in wanted.split("|")
    if wanted.endswith("*"):
        return form.startswith(wanted[:-1])
    if "?" in wanted:
        return len(form) == len(wanted) and form.isdigit() and form.startswith(wanted.rstrip("?"))
    return form == wanted
