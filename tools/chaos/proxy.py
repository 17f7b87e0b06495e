"""A TCP proxy that breaks what passes through it, in a thread and event loop of its own.

ok | latency (0.4 s each way) | jitter (0-0.8 s) | slow (3 s each way) | reset (RST in the middle) | half (the server's
side closed after some bytes) | trickle (a byte each 50 ms) | corrupt (bits flipped) | refuse (nobody listens) | drop
(closed at once) | hole (taken, never answered)
"""

import asyncio
import random
import socket
import struct
import threading
from typing import Any

FAULTS = ("latency", "jitter", "slow", "reset", "half", "trickle", "corrupt", "refuse", "drop", "hole")


class Proxy:
    """`target`: (host, port). A change of fault ends the connections that are open: they belong to the old network."""

    def __init__(self, target: tuple[str, int], seed: int = 1) -> None:
        self.target, self.fault = target, "ok"
        self._rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self._open: set[Any] = set()
        self._loop = asyncio.new_event_loop()
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = int(probe.getsockname()[1])
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._do(self._listen())

    def set(self, fault: str) -> None:
        if fault not in ("ok", *FAULTS):
            raise ValueError(f"unknown fault {fault!r}")
        self._do(self._set(fault))

    def stop(self) -> None:
        self._do(self._set("refuse"))
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def _do(self, what: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(10)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def _set(self, fault: str) -> None:
        was, self.fault = self.fault, fault
        for writer in list(self._open):
            writer.transport.abort()
        if fault == "refuse" and self._server is not None:
            self._server.close()
            self._server = None
        elif was == "refuse" and fault != "refuse":
            await self._listen()

    async def _end(self) -> None:
        """Nothing is left waiting for a loop that is gone."""
        open_still = asyncio.all_tasks() - {asyncio.current_task()}
        for task in open_still:
            task.cancel()
        await asyncio.gather(*open_still, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            if self.fault == "drop":
                return
            if self.fault == "hole":
                while await reader.read(65536):
                    pass
                return
            there, back = await asyncio.open_connection(*self.target)
            self._open.add(back)
            try:
                await asyncio.gather(self._pump(reader, back, False), self._pump(there, writer, True))
            finally:
                self._open.discard(back)
                back.close()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self._open.discard(writer)
            writer.close()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, answers: bool) -> None:
        passed = 0
        while piece := await source.read(65536):
            fault = self.fault
            if fault in ("latency", "jitter", "slow"):
                seconds = {"latency": 0.4, "jitter": self._rng.random() * 0.8, "slow": 3.0}[fault]
                await asyncio.sleep(seconds)
            elif fault == "corrupt" and answers:
                at = self._rng.randrange(len(piece))
                piece = piece[:at] + bytes([piece[at] ^ 0x41]) + piece[at + 1 :]
            elif answers and fault in ("reset", "half") and (passed + len(piece)) > 40:
                sink.write(piece[: len(piece) // 2])
                await sink.drain()
                if fault == "reset":
                    _reset_on_close(sink)
                sink.transport.abort() if fault == "reset" else sink.close()
                return
            elif fault == "trickle" and answers:
                for one in piece:
                    sink.write(bytes([one]))
                    await sink.drain()
                    await asyncio.sleep(0.05)
                passed += len(piece)
                continue
            sink.write(piece)
            await sink.drain()
            passed += len(piece)
        if sink.can_write_eof():
            sink.write_eof()


def _reset_on_close(writer: asyncio.StreamWriter) -> None:
    found = writer.get_extra_info("socket")
    if found is not None:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
