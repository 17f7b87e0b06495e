"""What counts of a reason that the words were like and that was not chosen (decision 0020)."""

from dataclasses import replace
from typing import TYPE_CHECKING

from vardvag.services.triage.engine.conditions import And, Condition, Or, Yes
from vardvag.services.triage.engine.model import BESIDE, ERRANDS, Asked, Protocol, Rule

if TYPE_CHECKING:
    from vardvag.services.triage.engine.library import Library

_NEVER = 9  # by itself


def beside(library: "Library", whole: Protocol) -> Protocol:
    """Its signs of danger to tick, and its urgent rules. A rule takes for granted that the trouble is its own: what a
    sign says by itself counts only if most protocols think so (pain low in the belly, where a period is late). What
    the reason itself says is asked first: words that were not read as a fact can mean it all the same."""
    given = tuple(Yes(name) for name in whole.implies)
    first = (Asked(f"{whole.id}.0", tuple(whole.implies), screen=True),) if given else ()
    ask = tuple(
        replace(entry, concepts=signs, screen=True, keep=False, when=_all((*given, entry.when)))
        for entry in whole.ask
        if (signs := tuple(name for name in entry.concepts if library.concepts[name].is_sign))
    )
    rules = tuple(
        replace(one, when=_all((*given, one.when)))
        for rule in whole.rules
        if rule.urgency <= BESIDE and (one := _by_itself(library, rule))
    )
    return replace(whole, ask=(*first, *ask), rules=rules, reassure=())


def _all(parts: tuple[Condition | None, ...]) -> Condition | None:
    found = tuple(part for part in parts if part is not None)
    return And(found) if len(found) > 1 else found[0] if found else None


def _by_itself(library: "Library", rule: Rule) -> Rule | None:
    """Without the signs that need something else in most protocols."""
    kept = tuple(
        part
        for part in _alternatives(rule)
        if not (
            isinstance(part, Yes)
            and library.concepts[part.concept].is_sign
            and library.usual(part.concept) > BESIDE
        )
    )
    return replace(rule, when=Or(kept)) if kept else None


def usual(library: "Library") -> dict[str, int]:
    """Of each sign how urgent it is by itself: the median of the protocols that ask about it, errands left out."""
    levels: dict[str, list[int]] = {}
    for protocol in library.protocols.values():
        reason = library.reasons.get(protocol.id)
        if reason and reason.group == ERRANDS:
            continue
        alone: dict[str, int] = {}
        for rule in protocol.rules:
            for part in _alternatives(rule):
                if isinstance(part, Yes):
                    alone[part.concept] = min(rule.urgency, alone.get(part.concept, _NEVER))
        for name in {name for entry in protocol.ask for name in entry.concepts}:
            if library.concepts[name].is_sign:
                levels.setdefault(name, []).append(alone.get(name, _NEVER))
    return {name: sorted(found)[(len(found) - 1) // 2] for name, found in levels.items()}


def _alternatives(rule: Rule) -> tuple[Condition, ...]:
    match rule.when:
        case None:
            return ()
        case Or(parts):
            return parts
        case one:
            return (one,)
