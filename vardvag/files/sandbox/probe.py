"""Tries what a hostile file would, for `doctor` and the tests. Loaded before the wall closes, only when asked for."""

import _socket
import _thread
import os
from collections.abc import Callable


def holes() -> dict[str, object]:
    """Every True is a hole."""

    def works(what: Callable[..., object], *arguments: object) -> bool:
        try:
            what(*arguments)
        except (OSError, MemoryError, RuntimeError):
            return False
        return True

    return {
        "socket": works(_socket.socket),
        "read": works(os.open, "/etc/passwd", os.O_RDONLY),
        "write": works(os.open, "/tmp/x", os.O_CREAT | os.O_WRONLY),  # noqa: S108 - must not succeed
        "fork": works(os.fork),
        "thread": works(_thread.start_new_thread, int, ()),
        "execute": works(os.execv, "/bin/true", ["true"]),
        "signal": works(os.kill, os.getppid(), 0),
        "memory": works(bytearray, 600 * 1024 * 1024),
    }
