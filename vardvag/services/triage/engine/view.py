"""A patient as conditions see them: answers, facts, what was not asked because it does not apply."""

from collections.abc import Iterable

from vardvag.services.triage.engine.conditions import NO, OPEN, UNKNOWABLE, YES, Condition, Truth
from vardvag.services.triage.engine.library import Library
from vardvag.services.triage.engine.model import Concept, Kind, Protocol
from vardvag.services.triage.engine.values import UNKNOWN, Answers, Missing


class Patient:
    """`wide` counts every "I don't know" to a danger as yes; else only where the concept says so."""

    def __init__(
        self, library: Library, protocols: Iterable[Protocol], answers: Answers, wide: bool = False
    ) -> None:
        self.library = library
        self.protocols = tuple(protocols)
        self.answers = answers
        self.wide = wide
        self.scoring = False
        self._known: dict[str, Truth] = {}
        self._closed: dict[str, bool] = {}
        self._score_side: Patient | None = None

    def into_score(self) -> "Patient":
        """In a score a missing number is unknown instead of not reaching the bound."""
        if self.scoring:
            return self
        if self._score_side is None:
            self._score_side = Patient(self.library, self.protocols, self.answers, self.wide)
            self._score_side.scoring = True
        return self._score_side

    def yes(self, concept: str) -> Truth:
        found = self._known.get(concept)
        if found is None:
            found = self._known[concept] = self._yes(self.library.concepts[concept])
        return found

    def _yes(self, concept: Concept) -> Truth:
        if concept.derive:
            return concept.derive.truth(self)
        value = self.answers.get(concept.id)
        if value is None:
            return self._unasked(concept.id)
        if value is UNKNOWN:
            return self._unknown(concept, concept.danger)
        return YES if value is True else NO

    def _unknown(self, concept: Concept, danger: bool) -> Truth:
        if concept.unless and concept.unless.truth(self) == YES:
            return NO
        return YES if danger and (self.wide or concept.as_yes) else UNKNOWABLE

    def chosen(self, concept: str, options: frozenset[str]) -> Truth:
        value = self.answers.get(concept)
        if value is None:
            return self._unasked(concept)
        if value is UNKNOWN:
            whole = self.library.concepts[concept]
            return self._unknown(whole, bool(options & whole.dangers))
        if isinstance(value, tuple):
            return YES if options.intersection(value) else NO
        return YES if value in options else NO

    def number(self, concept: str) -> float | Missing | None:
        value = self.answers.get(concept)
        if isinstance(value, (bool, str, tuple)):
            return UNKNOWN
        return value

    def missing_number(self, concept: str) -> Truth:
        if concept not in self.library.concepts:  # a fact such as age
            return UNKNOWABLE
        if self.answers.get(concept) is UNKNOWN:
            return UNKNOWABLE if self.scoring else NO
        return OPEN if self.is_open(concept) else NO

    def sex(self, sex: str) -> Truth:
        value = self.answers.get("sex")
        return (YES if value == sex else NO) if value in ("F", "M") else UNKNOWABLE

    def _unasked(self, concept: str) -> Truth:
        """What does not apply is no; what none of the protocols asks stays unknown."""
        if self.closed(concept):
            return NO
        return OPEN if self._gates(concept) else UNKNOWABLE

    def closed(self, concept: str) -> bool:
        """Not answered, and surely not to be asked because it does not apply: counts as no."""
        found = self._closed.get(concept)
        if found is None:
            self._closed[concept] = False  # what stands on itself stays open
            found = self._closed[concept] = self._is_closed(concept)
        return found

    def _is_closed(self, concept: str) -> bool:
        unless = self.library.concepts[concept].unless
        if unless and unless.truth(self) == YES:
            return True
        gates = self._gates(concept)
        return bool(gates) and all(gate is not None and gate.truth(self) == NO for gate in gates)

    def _gates(self, concept: str) -> list[Condition | None]:
        """The condition of each place where it is asked."""
        return [entry.when for one in self.protocols for entry in one.ask if concept in entry.concepts]

    def is_open(self, concept: str) -> bool:
        """Not answered yet, and it may be asked."""
        return concept not in self.answers and bool(self._gates(concept)) and not self.closed(concept)

    def unknown_dangers(self, concepts: Iterable[str]) -> tuple[str, ...]:
        """Dangers that were put and that nobody knows."""
        return tuple(
            name for name in concepts
            if self.answers.get(name) is UNKNOWN and (one := self.library.concepts[name]).is_danger
            and one.kind is not Kind.DERIVED and not (one.unless and one.unless.truth(self) == YES)
        )  # fmt: skip
