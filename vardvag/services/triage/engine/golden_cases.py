"""Golden cases: made-up patients of a protocol. What a case does not mention is no, or has not been measured."""

from dataclasses import dataclass
from typing import Any

from vardvag.services.triage.engine.answers import BadAnswer, fact, understood
from vardvag.services.triage.engine.fields import nearest
from vardvag.services.triage.engine.library import Library
from vardvag.services.triage.engine.model import CARES, REFERS, Concept, Kind, Protocol
from vardvag.services.triage.engine.place import Map, Problem, Seq
from vardvag.services.triage.engine.values import NO_OPTION, UNKNOWN, Value

_EXPECT = ("urgency", "urgency_at_most", "urgency_at_least", "at_most", "at_least", "care", "refer",
           "fired", "not_fired",
           "asked", "not_asked")  # fmt: skip
FEWEST = 6


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    line: int
    protocol: str
    given: dict[str, Value]
    expect: dict[str, Any]
    abandoned: bool = False


def silent(concept: Concept) -> Value:
    """The answer of somebody who has not mentioned it."""
    match concept.kind:
        case Kind.CHOICE:
            return NO_OPTION
        case Kind.MULTI:
            return ()
        case kind if kind.is_number or kind is Kind.TEXT:
            return UNKNOWN
        case _:
            return False


def cases(library: Library, protocol: Protocol, tree: Map, file: str, problems: list[Problem]) -> list[Case]:
    """The golden cases of a file; what cannot be used is told."""

    def tell(line: int, what: str, cure: str) -> None:
        problems.append(Problem(file, line, what, cure))

    found: list[Case] = []
    raw = tree.get("golden")
    for number, one in enumerate(raw if isinstance(raw, Seq) else [], 1):
        line = raw.lines[number - 1] if isinstance(raw, Seq) else tree.line
        if (
            not isinstance(one, Map)
            or not isinstance(one.get("given"), Map)
            or not isinstance(one.get("expect"), Map)
        ):
            tell(
                line,
                f"Golden case {number} lacks given or expect.",
                "Write name, given: {…} and expect: {…}.",
            )
            continue
        name = str(one.get("name", number))
        for key in one:
            if key not in ("name", "given", "expect", "abandoned", "note"):
                tell(
                    line,
                    f"Golden case “{name}” has a field “{key}”.",
                    "Known: name, given, expect, abandoned, note.",
                )
        given: dict[str, Value] = {}
        for key, value in one["given"].items():
            known = _given(library, key, value)
            if isinstance(known, str) and key not in ("sex",) and known.startswith("!"):
                tell(
                    line,
                    f"Golden case “{name}”: {known[1:]}",
                    nearest(key, [*library.concepts, "age", "sex"]) or "Mend the case.",
                )
            else:
                given[key] = known
        _expectations(one["expect"], name, line, protocol, library, tell)
        found.append(Case(name, line, protocol.id, given, dict(one["expect"]), one.get("abandoned") is True))
    if len(found) < FEWEST:
        tell(
            tree.at("golden"),
            f"{len(found)} golden cases.",
            f"Write at least {FEWEST}: two red, two middle, one mild, one unknown.",
        )
    return found


def _given(library: Library, key: str, value: Any) -> Value:
    if key in ("age", "sex"):
        known = fact(key, value)
        return known if known is not None else f"!{key} is {value}."
    if key == "reporter":
        return str(value)
    concept = library.concepts.get(key)
    if concept is None:
        return f"!There is no concept “{key}”."
    if concept.kind is Kind.DERIVED:
        return f"!{key} is derived; give what it follows from instead."
    try:
        return understood(concept, list(value) if isinstance(value, list) else value)
    except BadAnswer as error:
        return f"!{error}"


def _expectations(expect: Map, name: str, line: int, protocol: Protocol, library: Library, tell: Any) -> None:
    rules = {
        rule.id
        for one in (protocol, library.general, library.screening)
        for rule in (*one.rules, *one.everywhere, *one.reassure)
    }
    rules |= {"default", "unknown_budget", "incomplete"}
    for key, value in expect.items():
        if key not in _EXPECT:
            tell(
                line,
                f"Golden case “{name}” expects “{key}”.",
                nearest(key, _EXPECT) or f"Known: {', '.join(_EXPECT)}.",
            )
        elif key in ("fired", "not_fired"):
            for rule in value if isinstance(value, list) else [value]:
                if rule not in rules:
                    tell(
                        line,
                        f"Golden case “{name}” names the rule “{rule}”.",
                        nearest(str(rule), rules) or "There is none.",
                    )
        elif key == "care" and value not in CARES:
            tell(line, f"Golden case “{name}” expects care “{value}”.", f"Known: {', '.join(CARES)}.")
        elif key == "refer" and value is not None and str(value) not in REFERS:
            tell(line, f"Golden case “{name}” expects refer “{value}”.", f"Known: {', '.join(REFERS)}.")
