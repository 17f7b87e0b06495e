"""Connections as a proxy in front holds them: kept alive, shared by everybody, one question at a time on each."""

import asyncio
import time
from collections import deque
from dataclasses import dataclass
from uuid import uuid4

from tools.bench.place import ADDRESS, HOST
from tools.bench.wire import CSRF, Wire, Wrong

IDLE = 20.0  # seconds; the product closes after 30
PATIENCE = 60.0  # seconds for an answer
File = tuple[str, bytes]  # name, content


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    location: str
    body: bytes


class Line(Wire):
    closed = False
    used = 0.0

    def connection_lost(self, problem: Exception | None) -> None:
        self.closed = True
        super().connection_lost(problem)

    async def post_files(
        self, path: str, key: str, form: list[tuple[str, str]], files: list[tuple[str, File]]
    ) -> None:
        """As a browser sends a form with files: (field, (name, content))."""
        if self._told_to_close:
            await self._come_again()
        self._answer = asyncio.get_running_loop().create_future()
        self.location, self.etag, self._pieces = "", b"", []
        edge = uuid4().hex
        parts = [
            f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in [*form, ("csrfmiddlewaretoken", CSRF)]
        ]
        for field, (name, content) in files:
            head = f'--{edge}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
            parts += [head.encode(), b"Content-Type: image/jpeg\r\n\r\n", content, b"\r\n"]
        body = b"".join([*parts, f"--{edge}--\r\n".encode()])
        self._transport.write(
            f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nX-Forwarded-Proto: https\r\nX-Forwarded-For: 192.0.2.10\r\n"
            f"User-Agent: Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0\r\nAccept-Language: sv\r\nOrigin: {ADDRESS}\r\n"
            f"Sec-Fetch-Site: same-origin\r\nCookie: __Host-sid={key}; __Host-csrf={CSRF}\r\n"
            f"Content-Type: multipart/form-data; boundary={edge}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        await self._answer


class Lines:
    def __init__(self, port: int) -> None:
        self._port = port
        self._free: deque[Line] = deque()

    async def ask(
        self, path: str, key: str, form: list[tuple[str, str]] | None = None, *,
        files: list[tuple[str, File]] | None = None, more: str = "",
    ) -> Answer:  # fmt: skip
        """Raises Wrong when no answer came: what was asked may have been done or not."""
        line = await self._line()
        try:
            async with asyncio.timeout(PATIENCE):
                if files:
                    await line.post_files(path, key, form or [], files)
                else:
                    await line.ask(path, key, form, more=more)
        except TimeoutError:
            raise Wrong(f"no answer within {PATIENCE:.0f} s") from None
        except OSError as problem:
            raise Wrong(f"the connection broke: {problem}") from None
        else:
            line.used = time.monotonic()
            self._free.append(line)
            return Answer(line.status, line.location, line.body)
        finally:
            if not line.used or line not in self._free:
                line.close()

    async def _line(self) -> Line:
        while self._free:
            line = self._free.pop()
            if not line.closed and time.monotonic() - line.used < IDLE:
                return line
            line.close()
        _, line = await asyncio.get_running_loop().create_connection(Line, "127.0.0.1", self._port)
        return line

    def close(self) -> None:
        while self._free:
            self._free.pop().close()
