"""Which concepts could still change urgency, care or where to turn. What cannot is not asked."""

from collections.abc import Iterator

from vardvag.services.triage.engine.chosen import Chosen
from vardvag.services.triage.engine.conditions import TRUE_BIT, YES, Condition
from vardvag.services.triage.engine.evaluate import Outcome, default
from vardvag.services.triage.engine.model import Rule, one_lower
from vardvag.services.triage.engine.view import Patient

Rank = tuple[int, int]


def relevant(patient: Patient, taking: Chosen, outcome: Outcome) -> frozenset[str]:
    """Open concepts that a rule which can still fire, and would matter if it did, stands on."""
    fired, standing = _standing(patient, taking, outcome)
    wide = Patient(patient.library, patient.protocols, patient.answers, wide=True)
    found: set[str] = set()
    for condition in _deciding(patient, wide, taking, standing, fired, outcome.refer):
        found |= patient.library.deep(condition)
    return frozenset(
        name
        for name in _with_gates(patient, found)
        if name in patient.library.concepts and patient.is_open(name)
    )


def relevant_beside(patient: Patient, beside: Patient, taking: Chosen, outcome: Outcome) -> frozenset[str]:
    """The same for the signs of reasons that were not chosen. `beside`: the patient as those see him."""
    _, standing = _standing(patient, taking, outcome)
    library, signs = beside.library, taking.signs(beside.library)
    found: set[str] = set()
    for protocol in taking.near:
        for rule in protocol.rules:
            if rule.when and rule.rank < standing:
                truth = rule.when.truth(beside)
                if truth & TRUE_BIT and truth != YES and not signs.isdisjoint(library.deep(rule.when)):
                    found |= library.deep(rule.when)
    return frozenset(name for name in found if name in library.concepts and beside.is_open(name))


def _standing(patient: Patient, taking: Chosen, outcome: Outcome) -> tuple[Rank, Rank]:
    """What fired, and what will stand at best."""
    fired = min((one.rank for one in outcome.fired if not one.is_default), default=(9, 9))
    hopes = [default(one, patient, hopeful=True).rank for one in taking.own]
    return fired, min([fired, *hopes])


def _deciding(
    patient: Patient, wide: Patient, taking: Chosen, standing: Rank, fired: Rank, refer: str | None
) -> Iterator[Condition]:  # fmt: skip
    for protocol in taking.all:
        for rule in taking.rules(protocol):
            if rule.when is None or not _matters(rule, standing, refer):
                continue
            truth = rule.when.truth(patient)
            if truth & TRUE_BIT and truth != YES:
                yield rule.when
            elif truth != YES and _matters(one_lower(rule), standing, refer):
                wider = rule.when.truth(wide)
                if wider & TRUE_BIT and wider != YES:
                    yield rule.when
        if protocol in taking.own and fired > protocol.default.rank:
            for rule in protocol.reassure:
                if rule.when and rule.when.truth(patient) & TRUE_BIT:
                    yield rule.when


def _matters(rule: Rule, standing: Rank, refer: str | None) -> bool:
    return rule.rank < standing or (rule.rank == standing and rule.refer is not None and refer is None)


def _with_gates(patient: Patient, concepts: set[str]) -> set[str]:
    """Also what decides whether one of them is asked at all."""
    above = list(concepts)
    while above:
        name = above.pop()
        entries = [entry for one in patient.protocols for entry in one.ask if name in entry.concepts]
        for entry in entries:
            for other in patient.library.deep(entry.when) if entry.when else ():
                if other not in concepts:
                    concepts.add(other)
                    above.append(other)
    return concepts
