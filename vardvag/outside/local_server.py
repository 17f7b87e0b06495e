"""The small threaded HTTP(S) server on loopback that stand-ins stand on, faults included."""

import json
import socket
import ssl
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from vardvag.outside.faults import Fault, Faults

BODY_LIMIT = 2_000_000
IDLE_SECONDS = 30
OWN_HOSTS = {"localhost", "127.0.0.1", "[::1]"}


@dataclass(frozen=True, slots=True)
class Request:
    """`headers`: lower-case names. `subject`: common name of the client certificate, if one was shown."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes = b""
    peer: str = "127.0.0.1"
    subject: str = ""

    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Reply:
    status: int = 200
    body: bytes = b""
    content_type: str = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = field(default=())


def json_reply(value: Any, status: int = 200) -> Reply:
    return Reply(status, json.dumps(value, ensure_ascii=False, default=str).encode(), "application/json")


def redirect(address: str, status: int = 303) -> Reply:
    return Reply(status, headers=(("Location", address),))


class LocalServer:
    """`start()` takes the port (0: any free one) and returns when reachable; `stop()` cuts everything."""

    def __init__(
        self,
        answer: Callable[[Request], Reply],
        *,
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        faults: Faults | None = None,
        on_refused: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.port = port
        self.answer, self.tls, self.faults = answer, tls, faults or Faults()
        self.refused = on_refused
        self.stopping = Event()
        self._server: _Server | None = None
        self._thread: Thread | None = None

    def start(self) -> None:
        self.stopping.clear()
        self._server = _Server(("127.0.0.1", self.port), _Handler)
        self._server.owner = self
        self.port = int(self._server.server_address[1])
        self._thread = Thread(target=self._run, args=(self._server,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        if self._server is None:
            return
        self.stopping.set()
        with socket.socket() as wake:  # the accepting thread sleeps in handle_request
            wake.settimeout(1)
            wake.connect_ex(("127.0.0.1", self.port))
        if self._thread:
            self._thread.join(5)
        self._server.server_close()
        self._server.cut()
        self._server = None

    def _run(self, server: "_Server") -> None:
        while not self.stopping.is_set():
            server.handle_request()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 64
    owner: LocalServer

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._open: set[socket.socket] = set()

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, peer = super().get_request()
        connection.settimeout(IDLE_SECONDS)
        if self.owner.tls:  # the handshake belongs in the connection's own thread (see _Handler.setup)
            connection = self.owner.tls.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            )
        self._open.add(connection)
        return connection, peer

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def cut(self) -> None:
        for connection in list(self._open):
            self.shutdown_request(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away or could not shake hands: noted, never a trace on the terminal."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "stand-in"
    sys_version = ""
    server: _Server
    close_connection: bool

    def setup(self) -> None:
        if isinstance(self.request, ssl.SSLSocket):
            try:
                self.request.do_handshake()
            except (ssl.SSLError, OSError) as error:
                self.server.owner.refused(str(getattr(error, "reason", "") or error))
                raise
        super().setup()

    def _serve(self) -> None:
        fault = self.server.owner.faults.take() if not self.path.startswith("/__") else Fault()
        if fault.kind in ("down", "hang"):
            self.server.owner.stopping.wait(fault.seconds if fault.kind == "hang" else 0)
            self.close_connection = True
            return
        request = self._read()
        if request is None:
            return
        if fault.kind == "slow":
            self.server.owner.stopping.wait(fault.seconds)
        self._write(self._faulty(fault) or self._answer(request), fault)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = do_PATCH = _serve  # noqa: N815

    def _answer(self, request: Request) -> Reply:
        try:
            return self.server.owner.answer(request)
        except Exception:
            traceback.print_exc()  # a fault of the stand-in itself: the developer must see it
            return Reply(500, b"the stand-in failed", "text/plain")

    def _read(self) -> Request | None:
        try:
            length = int(self.headers.get("Content-Length") or 0)
        except ValueError:
            length = -1
        if not 0 <= length <= BODY_LIMIT:
            self.close_connection = True
            self._write(Reply(413, b"too large", "text/plain"), Fault())
            return None
        parts = urlsplit(self.path)
        return Request(
            method=self.command,
            path=parts.path,
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length),
            peer=str(self.client_address[0]),
            subject=self._subject(),
        )

    def _subject(self) -> str:
        if not isinstance(self.request, ssl.SSLSocket):
            return ""
        certificate: Any = self.request.getpeercert() or {}
        return next((v for rdn in certificate.get("subject", ()) for k, v in rdn if k == "commonName"), "")

    @staticmethod
    def _faulty(fault: Fault) -> Reply | None:
        if fault.kind == "fail":
            return Reply(fault.status, b"the stand-in was told to fail", "text/plain")
        if fault.kind == "garbage":
            return Reply(200, b"\x00\xff{]<garbage", "application/json")
        if fault.kind == "html":
            return Reply(200, b"<html><title>Proxy</title></html>")
        return None

    def _write(self, reply: Reply, fault: Fault) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        self.send_header("Cache-Control", "no-store")
        for name, value in reply.headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        if fault.kind == "half":
            self.wfile.write(reply.body[: max(1, len(reply.body) // 2)])
            self.close_connection = True
            return
        if fault.kind == "drip":
            for place in range(len(reply.body)):
                self.wfile.write(reply.body[place : place + 1])
                if self.server.owner.stopping.wait(fault.seconds / max(1, len(reply.body))):
                    break
            return
        self.wfile.write(reply.body)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: the journal says what people need to know."""


def own_host(request: Request) -> bool:
    """Asked for by a name of this machine; a page elsewhere that re-points its own name here is not."""
    return request.headers.get("host", "").rsplit(":", 1)[0] in OWN_HOSTS
