"""Who connects and says nothing, or never comes to the end of what they ask, is let go; who does not read, too."""

import http.client
import socket
import threading
import time

import pytest
import uvicorn

from vardvag.config import web

LARGE = b"x" * 30_000_000


async def page(scope, receive, send):
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        await receive()
        return
    more = True
    while more and scope["method"] == "POST":
        more = (await receive()).get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    if scope["path"] == "/large":
        await send({"type": "http.response.body", "body": LARGE, "more_body": True})
        OVER.clear()
        try:
            await send({"type": "http.response.body", "body": b"the end"})
        finally:
            OVER.set()
    else:
        await send({"type": "http.response.body", "body": b"hej"})


OVER = threading.Event()


@pytest.fixture
def port(monkeypatch):
    monkeypatch.setattr(web.heads, "PATIENCE", 0.4)
    monkeypatch.setattr(web, "UNREAD", 1000)
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        page, http="httptools", loop="asyncio", lifespan="off", log_config=None, timeout_keep_alive=30
    )

    monkeypatch.setattr("asyncio.unix_events._UnixSelectorEventLoop.add_signal_handler", lambda *given: None)
    server = web.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join(10)


def ended(connection):
    """Closed from the other side within two seconds."""
    connection.settimeout(2)
    try:
        while connection.recv(65_536):
            pass
    except ConnectionResetError:
        pass
    except TimeoutError:
        return False
    return True


ASKED = b"GET / HTTP/1.1\r\nHost: a\r\n"


@pytest.mark.parametrize(
    ("said", "later"),
    [
        (b"", b""),
        (ASKED, b""),
        (ASKED + b"\r\n", b"\r\n"),
        (ASKED + b"\r\n", b"GET"),
        (ASKED + b"Content-Length: 9\r\n\r\n", b"1"),
    ],
    ids=[
        "nothing",
        "half a head",
        "a line after the answer",
        "half a second head",
        "a body nobody asked for",
    ],
)
def test_who_does_not_come_to_the_end_is_let_go(port, said, later):
    connection = socket.create_connection(("127.0.0.1", port))
    connection.sendall(said)
    time.sleep(0.2)
    connection.sendall(later)
    assert ended(connection)


def test_a_head_without_end_is_let_go(port, monkeypatch):
    monkeypatch.setattr(web.heads, "PATIENCE", 60)
    connection = socket.create_connection(("127.0.0.1", port))
    with pytest.raises(OSError):
        connection.sendall(b"GET / HTTP/1.1\r\n")
        for _ in range(2000):
            connection.sendall(b"X-Long: " + b"x" * 8000 + b"\r\n")


def test_who_asks_as_usual_is_answered(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    for body in (None, b"x" * 500_000, None):
        connection.request("POST" if body else "GET", "/", body)
        assert connection.getresponse().read() == b"hej"
        time.sleep(0.6)  # longer than a head may take: an idle connection is kept


def test_live_stays(port):
    connection = socket.create_connection(("127.0.0.1", port))
    connection.sendall(
        ASKED + b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    assert connection.recv(1000).startswith(b"HTTP/1.1 101")
    assert not ended(connection)


def test_who_does_not_read_is_let_go(port):
    """A phone that is gone, or somebody who means harm: 200 of them, and everybody else was told that it is busy."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect(("127.0.0.1", port))
    OVER.set()
    connection.sendall(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
    time.sleep(1)
    assert not OVER.is_set()
    assert OVER.wait(20)
    connection.close()
