"""Our side of the wall: starts one worker per file, feeds it, waits only so long, believes nothing it says.

The worker gets: no environment, no inherited files, memory and time limits, a system-call filter, and where
bubblewrap works (it needs user namespaces) a file system with only Python in it and an empty network.
"""

import compileall
import json
import logging
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import threading
import time
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from typing import IO, Any

from vardvag.files.sandbox.formats import Format
from vardvag.files.sandbox.magic import HEAD, identify
from vardvag.files.sandbox.reasons import Reason, Rejected
from vardvag.files.sandbox.rebuilt import Limits, Rebuilt

log = logging.getLogger(__name__)
WALL_SECONDS = 20.0  # a busy machine gives a worker its seconds of CPU slowly
_HEADER = 4096
_STARTS = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n", "application/pdf": b"%PDF-"}
_HERE = Path(__file__).resolve().parent
_PACKAGE = _HERE.parent.parent  # vardvag/
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
    except (KeyError, ValueError, TypeError):
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
def walled() -> bool:
    """Does bubblewrap work here? Containers without user namespaces refuse it; the other walls remain."""
    if not which("bwrap"):
        return False
    try:
        told, _ = _run({"format": "JPEG", "probe": True}, b"", Limits(), walled=True)
    except Rejected as no:
        log.warning(
            "bubblewrap does not work here: files are opened behind the system-call filter alone (%s)", no
        )
        return False
    return told.get("socket") is False


_walled_here = walled


def _run(
    order: dict[str, Any], data: bytes, limits: Limits, *, walled: bool | None = None
) -> tuple[dict[str, Any], bytes]:
    command = _command({**order, "limits": limits._asdict()}, _walled_here() if walled is None else walled)
    with _unnamed(data) as source:
        worker = subprocess.Popen(  # noqa: S603 - our own program, no shell, nothing of the file in the command
            command,
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"MALLOC_ARENA_MAX": "1"},  # threads' arenas would eat the address space
            cwd="/",
            close_fds=True,
            start_new_session=True,
        )
        try:
            answer = _read(worker, most=limits.output + _HEADER)
        finally:
            _end(worker)
    line, found, parts = answer.partition(b"\n")
    if not found or len(line) > _HEADER:
        raise Rejected(_why_dead(worker.returncode, order["format"]), f"exit {worker.returncode}")
    try:
        told = json.loads(line)
        reason = Reason(told["reason"]) if "reason" in told else None
        detail = str(told.get("detail", ""))[:80]
    except (ValueError, TypeError, AttributeError):
        raise Rejected(Reason.TOO_HARD, "answer") from None
    if reason:
        raise Rejected(reason, detail)
    return told, parts


def _command(order: dict[str, Any], inside: bool) -> list[str]:
    _compile()
    order = {**order, "paths": [str(path) for path in (_PACKAGE.parent, *_libraries())], "walled": inside}
    return [
        *(_wall() if inside else ()),
        _python(),
        "-I",
        "-S",
        "-B",
        str(_HERE / "worker.py"),
        json.dumps(order),
    ]


def _read(worker: subprocess.Popen[bytes], *, most: int) -> bytes:
    assert worker.stdout is not None
    pieces: list[bytes] = []
    size, deadline = 0, time.monotonic() + WALL_SECONDS
    with selectors.DefaultSelector() as waiting:
        waiting.register(worker.stdout, selectors.EVENT_READ)
        while True:
            left = deadline - time.monotonic()
            if left <= 0 or not waiting.select(left):
                raise Rejected(Reason.TOO_HARD, "time")
            piece = os.read(worker.stdout.fileno(), 1 << 18)
            if not piece:
                return b"".join(pieces)
            pieces.append(piece)
            size += len(piece)
            if size > most:
                raise Rejected(Reason.TOO_HARD, "output")


def _end(worker: subprocess.Popen[bytes]) -> None:
    assert worker.stdout is not None
    worker.stdout.close()
    try:
        worker.wait(timeout=1.0)
    except subprocess.TimeoutExpired:
        os.killpg(worker.pid, signal.SIGKILL)  # its own session: nobody else is in it
        worker.wait()


def _why_dead(code: int, format: str) -> Reason:
    """A worker that ended without a word. bubblewrap tells a signal as 128 and its number."""
    killed_by = -code if code < 0 else code - 128
    if killed_by in (signal.SIGXCPU, signal.SIGKILL):
        return Reason.TOO_HARD
    if killed_by > 0:  # a decoder crashed on it
        return Reason.BROKEN_PDF if format == Format.PDF else Reason.BROKEN_PICTURE
    log.error("the process that opens files did not start (exit %s)", code)
    return Reason.NO_SANDBOX


@cache
def _compile() -> None:
    """Byte code of what only the worker loads: it can write none and would compile the same for every file. Also
    where Python is told to write none (PYTHONDONTWRITEBYTECODE), as containers do that start once."""
    compileall.compile_dir(_HERE, quiet=2)


@cache
def _libraries() -> tuple[Path, ...]:
    """The folders that hold the decoders."""
    found: list[Path] = []
    for library in ("PIL", "pillow_heif", "pikepdf", "pypdfium2"):
        spec = find_spec(library)
        assert spec is not None and spec.origin is not None, library
        place = Path(spec.origin).resolve().parent.parent
        if place not in found:
            found.append(place)
    return tuple(found)


def _python() -> str:
    return os.path.realpath(sys.executable)


@cache
def _wall() -> tuple[str, ...]:
    """bubblewrap: read-only Python and libraries, no home, no data, no devices, no network, no rights."""
    seen = [Path(sys.base_prefix).resolve(), *_libraries()]
    ours = [_PACKAGE / "__init__.py", _HERE.parent / "__init__.py", _HERE]
    system = ["/usr/lib", "/usr/lib64", "/lib", "/lib64", "/etc/ld.so.cache"]
    if not _python().startswith(str(seen[0])):
        seen.append(Path(_python()))
    bwrap = which("bwrap")
    assert bwrap is not None
    return (
        bwrap,
        *("--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"),
        *("--setenv", "MALLOC_ARENA_MAX", "1"),
        *(word for path in system for word in ("--ro-bind-try", path, path)),
        *(word for path in (*seen, *ours) for word in ("--ro-bind", str(path), str(path))),
        *("--chdir", "/", "--"),
    )


def _unnamed(data: bytes) -> IO[bytes]:
    """The bytes as a file without a name, in memory where the system can: nothing is left after a kill."""
    if hasattr(os, "memfd_create"):
        file: IO[bytes] = os.fdopen(os.memfd_create("upload", os.MFD_CLOEXEC), "w+b")
    else:
        file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    file.write(data)
    file.flush()
    file.seek(0)
    return file
