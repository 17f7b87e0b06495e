"""First in PYTHONPATH of a product that `tools/chaos/statements.py` runs: pages or worker die at a chosen statement.

The order is one line in the file that CHAOS_FAILPOINT names: `web|work <statements still to go> before|after`. Whoever
gets there first renames it, with what it was about to ask or had just been answered, and is gone.
"""

import os
import signal
import sys
from functools import wraps
from pathlib import Path
from types import GeneratorType
from typing import Any

import psycopg

AT = Path(os.environ.get("CHAOS_FAILPOINT", ""))
PART = next((part for part in ("web", "work") if f"vardvag.config.{part}" in sys.orig_argv), "")
_passed: dict[str, int] = {}  # order -> statements since


def reached(when: str, statement: str) -> None:
    try:
        order = AT.read_text()
    except OSError:
        return
    part, to_go, wanted = order.split()[:3]
    if part != PART or wanted != when:
        return
    _passed[order] = _passed.get(order, 0) + 1
    if _passed[order] <= int(to_go):
        return
    try:
        AT.rename(AT.with_suffix(".struck"))
    except FileNotFoundError:  # another one has died for it
        return
    AT.with_suffix(".at").write_text(statement)
    os.kill(os.getpid(), signal.SIGKILL)


def named(gen: "GeneratorType[Any, Any, Any]") -> str:
    """What is being asked: the statement's beginning, or the driver's own name of it (commit)."""
    frame = gen.gi_frame
    query = frame.f_locals.get("query", frame.f_locals.get("command", "")) if frame else ""
    text = query.decode(errors="replace") if isinstance(query, bytes) else str(query)
    return " ".join(text.split())[:160] or gen.__name__


def between_statements() -> None:
    plain, awaited = psycopg.Connection.wait, psycopg.AsyncConnection.wait

    @wraps(plain)
    def wait(self: Any, gen: Any, *given: Any, **named_given: Any) -> Any:
        statement = named(gen)
        reached("before", statement)
        answer = plain(self, gen, *given, **named_given)
        reached("after", statement)
        return answer

    @wraps(awaited)
    async def wait_async(self: Any, gen: Any, *given: Any, **named_given: Any) -> Any:
        statement = named(gen)
        reached("before", statement)
        answer = await awaited(self, gen, *given, **named_given)
        reached("after", statement)
        return answer

    for kind, stopping in ((psycopg.Connection, wait), (psycopg.AsyncConnection, wait_async)):
        setattr(kind, plain.__name__, stopping)


if PART:
    between_statements()
