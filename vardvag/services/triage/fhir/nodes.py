"""YAML to be, of which each part knows where in the Bundle it stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vardvag.services.triage.engine.place import Map, Seq

Place = tuple[str | int, ...]  # keys and numbers, from the top of a YAML file


@dataclass(frozen=True, slots=True)
class At:
    """A value, or a dict or list of such, and its path."""

    value: Any
    path: str


def plain(node: Any) -> Any:
    node = node.value if isinstance(node, At) else node
    if isinstance(node, Mapping):
        return {key: plain(one) for key, one in node.items()}
    return [plain(one) for one in node] if isinstance(node, (list, tuple)) else node


def paths(node: Any, place: Place = ()) -> dict[Place, str]:
    found: dict[Place, str] = {}
    if isinstance(node, At):
        found[place] = node.path
        node = node.value
    pairs = node.items() if isinstance(node, Mapping) else enumerate(node) if isinstance(node, list) else ()
    for key, one in pairs:
        found |= paths(one, (*place, key))
    return found


class Located:
    """The same as the engine reads it from a file; a line is the number of a path."""

    def __init__(self, node: Any) -> None:
        self.paths: list[str] = []
        self.tree = self._value(node, "")

    def path(self, line: int) -> str:
        return self.paths[line] if line < len(self.paths) else ""

    def _line(self, path: str) -> int:
        self.paths.append(path)
        return len(self.paths) - 1

    def _value(self, node: Any, path: str) -> Any:
        if isinstance(node, At):
            node, path = node.value, node.path
        if isinstance(node, Mapping):
            found = Map(self._line(path))
            for key, one in node.items():
                found[key] = self._value(one, path)
                found.lines[key] = self._line(one.path if isinstance(one, At) else path)
            return found
        if isinstance(node, list):
            some = Seq(self._line(path))
            for one in node:
                some.append(self._value(one, path))
                some.lines.append(self._line(one.path if isinstance(one, At) else path))
            return some
        return node
