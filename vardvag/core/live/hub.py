"""One LISTEN connection per process; hands each event to the streams on its topic.

NOTIFY is a hint, never the record: after a lost connection or a full queue the stream is told to `resync`, and the
page fetches again.
"""

import asyncio
import json
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

import psycopg

from vardvag.core import metrics
from vardvag.core.live.presence import Presence
from vardvag.core.live.telling import CHANNEL, UNWAITING, parameters, where_to_listen

log = logging.getLogger("vardvag.live")
LOST = (psycopg.Error, OSError)
REMEMBERED = 300.0  # seconds that the time of a topic's last event is known


class Stream(Protocol):
    session_id: int

    def offer(self, topic: str, text: str) -> None: ...
    def resync(self) -> None: ...
    def recheck(self) -> None: ...


class Hub:
    def __init__(self) -> None:
        self.topics: defaultdict[str, set[Stream]] = defaultdict(set)
        self.sessions: defaultdict[int, set[Stream]] = defaultdict(set)
        self.presence = Presence()
        self.listening = False
        self._heard_since = time.monotonic()
        self._last: dict[str, float] = {}  # topic -> when its last event came
        self._tasks: list[asyncio.Task[None]] = []
        self._up: psycopg.AsyncConnection[Any] | None = None
        self._up_lock = asyncio.Lock()

    # -- life

    def start(self, *, sweep: Callable[[], Coroutine[Any, Any, None]] | None = None) -> None:
        works = [self._listen, self._expire, *([sweep] if sweep else [])]
        self._tasks = [asyncio.create_task(work()) for work in works]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        if self._up is not None:
            await self._up.close()

    # -- streams

    def enter(self, stream: Stream) -> None:
        self.sessions[stream.session_id].add(stream)

    def leave(self, stream: Stream) -> None:
        self._drop(self.sessions, stream.session_id, stream)

    def subscribe(self, stream: Stream, topic: str) -> None:
        self.topics[topic].add(stream)

    def unsubscribe(self, stream: Stream, topic: str) -> None:
        self._drop(self.topics, topic, stream)

    @staticmethod
    def _drop(table: defaultdict[Any, set[Stream]], key: Any, stream: Stream) -> None:
        if key in table:
            table[key].discard(stream)
            if not table[key]:
                del table[key]

    def streams(self) -> list[Stream]:
        return [stream for streams in self.sessions.values() for stream in streams]

    def quiet(self, topic: str) -> float:
        """For how many seconds surely nothing has happened on the topic: a page older than that has missed something
        between its rendering and its subscription."""
        if not self.listening:
            return 0.0
        last = max(self._last.get(topic, self._heard_since), self._heard_since)
        return min(REMEMBERED, time.monotonic() - last)

    # -- events

    def dispatch(self, payload: str) -> None:
        try:
            event = json.loads(payload)
            topic, kind = str(event["topic"]), str(event["kind"])
        except (ValueError, KeyError, TypeError):
            log.warning("a live event that cannot be read")
            return
        if topic.startswith("session:"):
            for stream in list(self.sessions.get(int(topic[8:]) if topic[8:].isdecimal() else -1, ())):
                stream.recheck()
        elif kind == "presence":
            if self.presence.note(topic, event):
                self._show(topic)
        else:
            self._last[topic] = time.monotonic()
            for stream in list(self.topics.get(topic, ())):
                stream.offer(topic, payload)

    def _show(self, topic: str) -> None:
        text = self.presence.text(topic)
        for stream in list(self.topics.get(topic, ())):
            stream.offer(topic, text)

    async def _listen(self) -> None:
        wait = 0.1
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    **where_to_listen(), autocommit=True
                ) as connection:
                    await connection.execute(f"listen {CHANNEL}")
                    self.listening, wait = True, 0.1
                    self._heard_since = time.monotonic()
                    for stream in self.streams():  # at the start, too: they may have been here before this
                        stream.resync()
                    while True:
                        async for notice in connection.notifies(timeout=20):
                            self.dispatch(notice.payload)
                        await connection.execute("select 1")  # a half-open connection shows itself here
            except LOST as problem:
                self.listening = False
                log.warning("live lost the database", extra={"code": type(problem).__name__, "seconds": wait})
                await asyncio.sleep(wait)
                wait = min(wait * 2, 5)
            except Exception:
                log.exception("live stumbled")
                await asyncio.sleep(1)

    async def _expire(self) -> None:
        while True:
            await asyncio.sleep(1)
            for topic in self.presence.expire():
                self._show(topic)
            old = time.monotonic() - REMEMBERED
            for topic in [topic for topic, at in self._last.items() if at < old]:
                del self._last[topic]

    async def publish(self, event: dict[str, Any]) -> None:
        """A short-lived event from a stream (who reads, who writes) to every process."""
        text = json.dumps(event, ensure_ascii=False)
        async with self._up_lock:
            for _ in range(2):
                try:
                    if self._up is None or self._up.closed:
                        self._up = await psycopg.AsyncConnection.connect(**parameters(), autocommit=True)
                    await self._up.execute(f"{UNWAITING}, pg_notify(%s, %s)", (CHANNEL, text))
                    return
                except LOST:
                    self._up = None
        metrics.LIVE_EVENTS.labels("presence lost").inc()
