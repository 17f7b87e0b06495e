"""Which patterns can stand in a text at all: those of which every part has something that it needs. Of some thousand
patterns a text says the words of some tens; looking each up was most of what reading a message cost."""

from collections import Counter
from collections.abc import Iterable, Mapping

from vardvag.services.triage.words.normal import squeeze
from vardvag.services.triage.words.pattern import ROUGH, Alternatives, Pattern, Run, Seen

Atom = tuple[str, str]  # kind and text
_KINDS = ("word", "stem", "concept", "begins", "roughly", "ends", "number")
_WORD, _STEM, _CONCEPT, _BEGINS, _ROUGHLY, _ENDS, _NUMBER = _KINDS  # of an ending the letters are turned
_SHORT = 3  # letters; such words stand in every text


class Needed:
    """Atoms are numbered, and what a text says of them is one set: whether a part can be there is asked of it at once,
    without looking where."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        asked = {one: [_atoms(part) for run in one.runs for part in run.parts] for one in patterns}
        times = Counter(atom for parts in asked.values() for part in parts for atom in part)
        numbers = {atom: number for number, atom in enumerate(times, 1)}
        self._under: dict[int, list[tuple[Pattern, tuple[frozenset[int], ...]]]] = {}
        for one, parts in asked.items():  # what many patterns ask for, many texts say
            parts.sort(key=lambda part: (_everyday(part), sum(times[atom] for atom in part)))
            rarest, *others = (frozenset(numbers[atom] for atom in part) for part in parts)
            for atom in rarest:
                self._under.setdefault(atom, []).append((one, tuple(others)))
        self._numbers = {
            kind: {text: number for (of, text), number in numbers.items() if of == kind} for kind in _KINDS
        }
        self._beginnings = {kind: _beginnings(self._numbers[kind]) for kind in (_BEGINS, _ROUGHLY, _ENDS)}

    def possible(self, seen: Seen) -> frozenset[Pattern]:
        """Those that may stand there; every one that does is among them."""
        said = self._said(seen)
        return frozenset(
            one
            for atom in said
            for one, needs in self._under.get(atom, ())
            if not any(map(said.isdisjoint, needs))
        )

    def _said(self, seen: Seen) -> set[int]:
        said: set[int] = set()
        for kind, told in ((_WORD, seen.forms), (_STEM, seen.stems), (_CONCEPT, seen.concepts)):
            known = self._numbers[kind]
            said.update(known[text] for text in known.keys() & told.keys())
        for kind, forms in ((_BEGINS, seen.forms), (_ROUGHLY, seen.rough), (_ENDS, map(_turned, seen.forms))):
            least, begun = self._beginnings[kind]
            for form in forms:
                for end in range(least, len(form) + 1):
                    number = begun.get(form[:end])
                    if number is None:
                        break
                    said.add(number)
        if seen.numbers:
            said.update(self._numbers[_NUMBER].values())
        return said


def _turned(word: str) -> str:
    return word[::-1]


def _beginnings(known: Mapping[str, int]) -> tuple[int, Mapping[str, int]]:
    """The letters of the shortest, and each with its own beginnings (0), so that a word is followed no further than
    one goes on."""
    least = min(map(len, known), default=1)
    begun = {text[:end]: 0 for text in known for end in range(least, len(text))}
    return least, begun | dict(known)


def _everyday(atoms: frozenset[Atom]) -> bool:
    return any(kind == _NUMBER or (kind in (_WORD, _BEGINS) and len(text) <= _SHORT) for kind, text in atoms)


def _atoms(part: Alternatives) -> frozenset[Atom]:
    """One of these has to be said for the part to be there."""
    found = {
        *((_WORD, word) for word in part.words),
        *((_STEM, stem) for stem in part.stems),
        *((_CONCEPT, concept) for concept in part.concepts),
        *((_CONCEPT, several[0]) for several in part.together),
        *((_BEGINS, begin) for begin in part.begins),
        *((_ROUGHLY, squeeze(begin)) for begin in part.begins if len(squeeze(begin)) >= ROUGH),
        *((_ENDS, _turned(finish)) for finish in part.finishes),
    }
    if part.above is not None or part.below is not None:
        found.add((_NUMBER, ""))
    for phrase in part.phrases:
        found |= _rarest(phrase)
    return frozenset(found)


def _rarest(run: Run) -> frozenset[Atom]:
    """Of the parts that all have to be there, the one that fewest texts will have."""
    return min(map(_atoms, run.parts), key=lambda atoms: (_everyday(atoms), len(atoms)))
