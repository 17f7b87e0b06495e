"""One keep-alive connection of HTTP/1.1, as cheap as Python makes it: the machine's two cores belong to the product."""

import asyncio
from typing import Any
from urllib.parse import urlencode

import httptools

from tools.bench.place import ADDRESS, HOST

CSRF = "benchbenchbenchbenchbenchbench12"  # the same secret in cookie and form: what Django compares
_HEAD = (
    f"Host: {HOST}\r\nX-Forwarded-Proto: https\r\nX-Forwarded-For: 192.0.2.10\r\nUser-Agent: Mozilla/5.0 (X11; Linux"
    " x86_64) Firefox/140.0\r\nAccept-Language: sv\r\n"
)
_POST = (
    f"Origin: {ADDRESS}\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\n"
)


class Wrong(Exception):
    """An answer that is not the right one: the run fails."""


class Wire(asyncio.Protocol):
    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._transport: Any = None
        self._answer: asyncio.Future[None] | None = None
        self.status = 0
        self.location = ""
        self.etag = b""
        self.body = b""
        self._pieces: list[bytes] = []
        self._told_to_close = False
        self._gone = asyncio.Event()

    # -- asyncio's and the parser's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # uvloop's, which is no subclass of asyncio's
        self._told_to_close = False
        self._gone.clear()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def connection_lost(self, problem: Exception | None) -> None:
        self._gone.set()
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(Wrong("the connection was closed without an answer"))

    def on_header(self, name: bytes, value: bytes) -> None:
        if len(name) == 8 and name.lower() == b"location":
            self.location = value.decode().removeprefix(ADDRESS)
        elif len(name) == 4 and name.lower() == b"etag":
            self.etag = value
        elif len(name) == 10 and name.lower() == b"connection":
            self._told_to_close = value.lower() == b"close"

    def on_body(self, body: bytes) -> None:
        self._pieces.append(body)

    def on_message_complete(self) -> None:
        self.status = self._parser.get_status_code()
        self.body = b"".join(self._pieces)
        self._parser = httptools.HttpResponseParser(self)
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(None)

    # -- ours

    async def ask(
        self, path: str, key: str, form: list[tuple[str, str]] | None = None, *, more: str = ""
    ) -> None:
        """GET, or POST of a form; status, location and body stand on the wire afterwards."""
        if self._told_to_close:
            await self._come_again()
        self._answer = asyncio.get_running_loop().create_future()
        self.location, self.etag, self._pieces = "", b"", []
        cookies = f"Cookie: __Host-sid={key}; __Host-csrf={CSRF}\r\n" if key else ""
        if form is None:
            text = f"GET {path} HTTP/1.1\r\n{_HEAD}{cookies}{more}\r\n".encode()
        else:
            body = urlencode([*form, ("csrfmiddlewaretoken", CSRF)])
            head = f"POST {path} HTTP/1.1\r\n{_HEAD}{_POST}{cookies}{more}Content-Length: {len(body)}\r\n\r\n"
            text = (head + body).encode()
        self._transport.write(text)
        await self._answer

    async def _come_again(self) -> None:
        """As a browser does after `Connection: close`."""
        port = self._transport.get_extra_info("peername")[1]
        self._answer = None
        self._transport.close()
        await self._gone.wait()
        await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", port)

    def expect(self, status: int, *words: bytes) -> None:
        if self.status != status:
            raise Wrong(f"status {self.status} instead of {status} (to {self.location}): {self.body[:300]!r}")
        for word in words:
            if word not in self.body:
                raise Wrong(f"{word!r} is not on the page")

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


async def connect(port: int) -> Wire:
    _, wire = await asyncio.get_running_loop().create_connection(Wire, "127.0.0.1", port)
    return wire
