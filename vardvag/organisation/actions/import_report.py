"""What an import does, or would do: counts, lines with trouble, and the changes for the table."""

from dataclasses import dataclass, field
from typing import Any

from vardvag.outside.hsa.rows import LineError

SHOWN = 300  # changes kept for the table


@dataclass(frozen=True, slots=True)
class Change:
    """`what`: new | changed | archived | ended; `fields`: names of what differs."""

    line: int
    what: str
    name: str
    fields: tuple[str, ...] = ()


@dataclass(slots=True)
class ImportReport:
    """`errors`: lines left out. `warnings`: done, or left alone, but somebody should look. `refused`: why
    nothing may be done at all."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    archived: int = 0
    changes: list[Change] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[dict[str, Any]] = field(default_factory=list)
    refused: str = ""

    def take(self, change: Change) -> None:
        match change.what:
            case "new":
                self.created += 1
            case "changed":
                self.changed += 1
            case _:
                self.archived += 1
        if len(self.changes) < SHOWN:
            self.changes.append(change)

    def error(self, line: int, problem: Any, cure: Any) -> None:
        self.errors.append({"line": line, "problem": str(problem), "cure": str(cure)})

    def warn(self, line: int, problem: Any, cure: Any) -> None:
        self.warnings.append({"line": line, "problem": str(problem), "cure": str(cure)})

    def take_errors(self, found: list[LineError]) -> None:
        for one in found:
            column = f"{one.field}: " if one.field else ""
            self.error(one.line, f"{column}{one.problem}", one.cure)
