"""Whatever the other side does costs limited time and memory."""

import socket
from contextlib import suppress
from threading import Event, Thread

import httpx
import pytest

from vardvag.outside.answers import ask


def dripping(server: socket.socket, given: Event) -> None:
    """An answer that is whole after half a minute, its headers byte by byte."""
    connection, _address = server.accept()
    with connection, suppress(OSError):  # whoever asked has left
        for one in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 300 + b"\r\n":
            connection.sendall(bytes([one]))
            given.wait(0.1)
        given.set()
        connection.sendall(b"Content-Length: 2\r\n\r\n{}")


def test_headers_byte_by_byte_are_not_waited_for():
    """Each byte came in time, and a thread of the pages was held as long as they came."""
    given = Event()
    with socket.create_server(("127.0.0.1", 0)) as server, httpx.Client(timeout=1) as http:
        Thread(target=dripping, args=(server, given), daemon=True).start()
        with pytest.raises(httpx.ReadTimeout):
            ask(http, "GET", f"http://127.0.0.1:{server.getsockname()[1]}/", seconds=1)
        assert not given.is_set()  # the rest was still to come
        given.set()


@pytest.mark.parametrize("address", ["http://\x00/", "http://[x/", "http://127.0.0.1:1/", "nowhere"])
def test_an_address_that_is_none_is_no_answer(address):
    with httpx.Client(timeout=1) as http, pytest.raises(httpx.HTTPError):
        ask(http, "GET", address, seconds=5)
