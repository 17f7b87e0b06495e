"""One request straight into the pages' WSGI application, byte for byte, and everything seen while it was answered."""

import sys
import time
import traceback
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes

from django.core.signals import got_request_exception, request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import Error, close_old_connections, connection, transaction

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

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    @property
    def html(self) -> bool:
        return self.header("Content-Type").startswith("text/html")


class Pages:
    """The application. What a request changes is rolled back, so every case stands by itself; constraints that
    wait for the commit are asked for first."""

    def __init__(self) -> None:
        self._app = get_wsgi_application()
        self._troubles: list[str] = []
        self.connects: set[str] = set()  # where this process has opened connections to
        got_request_exception.connect(self._trouble, weak=False)
        sys.addaudithook(self._audit)

    def ask(self, asked: Asked, *, keep: bool = False) -> Answer:
        self._troubles = []
        for signal in (
            request_started,
            request_finished,
        ):  # they would close the connection in our transaction,
            signal.disconnect(close_old_connections)  # and a test client connects them anew
        connection.close_if_unusable_or_obsolete()
        if keep:
            return self._ask(asked)
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
        told: list[Any] = []

        def start(status: str, headers: list[tuple[str, str]], _: object = None) -> Any:
            told[:] = [status, headers]

        wall, cpu = time.perf_counter(), time.thread_time()
        body = b""
        try:
            answer: Iterable[bytes] = self._app(environment(asked), start)
            body = b"".join(answer)
            if hasattr(answer, "close"):
                answer.close()
        except Exception as problem:  # would be a bare 500 of the server
            self._troubles.append(f"out of the application: {_last(problem)}")
            told[:] = ["500 nothing", []]
        return Answer(
            int(told[0].split()[0]),
            told[1],
            body,
            time.perf_counter() - wall,
            time.thread_time() - cpu,
            self._troubles,
        )

    def _trouble(self, **_: object) -> None:
        problem = sys.exc_info()[1]
        if problem is not None:
            self._troubles.append(_last(problem))

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.connect":
            with suppress(Exception):
                address = arguments[1]
                self.connects.add(
                    f"{address[0]}:{address[1]}" if isinstance(address, tuple) else str(address)
                )


def _last(problem: BaseException) -> str:
    frames = [f for f in traceback.extract_tb(problem.__traceback__) if "/vardvag/" in f.filename]
    at = " < ".join(f"{f.filename.split('/vardvag/')[-1]}:{f.lineno} {f.name}" for f in reversed(frames[-3:]))
    return f"{type(problem).__name__}: {str(problem)[:160]} at {at}"


def environment(asked: Asked) -> dict[str, Any]:
    path, _, query = asked.target.partition(b"?")
    made: dict[str, Any] = {
        "REQUEST_METHOD": asked.method, "SCRIPT_NAME": "", "PATH_INFO": unquote_to_bytes(path).decode("latin1"),
        "QUERY_STRING": query.decode("latin1"), "SERVER_NAME": "testserver", "SERVER_PORT": "80",
        "REMOTE_ADDR": "127.0.0.1", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "testserver", "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http", "wsgi.input": BytesIO(asked.body), "wsgi.errors": sys.stderr,
        "wsgi.multithread": True, "wsgi.multiprocess": True, "wsgi.run_once": False,
        "CONTENT_LENGTH": str(len(asked.body)),
    }  # fmt: skip
    for name, value in asked.headers:
        key = name.upper().replace("-", "_")
        made[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value.decode("latin1")
    return made
