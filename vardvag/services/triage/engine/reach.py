"""Answers that make a rule fire, found from its condition. For the checker: a rule that nothing reaches is dead."""

from collections.abc import Iterator
from itertools import islice, product

from vardvag.services.triage.engine.chosen import chosen
from vardvag.services.triage.engine.conditions import (
    YES,
    And,
    Compare,
    Condition,
    Count,
    Is,
    Not,
    Or,
    Score,
    Sex,
    Yes,
)
from vardvag.services.triage.engine.evaluate import evaluate
from vardvag.services.triage.engine.golden import whole
from vardvag.services.triage.engine.golden_cases import Case
from vardvag.services.triage.engine.library import Library
from vardvag.services.triage.engine.model import YOUNGEST, Kind, Protocol, Rule
from vardvag.services.triage.engine.values import NO_OPTION, Value
from vardvag.services.triage.engine.view import Patient

Found = dict[str, Value]
MOST = 400  # tries


def reached(library: Library, protocol: Protocol, rule: Rule) -> Found | None:
    """What somebody could answer to make it fire; None when nothing was found."""
    if rule.when is None:
        return {}
    for found in islice(_ways(library, rule.when, True), MOST):
        for sex in ("F", "M") if "sex" not in found else (found["sex"],):
            given: Found = {"age": _age(protocol), "sex": sex} | found
            if _applies(protocol, given) and _fires(library, protocol, rule, given):
                return given
    return None


def _age(protocol: Protocol) -> float:
    return max(protocol.age_min, min(35.0, protocol.age_max if protocol.age_max is not None else 35.0))


def _applies(protocol: Protocol, given: Found) -> bool:
    age = given["age"]
    high = protocol.age_max
    low = protocol.age_min if high == 0 else max(protocol.age_min, YOUNGEST)
    fits = isinstance(age, float) and age >= low and (high is None or age < high + 1)
    return fits and protocol.sex in ("any", given["sex"])


def _fires(library: Library, protocol: Protocol, rule: Rule, given: Found) -> bool:
    answers = whole(library, Case("", 0, protocol.id, given, {}))
    patient = Patient(library, chosen(library, (protocol.id,), answers).asking, answers)
    for name in given:  # what does not apply to this patient could not have been answered
        concept = library.concepts.get(name)
        if concept and concept.unless and answers[name] is not False and concept.unless.truth(patient) == YES:
            return False
    return any(one.rule.id == rule.id for one in evaluate(library, (protocol.id,), answers).fired)


def _ways(library: Library, condition: Condition, wanted: bool) -> Iterator[Found]:
    match condition:
        case Not(part):
            yield from _ways(library, part, not wanted)
        case Yes(name):
            concept = library.concepts[name]
            if concept.derive:
                yield from _ways(library, concept.derive, wanted)
            else:
                yield {name: wanted}
                if wanted and concept.unless:
                    yield from (
                        more | {name: True} for more in islice(_ways(library, concept.unless, False), 4)
                    )
        case Is(name, options):
            for option in sorted(options) if wanted else (NO_OPTION,):
                yield {name: (option,) if library.concepts[name].kind is Kind.MULTI and option else option}
        case Sex(sex):
            yield {"sex": sex if wanted else {"F": "M", "M": "F"}[sex]}
        case Compare(name, _, number):
            small = 0.1 if number != int(number) or name == "temp" else 1.0
            for value in (number, number + small, number - small, number + 12 * small):
                if value >= 0:
                    yield {name: value}
        case And(parts) if wanted:
            yield from _together(library, parts, wanted)
        case Or(parts) if not wanted:
            yield from _together(library, parts, wanted)
        case And(parts) | Or(parts):
            for part in parts:
                yield from _ways(library, part, wanted)
        case Count(parts, _, number) if wanted:
            for start in range(len(parts)):
                some = tuple(
                    parts[(start + step) % len(parts)] for step in range(min(int(number), len(parts)))
                )
                yield from _together(library, some, wanted)
        case Score(items=items):
            plus = tuple(item for item, points in items if (points > 0) == wanted)
            yield from _together(library, plus, True)
        case Count(parts):
            yield from _together(library, parts, False)


def _together(library: Library, parts: tuple[Condition, ...], wanted: bool) -> Iterator[Found]:
    ways = [list(islice(_ways(library, part, wanted), 6)) for part in parts]
    for several in islice(product(*ways), MOST):
        found: Found = {}
        for one in several:
            clash = [name for name in one if name in found and found[name] != one[name]]
            if any(not isinstance(one[name], float) for name in clash):
                break
            found |= {name: value for name, value in one.items() if name not in found}
        else:
            yield found
