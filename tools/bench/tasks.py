"""The request kinds. Each does one thing a person does, as their browser would, and checks that the answer is right."""

import random
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from lxml import html

from tools.bench.pool import ROWS, THREAD, TYPE, Pool
from tools.bench.wire import Wire, Wrong

WORDS = "Jag har haft ont i halsen i en vecka och undrar om jag ska boka en tid eller vänta några dagar till."
REPLY = "Hej! Vänta gärna några dagar till. Hör av dig igen om det blir värre eller om du får feber. Vänliga hälsningar"


class RanOut(Exception):
    """What is used once is used up; the measurement ends early."""


@dataclass
class Tasks:
    """`requests` counts what was asked; most kinds ask once."""

    pool: Pool
    pages: list[tuple[str, list[tuple[str, str]]]] = field(
        default_factory=list
    )  # the form: page, what is sent
    rng: random.Random = field(default_factory=lambda: random.Random(7))
    requests: int = 0
    _senders: deque[Any] = field(default_factory=deque)
    _drafts: deque[Any] = field(default_factory=deque)
    _busy: set[str] = field(default_factory=set)

    def kinds(self) -> dict[str, Callable[[Wire], Awaitable[None]]]:
        return {
            "queue": self.queue, "thread": self.thread, "reply": self.reply, "search": self.search,
            "start": self.start, "send": self.send, "case": self.case, "figures": self.figures,
        }  # fmt: skip

    def filled(self) -> None:
        self._senders, self._drafts = deque(self.pool.senders), deque(self.pool.drafts)

    async def queue(self, wire: Wire) -> None:
        key, _unit = self.rng.choice(self.pool.queue)
        await self._ask(wire, "/personal/?vy=all", key)
        wire.expect(200, b"</html>")
        if (rows := wire.body.count(b"data-row=")) != ROWS:
            raise Wrong(f"{rows} rows in the queue instead of {ROWS}")

    async def thread(self, wire: Wire) -> None:
        key, case, number = self.rng.choice(self.pool.thread)
        await self._ask(wire, f"/personal/arenden/{case}/", key)
        wire.expect(200, number.encode(), b"</html>")
        if (messages := wire.body.count(b'<article class="message')) < THREAD:
            raise Wrong(f"{messages} messages in the thread instead of {THREAD}")

    async def reply(self, wire: Wire) -> None:
        one = self.rng.choice(self.pool.reply)
        while one[1] in self._busy:  # two at once would be a collision, which is answered otherwise
            one = self.rng.choice(self.pool.reply)
        key, case, last = one
        self._busy.add(case)
        try:
            form = [("verb", "reply"), ("body", REPLY), ("key", str(uuid4())), ("seen_seq", str(last))]
            await self._ask(wire, f"/personal/arenden/{case}/svara/", key, form)
            wire.expect(303)
            if wire.location != f"/personal/arenden/{case}/":
                raise Wrong(f"a reply led to {wire.location}")
            one[2] = last + 1
        finally:
            self._busy.discard(case)

    async def search(self, wire: Wire) -> None:
        key, word = self.rng.choice(self.pool.search)
        await self._ask(wire, "/personal/sok/", key, [("sok", word)])
        wire.expect(200, b"</html>")
        if b"data-row=" not in wire.body:
            raise Wrong(f"{word!r} stands in the unit's messages and was not found")

    async def start(self, wire: Wire) -> None:
        key, case = self.rng.choice(self.pool.start)
        await self._ask(wire, "/", key)
        wire.expect(200, f"/arenden/{case}/".encode() if case else b'id="cases"', b"</html>")

    async def figures(self, wire: Wire) -> None:
        """The statistics that exist: the queue's counters and the list, as a live hint makes a page fetch them."""
        key, _unit = self.rng.choice(self.pool.queue)
        await self._ask(wire, "/personal/ko/rader/?vy=late", key)
        wire.expect(200, b"vy=late")

    async def send(self, wire: Wire) -> None:
        """The last step alone: a draft becomes a case."""
        if not self._drafts:
            raise RanOut
        key, draft = self._drafts.popleft()
        await self._ask(wire, f"/utkast/{draft}/skicka/", key, [])
        wire.expect(303)
        if not wire.location.endswith("/skickat/"):
            raise Wrong(f"sending led to {wire.location}")

    async def case(self, wire: Wire) -> None:
        """A whole case: introduction, terms, every page of the form, check, send, receipt."""
        if not self._senders:
            raise RanOut
        key, _person, unit = self._senders.popleft()
        draft = await self._begin(wire, key, f"/kontakta/mottagning-{unit}/{TYPE}/")
        for page, answers in self.pages:
            await self._ask(wire, f"{draft}fraga/{page}/", key)
            wire.expect(200, b"data-autosave")
            await self._ask(wire, f"{draft}fraga/{page}/", key, answers)
            wire.expect(303)
        await self._ask(wire, f"{draft}kontrollera/", key)
        wire.expect(200, b"/skicka/", WORDS[:30].encode())
        await self._ask(wire, f"{draft}skicka/", key, [])
        wire.expect(303)
        await self._ask(wire, wire.location, key)
        wire.expect(200, "Ditt ärende är skickat".encode())

    async def _begin(self, wire: Wire, key: str, path: str) -> str:
        """To the draft's address."""
        await self._ask(wire, path, key)
        wire.expect(200, b"</html>")
        accepts = (
            [("accept", str(self.pool.terms))] if b'name="accept"' in wire.body else []
        )  # once in a lifetime
        await self._ask(wire, f"{path}borja/", key, accepts)
        wire.expect(303)
        return wire.location.partition("fraga/")[0]

    async def _ask(self, wire: Wire, path: str, key: str, form: list[tuple[str, str]] | None = None) -> None:
        self.requests += 1
        await wire.ask(path, key, form)

    # -- once, slowly: what the form asks

    async def walk(self, wire: Wire) -> str:
        """Fill in the form as a person and note what was sent; the id of the draft, which stays unsent."""
        key, _person, unit = self.pool.senders.pop()
        path = f"/kontakta/mottagning-{unit}/{TYPE}/"
        draft = await self._begin(wire, key, path)
        while "/fraga/" in wire.location:
            page = wire.location.rstrip("/").rpartition("/")[2]
            await self._ask(wire, wire.location, key)
            wire.expect(200)
            answers = _answers(wire.body)
            self.pages.append((page, answers))
            await self._ask(wire, f"{draft}fraga/{page}/", key, answers)
            wire.expect(303)
        if not wire.location.endswith("/kontrollera/"):
            raise Wrong(f"the form led to {wire.location}")
        return draft.strip("/").rpartition("/")[2]


def _answers(body: bytes) -> list[tuple[str, str]]:
    """Words in every text, the first of every choice, and what the page keeps hidden."""
    form: Any = html.fromstring(body.decode()).find(".//form[@data-autosave]")
    found: list[tuple[str, str]] = []
    chosen: set[str] = set()
    for one in form.xpath(".//input | .//textarea"):
        name, kind = one.get("name", ""), one.get("type", "text")
        if not name or name == "csrfmiddlewaretoken" or kind == "file" or name.endswith("~annat"):
            continue
        if one.xpath("ancestor-or-self::*[@disabled]"):
            continue
        if one.tag == "textarea":
            found.append((name, WORDS))
        elif kind == "hidden":
            found.append((name, one.get("value", "")))
        elif kind in ("radio", "checkbox"):
            if name not in chosen:
                found.append((name, one.get("value", "on")))
                chosen.add(name)
        elif kind == "tel":
            found.append((name, "070-174 06 05"))
        else:
            found.append((name, "ett ord"))
    return found
