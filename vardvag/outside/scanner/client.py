"""Malware scanning with clamd (INSTREAM): the file is sent over, so clamd needs no access to our disk."""

import socket
import struct
from dataclasses import dataclass
from typing import BinaryIO, Literal

_CHUNK = 65_536


@dataclass(frozen=True, slots=True)
class Verdict:
    """`error` is never to be read as clean. `detail`: the malware's name, or what went wrong."""

    result: Literal["clean", "found", "error"]
    detail: str = ""


class Scanner:
    """`address`: '/run/clamav/clamd.ctl' or 'host:port'. `timeout`: seconds to connect, and per answer."""

    def __init__(self, address: str, timeout: float = 60) -> None:
        self._timeout = timeout
        self._place: str | tuple[str, int]
        if address.startswith("/"):
            self._place = address
        else:
            host, _, port = address.rpartition(":")
            if not host or not port.isdigit():
                raise ValueError(f"The scanner's address {address!r} is neither a socket path nor host:port.")
            self._place = (host, int(port))

    def scan(self, stream: BinaryIO) -> Verdict:
        try:
            with self._connect() as line:
                line.sendall(b"zINSTREAM\0")
                refused = _send(line, stream)
                answer = _answer(line)
        except OSError as error:
            return Verdict("error", f"no answer: {type(error).__name__}")
        if answer == "stream: OK" and not refused:
            return Verdict("clean")
        if answer.startswith("stream: ") and answer.endswith(" FOUND"):
            return Verdict("found", answer.removeprefix("stream: ").removesuffix(" FOUND"))
        return Verdict("error", answer[:200] or "no answer")

    def version(self) -> str | None:
        """'ClamAV 1.4.6/27000/…', None when there is no answer (for the health page)."""
        try:
            with self._connect() as line:
                line.sendall(b"zVERSION\0")
                return _answer(line) or None
        except OSError:
            return None

    def _connect(self) -> socket.socket:
        if isinstance(self._place, tuple):
            return socket.create_connection(self._place, timeout=self._timeout)
        line = socket.socket(socket.AF_UNIX)
        line.settimeout(self._timeout)
        try:
            line.connect(self._place)
        except OSError:
            line.close()
            raise
        return line


def _send(line: socket.socket, stream: BinaryIO) -> bool:
    """True when clamd hung up before the end, as it does when its size limit is passed."""
    try:
        while block := stream.read(_CHUNK):
            line.sendall(struct.pack(">I", len(block)) + block)
        line.sendall(struct.pack(">I", 0))
    except (BrokenPipeError, ConnectionResetError):
        return True
    return False


def _answer(line: socket.socket) -> str:
    said = b""
    try:
        while len(said) < 4096 and (block := line.recv(4096)):
            said += block
    except ConnectionResetError:
        said = said or b"connection reset (size limit?)"
    return said.rstrip(b"\0\n").decode(errors="replace")
