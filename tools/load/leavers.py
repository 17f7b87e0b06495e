"""G26 among thousands of open pages: sessions end in several ways, and each page of theirs is closed in time and no
other's."""

import asyncio
import hashlib
import random
import time
from typing import Any

from tools.bench.wire import Wrong
from tools.load.crowd import Crowd
from tools.load.lines import Lines
from tools.load.sockets import Socket
from tools.load.taken import at

STAFF = 0.2  # of the pages; the others are residents'
WAIT = 20.0  # seconds for the pages of one session to be closed
_ENDED = "update identity_session set ended_at = now(), ended_why = 'logout' where key_hash = %s"
_DIED = (
    "update identity_person set deceased_on = current_date where id ="
    " (select person_id from identity_session where key_hash = %s)"
)
_GONE = (
    "update organisation_assignment set ended_at = now() where staff_id ="
    " (select staff_id from identity_session where key_hash = %s)"
)
# How, for whom. All but the logout happen behind the process that holds the pages, as in another one or at night.
WAYS = {
    "logout": ("resident", "staff"),
    "ended": ("resident", "staff"),
    "died": ("resident",),
    "gone": ("staff",),
}
BEHIND = {"ended": _ENDED, "died": _DIED, "gone": _GONE}


class Leavers:
    def __init__(self, crowd: Crowd, port: int, *, pages: int, seed: int) -> None:
        self.db, self.port, self.lines = crowd.db, port, Lines(port)
        self.rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.wrong: list[str] = []
        self.took: dict[str, list[float]] = {way: [] for way in WAYS}
        staff = crowd.staff(max(1, int(pages * STAFF)))
        people = crowd.residents(min(pages - len(staff), 3500))
        self.open: dict[str, list[Socket]] = {}
        self.kinds = {one.key: "staff" for one in staff} | {one.key: "resident" for one in people}
        for one in staff:
            self._page(one.key, f"unit:{one.unit}")
        for n in range(pages - len(staff)):
            self._page(people[n % len(people)].key, "me")

    def _page(self, key: str, topic: str) -> None:
        tabs = self.open.setdefault(key, [])
        if len(tabs) < 10:  # of one session
            tabs.append(Socket(key, [topic], lambda socket, said: None))

    async def open_all(self) -> int:
        """How many."""
        room = asyncio.Semaphore(12)

        async def one(page: Socket) -> None:
            async with room:
                try:
                    await page.open(self.port)
                except (Wrong, OSError, TimeoutError) as problem:
                    self.wrong.append(f"live: a page was not let in: {problem!r}")

        pages = [page for tabs in self.open.values() for page in tabs]
        await asyncio.gather(*(one(page) for page in pages))
        return len(pages)

    async def run(self, endings: int, every: float) -> None:
        """So many sessions end, one about every so many seconds; then nobody else's page may be closed."""
        ended, going = set[str](), set[asyncio.Task[None]]()
        for n in range(endings):
            way = list(WAYS)[n % len(WAYS)]
            left = [key for key in self.open if self.kinds[key] in WAYS[way] and key not in ended]
            if not left:
                continue
            key = self.rng.choice(left)
            ended.add(key)
            going.add(asyncio.create_task(self._end(way, key)))
            await asyncio.sleep(self.rng.expovariate(1 / every))
        await asyncio.gather(*going)
        for key in self.open.keys() - ended:
            if any(page.lost.is_set() for page in self.open[key]):
                self.wrong.append(f"closed: a page of a {self.kinds[key]} whose session stands")

    async def _end(self, way: str, key: str) -> None:
        began = time.monotonic()
        if way == "logout":
            await self.lines.ask("/logga-ut/", key, [])
        else:
            self.db.execute(BEHIND[way], [hashlib.sha256(key.encode()).digest()])
        try:
            async with asyncio.timeout(WAIT):
                await asyncio.gather(*(page.lost.wait() for page in self.open[key]))
        except TimeoutError:
            self.wrong.append(f"open: a page {WAIT:.0f} s after its session's end ({way}, {self.kinds[key]})")
        self.took[way].append(time.monotonic() - began)
        answer = await self.lines.ask("/personal/" if self.kinds[key] == "staff" else "/inkorg/", key)
        if answer.status == 200:
            self.wrong.append(f"alive: the old cookie was answered 200 ({way}, {self.kinds[key]})")

    def figures(self) -> dict[str, Any]:
        """Seconds from the end to the last page of its session being closed."""
        times = sorted(one for took in self.took.values() for one in took)
        return {
            "endings": len(times), "p50_s": round(at(times, 0.5), 2), "most_s": round(max(times, default=0), 2),
            "by_way": {way: round(max(took, default=0), 2) for way, took in self.took.items()},
        }  # fmt: skip

    def close(self) -> None:
        self.lines.close()
        for tabs in self.open.values():
            for page in tabs:
                page.close()
