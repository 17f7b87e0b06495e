"""Slow, huge and vanishing senders hold no page thread."""

import hashlib
import http.client
import json
import socket
import threading
import time

import pytest
import uvicorn
from django.core.handlers.wsgi import WSGIRequest

from vardvag.config import asgi, body, pages
from vardvag.files.rules import DISK_RESERVE


@pytest.fixture
def port(monkeypatch):
    """A server whose only page tells what it was sent, in the same pool of threads as Django's."""

    def page(environ, start_response):
        if environ["PATH_INFO"] == "/slow":
            RELEASE.wait(10)
        sent = WSGIRequest(environ).read()
        start_response("200 OK", [("Content-Type", "application/json")])
        told = {"size": len(sent), "sha": hashlib.sha256(sent).hexdigest()}
        return [json.dumps(told).encode()]

    monkeypatch.setattr(asgi, "pages", pages.Pages(page, threads=4))
    monkeypatch.setattr(asgi.HUB, "start", lambda sweep: None)
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(asgi.application, log_config=None))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join(10)


RELEASE = threading.Event()


def ask(port, method="GET", sent=b"", seconds=10, path="/"):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    connection.request(method, path, sent)
    answer = connection.getresponse()
    return answer.status, answer.read()


def half_sent(port, size=1000):
    slow = socket.create_connection(("127.0.0.1", port))
    slow.sendall(f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {size}\r\n\r\nx".encode())
    return slow


@pytest.mark.parametrize(
    "size", [0, 1, 65_535, 65_536, body.IN_MEMORY, body.IN_MEMORY + 1, 3 * body.IN_MEMORY]
)
def test_a_body_arrives_whole(port, size):
    sent = bytes(index % 251 for index in range(size))
    status, told = ask(port, "POST", sent)
    assert status == 200
    assert json.loads(told) == {"size": size, "sha": hashlib.sha256(sent).hexdigest()}


def test_slow_senders_hold_no_thread(port):
    slow = [half_sent(port) for _ in range(asgi.AT_ONCE + 20)]
    time.sleep(0.2)
    began = time.monotonic()
    assert ask(port)[0] == 200
    assert ask(port, "POST", b"abc")[0] == 200
    assert time.monotonic() - began < 5
    for connection in slow:
        connection.close()


def test_a_silent_sender_is_told_and_let_go(port, monkeypatch):
    monkeypatch.setattr(body, "SILENCE", 0.3)
    slow = half_sent(port)
    slow.settimeout(10)
    assert slow.recv(4096).startswith(b"HTTP/1.1 408")


def test_too_large_is_told(port, monkeypatch):
    monkeypatch.setattr(body, "LARGEST", 10_000)
    assert ask(port, "POST", b"x" * 20_000)[0] == 413


def test_too_large_is_told_to_who_is_still_sending(port, monkeypatch):
    """The connection was closed under their hands, and what a browser showed was its own page."""
    monkeypatch.setattr(body, "LARGEST", 10_000)
    status, said = ask(port, "POST", b"x" * 20_000_000)
    assert status == 413 and "för stort" in said.decode()


def test_who_goes_on_sending_is_not_listened_to_for_ever(port, monkeypatch):
    monkeypatch.setattr(body, "LARGEST", 10)
    monkeypatch.setattr(body, "LISTENING", 0.5)
    slow = half_sent(port, 1000)
    slow.sendall(b"x" * 20)
    slow.settimeout(5)
    said = b""
    while piece := slow.recv(4096):
        said += piece
    assert said.startswith(b"HTTP/1.1 413")


def test_more_than_can_wait_are_asked_to_come_back(port, monkeypatch):
    monkeypatch.setattr(asgi, "AT_ONCE", 2)
    RELEASE.clear()
    held = [threading.Thread(target=ask, args=(port,), kwargs={"path": "/slow"}) for _ in range(2)]
    for thread in held:
        thread.start()
    time.sleep(0.3)
    status, said = ask(port)
    assert status == 503 and "försök igen" in said.decode()
    RELEASE.set()
    for thread in held:
        thread.join()
    until = time.monotonic() + 10
    while ask(port)[0] != 200:
        assert time.monotonic() < until


def test_what_would_fill_the_disk_is_not_taken_in(port, monkeypatch):
    """Before anybody has logged in: some that send slowly would hold as much as they like, and for hours."""
    monkeypatch.setattr(body.store, "free", lambda: DISK_RESERVE + 4 * body.IN_MEMORY)
    assert ask(port, "POST", b"x" * 2 * body.IN_MEMORY)[0] == 200
    status, words = ask(port, "POST", b"x" * (2 * body.IN_MEMORY + 65_536))
    assert status == 503 and "Försök igen senare" in words.decode()
    assert ask(port, "POST", b"x" * 1000)[0] == 200


def test_many_bodies_together_do_not_fill_the_memory(port, monkeypatch):
    monkeypatch.setattr(body, "TOGETHER", 4)
    rolled = []
    monkeypatch.setattr(body.SpooledTemporaryFile, "rollover", lambda self: rolled.append(self))
    slow = [half_sent(port) for _ in range(6)]
    until = time.monotonic() + 10
    while len(rolled) < 2:
        assert time.monotonic() < until
    assert body.Body.together == 4
    for connection in slow:
        connection.close()
    while body.Body.together:
        assert time.monotonic() < until
    assert ask(port, "POST", b"abc")[0] == 200
    assert len(rolled) == 2


def test_what_goes_to_the_disk_for_want_of_memory_arrives_whole(port, monkeypatch):
    monkeypatch.setattr(body, "TOGETHER", 70_000)
    sent = bytes(index % 251 for index in range(400_000))
    status, told = ask(port, "POST", sent)
    assert status == 200
    assert json.loads(told)["sha"] == hashlib.sha256(sent).hexdigest()
    until = time.monotonic() + 10
    while body.Body.together:
        assert time.monotonic() < until


def test_a_full_disk_is_told_as_such(port, monkeypatch):
    """The folder for temporary files may lie on another disk than the one that is looked at."""

    def full(self, piece):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(body.SpooledTemporaryFile, "write", full)
    status, words = ask(port, "POST", b"x" * 1000)
    assert status == 503 and "Försök igen senare" in words.decode()
    assert body.Body.together == 0


def test_a_body_in_chunks_arrives_whole(port):
    """Some proxies and providers do not tell the length beforehand."""
    sent = b"a=1&b=2"
    status, told = ask(port, "POST", iter([sent[:3], sent[3:]]))
    assert status == 200 and json.loads(told)["size"] == len(sent)
