"""Open pages: WebSockets as a browser holds them, and how soon an event is on their screens after its commit."""

import asyncio
import base64
import json
import os
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from tools.bench import place, processes
from tools.bench.place import ADDRESS, HOST
from tools.bench.pool import Maker
from tools.bench.product import Product
from tools.bench.wire import Wrong

AUDIENCE = 50  # pages that stand on one unit's topic: the event reaches these and no others
TABS = 10  # of one session
EVENTS, EVERY = 100, 0.1  # seconds


class Page(asyncio.Protocol):
    def __init__(self, key: str, topic: str, seen: Callable[[dict[str, Any], int], None]) -> None:
        self.key, self.topic, self.seen = key, topic, seen
        self._buffer = b""
        self._open = False
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        nonce = base64.b64encode(os.urandom(16)).decode()
        self._transport.write(
            f"GET /live/ HTTP/1.1\r\nHost: {HOST}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nOrigin: {ADDRESS}\r\n"
            f"Sec-WebSocket-Key: {nonce}\r\nSec-WebSocket-Version: 13\r\nCookie: __Host-sid={self.key}\r\n\r\n".encode()
        )

    def connection_lost(self, problem: Exception | None) -> None:
        if not self.ready.done():
            self.ready.set_exception(Wrong("a live page was not let in"))

    def data_received(self, data: bytes) -> None:
        at = time.monotonic_ns()
        self._buffer += data
        if not self._open:
            head, found, rest = self._buffer.partition(b"\r\n\r\n")
            if not found:
                return
            if b" 101 " not in head:
                self._transport.close()
                return
            self._open, self._buffer = True, rest
        while (frame := self._frame()) is not None:
            code, payload = frame
            if code == 1:
                self._text(json.loads(payload), at)
            elif code == 9:
                self.send(payload, 0x8A)
            elif code == 8:
                self._transport.close()

    def _frame(self) -> tuple[int, bytes] | None:
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        size, start = buffer[1] & 0x7F, 2
        if size == 126:
            if len(buffer) < 4:
                return None
            (size,), start = struct.unpack(">H", buffer[2:4]), 4
        if len(buffer) < start + size:
            return None
        self._buffer = buffer[start + size :]
        return buffer[0] & 0x0F, buffer[start : start + size]

    def _text(self, said: dict[str, Any], at: int) -> None:
        if said["kind"] == "ready":
            self.send(json.dumps({"do": "subscribe", "topic": self.topic}).encode(), 0x81)
        elif said["kind"] == "subscribed":
            if not self.ready.done():
                self.ready.set_result(None)
        elif said["kind"] in ("refused", "resync"):
            raise Wrong(f"live said {said}")
        else:
            self.seen(said, at)

    def send(self, payload: bytes, first: int) -> None:
        """Masked with zeros, which changes nothing."""
        self._transport.write(bytes((first, 0x80 | len(payload))) + b"\0\0\0\0" + payload)

    def close(self) -> None:
        self._transport.close()


async def measure(maker: Maker, pages: int, running: Product, told: Callable[[str], None]) -> dict[str, Any]:
    """Milliseconds from commit to each of the pages on the topic of one unit."""
    spots = _spots(maker, pages)
    sent: dict[int, int] = {}
    got: list[tuple[int, int]] = []
    before = processes.memory(running.pid).web
    open_pages: list[Page] = []
    began = time.monotonic()
    room = asyncio.Semaphore(16)

    async def enter(key: str, unit: int) -> None:
        async with room:
            page = Page(
                key, f"unit:{unit}", lambda said, at: got.append((said["n"], at)) if "n" in said else None
            )
            await asyncio.get_running_loop().create_connection(lambda: page, "127.0.0.1", running.port)
            await page.ready
            open_pages.append(page)

    await asyncio.gather(*(enter(key, unit) for key, unit in spots))
    connected = time.monotonic() - began
    memory = (processes.memory(running.pid).web - before) * 1024 / pages
    units = sorted({unit for _, unit in spots})
    used, clock = processes.cpu(running.pid), time.monotonic()
    sent = await asyncio.to_thread(_tell, running, units)
    await asyncio.sleep(1)
    cpu = (processes.cpu(running.pid) - used).web / (time.monotonic() - clock)
    for page in open_pages:
        page.close()
    audience = {unit: sum(1 for _, u in spots if u == unit) for unit in units}
    expected = sum(audience[units[n % len(units)]] for n in sent)
    if len(got) != expected:
        raise Wrong(f"{len(got)} of {expected} events reached a page")
    times = sorted((at - sent[n]) / 1e6 for n, at in got)
    found = {"pages": pages, "reached": min(pages, AUDIENCE), "kib": memory, "connected": connected, "web_cpu": cpu,
             **{name: times[int(len(times) * q)] for name, q in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))},
             "most": times[-1]}  # fmt: skip
    told(f"live {pages}: p50 {found['p50']:.1f} p95 {found['p95']:.1f} p99 {found['p99']:.1f} most {times[-1]:.1f} ms,"
         f" {memory:.0f} KiB a page, all there after {connected:.0f} s, web {cpu:.0%} of a core")  # fmt: skip
    return found


def _spots(maker: Maker, pages: int) -> list[tuple[str, int]]:
    """(session, unit): AUDIENCE pages a unit, shared by its staff."""
    rows = maker.all(
        "select staff_id, unit_id from organisation_assignment where unit_id in (select id from organisation_unit"
        " order by id limit %s) order by unit_id, id", -(-pages // AUDIENCE),
    )  # fmt: skip
    by_unit: dict[int, list[int]] = {}
    for staff, unit in rows:
        by_unit.setdefault(unit, []).append(staff)
    spots: list[tuple[str, int]] = []
    for unit, staff in by_unit.items():
        for n in range(min(AUDIENCE, pages - len(spots))):
            spots.append((maker.key("staff", staff[n % len(staff)]), unit))
    if len(spots) < pages:
        raise SystemExit(f"{pages} pages need {-(-pages // AUDIENCE)} units; choose more cases.")
    return spots


def _tell(running: Product, units: list[int]) -> dict[int, int]:
    """The moments of the commits (ns of the machine's monotonic clock), by number."""
    command = [sys.executable, "-m", "tools.bench.teller", ",".join(map(str, units)), str(EVENTS), str(EVERY)]
    environment = {**running.environment, "VARDVAG_ROLE": "system"}
    done = subprocess.run(command, env=environment, cwd=place.ROOT, capture_output=True, text=True)
    if done.returncode:
        raise Wrong(f"the teller failed: {done.stderr[-500:]}")
    return {int(n): int(at) for n, at in (line.split() for line in done.stdout.splitlines())}
