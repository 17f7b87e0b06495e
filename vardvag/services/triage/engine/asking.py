"""Which question comes next: danger before the rest, what can change nothing left out, few pages."""

from collections.abc import Sequence
from dataclasses import dataclass

from vardvag.services.triage.engine.chosen import Chosen
from vardvag.services.triage.engine.conditions import NO, YES, undecided
from vardvag.services.triage.engine.library import Library
from vardvag.services.triage.engine.model import Asked
from vardvag.services.triage.engine.questions import Question, screen, single
from vardvag.services.triage.engine.view import Patient

MOST_LINES = 8  # of a screen
MOST_BESIDE = 2  # screens about reasons that were not chosen
_AGAIN = "+"  # a screen whose other lines came to matter later: "halsont.2+1"


def entry_of(question: str) -> str:
    """The entry of `ask` that a question's id stands for."""
    return question.partition(_AGAIN)[0]


@dataclass(frozen=True, slots=True)
class Side:
    """A patient as some protocols see him, with the open concepts that can change something for them."""

    patient: Patient
    wanted: frozenset[str]


@dataclass(frozen=True, slots=True)
class Asking:
    library: Library
    taking: Chosen
    own: Side
    beside: Side
    apart: frozenset[str]  # screens that are asked line by line
    used: tuple[str, ...]  # ids of the questions put
    kept: bool  # also what changes nothing but the nurse needs

    def next(self) -> Question | None:
        for patience in (True, False):
            for side, entries in self._rounds():
                for number, entry in enumerate(entries):
                    question = self._question(side, entry, entries[number + 1 :], patience)
                    if question:
                        return question
        return None

    def _rounds(self) -> tuple[tuple[Side, Sequence[Asked]], ...]:
        """The screening, the dangers of all protocols, those of reasons not chosen, the rest."""
        entries = [entry for protocol in self.taking.own for entry in protocol.ask]
        dangers = [any(self.library.concepts[name].is_danger for name in entry.concepts) for entry in entries]
        return (
            (self.own, self.taking.screening.ask),
            (self.own, [entry for entry, danger in zip(entries, dangers, strict=True) if danger]),
            (self.beside, self._near()),
            (self.own, [entry for entry, danger in zip(entries, dangers, strict=True) if not danger]),
        )

    def _near(self) -> Sequence[Asked]:
        asking = [entry for protocol in self.taking.asking for entry in protocol.ask]
        own = {entry.id for entry in asking} | {name for entry in asking for name in entry.concepts}
        if sum(entry_of(one) not in own for one in self.used) >= MOST_BESIDE:
            return ()
        return [entry for protocol in self.taking.near for entry in protocol.ask]

    def _question(self, side: Side, entry: Asked, later: Sequence[Asked], patience: bool) -> Question | None:
        """What is left of an entry. With patience what depends on later answers waits for them."""
        left = self._left(side, entry, patience)
        if not left:
            return None
        if entry.screen and entry.id not in self.apart:
            lines = self._filled(side, left, later) if entry not in self.taking.screening.ask else left
            if len(lines) > 1:
                return screen(self.library, self._fresh(entry.id), lines, self.used)
        concept = self.library.concepts[left[0]]
        if patience and not entry.screen and concept.unless and undecided(concept.unless.truth(side.patient)):
            return None
        return single(concept)

    def _left(self, side: Side, entry: Asked, patience: bool) -> list[str]:
        gate = entry.when.truth(side.patient) if entry.when else YES
        if gate == NO or (undecided(gate) and (patience or entry.keep)):
            return []
        keep = entry.keep and self.kept
        return [
            name for name in entry.concepts if side.patient.is_open(name) and (name in side.wanted or keep)
        ]

    def _filled(self, side: Side, left: list[str], later: Sequence[Asked]) -> list[str]:
        """With later screens that fit whole, so that several reasons do not become many pages."""
        lines = list(left)
        for entry in later:
            if entry.screen and entry.id not in self.apart:
                more = [name for name in self._left(side, entry, patience=True) if name not in lines]
                if len(lines) + len(more) <= MOST_LINES:
                    lines += more
        return lines

    def _fresh(self, id: str) -> str:
        times = sum(1 for one in self.used if entry_of(one) == id)
        return f"{id}{_AGAIN}{times}" if times else id
