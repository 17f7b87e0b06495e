"""An interview's state as JSON and back. Pure."""

from collections.abc import Container, Mapping
from typing import Any

from vardvag.services.triage.engine.evaluate import Fired
from vardvag.services.triage.engine.interview import Put, State
from vardvag.services.triage.engine.model import Rule
from vardvag.services.triage.engine.text import About, Text
from vardvag.services.triage.engine.values import UNKNOWN, Value

_UNKNOWN = {"unknown": True}


def to_json(state: State) -> dict[str, Any]:
    return {
        "answers": {name: _out(value) for name, value in state.answers.items()},
        "put": [[one.id, list(one.concepts)] for one in state.put],
        "apart": sorted(state.apart),
    }


def from_json(
    kept: Mapping[str, Any], *, protocols: tuple[str, ...], raised: tuple[Fired, ...], about: About,
    known: Container[str], near: tuple[str, ...] = (),
) -> State:  # fmt: skip
    """`known`: the concepts that there are. A release can have taken away what was asked about before it."""
    put = ((id, tuple(one for one in concepts if one in known)) for id, concepts in kept.get("put", ()))
    return State(
        protocols,
        answers_in(kept),
        tuple(Put(id, concepts) for id, concepts in put if concepts),
        frozenset(kept.get("apart", ())),
        raised,
        about,
        near,
    )


def raised_by(flags: list[dict[str, Any]], *, least: int = 1) -> tuple[Fired, ...]:
    """What the watch over free text found, as rules that fired. `least`: the least urgent that counts; where the
    questions are about the trouble itself they decide about a sign of urgency 2."""
    return tuple(
        Fired(
            Rule(
                f"words_{flag['id'].replace('.', '_')}",
                flag["urgency"],
                "emergency" if flag["urgency"] == 1 else "hours",
                Text(flag["because"]["sv"], flag["because"]["en"]),
            ),
            "screening",
            (),
        )
        for flag in flags
        if flag["urgency"] <= least
    )


def answers_in(kept: Mapping[str, Any]) -> dict[str, Value]:
    return {name: _in(value) for name, value in kept.get("answers", {}).items()}


def value_out(value: Value) -> Any:
    return _out(value)


def value_in(value: Any) -> Value:
    return _in(value)


def _out(value: Value) -> Any:
    if value is UNKNOWN:
        return _UNKNOWN
    return list(value) if isinstance(value, tuple) else value


def _in(value: Any) -> Value:
    if value == _UNKNOWN:
        return UNKNOWN
    if isinstance(value, list):
        return tuple(value)
    return value if isinstance(value, (bool, str)) else float(value)
