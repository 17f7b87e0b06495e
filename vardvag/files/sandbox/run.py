"""Our side of the wall: has each file opened by a process of its own, waits only so long, believes nothing it says.

That process has no environment, no inherited files, memory and time limits, a system-call filter, and where
bubblewrap works (it needs user namespaces) a file system with only Python in it and an empty network.
"""

import json
import logging
import os
import signal
import threading
from functools import cache
from shutil import which
from typing import Any

from vardvag.files.sandbox import workers
from vardvag.files.sandbox.formats import Format
from vardvag.files.sandbox.magic import HEAD, identify
from vardvag.files.sandbox.reasons import Reason, Rejected
from vardvag.files.sandbox.rebuilt import Limits, Rebuilt

log = logging.getLogger(__name__)
_STARTS = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n", "application/pdf": b"%PDF-"}
_room = threading.BoundedSemaphore(max(2, os.cpu_count() or 2))


class Busy(Exception):
    """So many files are being opened that this one did not get its turn in time."""


def rebuild(data: bytes, limits: Limits | None = None, *, patience: float = 4.0) -> Rebuilt:
    """The harmless twin of `data`. Raises Rejected, or Busy after waiting `patience` seconds for a turn: who
    waits holds a page thread, so it is short, and the browser comes again by itself."""
    limits = limits or Limits()
    format = identify(data[:HEAD])
    if not _room.acquire(timeout=patience):
        raise Busy
    try:
        told, parts = _run({"format": format, "probe": False}, data, limits)
    finally:
        _room.release()
    return _believed(told, parts)


def _believed(told: dict[str, Any], parts: bytes) -> Rebuilt:
    """Check the answer as if the worker had been taken over."""
    try:
        kind, sizes = told["content_type"], told["parts"]
        numbers = {name: int(told[name]) for name in ("width", "height", "pages", "cpu_ms", "peak_kib")}
        first, second, third = map(int, sizes)
        starts = [_STARTS[kind], b"\xff\xd8\xff", b"\xff\xd8\xff" if kind == "application/pdf" else b""]
    except (KeyError, ValueError, TypeError, OverflowError):
        raise Rejected(Reason.TOO_HARD, "answer") from None
    body, thumb, preview = parts[:first], parts[first : first + second], parts[first + second :]
    true_sizes = min(first, second, third) >= 0 and [len(body), len(thumb), len(preview)] == [
        first,
        second,
        third,
    ]
    true_starts = all(
        part.startswith(start) for part, start in zip((body, thumb, preview), starts, strict=True)
    )
    if not true_sizes or not true_starts or not all(0 <= number < 1 << 24 for number in numbers.values()):
        raise Rejected(Reason.TOO_HARD, "answer")
    return Rebuilt(content_type=kind, body=body, thumbnail=thumb, preview=preview, **numbers)


def holes(*, walled: bool | None = None) -> dict[str, bool]:
    """What a worker could still do, tried for real: all False is right. `doctor` and the tests ask."""
    told, _ = _run({"format": "JPEG", "probe": True}, b"", Limits(), walled=walled)
    return {name: bool(open_) for name, open_ in told.items()}


@cache
def _tried_wall() -> bool:
    """Kept for as long as this process lives, so not where it merely took too long."""
    try:
        told, _ = _run({"format": "JPEG", "probe": True}, b"", Limits(), walled=True)
    except Rejected as no:
        if no.reason is not Reason.NO_SANDBOX:
            raise
        log.warning(
            "bubblewrap does not work here: files are opened behind the system-call filter alone (%s)", no
        )
        return False
    return told.get("socket") is False


def walled() -> bool:
    """Does bubblewrap work here? Containers without user namespaces refuse it; the other walls remain."""
    try:
        return which("bwrap") is not None and _tried_wall()
    except (Rejected, Busy):
        return False


_walled_here = walled


def _run(
    order: dict[str, Any], data: bytes, limits: Limits, *, walled: bool | None = None
) -> tuple[dict[str, Any], bytes]:
    inside = _walled_here() if walled is None else walled
    try:
        answer, code = workers.answered(data, limits, **order, walled=inside)
    except OSError as problem:  # no process, memory or open file to be had this moment
        log.exception("the process that opens files could not be started")
        raise Busy from problem
    line, found, parts = answer.partition(b"\n")
    if not found or len(line) > workers.HEADER:
        raise Rejected(_why_dead(code, order["format"]), f"exit {code}")
    try:
        told = json.loads(line)
        reason = Reason(told["reason"]) if "reason" in told else None
        detail = str(told.get("detail", ""))[:80]
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise Rejected(Reason.TOO_HARD, "answer") from None
    if reason:
        raise Rejected(reason, detail)
    return told, parts


def _why_dead(code: int, format: str) -> Reason:
    """A worker that ended without a word. bubblewrap tells a signal as 128 and its number."""
    killed_by = -code if code < 0 else code - 128
    if killed_by in (signal.SIGXCPU, signal.SIGKILL):
        return Reason.TOO_HARD
    if killed_by > 0:  # a decoder crashed on it
        return Reason.BROKEN_PDF if format == Format.PDF else Reason.BROKEN_PICTURE
    log.error("the process that opens files did not start (exit %s)", code)
    return Reason.NO_SANDBOX
