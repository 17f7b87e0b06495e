"""Connections are shared between the processes that listen on one socket."""

import asyncio
import socket
from functools import partial
from typing import cast

import pytest
import uvloop

from vardvag.config import place, web
from vardvag.config.place import Trouble
from vardvag.config.web import Accepting


@pytest.mark.parametrize(
    ("open_there", "wait_there"), [(12, 0), (0, 10)], ids=["open connections", "requests that wait"]
)
def test_who_has_the_least_takes_the_next(open_there: int, wait_there: int) -> None:
    held: list[list[object]] = [[], [object()] * open_there]

    class Kept(asyncio.Protocol):
        def __init__(self, where: list[object]) -> None:
            where.append(self)

    async def arrivals() -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        both = [
            Accepting(listener.dup(), partial(Kept, mine), mine, partial(int, wait))
            for mine, wait in zip(held, (0, wait_there), strict=True)
        ]
        guests = []
        for _ in range(8):
            guests.append(socket.create_connection(listener.getsockname()))
            await asyncio.sleep(0.03)
        for one in both:
            one.close()
            await one.wait_closed()
        for guest in guests:
            guest.close()
        listener.close()

    asyncio.run(arrivals())
    assert sum(map(len, held)) == open_there + 8
    assert len(held[0]) >= 6  # a busy machine may let the other be quicker once


def test_who_was_just_taken_in_is_answered_by_those_who_leave() -> None:
    seen: list[str] = []

    class Kept(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            cast("asyncio.Transport", transport).write(b"answer")
            transport.close()

        def connection_lost(self, exc: Exception | None) -> None:
            seen.append("lost")

    async def leaving() -> bytes:
        listener = socket.create_server(("127.0.0.1", 0))

        def leave() -> Kept:
            accepting.close()
            return Kept()

        accepting = Accepting(listener.dup(), leave, [], int)
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        text = await asyncio.wait_for(reader.read(), 20)
        writer.close()
        await accepting.wait_closed()
        listener.close()
        return text

    assert uvloop.run(leaving()) == b"answer"
    assert seen == ["lost"]


@pytest.mark.parametrize(("said", "number"), [("1", 1), ("3", 3), ("32", 32)])
def test_how_many_processes_serve_the_pages(monkeypatch: pytest.MonkeyPatch, said: str, number: int) -> None:
    monkeypatch.setenv("WEB_PROCESSES", said)
    assert web.processes() == number


@pytest.mark.parametrize("said", ["0", "33", "-1", "två", "1.5", ""])
def test_a_wrong_number_names_the_cure(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv("WEB_PROCESSES", said)
    with pytest.raises(Trouble, match="between 1 and 32"):
        web.processes()


def test_a_core_each_in_production_and_one_for_looking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WEB_PROCESSES", raising=False)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(16)))
    for mode, number in (("demo", 1), ("production", 4)):
        monkeypatch.setattr(place, "mode", lambda mode=mode: mode)
        assert web.processes() == number


def test_a_machine_whose_kernel_has_no_ipv6(monkeypatch: pytest.MonkeyPatch) -> None:
    """`ipv6.disable=1`: there is not even a socket to be had. The one for IPv4 was closed in its place."""
    real = socket.socket

    def made(family: int, kind: int) -> socket.socket:
        if family == socket.AF_INET6:
            raise OSError(97, "Address family not supported by protocol")
        return real(family, kind)

    monkeypatch.setattr(socket, "socket", made)
    monkeypatch.delenv("HOST", raising=False)
    listeners = web.listen(0)
    assert [one.fileno() >= 0 for one in listeners] == [True]
    listeners[0].close()
    with pytest.raises(Trouble, match="Address family not supported"):
        web.listen(0, "::1")


def test_an_empty_host_is_no_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line `HOST=` in a file of settings opened the demo, where anybody is anybody, to the whole network."""
    monkeypatch.setenv("HOST", "")
    listeners = web.listen(0)
    assert listeners[0].getsockname()[0] == "127.0.0.1"
    for one in listeners:
        one.close()
