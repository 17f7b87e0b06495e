"""The command that starts a worker: Python alone, with the decoders' folders, behind bubblewrap where it works."""

import compileall
import json
import os
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from typing import Any

HERE = Path(__file__).resolve().parent
PACKAGE = HERE.parent.parent  # vardvag/


def command(order: dict[str, Any]) -> list[str]:
    compiled()
    told = {**order, "paths": [str(path) for path in (PACKAGE.parent, *libraries())]}
    wall = _wall(stays=order["stays"]) if order["walled"] else ()
    return [*wall, python(), "-I", "-S", "-B", str(HERE / "worker.py"), json.dumps(told)]


@cache
def compiled() -> None:
    """Byte code of what only the worker loads: it can write none and would compile the same for every file. Also
    where Python is told to write none (PYTHONDONTWRITEBYTECODE), as containers do that start once."""
    compileall.compile_dir(HERE, quiet=2)


@cache
def libraries() -> tuple[Path, ...]:
    """The folders that hold the decoders."""
    found: list[Path] = []
    for library in ("PIL", "pillow_heif", "pikepdf", "pypdfium2"):
        spec = find_spec(library)
        assert spec is not None and spec.origin is not None, library
        place = Path(spec.origin).resolve().parent.parent
        if place not in found:
            found.append(place)
    return tuple(found)


def python() -> str:
    return os.path.realpath(sys.executable)


@cache
def _wall(*, stays: bool) -> tuple[str, ...]:
    """bubblewrap: read-only Python and libraries, no home, no data, no devices, no network, no rights. What stays ends
    when nobody can order any more, whichever thread began it."""
    seen = [Path(sys.base_prefix).resolve(), *libraries()]
    ours = [PACKAGE / "__init__.py", HERE.parent / "__init__.py", HERE]
    system = ["/usr/lib", "/usr/lib64", "/lib", "/lib64", "/etc/ld.so.cache"]
    if not python().startswith(str(seen[0])):
        seen.append(Path(python()))
    bwrap = which("bwrap")
    assert bwrap is not None
    return (
        bwrap,
        *(() if stays else ("--die-with-parent",)),
        *("--unshare-all", "--new-session", "--cap-drop", "ALL", "--clearenv"),
        *("--setenv", "MALLOC_ARENA_MAX", "1"),
        *(word for path in system for word in ("--ro-bind-try", path, path)),
        *(word for path in (*seen, *ours) for word in ("--ro-bind", str(path), str(path))),
        *("--chdir", "/", "--"),
    )
