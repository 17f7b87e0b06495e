"""From answers to urgency: every rule that holds fires, the most urgent decides. The order of answers is no matter."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from vardvag.services.triage.engine.chosen import Chosen, chosen
from vardvag.services.triage.engine.conditions import (
    NO,
    TRUE_BIT,
    YES,
    Compare,
    Condition,
    Count,
    Is,
    Not,
    Or,
    Score,
    parts,
)
from vardvag.services.triage.engine.conditions import Yes as IsYes
from vardvag.services.triage.engine.library import Library
from vardvag.services.triage.engine.model import CARE_OF, CARES, Protocol, Rule, one_lower
from vardvag.services.triage.engine.text import Text
from vardvag.services.triage.engine.values import UNKNOWN, Answers
from vardvag.services.triage.engine.view import Patient

UNKNOWN_BUDGET = 3
UNKNOWN_FLOOR = 2


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule that held, with the concepts whose answers made it so."""

    rule: Rule
    protocol: str
    concepts: tuple[str, ...] = ()
    unanswered: bool = False  # it holds only because a danger question was answered "I don't know"

    is_default: bool = False

    @property
    def rank(self) -> tuple[int, int]:
        return self.rule.rank


@dataclass(frozen=True, slots=True)
class Outcome:
    urgency: int
    care: str
    refer: str | None
    fired: tuple[Fired, ...]  # most urgent first; defaults last

    @property
    def rank(self) -> tuple[int, int]:
        return self.urgency, CARES.index(self.care)


def evaluate(
    library: Library, protocols: tuple[str, ...], answers: Answers, abandoned: bool = False, near: tuple[str, ...] = ()
) -> Outcome:  # fmt: skip
    """What stands by these answers. Several protocols: the most urgent of them. `near`: of these the signs of danger
    count too, and only raise."""
    taking = chosen(library, protocols, answers, near)
    patient = Patient(library, taking.asking, answers)
    beside = Patient(library, taking.around, answers)
    fired = [*_fired(patient, taking), *_beside(beside, taking), *_floors(patient, taking, abandoned)]
    order = {one.id: number for number, one in enumerate(taking.all)}
    fired.sort(key=lambda one: (one.is_default, one.rank, order.get(one.protocol, 0)))
    top = min(fired, key=lambda one: one.rank)
    refers = [one.rule.refer for one in fired if one.rank == top.rank and one.rule.refer]
    return Outcome(top.rule.urgency, top.rule.care, refers[0] if refers else None, tuple(fired))


def _fired(patient: Patient, taking: Chosen) -> Iterator[Fired]:
    wide = _wider(patient)
    for protocol in taking.all:
        yield from _held(taking.rules(protocol), protocol, patient, wide)
        if protocol in taking.own:
            yield default(protocol, patient)


def _beside(patient: Patient, taking: Chosen) -> Iterator[Fired]:
    """Rules of reasons that were not chosen, where a sign that those chosen do not know of made them hold."""
    wide, signs = _wider(patient), taking.signs(patient.library)
    for protocol in taking.near:
        for one in _held(protocol.rules, protocol, patient, wide):
            if any(name in signs and patient.answers.get(name) is not False for name in one.concepts):
                yield one


def _wider(patient: Patient) -> Patient:
    """Who takes every "I don't know" to a danger for a yes."""
    if not any(value is UNKNOWN for value in patient.answers.values()):
        return patient
    return Patient(patient.library, patient.protocols, patient.answers, wide=True)


def _held(rules: Iterable[Rule], protocol: Protocol, patient: Patient, wide: Patient) -> Iterator[Fired]:
    for rule in rules:
        if rule.when is None:
            continue
        if rule.when.truth(patient) == YES:
            yield _one(rule, protocol, patient)
        elif wide is not patient and rule.when.truth(wide) == YES:
            yield _one(one_lower(rule), protocol, wide)


def default(protocol: Protocol, patient: Patient, hopeful: bool = False) -> Fired:
    """What its default comes to; `hopeful`: with what is not known yet in the most reassuring way."""
    best = Fired(protocol.default, protocol.id, is_default=True)
    for rule in protocol.reassure:
        truth = rule.when.truth(patient) if rule.when else NO
        if (truth == YES or (hopeful and truth & TRUE_BIT)) and rule.rank > best.rank:
            best = Fired(rule, protocol.id, _why(rule.when, patient), is_default=True)
    return best


def _one(rule: Rule, protocol: Protocol, patient: Patient) -> Fired:
    concepts = tuple(dict.fromkeys(_why(rule.when, patient))) if rule.when else ()
    doubt = any(
        patient.answers.get(name) is UNKNOWN and patient.library.concepts[name].is_danger for name in concepts
    )
    return Fired(rule, protocol.id, concepts, doubt)


def _why(condition: Condition | None, patient: Patient, wanted: int = YES) -> tuple[str, ...]:
    """The concepts whose answers make the condition what it is."""
    match condition:
        case None:
            return ()
        case Not(part):
            return _why(part, patient, NO if wanted == YES else YES)
        case IsYes(name) | Is(name) | Compare(name):
            concept = patient.library.concepts.get(name)
            return _why(concept.derive, patient, wanted) if concept and concept.derive else (name,)
        case Or() if wanted == YES:
            return tuple(
                name for part in condition.parts if part.truth(patient) == YES for name in _why(part, patient)
            )
        case Count():
            return tuple(
                name for part in condition.parts if part.truth(patient) == YES for name in _why(part, patient)
            )
        case Score():
            inside = patient.into_score()
            return tuple(
                name for item, _ in condition.items if item.truth(inside) not in (NO,) for name in _why(item, inside)
                if name in patient.answers
            )  # fmt: skip
        case _:
            return tuple(name for part in parts(condition) for name in _why(part, patient, wanted))


_BUDGET = Rule(
    "unknown_budget", UNKNOWN_FLOOR, CARE_OF[UNKNOWN_FLOOR][0],
    Text("Flera viktiga frågor gick inte att svara på. Då behöver en sjuksköterska bedöma snart.",
         "Several important questions could not be answered. A nurse needs to assess this soon."),
)  # fmt: skip
_ABANDONED = Text(
    "Frågorna blev inte färdiga. Då räknas det som mer bråttom tills vården har tittat på det.",
    "The questions were not finished. Until somebody has looked, this counts as more urgent.",
)


def _floors(patient: Patient, taking: Chosen, abandoned: bool) -> Iterator[Fired]:
    unknown = patient.unknown_dangers(
        sorted(name for name in patient.answers if name in patient.library.concepts)
    )
    if len(unknown) >= UNKNOWN_BUDGET:
        yield Fired(_BUDGET, taking.general.id, unknown, unanswered=True)
    if abandoned:
        floor = min(one.floor_incomplete for one in taking.own)
        yield Fired(
            Rule("incomplete", floor, CARE_OF[floor][0], _ABANDONED), taking.general.id, unanswered=True
        )
