"""Which protocols take part: the screening, those chosen or joined, and the general rules that always hold."""

from collections.abc import Iterator
from dataclasses import dataclass

from vardvag.services.triage.engine.conditions import YES, Condition, names
from vardvag.services.triage.engine.library import Library
from vardvag.services.triage.engine.model import ERRANDS, YOUNGEST, Protocol, Rule
from vardvag.services.triage.engine.values import UNKNOWN, Answers
from vardvag.services.triage.engine.view import Patient

NEAR = 5  # how many of the reasons that the words are most like


@dataclass(frozen=True, slots=True)
class Chosen:
    screening: Protocol
    own: tuple[Protocol, ...]  # by danger; their questions are put and their defaults count
    general: Protocol
    near: tuple[Protocol, ...] = ()  # the dangers of other reasons that the words were like

    @property
    def asking(self) -> tuple[Protocol, ...]:
        return (self.screening, *self.own)

    @property
    def around(self) -> tuple[Protocol, ...]:
        return (*self.asking, *self.near)

    @property
    def all(self) -> tuple[Protocol, ...]:
        return self.asking if self.general in self.own else (*self.asking, self.general)

    def signs(self, library: Library) -> frozenset[str]:
        """Those of the reasons beside that the chosen ones do not know of."""
        if not self.near:
            return frozenset()
        known = frozenset[str]().union(*map(library.used, self.asking))
        asked = frozenset(name for one in self.near for entry in one.ask for name in entry.concepts)
        return frozenset(name for name in asked - known if library.concepts[name].is_sign)

    def rules(self, protocol: Protocol) -> tuple[Rule, ...]:
        """Those that hold here: of the general protocol all only where it was chosen."""
        if protocol is not self.general:
            return protocol.rules
        return (*protocol.everywhere, *protocol.rules) if protocol in self.own else protocol.everywhere


def chosen(library: Library, ids: tuple[str, ...], answers: Answers, near: tuple[str, ...] = ()) -> Chosen:
    """Reasons without a protocol of their own, or none at all, are asked by the general one; the youngest by one that
    leads to a call."""
    age = answers.get("age")
    if isinstance(age, float) and age < YOUNGEST:
        return Chosen(library.screening, (library.infants,), library.general)
    found = {one.id: one for id in ids if (one := library.protocol(id)) is not library.screening}
    own = tuple(found.values()) or (library.general,)
    own += _joined(library, own, answers)
    return Chosen(
        library.screening,
        tuple(sorted(own, key=lambda one: (one.danger_rank, one.id))),
        library.general,
        tuple(_near(library, own, near, answers)),
    )


def _near(
    library: Library, own: tuple[Protocol, ...], ids: tuple[str, ...], answers: Answers
) -> Iterator[Protocol]:
    """Those that fit the patient, and of whom what the reason takes for granted may be so. An errand's own dangers
    stand for any trouble, which has been chosen here."""
    for id in ids:
        one, reason = library.protocols.get(id), library.reasons.get(id)
        if one is None or one in own or not _fits(one, answers) or (reason and reason.group == ERRANDS):
            continue
        if not any(answers.get(name) is False for name in one.implies):
            yield library.beside(id)


def _joined(library: Library, own: tuple[Protocol, ...], answers: Answers) -> tuple[Protocol, ...]:
    """By what is surely so and none of the chosen protocols knows of: an errand that mentions a swollen calf."""
    said = {name for name, value in answers.items() if value is not False and value is not UNKNOWN}
    patient = Patient(library, (library.screening, *own), answers)
    found: dict[str, Protocol] = {}
    for join in library.general.joins:
        one = library.protocols.get(join.take)
        if one is None or one in own or said.isdisjoint(library.asked(join.when)):
            continue
        if join.when.truth(patient) != YES:
            continue
        if _fits(one, answers) and not any(_knows(library, other, join.when) for other in own):
            found[one.id] = one
    return tuple(found.values())


def _knows(library: Library, protocol: Protocol, condition: Condition) -> bool:
    """Whether it asks or reasons about all that the condition names, or about what that follows from."""
    used = library.used(protocol)
    for name in names(condition) & library.concepts.keys():
        derive = library.concepts[name].derive
        if not used & ({name} | (library.deep(derive) if derive else set())):
            return False
    return True


def _fits(protocol: Protocol, answers: Answers) -> bool:
    age, sex = answers.get("age"), answers.get("sex")
    if isinstance(age, float) and not protocol.age_min <= age < (protocol.age_max or 200) + 1:
        return False
    return protocol.sex in ("any", sex) or sex not in ("F", "M")
