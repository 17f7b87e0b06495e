"""One request as the server's own reader and the pages' own bridge bring it to Django, and everything seen while it was
answered. In this thread and without an event loop, so that the caller's transaction holds it; nothing stays behind."""

import asyncio
import contextvars
import socket
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, cast
from unittest.mock import patch

import uvicorn
from django.core.signals import got_request_exception, request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import Error, close_old_connections, connection, transaction
from uvicorn.protocols.http.httptools_impl import HEADER_VALUE_RE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from vardvag.config import pages

CSRF = "a" * 32  # a secret of the right shape is its own token


@dataclass(frozen=True)
class Asked:
    method: str
    target: bytes  # as on the wire: percent-encoded path and query
    headers: tuple[tuple[str, bytes], ...] = ()
    body: bytes = b""

    def __str__(self) -> str:
        headers = {name: value[:80] for name, value in self.headers}
        return f"{self.method} {self.target[:160]!r} {headers} {self.body[:600]!r}"


@dataclass
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes
    wall: float  # seconds
    cpu: float  # seconds of this thread
    troubles: list[str] = field(default_factory=list)  # exceptions, late constraints
    reached: bool = True  # the pages; the server itself refuses what is no HTTP

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    @property
    def html(self) -> bool:
        return self.header("Content-Type").startswith("text/html")


class Pages:
    """The application. What a request changes is rolled back, so every case stands by itself; constraints that
    wait for the commit are asked for first."""

    def __init__(self) -> None:
        self._app = pages.Pages(get_wsgi_application(), threads=1)
        self._troubles: list[str] = []
        self.connects: set[str] = set()  # where this process has opened connections to

    def ask(self, asked: Asked, *, keep: bool = False) -> Answer:
        self._troubles = []
        with self._watching():
            if keep:
                return self._ask(asked)
            # In a test's transaction Django would take the connection for a forgotten one, and close it.
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()
            with transaction.atomic():
                answer = self._ask(asked)
                try:
                    with connection.cursor() as cursor:
                        cursor.execute("set constraints all immediate")
                except Error as problem:
                    answer.troubles.append(f"at the commit: {type(problem).__name__}: {problem}")
                transaction.set_rollback(True)
            return answer

    def _ask(self, asked: Asked) -> Answer:
        wall, cpu = time.perf_counter(), time.thread_time()
        given = read(asked)
        if isinstance(given, bytes):
            head, _, body = given.partition(b"\r\n\r\n")
            plain = [("content-type", "text/plain; charset=utf-8")]
            return Answer(int(head.split()[1]), plain, body, 0.0, 0.0, self._troubles, reached=False)
        try:
            status, headers, pieces = contextvars.copy_context().run(self._app._answer, given)
        except Exception as problem:  # would be a bare 500 of the server
            self._troubles.append(f"out of the application: {_last(problem)}")
            status, headers, pieces = 500, [], []
        if broken := [name for name, value in headers if HEADER_VALUE_RE.search(value)]:
            self._troubles.append(f"the server would not send {broken}")
        return Answer(
            status,
            [(name.decode("latin1"), value.decode("latin1")) for name, value in headers],
            b"".join(pieces),
            time.perf_counter() - wall,
            time.thread_time() - cpu,
            self._troubles,
        )

    @contextmanager
    def _watching(self) -> Iterator[None]:
        """Exceptions and connections are noted; Django does not close the connection whose transaction is the caller's."""
        signals = [
            one for one in (request_started, request_finished) if one.disconnect(close_old_connections)
        ]
        got_request_exception.connect(self._trouble)
        try:
            with _connecting(self.connects.add):
                yield
        finally:
            got_request_exception.disconnect(self._trouble)
            for one in signals:
                one.connect(close_old_connections)

    def _trouble(self, **_: object) -> None:
        problem = sys.exc_info()[1]
        if problem is not None:
            self._troubles.append(_last(problem))


@contextmanager
def _connecting(note: Callable[[str], object]) -> Iterator[None]:
    """Which names this process asks for and which addresses it connects to; the database's driver does so in C, unseen."""

    def noted(do: Callable[..., Any], at: int) -> Callable[..., Any]:
        def first(*given: Any, **more: Any) -> Any:
            to = given[at] if len(given) > at else more
            note(f"{to[0]}:{to[1]}" if isinstance(to, tuple) else str(to))
            return do(*given, **more)

        return first

    own = socket.socket
    with (
        patch.object(own, "connect", noted(own.connect, 1)),
        patch.object(own, "connect_ex", noted(own.connect_ex, 1)),
        patch.object(socket, "getaddrinfo", noted(socket.getaddrinfo, 0)),
    ):
        yield


def _last(problem: BaseException) -> str:
    frames = [f for f in traceback.extract_tb(problem.__traceback__) if "/vardvag/" in f.filename]
    at = " < ".join(f"{f.filename.split('/vardvag/')[-1]}:{f.lineno} {f.name}" for f in reversed(frames[-3:]))
    return f"{type(problem).__name__}: {str(problem)[:160]} at {at}"


# --- from the wire


class _Reader(HttpToolsProtocol):
    """The server's, up to the request that it would have answered."""

    def __init__(self) -> None:
        no_loop = cast(asyncio.AbstractEventLoop, object())  # reading needs none
        super().__init__(_CONFIG, ServerState(), {}, no_loop)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: object) -> None:
        """Nothing: `cycle` holds the request."""


class _Line(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__({"sockname": ("127.0.0.1", 80), "peername": ("127.0.0.1", 50_000)})
        self.said = b""

    def write(self, data: Any) -> None:
        self.said += bytes(data)

    def close(self) -> None:
        pass

    def is_closing(self) -> bool:
        return False

    def pause_reading(self) -> None:
        pass


async def _nobody(scope: object, receive: object, send: object) -> None:
    raise AssertionError("nothing is asked through the server")


_CONFIG = uvicorn.Config(_nobody, http="httptools", log_config=None, server_header=False)


def on_the_wire(asked: Asked) -> bytes:
    told = {name.lower() for name, _ in asked.headers}
    lines = [asked.method.encode("latin1") + b" " + asked.target + b" HTTP/1.1"]
    lines += [] if "host" in told else [b"Host: testserver"]
    lines += [name.encode("latin1") + b": " + value for name, value in asked.headers]
    if (asked.body or asked.method not in ("GET", "HEAD")) and "content-length" not in told:
        lines.append(b"Content-Length: %d" % len(asked.body))
    return b"\r\n".join(lines) + b"\r\n\r\n" + asked.body


def read(asked: Asked) -> dict[str, Any] | bytes:
    """What the pages are given, or what the server says instead."""
    reader, line = _Reader(), _Line()
    reader.connection_made(line)
    reader.data_received(on_the_wire(asked))
    if line.said:
        return line.said
    if reader.cycle is None or reader.cycle.more_body:  # the server would wait, and give up (config/body.py)
        return b"HTTP/1.1 408 \r\n\r\nThe rest did not come."
    scope = cast(pages.Scope, reader.cycle.scope)
    return pages.environ(scope, BytesIO(b"" if scope["method"] in ("GET", "HEAD") else reader.cycle.body))
