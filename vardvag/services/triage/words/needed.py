"""Which patterns can stand in a text at all: each is kept under what one of its parts needs. Of some thousand patterns
a text says the words of some tens; looking each up was most of what reading a message cost."""

from collections.abc import Iterable, Iterator

from vardvag.services.triage.words.normal import squeeze
from vardvag.services.triage.words.pattern import ROUGH, Alternatives, Pattern, Run, Seen

Atom = tuple[str, str]  # kind and text: a word, stem, concept, beginning, rough beginning or ending
_WORD, _STEM, _CONCEPT = "w", "s", "c"
_BEGINS, _ROUGHLY, _ENDS = "b", "r", "e"
_SHORT = 3  # letters; such words stand in every text


class Needed:
    def __init__(self, patterns: Iterable[Pattern]) -> None:
        self._always: list[Pattern] = []
        self._under: dict[Atom, list[Pattern]] = {}
        for one in patterns:
            atoms = _rarest(one.runs)
            if atoms is None:
                self._always.append(one)
            for atom in atoms or ():
                self._under.setdefault(atom, []).append(one)

    def possible(self, seen: Seen) -> frozenset[Pattern]:
        """Those that may stand there; every one that does is among them."""
        found = set(self._always)
        for atom in _said(seen):
            found.update(self._under.get(atom, ()))
        return frozenset(found)


def _said(seen: Seen) -> Iterator[Atom]:
    for form in seen.forms:
        yield _WORD, form
        for end in range(1, len(form) + 1):
            yield _BEGINS, form[:end]
            yield _ENDS, form[-end:]
    for form in seen.rough:
        for end in range(ROUGH, len(form) + 1):
            yield _ROUGHLY, form[:end]
    for stem in seen.stems:
        yield _STEM, stem
    for concept in seen.concepts:
        yield _CONCEPT, concept


def _rarest(runs: Iterable[Run]) -> frozenset[Atom] | None:
    """Of the parts that all have to be there, the one that fewest texts will have."""
    known = [atoms for run in runs for part in run.parts if (atoms := _atoms(part)) is not None]
    return min(known, key=_commonness, default=None)


def _commonness(atoms: frozenset[Atom]) -> tuple[bool, int]:
    return any(kind in (_WORD, _BEGINS) and len(text) <= _SHORT for kind, text in atoms), len(atoms)


def _atoms(part: Alternatives) -> frozenset[Atom] | None:
    """One of these has to be said for the part to be there. None: a number can be any."""
    if part.above is not None or part.below is not None:
        return None
    found = {
        *((_WORD, word) for word in part.words),
        *((_STEM, stem) for stem in part.stems),
        *((_CONCEPT, concept) for concept in part.concepts),
        *((_CONCEPT, several[0]) for several in part.together),
        *((_BEGINS, begin) for begin in part.begins),
        *((_ROUGHLY, squeeze(begin)) for begin in part.begins if len(squeeze(begin)) >= ROUGH),
        *((_ENDS, finish) for finish in part.finishes),
    }
    for phrase in part.phrases:
        inside = _rarest([phrase])
        if inside is None:
            return None
        found |= inside
    return frozenset(found)
