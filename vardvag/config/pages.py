"""Django's pages under ASGI: a request takes one thread of a bounded pool, and its whole answer leaves at once.

The body has been received before the thread is taken (body.py), and the answer is sent after it is given back, so
neither a slow sender nor a slow reader holds a thread. Thread and event loop meet twice in a request; a general
bridge (a2wsgi) lets them wait for each other at every piece, which cost a tenth of a page's time.
"""

import contextvars
import io
import itertools
import re
import sys
import time
from asyncio import get_running_loop
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any

from vardvag.config import waiting

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]
# Our forms are UTF-8; Django fails outside every error page on codecs that are none for texts (hex, zlib).
_CHARSET = re.compile(r";\s*charset\s*=[^;]*", re.IGNORECASE)
MOVED = 8  # one answer in so many
_NAMES = {b"content-length": "CONTENT_LENGTH", b"content-type": "CONTENT_TYPE"}


class Pages:
    """When two requests for each thread are here, every eighth answer asks its connection to come again, to whichever
    process has the fewest. A connection stays where it was taken: sixty busy people who came first to one of two
    processes waited a minute for each page while the other had time."""

    def __init__(self, application: Callable[..., Iterable[bytes]], *, threads: int) -> None:
        self._application, self._crowded = application, 2 * threads
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="page")
        self._answered = itertools.count()

    async def __call__(self, scope: Scope, body: IO[bytes] | None, send: Send) -> None:
        given = environ(scope, body or io.BytesIO())
        if body is not None:  # one in chunks has not told; Django would read nothing
            given.setdefault("CONTENT_LENGTH", str(_length(body)))
        context = contextvars.copy_context()  # language and request id end with the request
        made = get_running_loop().run_in_executor(self._threads, context.run, self._answer, given)
        status, headers, pieces = await made
        if next(self._answered) % MOVED == 0 and waiting.requests >= self._crowded:
            headers.append((b"connection", b"close"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        for piece in pieces[:-1]:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": pieces[-1] if pieces else b""})

    def _answer(self, given: dict[str, Any]) -> tuple[int, Headers, list[bytes]]:
        """In a thread. A file is held whole (20 MB at most), as pieces."""
        told: list[tuple[int, Headers]] = []

        def start(status: str, headers: list[tuple[str, str]], problem: object = None) -> None:
            said = [(name.lower().encode("latin1"), value.encode("latin1")) for name, value in headers]
            told[:] = [(int(status[:3]), said)]

        response = self._application(given, start)
        try:
            pieces = list(response)
        finally:
            close: Callable[[], None] | None = getattr(response, "close", None)
            if close is not None:
                close()
        status, headers = told[0]
        if status not in (204, 304) and all(name != b"content-length" for name, _ in headers):
            headers.append((b"content-length", str(sum(map(len, pieces))).encode()))
        return status, headers, pieces


def _length(body: IO[bytes]) -> int:
    body.seek(0, io.SEEK_END)
    length = body.tell()
    body.seek(0)
    return length


def environ(scope: Scope, body: IO[bytes]) -> dict[str, Any]:
    """What WSGI (PEP 3333) asks for."""
    host, port = scope.get("server") or ("localhost", 80)
    found: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode("utf8").decode("latin1"),
        "QUERY_STRING": scope["query_string"].decode("latin1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": host,
        "SERVER_PORT": str(port or 0),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "vardvag.arrived": time.monotonic(),  # the wait for a thread counts, too (core/database.py)
    }
    if client := scope.get("client"):
        found["REMOTE_ADDR"], found["REMOTE_PORT"] = client[0], str(client[1])
    for name, value in scope["headers"]:
        if b"_" in name:  # would be taken for the one with a hyphen, which a proxy sets
            continue
        key = _NAMES.get(name) or "HTTP_" + name.decode("latin1").upper().replace("-", "_")
        text = value.decode("latin1")
        if key == "CONTENT_TYPE":
            text = _CHARSET.sub("", text)
        between = "; " if key == "HTTP_COOKIE" else ","  # HTTP/2 may split cookies
        found[key] = f"{found[key]}{between}{text}" if key in found else text
    return found
