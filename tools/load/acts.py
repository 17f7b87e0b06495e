"""What residents and staff do, one request a turn. A turn says when the act is meant to begin; its time counts from
there, whether the generator or the product was late."""

import asyncio
import random
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from tools.bench.pool import TYPE
from tools.bench.tasks import WORDS
from tools.bench.wire import Wrong
from tools.load.crowd import Resident, Said, Staff, token
from tools.load.lines import Answer, File, Lines
from tools.load.taken import Taken

Turn = Callable[[], Awaitable[float]]
LIVE = "X-Requested-With: live\r\n"
ROW = re.compile(rb'data-row="([0-9a-f-]{36})"')
_NUMBER = re.compile(rb"<strong>(\d\d-\d{6,})</strong>")
PATIENT = 60  # times somebody who is told that many use the service tries again
_BUSY = 12  # times a picture that found no turn in the sandbox is sent again


class Stopped(Exception):
    """This journey ends here; why is on record."""


class Acts:
    """`pages`: of the form, with what is answered; the token goes into the texts. `twice`: how many of the buttons are
    pressed twice, so that the same arrives on two connections at once. `seed`: another for each run against one
    database, or their texts have the same tokens."""

    def __init__(
        self, lines: Lines, taken: Taken, pages: list[Any], terms: int, seed: str, *, twice: float = 0.05
    ) -> None:
        self.lines, self.taken, self.pages, self.terms = lines, taken, pages, terms
        self.twice = twice
        self.rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.said: list[Said] = []
        self.sent: list[Said] = []

    async def ask(
        self, kind: str, meant: float, path: str, key: str, form: list[tuple[str, str]] | None = None, *,
        files: list[tuple[str, File]] | None = None, more: str = "", good: tuple[int, ...] = (200,),
    ) -> Answer:  # fmt: skip
        try:
            answer = await self.lines.ask(path, key, form, files=files, more=more)
            for _ in range(PATIENT):
                if answer.status != 503:
                    break
                self.taken.statuses[503] += 1
                await asyncio.sleep(5 + 3 * self.rng.random())  # as the page asks: a little while, then again
                answer = await self.lines.ask(path, key, form, files=files, more=more)
        except Wrong as problem:
            self.taken.wrong.append(f"{kind}: {problem}")
            raise Stopped from None
        self.taken.add(kind, meant)
        self.taken.statuses[answer.status] += 1
        if answer.status not in good:
            said = re.sub(rb"\s+", b" ", re.sub(rb"<[^>]*>", b" ", answer.body.rpartition(b"<main")[2]))[:160]
            self.taken.wrong.append(
                f"{kind}: {path} answered {answer.status} {answer.location} {said.decode()}"
            )
            raise Stopped
        return answer

    def write_down(self, kind: str, **more: Any) -> Said:
        one = Said(token(self.rng), kind, **more)
        self.said.append(one)
        return one

    def _again(self, path: str, key: str, form: list[tuple[str, str]]) -> Awaitable[Answer | None]:
        """The same form once more, now and then; its answer, which is not timed."""

        async def press() -> Answer | None:
            try:
                return await self.lines.ask(path, key, form)
            except Wrong as problem:
                self.taken.wrong.append(f"pressed twice: {problem}")
                return None

        async def nothing() -> None:
            return None

        return asyncio.ensure_future(press() if self.rng.random() < self.twice else nothing())

    # -- a resident

    async def find_unit(self, me: Resident, turn: Turn, word: str, slug: str) -> None:
        await self.ask("start page", await turn(), "/", me.key)
        await self.ask("unit search", await turn(), f"/kontakta/?sok={quote(word)}", me.key)
        await self.ask("unit", await turn(), f"/kontakta/{slug}/", me.key)

    async def send_case(self, me: Resident, turn: Turn, unit: int, *, picture: bytes | None = None) -> Said:
        """From the introduction to the receipt, which shows the case number."""
        path = f"/kontakta/mottagning-{unit}/{TYPE}/"
        about = await self.ask("about", await turn(), path, me.key)
        accepts = [("accept", str(self.terms))] if b'name="accept"' in about.body else []
        begun = await self.ask("begin", await turn(), f"{path}borja/", me.key, accepts, good=(303,))
        draft = begun.location.partition("fraga/")[0]
        one = self.write_down("case", unit=unit, files=int(picture is not None))
        for n, (page, answers) in enumerate(self.pages):
            await self._page(
                me, turn, draft, page, self._with_token(answers, one), picture if n == 0 else None
            )
        await self.ask("check", await turn(), f"{draft}kontrollera/", me.key)
        again = self._again(f"{draft}skicka/", me.key, [])
        done = await self.ask("send", await turn(), f"{draft}skicka/", me.key, [], good=(303,))
        one.case, one.state = done.location.split("/")[2], "ok"
        receipt = await self.ask("receipt", await turn(), done.location, me.key)
        other = await again
        if other is not None and other.status != 503 and other.location != done.location:
            self.taken.wrong.append(f"send: pressed twice, led to {done.location} and {other.location}")
        found = _NUMBER.search(receipt.body)
        if found is None:
            self.taken.wrong.append("receipt: no case number on it")
            raise Stopped
        one.number = found[1].decode()
        self.sent.append(one)
        return one

    async def _page(
        self,
        me: Resident,
        turn: Turn,
        draft: str,
        page: str,
        answers: list[tuple[str, str]],
        picture: bytes | None,
    ) -> None:
        address = f"{draft}fraga/{page}/"
        await self.ask("form page", await turn(), address, me.key)
        await self.ask("draft saved", await turn(), f"{draft}spara/", me.key, [*answers, ("page", page)])
        kept = [(k, v) for k, v in answers if k != "revision"]
        if picture is None:
            await self.ask("form answers", await turn(), address, me.key, kept, good=(303,))
            return
        for _ in range(_BUSY):
            answer = await self.ask("form answers with picture", await turn(), address, me.key, kept,
                                    files=[("files", ("bild.jpg", picture))], good=(303, 422))  # fmt: skip
            if answer.status == 303:
                return
            self.taken.counts["picture waited for a turn"] += 1
        self.taken.wrong.append("a picture was not taken")
        raise Stopped

    def _with_token(self, answers: list[tuple[str, str]], one: Said) -> list[tuple[str, str]]:
        return [(name, f"{one.token} {WORDS}" if value == WORDS else value) for name, value in answers]

    async def look(self, me: Resident, turn: Turn) -> None:
        await self.ask("start page", await turn(), "/", me.key)
        if me.case:
            await self.ask("resident's thread", await turn(), f"/arenden/{me.case}/", me.key)
        await self.ask("inbox", await turn(), "/inkorg/", me.key)

    async def write(self, me: Resident, turn: Turn) -> None:
        """An answer in the resident's own case, with a saved draft on the way."""
        page = await self.ask("resident's thread", await turn(), f"/arenden/{me.case}/", me.key)
        key = value(page.body, b"key") or str(uuid4())
        draft = [("key", key), ("revision", value(page.body, b"revision") or "0"), ("body", WORDS)]
        await self.ask("draft saved", await turn(), f"/arenden/{me.case}/utkast/", me.key, draft)
        await self.say(me, await turn(), key)

    async def say(self, me: Resident, meant: float, key: str) -> Said:
        one = self.write_down("message", case=me.case)
        form = [("key", key), ("body", f"{one.token} {WORDS}")]
        await self._send(one, "resident's message", meant, f"/arenden/{me.case}/skriv/", me.key, form)
        return one

    async def _send(
        self, one: Said, kind: str, meant: float, path: str, key: str, form: list[tuple[str, str]]
    ) -> None:
        """Pressed once or twice; either answer tells whether it was taken."""
        again = self._again(path, key, form)
        answer = await self.ask(kind, meant, path, key, form, good=(303, 409))
        one.more["at"] = time.monotonic()
        other = await again
        taken = 303 in (answer.status, other.status if other else 0)
        one.state = "ok" if taken else "refused"
        self.taken.counts[f"{kind} refused"] += not taken

    # -- staff

    async def queue(self, me: Staff, turn: Turn) -> list[str]:
        answer = await self.ask("queue", await turn(), "/personal/?vy=all", me.key)
        return [one.decode() for one in ROW.findall(answer.body)]

    async def search(self, me: Staff, turn: Turn, word: str) -> None:
        await self.ask("search", await turn(), "/personal/sok/", me.key, [("sok", word)])

    async def rows(self, me: Staff, turn: Turn) -> None:
        """As a queue page does when it was told that something is new."""
        await self.ask("queue rows", await turn(), "/personal/ko/rader/?vy=all", me.key, more=LIVE)

    async def answer_case(self, me: Staff, turn: Turn, case: str, *, reply: bool) -> None:
        page = await self.ask(
            "workspace", await turn(), f"/personal/arenden/{case}/", me.key, good=(200, 303, 403)
        )
        if page.status != 200 or not reply:  # protected: a reason is asked for first
            return
        key, seen = value(page.body, b"key"), value(page.body, b"seen_seq")
        if not key or not seen:
            return
        draft = [
            ("form", "reply"),
            ("key", key),
            ("revision", value(page.body, b"revision") or "0"),
            ("body", WORDS),
        ]
        await self.ask("draft saved", await turn(), f"/personal/arenden/{case}/utkast/", me.key, draft)
        await self.reply(me, await turn(), case, key, seen)

    async def reply(self, me: Staff, meant: float, case: str, key: str, seen: str) -> Said:
        one = self.write_down("reply", case=case)
        form = [
            ("verb", "partial"),
            ("body", f"{one.token} {WORDS}"),
            ("key", key),
            ("seen_seq", seen),
            ("promised", ""),
        ]
        await self._send(one, "reply", meant, f"/personal/arenden/{case}/svara/", me.key, form)
        return one


def value(body: bytes, name: bytes) -> str:
    """Of the first field with that name, whichever way its attributes stand."""
    for tag in re.findall(rb"<input[^>]*>", body):
        if b'name="%s"' % name in tag and (found := re.search(rb'value="([^"]*)"', tag)):
            return found[1].decode()
    return ""
