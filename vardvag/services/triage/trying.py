"""A protocol tried before it is used: its faults, its golden cases, which rules they reach, and what would change."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from vardvag.services.triage.engine import golden, load
from vardvag.services.triage.engine.evaluate import evaluate
from vardvag.services.triage.engine.library import Library
from vardvag.services.triage.engine.model import Protocol, file_of
from vardvag.services.triage.engine.place import BadContent, Problem
from vardvag.services.triage.engine.values import Answers


@dataclass(frozen=True, slots=True)
class Tried:
    library: Library
    protocol: Protocol
    version: str
    sha256: str
    failed: list[str]
    reached: dict[str, int]  # rule -> golden cases that fire it
    cases: list[golden.Case] = field(default_factory=list)


def tried(protocol_id: str, content: str | None = None) -> Tried:
    """With `content` in place of the shipped file. Raises BadContent. A second or two of work, so it is kept: the
    same texts always come to the same."""
    return _tried(load.CONTENT, protocol_id, content)


@lru_cache(maxsize=8)
def _tried(folder: Path, protocol_id: str, content: str | None) -> Tried:
    loaded = load.load(folder, golden=True, replaced={protocol_id: content} if content is not None else {})
    if loaded.library is None or loaded.problems:  # what is shipped has none: all come of this text
        raise BadContent(loaded.problems)
    file = file_of(protocol_id)
    protocol = loaded.library.protocol(protocol_id)
    if protocol.id != protocol_id:
        raise BadContent([Problem(file, 1, "The id is another.", f"Write id: {protocol_id}.")])
    found: list[Problem] = []
    cases = golden.cases(loaded.library, protocol, loaded.trees[protocol_id], file, found)
    if found:
        raise BadContent(found)
    failed = [f"{case.name}: {fault}" for case in cases for fault in golden.faults(loaded.library, case)]
    return Tried(
        loaded.library, protocol, protocol.version, loaded.library.sha256(protocol_id), failed,
        _reached(loaded.library, protocol, cases), cases,
    )  # fmt: skip


def _reached(library: Library, protocol: Protocol, cases: Iterable[golden.Case]) -> dict[str, int]:
    count = Counter(
        one.rule.id
        for case in cases
        for one in evaluate(library, (protocol.id,), golden.whole(library, case), case.abandoned).fired
        if one.protocol == protocol.id
    )
    return {rule.id: count[rule.id] for rule in (*protocol.rules, protocol.default)}


@dataclass(frozen=True, slots=True)
class Change:
    """Cases that would get another urgency."""

    before: int
    after: int
    number: int
    names: list[str]


def changes(
    before: Library, after: Library, cases: Iterable[tuple[str, tuple[str, ...], Answers, tuple[str, ...]]]
) -> list[Change]:
    """`cases`: (name, protocols, answers, what the words were like). Without names: past cases, counted only."""
    found: dict[tuple[int, int], list[str]] = {}
    for name, protocols, answers, near in cases:
        old = evaluate(before, protocols, answers, near=near).urgency
        new = evaluate(after, protocols, answers, near=near).urgency
        if old != new:
            found.setdefault((old, new), []).append(name)
    return [
        Change(old, new, len(names), sorted({name for name in names if name}))
        for (old, new), names in sorted(found.items())
    ]
