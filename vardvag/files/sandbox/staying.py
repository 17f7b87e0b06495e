"""A worker that stays: it has loaded what its format needs, and for each file a copy of it (fork) gives up every right
and opens that file. It reads orders from our side and never a byte of a file. Linux alone.

An order is one message on standard input: the limits as JSON, with three open files: what to read, where the answer
goes, where the copy's exit code is told. When nobody listens there any more the copy is ended. It leaves when nobody
can order any more, or has for a while, and its copies are done.
"""

import json
import os
import select
import signal
import socket
from collections.abc import Callable
from contextlib import suppress

from vardvag.files.sandbox import confine
from vardvag.files.sandbox.rebuilt import Limits

IDLE = 120.0  # seconds
ORDER = 4096  # bytes at most
_FILES = 1024  # no open file has a higher number


def stay(opens: Callable[[Limits], int]) -> int:
    """`opens` gives up every right, opens what is on standard input and says what became of it."""
    orders, heard = socket.socket(fileno=0), select.poll()
    heard.register(orders, select.POLLIN)
    copies: dict[int, tuple[int, int]] = {}  # tells that it has ended: its number, where that is told
    listens: dict[int, int] = {}  # where it is told: its number
    ordering = True
    while ordering or copies:
        seen = heard.poll(IDLE * 1000)  # orders first, so no number that is freed below is met again
        for file, _what in seen:
            if file in copies:
                number, told = copies.pop(file)
                if listens.pop(told, None):
                    heard.unregister(told)
                heard.unregister(file)
                _tell(told, os.waitstatus_to_exitcode(os.waitpid(number, 0)[1]))
                os.close(file)
            elif file in listens:
                heard.unregister(file)
                os.kill(listens.pop(file), signal.SIGKILL)
            elif file == orders.fileno() and (order := _ordered(orders)):
                number, told = _copied(*order, opens)
                copies[ended := os.pidfd_open(number)] = number, told
                listens[told] = number
                heard.register(ended, select.POLLIN)
                heard.register(told, 0)  # an error alone: nobody listens
            elif file == orders.fileno():
                ordering = False
        if ordering and not seen and not copies:
            ordering = False
        if not ordering and orders.fileno() >= 0:
            heard.unregister(orders)
            orders.close()
    return 0


def _ordered(orders: socket.socket) -> tuple[Limits, list[int]] | None:
    """None: nobody can order any more."""
    message, files, _, _ = socket.recv_fds(orders, ORDER, 3)
    return (Limits(**json.loads(message)), files) if message else None


def _copied(limits: Limits, files: list[int], opens: Callable[[Limits], int]) -> tuple[int, int]:
    """The copy's number, and where its end is to be told."""
    source, answer, told = files
    number = os.fork()
    if not number:
        code = 1
        try:
            confine.die_with_parent()
            os.dup2(source, 0)
            os.dup2(answer, 1)
            os.closerange(3, _FILES)  # the orders, and what belongs to other copies
            code = opens(limits)
        finally:
            os._exit(code)  # no destructors of half-built objects
    os.close(source)
    os.close(answer)
    return number, told


def _tell(told: int, code: int) -> None:
    with suppress(OSError):  # nobody listens
        os.write(told, str(code).encode())
    os.close(told)
