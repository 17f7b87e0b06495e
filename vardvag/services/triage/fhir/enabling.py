"""When a question is asked, as FHIR says it: enableWhen where that is enough, else an expression in FHIRPath."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vardvag.services.triage.engine.conditions import (
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
from vardvag.services.triage.engine.model import Concept
from vardvag.services.triage.fhir import names
from vardvag.services.triage.fhir.extensions import expression

Json = dict[str, Any]
_OPPOSITE = {">=": "<", ">": "<=", "<=": ">", "<": ">=", "=": "!=", "!=": "="}
_HOURS = (("w", 168.0), ("d", 24.0), ("h", 1.0))
_SHORT = {code: ours for ours, code in names.DURATIONS.items()}


def enabled(when: Condition | None, unless: Condition | None, concepts: Mapping[str, Concept]) -> Json:
    """Elements of an item. `unless`: what must not hold besides."""
    parts = [part for part in (when, Not(unless) if unless else None) if part]
    if not parts:
        return {}
    whole = parts[0] if len(parts) == 1 else And(tuple(parts))
    flat = _flat(whole, concepts, True)
    if flat:
        several = {"enableBehavior": "any" if flat.either else "all"} if len(flat.parts) > 1 else {}
        return {"enableWhen": list(flat.parts), **several}
    path = fhirpath(whole, concepts)
    if path is None:
        return {}
    return {"extension": [{"url": names.ENABLE_WHEN, "valueExpression": expression(path, names.FHIRPATH)}]}


@dataclass(frozen=True, slots=True)
class _Flat:
    """Conditions that FHIR joins by all or any. With a single one both are the same."""

    parts: tuple[Json, ...]
    either: bool = False


def _flat(condition: Condition, concepts: Mapping[str, Concept], yes: bool) -> _Flat | None:
    match condition:
        case Not(part):
            return _flat(part, concepts, not yes)
        case And(some) | Or(some):
            return _joined(some, concepts, yes, isinstance(condition, Or) == yes)
        case Yes(name) if (concept := concepts.get(name)) and concept.derive:
            return _flat(concept.derive, concepts, yes)
        case Yes(name):
            return _Flat(({"question": name, "operator": "=", "answerBoolean": yes},))
        case Sex(sex):
            coding = {"system": names.GENDER, "code": names.SEX[sex]}
            return _Flat(({"question": "sex", "operator": "=" if yes else "!=", "answerCoding": coding},))
        case Is(name, options) if yes:
            codings = [
                {"system": f"{names.CONCEPT}{name}", "code": code} for code in _codes(name, options, concepts)
            ]
            found = [{"question": name, "operator": "=", "answerCoding": coding} for coding in codings]
            return _Flat(tuple(found), either=True)
        case Compare(name, operator, number, duration) if yes or name in names.FACTS:
            answer: Json = (
                {"answerQuantity": _quantity(number)} if duration else {"answerDecimal": _plain(number)}
            )
            sign = operator if yes else _OPPOSITE[operator]
            return _Flat(({"question": name, "operator": sign, **answer},))
        case _:  # a count, a score, the absence of an option or of a number
            return None


def _codes(name: str, options: frozenset[str], concepts: Mapping[str, Concept]) -> list[str]:
    """In the order in which they are offered."""
    known = [one.id for one in concepts[name].options if one.id in options] if name in concepts else []
    return known or sorted(options)


def _joined(
    some: tuple[Condition, ...], concepts: Mapping[str, Concept], yes: bool, either: bool
) -> _Flat | None:
    found: list[Json] = []
    for part in some:
        flat = _flat(part, concepts, yes)
        if flat is None or (len(flat.parts) > 1 and flat.either != either):
            return None
        found += [one for one in flat.parts if one not in found]
    return _Flat(tuple(found), either)


def line(raw: list[Json], either: bool) -> str | None:
    """Our line for the enableWhen of an item; None where we have no words for it."""
    parts = [_said(one) for one in raw]
    if not parts or None in parts:
        return None
    return (" or " if either else " and ").join(str(part) for part in parts)


def _said(one: Json) -> str | None:
    name, operator = one["question"], one["operator"]
    if "answerBoolean" in one and operator in ("=", "!="):
        return str(name) if one["answerBoolean"] == (operator == "=") else f"not {name}"
    if "answerCoding" in one and operator in ("=", "!="):
        code = one["answerCoding"].get("code")
        if name == "sex":
            word = {"female": "female", "male": "male"}.get(code)
            return word and (word if operator == "=" else f"not {word}")
        return f"{name} {operator} {code}"
    if operator == "exists":
        return None
    if "answerQuantity" in one:
        unit = _SHORT.get(one["answerQuantity"].get("code", ""))
        value = one["answerQuantity"].get("value")
        return None if unit is None or value is None else f"{name} {operator} {value:g}{unit}"
    number = one.get("answerDecimal", one.get("answerInteger"))
    return None if number is None else f"{name} {operator} {number:g}"


def fhirpath(condition: Condition, concepts: Mapping[str, Concept]) -> str | None:
    """The same over a QuestionnaireResponse: what is not answered is empty, a missing number reaches nothing."""
    match condition:
        case Not(part):
            inner = fhirpath(part, concepts)
            return inner and f"{inner}.not()"
        case And(some) | Or(some):
            parts = [fhirpath(part, concepts) for part in some]
            word = " or " if isinstance(condition, Or) else " and "
            return None if None in parts else f"({word.join(str(part) for part in parts)})"
        case Count(some, operator, number):
            parts = [fhirpath(part, concepts) for part in some]
            if None in parts:
                return None
            return f"(({' + '.join(f'iif({part}, 1, 0)' for part in parts)}) {operator} {number:g})"
        case Yes(name) if (concept := concepts.get(name)) and concept.derive:
            return fhirpath(concept.derive, concepts)
        case Yes(name):
            return f"({_answer(name)} = true)"
        case Sex(sex):
            return f"({_answer('sex')}.code = '{names.SEX[sex]}')"
        case Is(name, options):
            codes = " | ".join(f"'{one}'" for one in sorted(options))
            answer = _answer(name)
            return f"iif({answer}.exists(), {answer}.where(code in ({codes})).exists(), {{}})"
        case Compare(name, operator, number, duration):
            bound = f"{number / 24:g} 'd'" if duration and number % 24 == 0 else f"{number:g} 'h'"
            return f"iif({_answer(name)} {operator} {bound if duration else f'{number:g}'}, true, false)"
        case Score():
            return None


def _answer(name: str) -> str:
    return f"%resource.repeat(item).where(linkId = '{name}').answer.value"


def _quantity(hours: float) -> Json:
    ours, size = next((unit, size) for unit, size in _HOURS if hours % size == 0 or size == 1.0)
    code = names.DURATIONS[ours]
    return {"value": _plain(hours / size), "unit": code, "system": names.UCUM, "code": code}


def _plain(number: float) -> float | int:
    return int(number) if number == int(number) else number
