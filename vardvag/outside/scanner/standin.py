"""A stand-in of clamd: speaks INSTREAM, flags the EICAR test string, refuses files over its limit."""

import socketserver
import struct
import threading
from typing import Any

from vardvag.outside.journal import Journal
from vardvag.outside.standins import forbid_in_production

# In two halves, so that scanners let this file be.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class StandIn:
    """`broken`: answer every file with an error, as clamd does when its database is bad."""

    def __init__(self, journal: Journal, port: int = 0, limit: int = 26_214_400) -> None:
        self.journal, self.port, self.limit = journal, port, limit
        self.broken = False
        self._server: socketserver.ThreadingTCPServer | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        forbid_in_production("scanner")
        handler = type("Handler", (_Handler,), {"standin": self})
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", self.port), handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def answer(self, content: bytes) -> bytes:
        if self.broken:
            said = b"stream: Can't load the database ERROR"
        elif EICAR in content:
            said = b"stream: Eicar-Test-Signature FOUND"
        else:
            said = b"stream: OK"
        self.journal.note("scanner", f"{len(content)} byte: {said.decode()}")
        return said + b"\0"


class _Handler(socketserver.BaseRequestHandler):
    standin: StandIn

    def handle(self) -> None:
        line: Any = self.request.makefile("rb")
        command = b""
        while len(command) < 20 and not command.endswith(b"\0"):
            byte = line.read(1)
            if not byte:
                return
            command += byte
        if command == b"zVERSION\0":
            self.request.sendall(b"ClamAV stand-in\0")
        elif command == b"zPING\0":
            self.request.sendall(b"PONG\0")
        elif command == b"zINSTREAM\0":
            content = b""
            while size := struct.unpack(">I", line.read(4).rjust(4, b"\0"))[0]:
                if len(content) + size > self.standin.limit:
                    self.request.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                    return
                content += line.read(size)
            self.request.sendall(self.standin.answer(content))
        else:
            self.request.sendall(b"UNKNOWN COMMAND\0")
