"""The house's source as syntax trees."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "vardvag"
PARTS = (
    "audit",
    "files",
    "identity",
    "organisation",
    "inbox",
    "questionnaires",
    "catalogue",
    "cases",
    "triage",
)
PAGES = ("resident", "staff", "manage", "public", "views")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def files(*, tests: bool = False) -> Iterator[Path]:
    for path in sorted(PACKAGE.rglob("*.py")):
        inside = set(path.relative_to(PACKAGE).parts)
        if "migrations" not in inside and (tests or "tests" not in inside):
            yield path


def _inside(path: Path) -> tuple[str, ...]:
    """Names from the part on; services stand in a folder of their own."""
    names = path.relative_to(PACKAGE).parts
    return names[1:] if names[0] == "services" and len(names) > 2 else names


def part(path: Path) -> str:
    return _inside(path)[0].removesuffix(".py")


def folder(part: str) -> Path:
    return next(one for one in (PACKAGE / part, PACKAGE / "services" / part) if one.exists())


def layer(path: Path) -> str:
    """`resident`, `actions`, `access`, ...: the second name of the path."""
    parts = _inside(path)
    return parts[1].removesuffix(".py") if len(parts) > 1 else ""


def pages() -> Iterator[Path]:
    return (path for path in files() if layer(path) in PAGES)


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Every imported module, and every `from module import name` as module.name."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def place(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"
