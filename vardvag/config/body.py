"""A request's whole body, received before a page thread is given to it.

There are four page threads; a phone on a bad line that sends a photo for a minute must not hold one of them.
Up to `IN_MEMORY` bytes are kept in memory, more in a file without a name; all of them together hold `TOGETHER`.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from tempfile import SpooledTemporaryFile
from typing import Any

from vardvag.files import store
from vardvag.files.rules import fits_on_disk

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]

IN_MEMORY = 1024 * 1024
TOGETHER = 64 * 1024 * 1024  # bytes of memory in a process: nobody has logged in yet
LARGEST = 230 * 1024 * 1024  # bytes; ten of the largest files (files/rules.py) and a form
SILENCE = 20.0  # seconds between two pieces
LISTENING = 30.0  # seconds that who was refused may go on sending
SLOWEST = 8 * 1024  # bytes a second, once a minute has passed


class Gone(Exception):
    """The sender closed the connection."""


class TooSlow(Exception):
    pass


class TooLarge(Exception):
    pass


class NoRoom(Exception):
    """The disk that everything else lives on is nearly full."""


def _room_for(size: int) -> bool:
    """Nobody has logged in yet. A form's files will lie beside it once more."""
    return fits_on_disk(free=store.free(), more=2 * size)


class Body:
    """`file` is what has come, from its beginning, once collected. Used in one event loop."""

    together = 0  # bytes of every body's in memory

    def __init__(self, receive: Receive) -> None:
        self._from_client = receive
        self._on_disk = False
        self._whole = False
        self._held = 0  # bytes of it in memory
        self.file: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed by close

    async def collect(self) -> None:
        began, size = time.monotonic(), 0
        while True:
            try:
                async with asyncio.timeout(SILENCE):
                    message = await self._from_client()
            except TimeoutError:
                raise TooSlow from None
            if message["type"] == "http.disconnect":
                raise Gone
            self._whole = not message.get("more_body", False)
            piece = message.get("body", b"")
            size += len(piece)
            if size > LARGEST:
                raise TooLarge
            taken = time.monotonic() - began
            if taken > 60 and size < SLOWEST * taken:
                raise TooSlow
            try:
                self._keep(piece, size)
            except OSError as problem:  # the folder for temporary files may lie on another disk
                raise NoRoom from problem
            if self._whole:
                return

    async def hear_out(self) -> None:
        """Most browsers read no answer before they have sent everything. What comes is thrown away."""
        self.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(LISTENING):
                while not self._whole:
                    message = await self._from_client()
                    self._whole = not message.get("more_body", False)  # a disconnect has none either

    def _keep(self, piece: bytes, size: int) -> None:
        if self._on_disk or size > IN_MEMORY or Body.together + len(piece) > TOGETHER:
            self._to_disk(size)
        else:
            self._hold(len(piece))
        self.file.write(piece)
        if self._whole:
            self.file.seek(0)

    def _to_disk(self, size: int) -> None:
        if not _room_for(size):
            raise NoRoom
        self._on_disk = True
        self.file.rollover()
        self._hold(-self._held)

    def _hold(self, more: int) -> None:
        self._held += more
        Body.together += more

    def close(self) -> None:
        with suppress(OSError):  # what is not written yet finds no room
            self.file.close()
        self._hold(-self._held)
