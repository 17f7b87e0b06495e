"""Our side of the workers' lines. On Linux one stays for each format (staying.py) and a copy of it opens each file,
which spares every file the start of Python and its decoders, half of what a photo costs; elsewhere each is started for
one file. What stays is begun anew after so many files and whenever a copy failed: memory is laid out anew, too."""

import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import IO, Any

from vardvag.files.sandbox import starting
from vardvag.files.sandbox.reasons import Reason, Rejected
from vardvag.files.sandbox.rebuilt import Limits

WALL_SECONDS = 20.0  # a busy machine gives a worker its seconds of CPU slowly
HEADER = 4096  # bytes of the answer's first line
FILES = 200  # opened by copies of one worker
_lock = threading.Lock()
_staying: dict[tuple[str, bool, bool], "_Staying"] = {}


def answered(data: bytes, limits: Limits, *, format: str, walled: bool, probe: bool) -> tuple[bytes, int]:
    """All that the worker said, and its exit code. Raises Rejected when it takes too long or says too much."""
    order = {"format": format, "walled": walled, "probe": probe}
    with _unnamed(data) as source:
        if not can_stay():
            return _by_one(order, source, limits)
        try:
            return _by_a_copy(order, source, limits)
        except _Gone:  # it had had nothing to do, and left when the order came
            try:
                return _by_a_copy(order, source, limits)
            except _Gone as gone:
                return b"", gone.code


class _Gone(Exception):
    """The worker that stays did not stay. `code`: how it ended."""

    code = 1


@cache
def can_stay() -> bool:
    """Linux 5.3 and later tell by a file that a process has ended."""
    if sys.platform != "linux":
        return False
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError:
        return False
    return True


def _by_one(order: dict[str, Any], source: IO[bytes], limits: Limits) -> tuple[bytes, int]:
    worker = _started({**order, "stays": False, "limits": limits._asdict()}, source, subprocess.PIPE)
    assert worker.stdout is not None
    try:
        answer = _read(worker.stdout.fileno(), limits.output + HEADER, time.monotonic() + WALL_SECONDS)
    finally:
        worker.stdout.close()
        try:
            worker.wait(timeout=1.0)
        except subprocess.TimeoutExpired:
            os.killpg(worker.pid, signal.SIGKILL)  # its own session: nobody else is in it
            worker.wait()
    return answer, worker.returncode


def _started(order: dict[str, Any], stdin: Any, stdout: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603 - our own program, no shell, nothing of the file in the command
        starting.command(order),
        stdin=stdin,
        stdout=stdout,
        stderr=subprocess.DEVNULL,
        env={"MALLOC_ARENA_MAX": "1"},  # threads' arenas would eat the address space
        cwd="/",
        close_fds=True,
        start_new_session=True,
    )


class _Staying:
    def __init__(self, order: dict[str, Any]) -> None:
        self._orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.process = _started({**order, "stays": True}, theirs, subprocess.DEVNULL)
        self._left = FILES

    def order(self, limits: Limits, files: list[int]) -> bool:
        """Whether that was its last one. Raises OSError when it has gone."""
        socket.send_fds(self._orders, [json.dumps(limits._asdict()).encode()], files)
        self._left -= 1
        return self._left <= 0

    def dismiss(self) -> None:
        self._orders.close()

    def gone(self) -> _Gone:
        gone = _Gone()
        with suppress(subprocess.TimeoutExpired):
            gone.code = self.process.wait(timeout=1.0) or 1
        return gone


def _by_a_copy(order: dict[str, Any], source: IO[bytes], limits: Limits) -> tuple[bytes, int]:
    os.lseek(source.fileno(), 0, os.SEEK_SET)
    (answer, answers), (code, ends) = os.pipe(), os.pipe()
    until = time.monotonic() + WALL_SECONDS
    try:
        try:
            one = _ordered(order, limits, [source.fileno(), answers, ends])
        finally:
            os.close(answers)
            os.close(ends)
        said = _read(answer, limits.output + HEADER, until)
        ended = _read(code, HEADER, until)
    except Rejected:
        _dismiss(order, one)
        raise
    finally:  # where a copy still works on the file, this ends it
        os.close(answer)
        os.close(code)
    if ended != b"0":
        _dismiss(order, one)
    if not ended:
        raise one.gone()
    return said, int(ended)


def _ordered(order: dict[str, Any], limits: Limits, files: list[int]) -> _Staying:
    """Raises _Gone."""
    with _lock:
        one = _staying.get(_key(order)) or _staying.setdefault(_key(order), _Staying(order))
        try:
            last = one.order(limits, files)
        except OSError:
            last = gone = True
        else:
            gone = False
        if last:
            del _staying[_key(order)]
            one.dismiss()
    if gone:
        raise one.gone()
    return one


def _dismiss(order: dict[str, Any], one: _Staying) -> None:
    """The next file begins another; this one ends with the last of its copies."""
    with _lock:
        if _staying.get(_key(order)) is one:
            del _staying[_key(order)]
            one.dismiss()


def _key(order: dict[str, Any]) -> tuple[str, bool, bool]:
    return order["format"], order["walled"], order["probe"]


def _read(file: int, most: int, until: float) -> bytes:
    pieces: list[bytes] = []
    size = 0
    with selectors.DefaultSelector() as waiting:
        waiting.register(file, selectors.EVENT_READ)
        while True:
            left = until - time.monotonic()
            if left <= 0 or not waiting.select(left):
                raise Rejected(Reason.TOO_HARD, "time")
            piece = os.read(file, 1 << 18)
            if not piece:
                return b"".join(pieces)
            pieces.append(piece)
            size += len(piece)
            if size > most:
                raise Rejected(Reason.TOO_HARD, "output")


@contextmanager
def _unnamed(data: bytes) -> Iterator[IO[bytes]]:
    """The bytes as a file without a name, in memory where the system can: nothing is left after a kill."""
    memory = hasattr(os, "memfd_create")
    with os.fdopen(os.memfd_create("upload"), "w+b") if memory else tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        file.seek(0)
        yield file
