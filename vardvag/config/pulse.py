"""Whether a process that runs still lives: its event loop writes a byte a second into a pipe that the supervisor reads.

Alive and silent, it holds every connection it took and answers none of them; nobody else would end it.
"""

import asyncio
import os
import time
from contextlib import suppress
from io import FileIO

EVERY = 1.0  # seconds between two beats
SILENT = 30.0  # seconds without one; page, job and database are each told to give up long before
_STEP = 0.5  # seconds of silence that one look can add: a machine that slept, or a busy supervisor, accuses nobody
_NAME = "VARDVAG_PULSE"


class Pulse:
    """The supervisor's end. Who has never beaten (an older version, one that starts) is not judged."""

    def __init__(self) -> None:
        reading, self.writing = os.pipe()
        os.set_blocking(reading, False)
        self._reading = FileIO(reading)
        self._beaten, self._silence, self._looked = False, 0.0, time.monotonic()

    def environment(self) -> dict[str, str]:
        return {_NAME: str(self.writing)}

    def given(self) -> None:
        """The process has its end; ours of the same is closed."""
        os.close(self.writing)

    def silent(self) -> bool:
        """To be asked often; said once in so long."""
        now = time.monotonic()
        self._silence += min(now - self._looked, _STEP)
        self._looked = now
        if self._reading.read(4096):
            self._beaten, self._silence = True, 0.0
        if not self._beaten or self._silence <= SILENT:
            return False
        self._silence = 0.0
        return True

    def close(self) -> None:
        self._reading.close()


def begin() -> None:
    """In the process's event loop; nothing if nobody listens."""
    number = os.environ.pop(_NAME, "")
    if number:
        os.set_inheritable(int(number), False)
        os.set_blocking(int(number), False)
        _beat(asyncio.get_running_loop(), int(number))


def _beat(loop: asyncio.AbstractEventLoop, writing: int) -> None:
    with suppress(OSError):  # full: the supervisor is busy
        os.write(writing, b".")
    loop.call_later(EVERY, _beat, loop, writing)
