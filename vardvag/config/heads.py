"""The head of a request: comes within a time and a size, or the connection is closed.

uvicorn waits for ever: each connection that says nothing, or a byte an hour, holds a file descriptor of the process,
and one that says headers without end its memory.
"""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

PATIENCE = 20.0  # seconds from the connection, or a request's first byte, to the end of its head
LARGEST = 64 * 1024  # bytes; checked between two pieces, which are 256 KiB at most


class Heads(HttpToolsProtocol):
    _late: asyncio.TimerHandle | None = None
    _come = 0  # bytes of the head that is not whole yet

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        self._have()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.transport.get_protocol() is not self:  # it is a WebSocket now
            return
        if self._late is None:
            if self._idle() and self.timeout_keep_alive_task is None:
                self._expect()  # what has come is no request, and uvicorn does not count the seconds any more
        else:
            self._come += len(data)
            if self._come > LARGEST:
                self._close()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._late is None:
            self._expect()

    def on_headers_complete(self) -> None:
        self._have()
        super().on_headers_complete()

    def _idle(self) -> bool:
        return self.cycle is None or bool(self.cycle.response_complete)

    def _expect(self) -> None:
        self._late = self.loop.call_later(PATIENCE, self._too_late)

    def _have(self) -> None:
        if self._late is not None:
            self._late.cancel()
        self._late, self._come = None, 0

    def _too_late(self) -> None:
        self._late = None
        if self._idle():
            self._close()
        else:
            self._expect()  # an earlier request of this connection is still being answered

    def _close(self) -> None:
        self._have()
        if not self.transport.is_closing():
            self.transport.close()
