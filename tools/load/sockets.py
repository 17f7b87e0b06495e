"""A page's WebSocket, as live.js holds it: frames by tools/bench's page, topics and closings of its own."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from tools.bench.watchers import Page
from tools.bench.wire import Wrong


class Socket(Page):
    """`heard` is told of every message. `lost` is set when the connection has gone, however it went."""

    def __init__(
        self, key: str, topics: list[str], heard: Callable[["Socket", dict[str, Any]], None]
    ) -> None:
        super().__init__(key, topics[0], lambda said, at: None)
        self.topics, self.heard = topics, heard
        self.missing = set(topics)
        self.quiet = float("inf")  # seconds that all its topics have surely been quiet when they were granted
        self.lost = asyncio.Event()

    async def open(self, port: int) -> None:
        """Returns when every topic has been granted. Raises Wrong when the page is not let in."""
        await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", port)
        await asyncio.wait_for(self.ready, 60)

    def connection_lost(self, problem: Exception | None) -> None:
        self.lost.set()
        super().connection_lost(problem)

    def _text(self, said: dict[str, Any], at: int) -> None:
        kind = said["kind"]
        if kind == "ready":
            for topic in self.topics:
                self.say("subscribe", topic)
        elif kind == "subscribed":
            self.missing.discard(said["topic"])
            self.quiet = min(self.quiet, said["quiet"])
            if not self.missing and not self.ready.done():
                self.ready.set_result(None)
        elif kind == "refused" and not self.ready.done():
            self.ready.set_exception(Wrong(f"{said['topic']} was refused"))
        self.heard(self, said)

    def say(self, do: str, topic: str) -> None:
        if not self.lost.is_set():
            self.send(json.dumps({"do": do, "topic": topic}).encode(), 0x81)

    def cut(self) -> None:
        """As when the network goes: no closing frame."""
        self._transport.abort()
