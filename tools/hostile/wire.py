"""Over real sockets: bytes that are hardly HTTP, and live messages that are hardly messages. After each the product
still answers; its log has no error; nothing of its inside is told."""

import json
import random
import re
import socket
import struct
import time
from base64 import b64encode
from dataclasses import dataclass, field
from os import urandom
from typing import Any
from urllib.parse import urlsplit

from tools.chaos.client import Browser, log_in_staff
from tools.hostile import corpus, judge

PATIENCE = 5.0
HEAD = b"GET /hjalp/ HTTP/1.1\r\nHost: localhost:%d\r\n"
POST = (
    b"POST /utseende/ HTTP/1.1\r\nHost: localhost:%d\r\nOrigin: http://localhost:%d\r\nCookie: csrf="
    + b"a" * 32
    + b"\r\n"
)
END = b"Connection: close\r\n\r\n"


def requests(port: int) -> list[bytes]:
    """Whole requests, byte for byte."""
    head, post = HEAD % port, POST % (port, port)
    form = b"Content-Type: application/x-www-form-urlencoded\r\n"
    targets = [b"/" + b"a" * 70_000, b"/%", b"/%ff", b"/%00", b"//evil.example/", b"http://evil.example/", b"*", b"/\xff\xfe", b"/a b",
               b"/#", b"/?" + b"&" * 30_000, b"/..%2f..%2fetc/passwd", b"/static/../../etc/passwd", b"/static/%2e%2e/%2e%2e/etc/passwd",
               b"/static/..\\..\\etc\\passwd", b"/static/%00", b"/static//etc/passwd", b"/live/", b"/live/?a=%ff", b"", b"localhost:1",
               b"/static/" + b"%2e%2e%2f" * 400, b"/;a=b", b"/\x00", b"/\x7f", b"/\t/"]  # fmt: skip
    whole = [b"GET " + one + b" HTTP/1.1\r\nHost: localhost:%d\r\n" % port + END for one in targets]
    whole += [
        b"\r\n\r\n", b"\x00" * 100, b"\xff" * 4000, b"GET\r\n\r\n", b"GET /\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1\n\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + urandom(200), b"X" * 100_000,
        b"GET / HTTP/1.1\r\n" + END, b"GET / HTTP/1.1\r\nHost:\r\n" + END, b"GET / HTTP/1.1\r\nHost: evil.example\r\n" + END,
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n" + END, b"GET / HTTP/1.1\r\nHost: [::1\r\n" + END, b"GET / HTTP/1.1\r\nHost: \xff\r\n" + END,
        head + b"A: " + b"b" * 100_000 + b"\r\n" + END, head + b"".join(b"H%d: x\r\n" % n for n in range(3000)) + END,
        head + b"A : b\r\n" + END, head + b" folded: x\r\n" + END, head + b"A\x00: b\r\n" + END, head + b"A: \x00\x01\x7f\r\n" + END,
        head + b": x\r\n" + END, head + b"A\r\n" + END, head + b"Cookie: " + b"a=b;" * 9000 + b"\r\n" + END,
        head + b"Cookie: sid=\xff\xfe\x00\r\n" + END, head + b"Upgrade: websocket\r\n" + END, head + b"Expect: 100-continue\r\n" + END,
        head + b"Range: bytes=0-0,-1\r\n" + END, b"TRACE / HTTP/1.1\r\nHost: localhost:%d\r\n" % port + END,
        b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n" + END, b"OPTIONS * HTTP/1.1\r\nHost: localhost:%d\r\n" % port + END,
        post + form + b"Content-Length: 5\r\nContent-Length: 6\r\n" + END + b"a=1&b", post + form + b"Content-Length: -1\r\n" + END,
        post + form + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n" + END + b"0\r\n\r\nGET /personal/ HTTP/1.1\r\n\r\n",
        post + form + b"Transfer-Encoding: chunked, identity\r\n" + END + b"0\r\n\r\n", post + form + b"Transfer-Encoding: \x0bchunked\r\n" + END,
        post + form + b"Transfer-Encoding: chunked\r\n" + END + b"FFFFFFFFFFFFFFFFF\r\n", post + form + b"Transfer-Encoding: chunked\r\n" + END + b"-1\r\n\r\n",
        post + form + b"Transfer-Encoding: chunked\r\n" + END + b"5;x=\"\r\na=1&b\r\n0\r\n\r\n", post + form + b"Transfer-Encoding: gzip\r\n" + END,
        post + form + b"Content-Length: 99999999999999999999\r\n" + END, post + form + b"Content-Length: 3000000\r\n" + END + b"a" * 3_000_000,
        post + form + b"Content-Length: 4\r\n" + END + b"\xff\xfe\x00\x01", post + b"Content-Type: multipart/form-data\r\nContent-Length: 3\r\n" + END + b"abc",
        post + b"Content-Type: multipart/form-data; boundary=a\r\nContent-Length: 9\r\n" + END + b"--a\r\n\r\n\r\n",
        post + form + b"Content-Encoding: gzip\r\nContent-Length: 3\r\n" + END + b"\x1f\x8b\x08",
        post + form + b"Content-Length: 100\r\n\r\nshort",  # and then silence
    ]  # fmt: skip
    return whole


@dataclass
class Wire:
    port: int
    log: Any  # () -> str, of the web process
    asked: int = 0
    statuses: dict[str, int] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)

    def wrong(self, what: str, data: bytes) -> None:
        self.faults.setdefault(what, repr(data[:300]))

    def send(self, data: bytes, *, wait: float = PATIENCE) -> bytes:
        got = b""
        with socket.create_connection(("127.0.0.1", self.port), timeout=wait) as line:
            try:
                line.sendall(data)
                while piece := line.recv(65536):
                    got += piece
            except OSError:  # closed on us, or silence for silence
                pass
        return got

    def http(self, data: bytes) -> None:
        began = time.monotonic()
        got = self.send(data, wait=2.0)
        self.asked += 1
        status = re.match(rb"HTTP/1\.[01] (\d{3})", got)
        word = status[1].decode() if status else "closed" if time.monotonic() - began < 1.9 else "silence"
        self.statuses[word] = self.statuses.get(word, 0) + 1
        if word[0] == "5" and word != "505":
            self.wrong(f"answered {word}", data)
        if trace := judge.TRACE.search(got):
            self.wrong(f"tells of its inside: {trace[0]!r}", data)
        if got.count(b"HTTP/1.1 ") > 1:
            self.wrong("two answers to one request", data)

    def alive(self, after: str) -> None:
        began = time.monotonic()
        got = self.send(
            b"GET /halsa/liv HTTP/1.1\r\nHost: localhost:%d\r\nConnection: close\r\n\r\n" % self.port,
            wait=20.0,
        )
        if b" 200 " not in got[:20]:
            self.wrong(f"dead after {after}", got)
        elif time.monotonic() - began > 10:
            self.wrong(f"slow after {after}", got)

    def errors(self, before: int) -> None:
        """Lines of the product's log that tell of an error."""
        for line in self.log()[before:].splitlines():
            if '"from": "django.security' in line:  # tells that a request was refused
                continue
            if '"level": "error"' in line or '"level": "critical"' in line or "Traceback" in line:
                self.wrong("an error in the log", line.encode())


def attack(url: str, world: str, log: Any, count: int, number: int, *, hsa_id: str) -> Wire:
    """Every request of the list, as many mutated ones, and as many live messages."""
    port = urlsplit(url).port or 80
    wire, chance = Wire(port, log), random.Random(number)  # noqa: S311 - to be repeated, not secret
    before = len(log())
    known = requests(port)
    for data in known:
        wire.http(data)
    wire.alive("the list")
    for turn in range(max(0, count // 2 - len(known))):
        wire.http(mutated(chance, chance.choice(known)[:5000]))
        if turn % 100 == 99:
            wire.alive("mutated requests")
    browser = Browser(url)
    log_in_staff(browser, hsa_id)
    cookie = "; ".join(f"{k}={v}" for k, v in browser.cookies.items())
    lives(wire, cookie, count // 2, chance)
    wire.alive("live messages")
    wire.errors(before)
    return wire


def mutated(chance: random.Random, data: bytes) -> bytes:
    made = bytearray(data)
    for _ in range(chance.choice((1, 2, 4, 12))):
        at, some = chance.randrange(len(made) + 1), chance.randrange(1, 20)
        match chance.randrange(5):
            case 0:
                made[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del made[at : at + some]
            case 2:
                made[at:at] = chance.choice(
                    (
                        b"\r\n",
                        b"\n",
                        b"\0",
                        b":",
                        b" ",
                        b"\xff",
                        b"%",
                        b"Transfer-Encoding: chunked\r\n",
                        b"Content-Length: 1\r\n",
                    )
                )
            case 3:
                made[at:at] = made[at : at + some] * chance.choice((1, 3, 40))
            case 4:
                made[at : at + some] = chance.randbytes(some)
    if b"close\r\n\r\n" not in made:
        made += b"\r\n" + END
    return bytes(made)


# --- live


def frame(
    data: bytes,
    *,
    code: int = 1,
    fin: bool = True,
    mask: bool = True,
    rsv: int = 0,
    claims: int | None = None,
) -> bytes:
    """One WebSocket frame; `claims`: the length it says it has."""
    size = len(data) if claims is None else claims
    head = bytes([(0x80 if fin else 0) | rsv << 4 | code])
    bit = 0x80 if mask else 0
    if size < 126:
        head += bytes([bit | size])
    elif size < 65536:
        head += bytes([bit | 126]) + struct.pack(">H", size)
    else:
        head += bytes([bit | 127]) + struct.pack(">Q", size)
    if not mask:
        return head + data
    key = b"\x01\x02\x03\x04"
    return head + key + bytes(byte ^ key[n % 4] for n, byte in enumerate(data))


def opened(wire: Wire, cookie: str, *, origin: str = "", path: str = "/live/") -> socket.socket | None:
    line = socket.create_connection(("127.0.0.1", wire.port), timeout=PATIENCE)
    own = origin or f"http://localhost:{wire.port}"
    key = b64encode(urandom(16)).decode()
    line.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost:{wire.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nOrigin: {own}\r\n"
                 f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nCookie: {cookie}\r\n\r\n".encode("latin1"))  # fmt: skip
    got = b""
    try:
        while b"\r\n\r\n" not in got and (piece := line.recv(4096)):
            got += piece
    except OSError:
        got = b""
    if b" 101 " in got[:20]:
        return line
    line.close()
    return None


def messages(chance: random.Random) -> bytes:
    """What a page might say, and what no page says; as one frame or hardly one."""
    topic = chance.choice(
        ("me", "unit:1", "case:6f9f1b0e-3c0b-4b57-9a3e-0f3b3a1d0c11", chance.choice(corpus.ANYTHING))
    )
    do = chance.choice(
        ("subscribe", "unsubscribe", "reading", "writing", "left", chance.choice(corpus.ANYTHING))
    )
    said: Any = chance.choice((
        {"do": do, "topic": topic}, {"do": do}, {"topic": topic}, {"do": [do], "topic": {"a": topic}}, [do, topic], topic, 1, None, True,
        {"do": do, "topic": topic, "cursor": chance.choice(corpus.NUMBERS), "since": -1}, {"do": do, "topic": chance.choice(corpus.NUMBERS)},
    ))  # fmt: skip
    text = json.dumps(said, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")
    match chance.randrange(12):
        case 0:
            return frame(chance.randbytes(chance.randrange(3000)), code=2)
        case 1:
            return frame(chance.randbytes(50))  # not UTF-8: closes
        case 2:
            return frame(b"[" * chance.choice((500, 1900, 60_000)))
        case 3:
            return frame(b'{"do":"subscribe","topic":"' + b"a" * chance.choice((1000, 2048, 70_000)) + b'"}')
        case 4:
            return frame(text, fin=False) + frame(b"x", code=chance.choice((0, 1, 9)))
        case 5:
            return frame(text, code=chance.choice((3, 5, 8, 9, 10, 11)))
        case 6:
            return frame(text, rsv=chance.randrange(1, 8))
        case 7:
            return frame(text, mask=False)
        case 8:
            return frame(text, claims=chance.choice((2**40, 2**63, 126)))
        case _:
            return frame(text)


def lives(wire: Wire, cookie: str, count: int, chance: random.Random) -> None:
    """Messages over streams that are opened anew when the product closes them."""
    for origin, path in (
        ("https://evil.example", "/live/"),
        ("null", "/live/"),
        ("", "/live/../"),
        ("http://[", "/live/"),
        ("http://localhost.evil.example", "/live/"),
    ):
        if (line := opened(wire, cookie, origin=origin, path=path)) is not None:
            wire.wrong(f"live is open to {origin or path}", b"")
            line.close()
    line: socket.socket | None = None  # type: ignore[no-redef]
    for turn in range(count):
        if line is None and (line := opened(wire, cookie)) is None:
            wire.wrong("a stream could not be opened", b"")
            return
        wire.asked += 1
        data = messages(chance)
        try:
            line.sendall(data)
            if turn % 7 == 0:
                line.settimeout(0.2)
                got = line.recv(65536)
                if trace := judge.TRACE.search(got):
                    wire.wrong(f"live tells of its inside: {trace[0]!r}", data)
                if not got or b"\x03\xf3" in got[:4]:  # 1011: it stumbled
                    if b"\x03\xf3" in got[:4]:
                        wire.wrong("live stumbled", data)
                    line.close()
                    line = None
        except TimeoutError:
            pass
        except OSError:
            line.close()  # type: ignore[union-attr]
            line = None
        wire.statuses["live"] = wire.statuses.get("live", 0) + 1
    if line is not None:
        line.close()
