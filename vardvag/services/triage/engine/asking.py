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
_AGAIN = "+"  # a screen whose other lines came to matter later: "halsont.2+1"


def entry_of(question: str) -> str:
    """The entry of `ask` that a question's id stands for."""
    return question.partition(_AGAIN)[0]


@dataclass(frozen=True, slots=True)
class Asking:
    library: Library
    taking: Chosen
    patient: Patient
    wanted: frozenset[str]  # open concepts that can change something
    apart: frozenset[str]  # screens that are asked line by line
    used: tuple[str, ...]  # ids of the questions put
    kept: bool  # also what changes nothing but the nurse needs

    def next(self) -> Question | None:
        for patience in (True, False):
            for entries in self._rounds():
                for number, entry in enumerate(entries):
                    question = self._question(entry, entries[number + 1 :], patience)
                    if question:
                        return question
        return None

    def _rounds(self) -> tuple[Sequence[Asked], ...]:
        """The screening, the dangers of all protocols, the rest."""
        entries = [entry for protocol in self.taking.own for entry in protocol.ask]
        dangers = [any(self.library.concepts[name].is_danger for name in entry.concepts) for entry in entries]
        return (
            self.taking.screening.ask,
            [entry for entry, danger in zip(entries, dangers, strict=True) if danger],
            [entry for entry, danger in zip(entries, dangers, strict=True) if not danger],
        )

    def _question(self, entry: Asked, later: Sequence[Asked], patience: bool) -> Question | None:
        """What is left of an entry. With patience what depends on later answers waits for them."""
        left = self._left(entry, patience)
        if not left:
            return None
        if entry.screen and entry.id not in self.apart:
            lines = self._filled(left, later) if entry not in self.taking.screening.ask else left
            if len(lines) > 1:
                return screen(self.library, self._fresh(entry.id), lines)
        concept = self.library.concepts[left[0]]
        if patience and not entry.screen and concept.unless and undecided(concept.unless.truth(self.patient)):
            return None
        return single(concept)

    def _left(self, entry: Asked, patience: bool) -> list[str]:
        gate = entry.when.truth(self.patient) if entry.when else YES
        if gate == NO or (undecided(gate) and (patience or entry.keep)):
            return []
        keep = entry.keep and self.kept
        return [
            name for name in entry.concepts if self.patient.is_open(name) and (name in self.wanted or keep)
        ]

    def _filled(self, left: list[str], later: Sequence[Asked]) -> list[str]:
        """With later screens that fit whole, so that several reasons do not become many pages."""
        lines = list(left)
        for entry in later:
            if entry.screen and entry.id not in self.apart:
                more = [name for name in self._left(entry, patience=True) if name not in lines]
                if len(lines) + len(more) <= MOST_LINES:
                    lines += more
        return lines

    def _fresh(self, id: str) -> str:
        times = sum(1 for one in self.used if entry_of(one) == id)
        return f"{id}{_AGAIN}{times}" if times else id
