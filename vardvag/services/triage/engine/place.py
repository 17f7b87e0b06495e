"""YAML read so that everything remembers its line, and what is wrong with it told with file, line and cure."""

import re
from dataclasses import dataclass
from math import isfinite
from typing import Any

import yaml


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    file: str
    line: int
    what: str
    cure: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what} {self.cure}"


class BadContent(Exception):
    """Content that cannot be used, with every problem found."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class Map(dict[str, Any]):
    """A mapping that knows its line and the line of each key."""

    __slots__ = ("line", "lines")

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}

    def at(self, key: str) -> int:
        return self.lines.get(key, self.line)


class Seq(list[Any]):
    """A list that knows the line of each entry."""

    __slots__ = ("line", "lines")

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: list[int] = []


_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")  # not 3:30, 0x1F or thousands of digits
_SPECIAL = frozenset("yYnNtTfFoO~0123456789+-.=<")  # how a plain scalar begins that may be more than text


class _Loader(yaml.CSafeLoader):
    """libyaml, with a resolver that is asked only where a plain scalar may be a number, yes, no or nothing."""

    def resolve(self, kind: type[yaml.Node], value: Any, implicit: Any) -> Any:
        if kind is yaml.ScalarNode and value and value[0] not in _SPECIAL:
            return "tag:yaml.org,2002:str"
        return super().resolve(kind, value, implicit)  # type: ignore[no-untyped-call]

    def descend_resolver(self, current_node: Any, current_index: Any) -> None:
        """Tags that depend on where they stand are not used."""

    def ascend_resolver(self) -> None:
        """See descend_resolver."""


def read(text: str, file: str) -> tuple[Any, list[Problem]]:
    """The document as Map, Seq, str, int, float, bool and None."""
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        what = f"This is not YAML: {error.problem}."
        return None, [
            Problem(file, line, what, "Check indentation, quotes and brackets here and on the line before.")
        ]
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        what = f"This cannot be read as YAML: {str(error).splitlines()[0]}."
        return None, [Problem(file, 1, what, "Save the file as UTF-8 text.")]
    problems: list[Problem] = []
    if node is None:
        return Map(1), problems
    try:
        return _value(node, file, problems, set()), problems
    except RecursionError:
        return None, [Problem(file, 1, "This is nested too deep.", "Make it flatter.")]


def _value(node: yaml.Node, file: str, problems: list[Problem], seen: set[yaml.Node]) -> Any:
    """`seen`: lists and mappings so far. References to references could make a few lines larger than any memory."""
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node)
    line = node.start_mark.line + 1
    if node in seen:
        what = "What stands here is used again elsewhere by a reference (*)."
        problems.append(Problem(file, line, what, "Write it out where it is needed."))
        return Map(line)
    seen.add(node)
    if isinstance(node, yaml.SequenceNode):
        found = Seq(line)
        for child in node.value:
            found.append(_value(child, file, problems, seen))
            found.lines.append(child.start_mark.line + 1)
        return found
    whole = Map(line)
    for key_node, child in node.value:
        key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "?"
        where = key_node.start_mark.line + 1
        if key in whole:
            problems.append(
                Problem(
                    file,
                    where,
                    f"“{key}” stands here twice.",
                    f"The first is on line {whole.at(key)}; keep one.",
                )
            )
        whole[key] = _value(child, file, problems, seen)
        whole.lines[key] = where
    return whole


def _scalar(node: yaml.ScalarNode) -> Any:
    text = str(node.value)
    match node.tag:
        case "tag:yaml.org,2002:str":
            return text
        case "tag:yaml.org,2002:int":
            return int(text) if _WHOLE.fullmatch(text) else text
        case "tag:yaml.org,2002:float":
            try:
                value = float(text)
            except ValueError:
                return text
            return value if isfinite(value) else text
        case "tag:yaml.org,2002:bool":
            return text.lower() in ("yes", "true", "on")
        case "tag:yaml.org,2002:null":
            return None
        case _:
            return text
