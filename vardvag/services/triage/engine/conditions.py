"""Conditions as trees, and what they come to.

A truth is the set of what a condition may come to be: yes, no, unknown ("I don't know"), as three bits. What has not
been asked yet may become each of them. So Kleene's unknown stays unknown whatever else is asked, a rule fires on
exactly YES, and can still fire while TRUE_BIT is set.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from vardvag.services.triage.engine.values import Missing

Truth = int
YES: Truth = 1
NO: Truth = 2
UNKNOWABLE: Truth = 4
OPEN: Truth = 7
TRUE_BIT = 1


def undecided(truth: Truth) -> bool:
    """Whether more answers can still change it."""
    return truth not in (YES, NO, UNKNOWABLE)


def _singles(truth: Truth) -> list[Truth]:
    return [bit for bit in (YES, NO, UNKNOWABLE) if truth & bit]


def _both(one: Truth, other: Truth) -> Truth:
    """Kleene's and of two that are decided."""
    return NO if NO in (one, other) else UNKNOWABLE if UNKNOWABLE in (one, other) else YES


_FLIPPED = tuple(
    (truth & UNKNOWABLE) | (NO if truth & YES else 0) | (YES if truth & NO else 0) for truth in range(8)
)


def _table() -> tuple[tuple[Truth, ...], ...]:
    rows = []
    for left in range(8):
        row = []
        for right in range(8):
            whole = 0
            for one in _singles(left):
                for other in _singles(right):
                    whole |= _both(one, other)
            row.append(whole)
        rows.append(tuple(row))
    return tuple(rows)


_AND = _table()
_OR = tuple(tuple(_FLIPPED[_AND[_FLIPPED[left]][_FLIPPED[right]]] for right in range(8)) for left in range(8))


class View(Protocol):
    """What a condition asks about a patient."""

    def yes(self, concept: str) -> Truth: ...
    def chosen(self, concept: str, options: frozenset[str]) -> Truth: ...
    def number(self, concept: str) -> "float | Missing | None":
        """UNKNOWN when it was asked in vain, None when it has not been asked."""

    def missing_number(self, concept: str) -> Truth: ...
    def sex(self, sex: str) -> Truth: ...
    def into_score(self) -> "View": ...


@dataclass(frozen=True, slots=True)
class Yes:
    concept: str

    def truth(self, view: View) -> Truth:
        return view.yes(self.concept)


@dataclass(frozen=True, slots=True)
class Is:
    concept: str
    options: frozenset[str]

    def truth(self, view: View) -> Truth:
        return view.chosen(self.concept, self.options)


@dataclass(frozen=True, slots=True)
class Sex:
    sex: str

    def truth(self, view: View) -> Truth:
        return view.sex(self.sex)


@dataclass(frozen=True, slots=True)
class Compare:
    concept: str
    operator: str
    number: float
    duration: bool = False

    def truth(self, view: View) -> Truth:
        value = view.number(self.concept)
        if not isinstance(value, float):
            return view.missing_number(self.concept)
        return YES if _compares(value, self.operator, self.number) else NO


@dataclass(frozen=True, slots=True)
class Not:
    part: "Condition"

    def truth(self, view: View) -> Truth:
        return _FLIPPED[self.part.truth(view)]


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple["Condition", ...]

    def truth(self, view: View) -> Truth:
        whole = YES
        for part in self.parts:
            whole = _AND[whole][part.truth(view)]
            if whole == NO:
                break
        return whole


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple["Condition", ...]

    def truth(self, view: View) -> Truth:
        whole = NO
        for part in self.parts:
            whole = _OR[whole][part.truth(view)]
            if whole == YES:
                break
        return whole


@dataclass(frozen=True, slots=True)
class Count:
    parts: tuple["Condition", ...]
    operator: str
    number: float

    def truth(self, view: View) -> Truth:
        truths = [part.truth(view) for part in self.parts]
        whole = 0
        for yes in range(truths.count(YES), sum(1 for one in truths if one & YES) + 1):
            for unknown in range(truths.count(UNKNOWABLE), sum(1 for one in truths if one & UNKNOWABLE) + 1):
                holds = {_compares(yes + more, self.operator, self.number) for more in range(unknown + 1)}
                whole |= UNKNOWABLE if len(holds) == 2 else YES if True in holds else NO
        return whole


@dataclass(frozen=True, slots=True)
class Score:
    """The points of a named score; what is not known counts as is more urgent."""

    name: str
    operator: str
    number: float
    items: tuple[tuple["Condition", float], ...] = ()

    def truth(self, view: View) -> Truth:
        view = view.into_score()
        rising = self.operator in (">=", ">")
        sums = {0.0}
        for item, points in self.items:
            truth = item.truth(view)
            worst = points if (points > 0) == rising else 0.0
            may = {YES: points, NO: 0.0, UNKNOWABLE: worst}
            more = {may[one] for one in _singles(truth)}
            sums = {one + other for one in sums for other in more}
        holds = {_compares(one, self.operator, self.number) for one in sums}
        return (YES if True in holds else 0) | (NO if False in holds else 0)


Condition = Yes | Is | Sex | Compare | Not | And | Or | Count | Score


def _compares(value: float, operator: str, number: float) -> bool:
    match operator:
        case ">=":
            return value >= number
        case ">":
            return value > number
        case "<=":
            return value <= number
        case "<":
            return value < number
        case "!=":
            return value != number
        case _:
            return value == number


def parts(condition: Condition) -> tuple[Condition, ...]:
    match condition:
        case Not(part):
            return (part,)
        case And(some) | Or(some) | Count(some):
            return some
        case Score(items=items):
            return tuple(item for item, _ in items)
        case _:
            return ()


def walk(condition: Condition) -> Iterator[Condition]:
    yield condition
    for part in parts(condition):
        yield from walk(part)


def names(condition: Condition) -> frozenset[str]:
    """The concepts it mentions by itself (not those they are derived from)."""
    return frozenset(one.concept for one in walk(condition) if isinstance(one, (Yes, Is, Compare)))


def signs(condition: Condition, sign: int = 1) -> Iterator[tuple[Condition, int]]:
    """Every leaf, with 1 where making it true can only help the whole, -1 where it can only hinder, 0 for both."""
    match condition:
        case Not(part):
            yield from signs(part, -sign)
        case And(some) | Or(some):
            for part in some:
                yield from signs(part, sign)
        case Count(some, operator):
            for part in some:
                yield from signs(part, sign * _direction(operator))
        case Score(_, operator, _, items):
            for item, points in items:
                yield from signs(item, sign * _direction(operator) * (1 if points >= 0 else -1))
        case leaf:
            yield leaf, sign


def _direction(operator: str) -> int:
    return {">=": 1, ">": 1, "<=": -1, "<": -1}.get(operator, 0)


def with_scores(condition: Condition, scores: dict[str, tuple[tuple[Condition, float], ...]]) -> Condition:
    """The same tree, with the items of each score in place."""
    match condition:
        case Not(part):
            return Not(with_scores(part, scores))
        case And(some):
            return And(tuple(with_scores(part, scores) for part in some))
        case Or(some):
            return Or(tuple(with_scores(part, scores) for part in some))
        case Score(name, operator, number):
            return Score(name, operator, number, scores[name])
        case _:
            return condition
