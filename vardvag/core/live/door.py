"""The WebSocket `/live/`: only our own pages, only somebody logged in, only topics the page itself could fetch.

From the page (JSON): {"do": "subscribe" | "unsubscribe" | "reading" | "writing" | "left", "topic": T}.
To the page: events {"topic", "kind", ...}, and {"kind": "ready" | "subscribed" | "refused" | "resync" | "ping"}.
See README.md beside this file.
"""

import asyncio
import json
import logging
import time
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest, parse_cookie

from vardvag.core import border, metrics
from vardvag.core.actor import Actor, ResidentActor, StaffActor
from vardvag.core.doors import keeper
from vardvag.core.live import topics
from vardvag.core.live.hub import Hub

log = logging.getLogger("vardvag.live")
T = TypeVar("T")
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

RECHECK = 4.0  # seconds a session or an authorisation is trusted
PER_SESSION = 12  # streams (tabs) of one session
TOPICS = 40  # of one stream
QUEUE = 64  # events waiting for a slow page
SIZE = 2048  # bytes of one message from the page
BURST, PER_SECOND = 30.0, 5.0
PATIENCE = 40  # messages too many or not understood, then the stream is closed
PING = 15.0
LOGGED_OUT, TOO_MANY, BAD = 4401, 4429, 1008

HUB = Hub()
_POOL = ThreadPoolExecutor(2, thread_name_prefix="live-door")


async def live(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
    await receive()  # websocket.connect
    headers = {name.decode("latin1"): value.decode("latin1") for name, value in scope["headers"]}
    if scope["path"] != "/live/" or not _own_page(headers):
        await send({"type": "websocket.close", "code": BAD})  # before accept: the handshake is answered 403
        return
    await send({"type": "websocket.accept"})
    stream = Listening(headers, receive, send)
    try:
        await stream.run()
    except asyncio.CancelledError:
        raise
    except OSError:  # the page was gone before it could be told
        return
    except Exception:
        log.exception("a live stream stumbled")
        await _close(send, 1011)


def _own_page(headers: dict[str, str]) -> bool:
    origin = headers.get("origin", "")
    try:
        return bool(origin) and (
            origin == settings.PUBLIC_URL
            or (_known(origin) and urlsplit(origin).netloc == headers.get("host"))
        )
    except ValueError:  # brackets that hold no address
        return False


def _known(origin: str) -> bool:
    host = urlsplit(origin).hostname or ""
    return any(host == allowed.strip("[]") or allowed == "*" for allowed in settings.ALLOWED_HOSTS)


class Listening:
    """One open page."""

    session_id: int

    def __init__(self, headers: dict[str, str], receive: Receive, send: Send) -> None:
        self._headers, self._receive, self._send = headers, receive, send
        self._tab = uuid.uuid4().hex
        self._queue: asyncio.Queue[tuple[str, str] | None] = asyncio.Queue(QUEUE)
        self._overflow = False
        self._recheck = asyncio.Event()
        self._said = time.monotonic()
        self._topics: dict[str, tuple[str, float]] = {}  # as asked -> (real topic, authorised at)
        self._asked: dict[str, str] = {}  # real -> as asked
        self._present: dict[str, tuple[str, float]] = {}  # real topic -> (doing, told at)
        self._tokens, self._filled, self._patience = BURST, time.monotonic(), PATIENCE
        self.actor: Actor
        self.sign: str | None = None

    # -- the hub's side (same event loop, never waits)

    def offer(self, topic: str, text: str) -> None:
        if self._overflow:
            return
        try:
            self._queue.put_nowait((topic, text))
        except asyncio.QueueFull:
            metrics.LIVE_EVENTS.labels("overflow").inc()
            self.resync()

    def resync(self) -> None:
        """What was missed is not replayed: the page fetches again."""
        self._overflow = True
        while not self._queue.empty():
            self._queue.get_nowait()
        self._queue.put_nowait(None)

    def recheck(self) -> None:
        self._recheck.set()

    # -- life

    async def run(self) -> None:
        self.actor, self.sign = await _in_thread(self._who)
        if not isinstance(self.actor, ResidentActor | StaffActor):
            await _close(self._send, LOGGED_OUT)
            return
        self.session_id = self.actor.session_id
        if len(HUB.sessions.get(self.session_id, ())) >= PER_SESSION:
            await _close(self._send, TOO_MANY)
            return
        HUB.enter(self)
        metrics.LIVE.inc()
        tasks = [asyncio.create_task(work()) for work in (self._read, self._write, self._watch)]
        try:
            await self._say({"kind": "ready", "me": _me(self.actor)})
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            code = next((task.result() for task in done if task.exception() is None), 1011)
            for problem in (task.exception() for task in done):
                if problem is not None and not isinstance(problem, OSError):  # that: the page has gone
                    log.error("a live stream stumbled", exc_info=problem)
            if code:
                await _close(self._send, code)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            metrics.LIVE.dec()
            HUB.leave(self)
            for real, _ in self._topics.values():
                HUB.unsubscribe(self, real)
            for real in list(self._present):
                await self._tell_presence(real, "gone")

    async def _read(self) -> int:
        while True:
            message = await self._receive()
            if message["type"] == "websocket.disconnect":
                return 0
            if not self._may_speak():
                if self._patience <= 0:
                    return BAD
                continue
            text = message.get("text")
            try:
                if text is None or len(text) > SIZE:
                    raise ValueError
                asked = json.loads(text)
                do, topic = str(asked["do"]), str(asked["topic"])
            except (ValueError, KeyError, TypeError, RecursionError):
                self._patience -= 1
                if self._patience <= 0:
                    return BAD
                continue
            await self._do(do, topic)

    def _may_speak(self) -> bool:
        now = time.monotonic()
        self._tokens = min(BURST, self._tokens + (now - self._filled) * PER_SECOND)
        self._filled = now
        if self._tokens < 1:
            self._patience -= 1
            return False
        self._tokens -= 1
        return True

    async def _do(self, do: str, topic: str) -> None:
        if do == "subscribe":
            await self._subscribe(topic)
        elif do == "unsubscribe" and topic in self._topics:
            await self._forget(topic)
        elif do in ("reading", "writing", "left") and topic in self._topics:
            await self._be(topic, do)

    async def _subscribe(self, topic: str) -> None:
        allowed = len(self._topics) < TOPICS and topics.rule(topic) is not None
        if not allowed or not await self._opened(topic):
            await self._say({"kind": "refused", "topic": topic[:100]})
            return
        real = topics.real(self.actor, topic)
        self._topics[topic] = (real, time.monotonic())
        self._asked[real] = topic
        HUB.subscribe(self, real)
        await self._say({"kind": "subscribed", "topic": topic, "quiet": round(HUB.quiet(real), 2)})
        if self._sees_presence(topic) and HUB.presence.people(real):
            self.offer(real, HUB.presence.text(real))

    async def _opened(self, topic: str) -> bool:
        """By the rights that hold when it is answered: they may change while it is asked."""
        while True:
            actor = self.actor
            if not await _in_thread(self._may, topic):
                return False
            if actor is self.actor:
                return True

    async def _take_away(self, topic: str) -> None:
        """Unless the page has let go of it meanwhile."""
        if topic in self._topics:
            await self._forget(topic)
            await self._say({"kind": "refused", "topic": topic})

    async def _forget(self, topic: str) -> None:
        real, _ = self._topics.pop(topic)
        self._asked.pop(real, None)
        HUB.unsubscribe(self, real)
        if real in self._present:
            del self._present[real]
            await self._tell_presence(real, "gone")

    def _sees_presence(self, topic: str) -> bool:
        found = topics.rule(topic)
        return found is not None and found.presence and isinstance(self.actor, StaffActor)

    async def _be(self, topic: str, doing: str) -> None:
        """Told to the others when it changes, else every five seconds as a sign of life."""
        if not self._sees_presence(topic):
            return
        real = self._topics[topic][0]
        before, told = self._present.get(real, ("", 0.0))
        if doing == "left":
            if self._present.pop(real, None):
                await self._tell_presence(real, "gone")
        elif doing != before or time.monotonic() - told > 5:
            self._present[real] = (doing, time.monotonic())
            await self._tell_presence(real, doing)

    async def _tell_presence(self, real: str, doing: str) -> None:
        me = _me(self.actor)
        name = self.actor.name if isinstance(self.actor, StaffActor) else ""
        event = {"topic": real, "kind": "presence", "tab": self._tab, "who": me, "name": name, "doing": doing}
        await HUB.publish(event)

    async def _write(self) -> int:
        while True:
            try:  # what is not passed on is no sign of life to the page
                async with asyncio.timeout(max(0.0, self._said + PING - time.monotonic())):
                    item = await self._queue.get()
            except TimeoutError:
                await self._say({"kind": "ping"})
                continue
            if item is None:
                self._overflow = False
                await self._say({"kind": "resync"})
                continue
            real, text = item
            topic = self._asked.get(real)
            if topic is None or not await self._still(topic):
                continue
            if (
                '"presence"' in text
                and json.loads(text)["kind"] == "presence"
                and not self._sees_presence(topic)
            ):
                continue
            if topic == topics.ME:
                text = json.dumps({**json.loads(text), "topic": topics.ME}, ensure_ascii=False)
            metrics.LIVE_EVENTS.labels("sent").inc()
            await self._pass(text)

    async def _still(self, topic: str) -> bool:
        """Nothing is handed out on an authorisation older than RECHECK."""
        real, at = self._topics[topic]
        found = topics.rule(topic)
        if found is None or (not found.by_actor_alone and time.monotonic() - at > RECHECK):
            if found is None or not await _in_thread(self._may, topic):
                await self._take_away(topic)
                return False
            if topic in self._topics:
                self._topics[topic] = (real, time.monotonic())
        return True

    async def _watch(self) -> int:
        """The session is asked for again when it is told to have changed, and by the sweep."""
        while True:
            await self._recheck.wait()
            self._recheck.clear()
            actor, self.sign = await _in_thread(self._who)
            if not isinstance(actor, ResidentActor | StaffActor) or _me(actor) != _me(self.actor):
                return LOGGED_OUT
            if actor == self.actor:
                continue
            self.actor = actor
            for topic in list(self._topics):
                if not await _in_thread(self._may, topic):
                    await self._take_away(topic)
            self.resync()

    async def _say(self, message: dict[str, Any]) -> None:
        await self._pass(json.dumps(message, ensure_ascii=False))

    async def _pass(self, text: str) -> None:
        self._said = time.monotonic()
        await self._send({"type": "websocket.send", "text": text})

    # -- in a thread, with a transaction of its own

    def _who(self) -> tuple[Actor, str | None]:
        border.leave()
        actor = keeper().actor(_request(self._headers))
        if not isinstance(actor, ResidentActor | StaffActor):
            return actor, None
        return actor, keeper().signs([actor.session_id]).get(actor.session_id)

    def _may(self, topic: str) -> bool:
        border.enter(self.actor)
        return topics.allowed(self.actor, topic)


def _me(actor: Actor) -> str:
    match actor:
        case ResidentActor():
            return f"person:{actor.me.person_id}"
        case StaffActor():
            return f"staff:{actor.staff_id}"
        case _:
            return ""


def _request(headers: dict[str, str]) -> HttpRequest:
    """As the door keeper expects it; asking live does not keep a session awake."""
    request = HttpRequest()
    request.method, request.path, request.path_info = "GET", "/live/", "/live/"
    request.COOKIES = parse_cookie(headers.get("cookie", ""))
    request.META = {
        "HTTP_VARDVAG_BACKGROUND": "1",
        "HTTP_ACCEPT_LANGUAGE": headers.get("accept-language", ""),
        "HTTP_HOST": headers.get("host", ""),
    }
    return request


async def _in_thread(work: Callable[..., T], *arguments: Any) -> T:
    def whole() -> T:
        try:
            with transaction.atomic():
                return work(*arguments)
        finally:
            connection.close()  # back to the pool: a stream lives for hours

    return await asyncio.get_running_loop().run_in_executor(_POOL, whole)


async def sweep() -> None:
    """Every RECHECK seconds, one question for all sessions: has what they stand on changed?"""
    while True:
        await asyncio.sleep(RECHECK)
        streams = [stream for stream in HUB.streams() if isinstance(stream, Listening)]
        if not streams:
            continue
        try:
            ids = sorted({stream.session_id for stream in streams})
            signs = await _in_thread(keeper().signs, ids)
        except Exception:
            log.warning("the sweep of live sessions failed", exc_info=True)
            continue
        for stream in streams:
            if signs.get(stream.session_id) != stream.sign:
                stream.recheck()


async def _close(send: Send, code: int) -> None:
    try:
        await send({"type": "websocket.close", "code": code})
    except Exception:
        log.debug("the page was gone already")
