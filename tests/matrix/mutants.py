"""The application's checks, found in its source, and each of them switched off (G16).

A check is a column that keeps a query within somebody's reach, a condition that ends in "not yours", or a question
like `may_see`. Switching one off is the same function with that one thing left out: its code is put in the place of
the real one, so whoever has imported it by name gets it too.
"""

import ast
import gc
import importlib
import importlib.util
import inspect
import re
import types
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import vardvag

ROOT = Path(vardvag.__file__).parent
PARTS = (
    "cases",
    "files",
    "inbox",
    "questionnaires",
    "catalogue",
    "organisation",
    "identity",
    "audit",
    "core",
    "services",
)
APART = {"tests", "migrations", "demo", "sandbox", "management", "jobs.py", "command.py"}
# Columns that say whose a row is, or where.
SCOPES = {
    "unit_id", "unit", "case__unit_id", "provider_id", "patient_id", "person_id", "owner_id", "group_id",
    "group_id__in", "author_id", "author_kind", "staff_id", "staff", "session_id", "uploader_kind", "uploader_id",
    "case", "key_hash", "released_at__lte", "guardian_id", "object_id",
}  # fmt: skip
FETCHES = {"filter", "get", "exclude", "get_or_create"}
YES = {"may_see", "may_act_for", "may_act_alone", "may_write_again", "has", "is_open", "own_page", "_known"}
NO = {"has_expired", "belongs_to_another"}
NOTHING = {"check_circle", "_may_log_in", "check_reach"}
_WHOSE = re.compile(
    r"\b(?:unit_id|owner_id|provider_id|patient_id|person_id|guardian_id|staff_id) = (?:%s|any \(%s\))"
)
REFUSES = {
    "Http404", "NotYours", "NotHolder", "WrongPerson", "WrongPlace", "WrongUnit", "OnlyReceivers", "SomeGone",
    "ReasonFirst", "TakenBy", "Stale", "Gone", "NotAllowed", "TooLate", "NothingMarked", "NotAnswerable", "Closed",
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    module: str
    function: str  # qualified
    line: int
    what: str
    number: int  # of the sites in its module

    def __str__(self) -> str:
        return f"{self.module}:{self.line} {self.function}: {self.what}"


class _Sites(ast.NodeTransformer):
    """Counts the checks of a module; leaves out those whose numbers are in `off`."""

    def __init__(self, off: frozenset[int] = frozenset()) -> None:
        self.off, self.count, self.where = off, 0, [""]
        self.found: list[tuple[str, int, str]] = []

    def _site(self, node: ast.AST, what: str) -> bool:
        self.count += 1
        self.found.append((".".join(self.where[1:]), getattr(node, "lineno", 0), what))
        return self.count - 1 in self.off

    def _inside(self, node: Any, name: str) -> Any:
        self.where.append(name)
        self.generic_visit(node)
        self.where.pop()
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:  # noqa: N802 - ast's own name
        return self._inside(node, node.name)

    def visit_Lambda(self, node: ast.Lambda) -> Any:  # noqa: N802
        return (
            self._inside(node, f"<lambda {node.lineno}>")
            if len(self.where) == 1
            else self.generic_visit(node)
        )

    def visit_ClassDef(self, node: ast.ClassDef) -> Any:  # noqa: N802
        return self._inside(node, node.name)

    def visit_If(self, node: ast.If) -> Any:  # noqa: N802
        self.generic_visit(node)
        last = node.body[-1]
        if isinstance(last, ast.Raise) and _name(last.exc) in REFUSES and not node.orelse:
            parts = node.test.values if isinstance(node.test, ast.BoolOp) else [node.test]
            if isinstance(node.test, ast.BoolOp) and isinstance(node.test.op, ast.Or):
                for part in list(parts):
                    if self._site(part, f"unless {ast.unparse(part)}"):
                        left = [x for x in parts if x is not part]
                        node.test = ast.BoolOp(ast.Or(), left) if len(left) > 1 else left[0]
            elif self._site(node, f"unless {ast.unparse(node.test)}"):
                node.test = ast.Constant(False)
        return node

    def visit_Constant(self, node: ast.Constant) -> Any:  # noqa: N802
        """SQL written out: the condition stands, and lets everything through."""
        if isinstance(node.value, str) and _WHOSE.search(node.value):
            for match in list(_WHOSE.finditer(node.value)):
                if self._site(node, f"within {match.group()}"):
                    wide = f"({match.group()} or true)"
                    whole = node.value[: match.start()] + wide + node.value[match.end() :]
                    return ast.copy_location(ast.Constant(whole), node)
        return node

    def visit_Call(self, node: ast.Call) -> Any:  # noqa: N802
        self.generic_visit(node)
        name = _name(node)
        if name in FETCHES | {"Q"}:
            for keyword in list(node.keywords):
                if keyword.arg in SCOPES and self._site(node, f"within {ast.unparse(keyword)}"):
                    node.keywords.remove(keyword)
        for names, value in ((YES, True), (NO, False), (NOTHING, None)):
            if name in names and self._site(node, f"{ast.unparse(node.func)}()"):
                return ast.copy_location(ast.Constant(value), node)
        return node


def _name(node: Any) -> str:
    node = node.func if isinstance(node, ast.Call) else node
    return str(getattr(node, "attr", getattr(node, "id", "")))


def _files() -> Iterator[Path]:
    for part in PARTS:
        for path in sorted((ROOT / part).rglob("*.py")):
            if not APART & set(path.relative_to(ROOT).parts):
                yield path


def _module(path: Path) -> str:
    name = ".".join(path.relative_to(ROOT.parent).with_suffix("").parts)
    return name.removesuffix(".__init__")


def everything() -> list[Mutant]:
    """Every check of the application that stands in a function."""
    found = []
    for path in _files():
        sites = _Sites()
        sites.visit(ast.parse(path.read_text()))
        for number, (function, line, what) in enumerate(sites.found):
            if function:
                found.append(Mutant(_module(path), function, line, what, number))
    return [mutant for mutant in found if real(mutant) is not None]


def real(mutant: Mutant) -> types.FunctionType | None:
    """The function as it is loaded; None for one made anew at each call."""
    found: Any = importlib.import_module(mutant.module)
    if mutant.function.startswith("<lambda "):
        line = int(mutant.function[8:-1])
        builders = [getattr(one, "_build", None) for one in vars(found).values()]
        return next((b for b in builders if _is_lambda(b, line)), None)
    for name in mutant.function.split("."):
        found = getattr(found, name, None)
        if isinstance(found, type):
            continue
        found = inspect.unwrap(found) if callable(found) else found
    return found if isinstance(found, types.FunctionType) else None


def _is_lambda(found: Any, line: int) -> bool:
    return isinstance(found, types.FunctionType) and found.__code__.co_firstlineno == line


def _code(tree: Any, function: types.FunctionType, path: str) -> types.CodeType:
    def walk(code: types.CodeType) -> Iterator[types.CodeType]:
        for constant in code.co_consts:
            if isinstance(constant, types.CodeType):
                yield constant
                yield from walk(constant)

    name, line = function.__code__.co_qualname, function.__code__.co_firstlineno
    whole = compile(tree, path, "exec")
    return next(code for code in walk(whole) if (code.co_qualname, code.co_firstlineno) == (name, line))


@contextmanager
def switched_off(*together: Mutant) -> Iterator[None]:
    by_function: dict[types.FunctionType, set[int]] = {}
    for mutant in together:
        function = real(mutant)
        assert function is not None
        by_function.setdefault(function, set()).add(mutant.number)
    before = {function: function.__code__ for function in by_function}
    for function, numbers in by_function.items():
        path = inspect.getsourcefile(function)
        assert path is not None
        tree = ast.parse(Path(path).read_text())
        tree = ast.fix_missing_locations(_Sites(frozenset(numbers)).visit(tree))
        function.__code__ = _code(tree, function, path)
    try:
        with _made_anew():
            yield
    finally:
        for function, code in before.items():
            function.__code__ = code


@contextmanager
def _made_anew() -> Iterator[None]:
    """Statements that were made once are made again from what is switched off, and afterwards once more."""
    if importlib.util.find_spec("vardvag.core.compiled") is None:
        yield
        return
    compiled = importlib.import_module("vardvag.core.compiled")
    ready = [one for one in gc.get_objects() if type(one) is compiled.Compiled]

    def make(self: Any) -> Any:
        """As Compiled._make, for a query that has lost one of its values."""
        marks = {name: compiled._MARKS[kind](n) for n, (name, kind) in enumerate(self._kinds.items())}
        rows = self._build(**marks)
        _, values = rows.query.get_compiler("default").as_sql()
        self._made = compiled._Made(rows, {name: mark for name, mark in marks.items() if mark in values})
        return self._made

    real_make, compiled.Compiled._make = compiled.Compiled._make, make
    try:
        for one in ready:
            one._made = None
        yield
    finally:
        compiled.Compiled._make = real_make
        for one in ready:
            one._made = None
