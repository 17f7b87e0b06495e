"""The pages and live on one port: uvicorn on sockets that the supervisor holds (a restart refuses nobody) or our own.

`python -m vardvag.config.web [live]`
"""

import asyncio
import gc
import os
import signal
import socket
import sys
from collections.abc import Callable, Sized
from contextlib import suppress
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from vardvag.config import heads, place, pulse, waiting
from vardvag.config.place import Trouble


def listen(port: int, host: str | None = None) -> list[socket.socket]:
    """HOST, else this machine only: a demo lets anybody log in as anybody."""
    host = host or os.environ.get("HOST") or "localhost"
    addresses = ["127.0.0.1", "::1"] if host == "localhost" else [host]
    found: list[socket.socket] = []
    for address in addresses:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        try:
            found.append(_listener(family, address, port))
        except OSError as problem:
            if address == "::1" and found and "in use" not in str(problem):
                continue  # a machine without IPv6
            for other in found:
                other.close()
            reason = (
                "is taken by another program"
                if "in use" in str(problem)
                else f"cannot be used ({problem.strerror})"
            )
            raise Trouble(
                f"Port {port} on {host} {reason}; stop that program or choose another, for example PORT={port + 80}."
            ) from None
    return found


def _listener(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((address, port))
        listener.listen(1024)
    except OSError:
        listener.close()
        raise
    return listener


def processes() -> int:
    """How many processes serve the pages: one interpreter uses one core. Production: a core each, four at most."""
    usual = min(4, len(os.sched_getaffinity(0))) if place.mode() == "production" else 1
    text = os.environ.get("WEB_PROCESSES", str(usual))
    if not text.isdecimal() or not 1 <= int(text) <= 32:
        raise Trouble(
            f"WEB_PROCESSES is {text!r}; give a number between 1 and 32, usually one for each core."
        )
    return int(text)


KEEP_ALIVE = 30  # seconds an idle connection is kept
UNREAD = 60_000  # milliseconds that an answer may lie unread: a phone that is gone holds it no longer


class Accepting:
    """Takes connections one at a time, the later the more are open (at most 6 ms) and the more requests wait here (12).
    A loop's own server takes all that wait at once, and the process that slept last is woken first: one of several had
    every connection of a proxy and the others none."""

    def __init__(
        self,
        listener: socket.socket,
        protocol: Callable[[], asyncio.Protocol],
        held: Sized,
        wait: Callable[[], int] = lambda: waiting.requests,
    ) -> None:
        self._listener, self._protocol, self._held, self._wait = listener, protocol, held, wait
        listener.setblocking(False)
        self._task = asyncio.get_running_loop().create_task(self._accept())

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._somebody()
            await asyncio.sleep(min(len(self._held), 20) * 0.0003 + min(self._wait(), 20) * 0.0006)
            try:
                connection, _address = self._listener.accept()
                connection.setblocking(False)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD)
                # Whole even if we close meanwhile: uvloop would cut it, and tell nobody that it is gone.
                await asyncio.shield(loop.connect_accepted_socket(self._protocol, connection))
            except BlockingIOError:  # another process was quicker
                continue
            except OSError:  # gone again, or no file descriptors left for a moment
                await asyncio.sleep(0.05)

    async def _somebody(self) -> None:
        loop, waits = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self._listener, waits.set)
        try:
            await waits.wait()
        finally:
            if self._listener.fileno() >= 0:
                loop.remove_reader(self._listener)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._listener)
        self._task.cancel()

    async def wait_closed(self) -> None:
        await asyncio.wait([self._task])


class Server(uvicorn.Server):
    """Can give way to a successor on the same sockets (SIGUSR1) without refusing or cutting anybody: new connections
    are the successor's at once, the open ones are told to close with their next answer, those that stay idle are
    closed after KEEP_ALIVE as always. Then live streams are closed, which connect again by themselves."""

    _leave_by: float | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup([])
        if self.started:
            held = self.server_state.connections
            self.servers: list[Any] = [Accepting(one, self._protocol, held) for one in sockets or ()]
            asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, self._give_way)
            pulse.begin()
            _say_ready()

    def _protocol(self) -> asyncio.Protocol:
        return heads.Heads(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)

    def _give_way(self) -> None:
        for server in self.servers:
            server.close()
        self.config.encoded_headers.append((b"connection", b"close"))
        self.server_state.default_headers = [*self.server_state.default_headers, (b"connection", b"close")]
        self._leave_by = asyncio.get_running_loop().time() + KEEP_ALIVE + 10

    async def on_tick(self, counter: int) -> bool:
        if await super().on_tick(counter):
            return True
        if self._leave_by is None:
            return False
        pages = any(isinstance(one, HttpToolsProtocol) for one in self.server_state.connections)
        return not pages or asyncio.get_running_loop().time() > self._leave_by


def _say_ready() -> None:
    """To the supervisor, through the pipe it gave us."""
    if number := os.environ.pop("VARDVAG_READY", ""):
        with suppress(OSError):
            os.write(int(number), b"ready")
            os.close(int(number))


def serve(sockets: list[socket.socket], *, only_live: bool = False) -> None:
    gc.set_threshold(
        20_000, 20, 100
    )  # a page makes some thousand objects, of which next to none are in circles
    config = uvicorn.Config(
        "vardvag.config.asgi:live_only" if only_live else "vardvag.config.asgi:application",
        loop="uvloop",
        http="httptools",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=place.switched_on("BEHIND_PROXY"),
        ws_max_size=4096,
        ws_max_queue=16,
        ws_ping_interval=20,
        ws_ping_timeout=20,
        ws_per_message_deflate=False,  # 30 instead of 72 KiB per open page
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=5,
    )
    Server(config).run(sockets=sockets)


def main(words: list[str]) -> int:
    passed = os.environ.get("VARDVAG_SOCKETS", "")
    sockets = [socket.socket(fileno=int(number)) for number in passed.split(",") if number]
    serve(sockets or listen(place.port()), only_live="live" in words)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Trouble as trouble:
        print(f"vardvag: {trouble}", file=sys.stderr)
        sys.exit(2)
