"""Made-up answers for tests of the engine."""

import random
from functools import lru_cache

from vardvag.services.triage.engine import load
from vardvag.services.triage.engine.chosen import chosen
from vardvag.services.triage.engine.conditions import YES, Compare, walk
from vardvag.services.triage.engine.golden import whole
from vardvag.services.triage.engine.golden_cases import Case, silent
from vardvag.services.triage.engine.library import Library
from vardvag.services.triage.engine.model import GENERAL, INFANTS, SCREENING, Concept, Kind, Protocol
from vardvag.services.triage.engine.reader import Loaded
from vardvag.services.triage.engine.values import NO_OPTION, UNKNOWN, Value
from vardvag.services.triage.engine.view import Patient


@lru_cache(maxsize=1)
def loaded() -> Loaded:
    return load.load(load.CONTENT, golden=True)


def library() -> Library:
    found = loaded().library
    assert found is not None
    return found


def ids() -> list[str]:
    return [SCREENING, INFANTS, GENERAL, *sorted(library().protocols)]


def patient(protocol: Protocol, seed: int, unknown: float = 0.1, yes: float = 0.12) -> dict[str, Value]:
    """Somebody whom the protocol fits, who has answered everything. The same seed gives the same answers."""
    rng = random.Random(f"{protocol.id} {seed}")
    low = max(protocol.age_min, 1.0)
    oldest = 95 if protocol.age_max is None else min(protocol.age_max, 95)
    age = rng.random() if oldest < 1 else float(rng.randint(int(low), int(oldest)))
    facts: dict[str, Value] = {"age": age, "sex": protocol.sex if protocol.sex != "any" else rng.choice("FM")}
    answers = whole(library(), Case("", 0, protocol.id, facts, {}))
    bounds = numbers(protocol)
    for name in sorted(answers):
        concept = library().concepts.get(name)
        if concept and name not in protocol.implies:
            answers[name] = value(concept, rng, unknown, yes, bounds.get(name, [1.0]))
    return consistent(protocol, answers)


def value(concept: Concept, rng: random.Random, unknown: float, yes: float, bounds: list[float]) -> Value:
    if rng.random() < unknown:
        return UNKNOWN
    options = [option.id for option in concept.options]
    match concept.kind:
        case Kind.YESNO:
            return rng.random() < yes
        case Kind.CHOICE:
            return rng.choice([NO_OPTION, *options])
        case Kind.MULTI:
            return tuple(option for option in options if rng.random() < yes)
        case Kind.TEXT:
            return "ord"
        case _:
            return max(0.0, rng.choice(bounds) + rng.choice([-1.0, -0.1, 0.0, 0.1, 1.0]))


def numbers(protocol: Protocol) -> dict[str, list[float]]:
    """The bounds that rules compare each number with."""
    found: dict[str, list[float]] = {}
    for rule in (*protocol.rules, *protocol.everywhere, *protocol.reassure, *library().general.everywhere):
        trees = [rule.when] if rule.when else []
        trees += [
            one
            for name in (library().deep(rule.when) if rule.when else ())
            if (one := library().concepts[name].derive if name in library().concepts else None)
        ]
        for tree in trees:
            for leaf in walk(tree):
                if isinstance(leaf, Compare):
                    found.setdefault(leaf.concept, []).append(leaf.number)
    return found


def consistent(protocol: Protocol, answers: dict[str, Value]) -> dict[str, Value]:
    """Without answers to what does not apply to this patient."""
    asking = chosen(library(), (protocol.id,), {}).asking
    while True:
        seen = Patient(library(), asking, answers)
        wrong = []
        for name, given in answers.items():
            concept = library().concepts.get(name)
            if concept is None or given == silent(concept) or name in protocol.implies:
                continue
            gates = [entry.when for one in asking for entry in one.ask if name in entry.concepts]
            shut = gates and all(gate is not None and gate.truth(seen) != YES for gate in gates)
            if shut or (concept.unless and concept.unless.truth(seen) == YES):
                wrong.append(name)
        if not wrong:
            return answers
        answers = answers | {name: silent(library().concepts[name]) for name in wrong}
