"""Conditions: how they are read, and that a truth is all that a condition may come to be."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vardvag.services.triage.engine import conditions
from vardvag.services.triage.engine.conditions import (
    NO,
    OPEN,
    UNKNOWABLE,
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
    Truth,
    Yes,
    signs,
)
from vardvag.services.triage.engine.parsing import BadCondition, parse
from vardvag.services.triage.engine.values import UNKNOWN, Missing


class Known:
    """Concepts with their truths, numbers with their values."""

    def __init__(self, truths: dict[str, Truth], numbers: dict[str, float | Missing] | None = None) -> None:
        self.truths, self.numbers = truths, numbers or {}

    def yes(self, concept: str) -> Truth:
        return self.truths[concept]

    def chosen(self, concept: str, options: frozenset[str]) -> Truth:
        return self.truths["=".join([concept, *sorted(options)])]

    def number(self, concept: str) -> float | Missing | None:
        return self.numbers.get(concept)

    def missing_number(self, concept: str) -> Truth:
        return NO if self.numbers.get(concept) is UNKNOWN else OPEN

    def sex(self, sex: str) -> Truth:
        return YES if sex == "F" else NO

    def into_score(self) -> "Known":
        return self


def test_words_of_the_language() -> None:
    assert parse("stridor") == Yes("stridor")
    assert parse("not a and b or c") == Or((And((Not(Yes("a")), Yes("b"))), Yes("c")))
    assert parse("not (a or b)") == Not(Or((Yes("a"), Yes("b"))))
    assert parse("temp >= 38.5") == Compare("temp", ">=", 38.5)
    assert parse("duration>=3d and age<12") == And(
        (Compare("duration", ">=", 72.0, True), Compare("age", "<", 12.0))
    )
    assert parse("kind = blisters") == Is("kind", frozenset({"blisters"}))
    assert parse("kind != blisters") == Not(Is("kind", frozenset({"blisters"})))
    assert parse("kind in (a, b)") == Is("kind", frozenset({"a", "b"}))
    assert parse("female or male") == Or((Sex("F"), Sex("M")))
    assert parse("count(a, b, c) >= 2") == Count((Yes("a"), Yes("b"), Yes("c")), ">=", 2.0)
    assert parse("score centor >= 3") == Score("centor", ">=", 3.0)


@pytest.mark.parametrize(
    ("text", "column", "cure"),
    [
        ("a and", 6, "Begin with the name of a concept."),
        ("a b", 3, "Put and or or between them."),
        ("(a or b", 8, "Put “)” before it."),
        ("11 <= age", 1, "Begin with the name of a concept."),
        ("age > 11 < 20", 10, "Compare twice"),
        ("temp >= hot", 9, "Compare with a number"),
        ("duration >= 3q", 13, "Write 6h, 3d"),
        ("count(a, b)", 12, "count(...) >= 2"),
        ("a & b", 3, "Write and, or, not"),
        ("kind in a", 9, "Put “(” before it."),
        ("", 1, "Begin with the name of a concept."),
        ("a and or b", 7, "Take the word away"),
    ],
)
def test_faults_say_column_and_cure(text: str, column: int, cure: str) -> None:
    with pytest.raises(BadCondition) as fault:
        parse(text)
    assert f"Column {column} " in str(fault.value)
    assert cure in str(fault.value)


def test_hopeless_depth_is_told() -> None:
    with pytest.raises(BadCondition, match=r"longer|deep"):
        parse("(" * 5_000 + "a" + ")" * 5_000)
    with pytest.raises(BadCondition, match=r"longer|deep"):
        parse("not " * 480 + "a")


# -- truths against brute force: what comes out when everything open is decided in every way

NAMES = "abcd"
trees = st.recursive(
    st.sampled_from(NAMES).map(Yes),
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=3).map(lambda some: And(tuple(some))),
        st.lists(inner, min_size=2, max_size=3).map(lambda some: Or(tuple(some))),
        st.tuples(
            st.lists(inner, min_size=2, max_size=4),
            st.sampled_from(["<", "<=", ">=", ">"]),
            st.integers(0, 3),
        ).map(lambda one: Count(tuple(one[0]), one[1], float(one[2]))),
    ),
    max_leaves=6,
)


def kleene(tree: Condition, truths: dict[str, bool | None]) -> bool | None:
    match tree:
        case Yes(name):
            return truths[name]
        case Not(part):
            inner = kleene(part, truths)
            return None if inner is None else not inner
        case And(parts):
            inner_all = [kleene(part, truths) for part in parts]
            return False if False in inner_all else None if None in inner_all else True
        case Or(parts):
            inner_all = [kleene(part, truths) for part in parts]
            return True if True in inner_all else None if None in inner_all else False
        case Count(parts, operator, number):
            inner_all = [kleene(part, truths) for part in parts]
            sure, doubt = inner_all.count(True), inner_all.count(None)
            holds = {conditions._compares(sure + more, operator, number) for more in range(doubt + 1)}
            return holds.pop() if len(holds) == 1 else None
    raise AssertionError


BITS = {YES: [True], NO: [False], UNKNOWABLE: [None], OPEN: [True, False, None]}


@given(trees, st.lists(st.sampled_from([YES, NO, UNKNOWABLE, OPEN]), min_size=4, max_size=4))
def test_a_truth_holds_everything_it_may_become(tree: Condition, given_truths: list[Truth]) -> None:
    truths = dict(zip(NAMES, given_truths, strict=True))
    told = tree.truth(Known(truths))
    may: set[bool | None] = set()
    for decided in product(*(BITS[truths[name]] for name in NAMES)):
        may.add(kleene(tree, dict(zip(NAMES, decided, strict=True))))
    bits = sum({True: YES, False: NO, None: UNKNOWABLE}[one] for one in may)
    assert told & bits == bits  # nothing possible is missed
    if OPEN not in given_truths:
        assert told == bits  # and with nothing open it is exact


@given(
    trees, st.lists(st.sampled_from([YES, NO, UNKNOWABLE]), min_size=4, max_size=4), st.sampled_from(NAMES)
)
def test_what_helps_only_never_hinders(tree: Condition, given_truths: list[Truth], name: str) -> None:
    """The loader trusts `signs`: where a concept only helps, yes instead of no never unmakes the condition."""
    directions = {sign for leaf, sign in signs(tree) if leaf == Yes(name)}
    if directions != {1}:
        return
    truths = dict(zip(NAMES, given_truths, strict=True))
    if tree.truth(Known(truths | {name: NO})) == YES:
        assert tree.truth(Known(truths | {name: YES})) == YES


def test_a_score_counts_what_is_not_known_as_more_urgent() -> None:
    score = Score("x", ">=", 2.0, ((Yes("a"), 1.0), (Yes("b"), 1.0), (Yes("c"), -1.0)))
    assert score.truth(Known({"a": YES, "b": UNKNOWABLE, "c": NO})) == YES
    assert score.truth(Known({"a": YES, "b": UNKNOWABLE, "c": UNKNOWABLE})) == YES
    assert score.truth(Known({"a": YES, "b": NO, "c": NO})) == NO
    assert score.truth(Known({"a": YES, "b": OPEN, "c": NO})) == YES | NO
    below = Score("x", "<", 2.0, score.items)
    assert below.truth(Known({"a": YES, "b": UNKNOWABLE, "c": NO})) == YES


def test_a_missing_number_does_not_reach_its_bound() -> None:
    tree = parse("temp >= 38")
    assert tree.truth(Known({}, {"temp": 38.0})) == YES
    assert tree.truth(Known({}, {"temp": UNKNOWN})) == NO
    assert tree.truth(Known({})) == OPEN
