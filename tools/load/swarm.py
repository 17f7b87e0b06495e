"""G3: thousands of open pages, each fetching again what a hint names, as its script does; people write meanwhile, and
pages lose their network. Whatever was acknowledged must come to stand on each page that shows it, once, in order."""

import asyncio
import random
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import uuid4

from tools.bench.wire import Wrong
from tools.load.acts import LIVE, ROW, Acts, Stopped
from tools.load.crowd import Crowd, Resident, Staff
from tools.load.sockets import Socket

WORKSPACES, QUEUES = 0.2, 0.01  # of the pages; the others are residents' own
SPARE = 1.0  # seconds that live.js adds to a page's age
DEBOUNCE = 0.12  # seconds, as the scripts wait
PRESENT = 5.0  # seconds between two signs of life of a page in front
READ = 2.0  # seconds on screen, then it counts as read
REPLIES = 0.3  # of what is said; the rest are residents' messages
TOKEN = re.compile(rb"tk-[0-9a-f]{16}")
COUNT = re.compile(rb'data-inbox-unread.{0,400}?data-count="(\d+)"', re.S)


@dataclass(eq=False)
class OpenPage:
    """`kind`: workspace | queue | resident. `shown`: the tokens, rows or number of unread on its screen; `first`: when
    each token came there."""

    kind: str
    key: str
    topics: list[str]
    case: str = ""
    unit: int = 0
    shown: list[str] = field(default_factory=list)
    first: dict[str, float] = field(default_factory=dict)
    last_seq: str = "0"
    socket: Socket | None = None
    opened: float = 0.0
    stale: asyncio.Event = field(default_factory=asyncio.Event)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)  # one fetch at a time, as the scripts do
    resyncs: int = 0
    fetches: int = 0
    took: float = 0.0  # seconds, the last fetch

    def waits(self) -> float:
        """Seconds from a hint to the fetch, as the scripts do."""
        match self.kind:
            case "resident":
                return 0.0
            case "queue":
                return min(5.0, max(DEBOUNCE, 5 * self.took))
            case _:
                return DEBOUNCE


class Swarm:
    def __init__(self, crowd: Crowd, acts: Acts, port: int, *, pages: int, seed: int) -> None:
        self.acts, self.port, self.db = acts, port, crowd.db
        self.rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.hints = self.reconnects = 0
        self.stop = asyncio.Event()
        self.tasks: list[asyncio.Task[None]] = []
        workspaces, queues = int(pages * WORKSPACES), max(1, int(pages * QUEUES))
        self.pages = list(self._workspaces(crowd, workspaces))
        self.pages += [
            OpenPage("queue", one.key, [f"unit:{one.unit}"], unit=one.unit) for one in crowd.staff(queues)
        ]
        self.writers = self._writers(crowd, [page.case for page in self.pages if page.case])
        self.repliers = self._repliers(crowd, max(1, workspaces // 2))
        people = crowd.residents(min(pages, 4000))
        for n in range(pages - len(self.pages)):
            self.pages.append(OpenPage("resident", people[n % len(people)].key, ["me"]))
        answered = [resident for _, _, resident in self.repliers]
        own = {page.key for page in self.pages if page.kind == "resident"}
        self.pages += [OpenPage("resident", key, ["me"]) for key in dict.fromkeys(answered) if key not in own]

    # -- who has what open

    def _workspaces(self, crowd: Crowd, count: int) -> Iterator[OpenPage]:
        """A case each, of the units chosen; its own staff's sessions, a few tabs each at most."""
        rows = crowd.all(
            "select public_id::text, unit_id from cases_case where state <> 'closed' and unit_id = any (%s)"
            " and answerable and not protected order by md5('w' || id) limit %s", crowd.units, count,
        )  # fmt: skip
        members: dict[int, list[int]] = {}
        for staff, unit in crowd.all(
            "select staff_id, unit_id from organisation_assignment where unit_id = any (%s)"
            " and 'receiver' = any (roles) order by id", crowd.units,
        ):  # fmt: skip
            members.setdefault(unit, []).append(staff)
        used: dict[int, int] = {}
        for case, unit in rows:
            staff = min(members[unit], key=lambda one: used.get(one, 0))
            used[staff] = used.get(staff, 0) + 1
            if used[staff] > 10:  # tabs of one session
                continue
            key = crowd.key("staff", staff)
            yield OpenPage("workspace", key, [f"case:{case}", f"unit:{unit}"], case=case, unit=unit)

    def _writers(self, crowd: Crowd, cases: list[str]) -> list[Resident]:
        """One case a person: a resident may write thirty messages in ten minutes, in whatever case."""
        rows = crowd.all(
            "select distinct on (patient_id) patient_id, public_id::text from cases_case"
            " where public_id = any (%s::uuid[]) order by patient_id, public_id", cases,
        )  # fmt: skip
        return [Resident(crowd.key("resident", person), person, case) for person, case in rows]

    def _repliers(self, crowd: Crowd, count: int) -> list[tuple[Staff, list[Any], str]]:
        """(who replies, [case, last message], the session of the resident who is told)."""
        watched = [page.case for page in self.pages if page.case]
        rows = crowd.all(
            "select c.public_id::text, c.unit_id, c.last_seq, c.patient_id, (select staff_id from"
            " organisation_assignment a where a.unit_id = c.unit_id and 'receiver' = any (a.roles) order by a.id"
            " limit 1) from cases_case c"
            " where c.state <> 'closed' and c.unit_id = any (%s) and c.answerable and not c.protected"
            " and c.public_id <> all (%s::uuid[]) order by md5('r' || c.id) limit %s", crowd.units, watched, count,
        )  # fmt: skip
        return [
            (Staff(crowd.key("staff", staff), staff, unit), [case, last], crowd.key("resident", patient))
            for case, unit, last, patient, staff in rows
        ]

    # -- a page

    async def open_all(self) -> None:
        """The page is fetched, then its socket opened, some at a time."""
        room = asyncio.Semaphore(12)

        async def one(page: OpenPage) -> None:
            async with room:
                await self._open(page)

        await asyncio.gather(*(one(page) for page in self.pages))
        for page in self.pages:
            self.tasks.append(asyncio.create_task(self._live(page)))
            if page.kind == "workspace":
                self.tasks.append(asyncio.create_task(self._present(page)))

    async def _open(self, page: OpenPage) -> None:
        """As a browser opens it: made by the product, then listening; fetched again if something came between."""
        asked = time.monotonic()
        await self._fetch(page)
        await self._connect(page)
        if page.socket is not None and page.socket.quiet < time.monotonic() - asked + SPARE:
            page.stale.set()

    async def _connect(self, page: OpenPage) -> None:
        """Returns when every topic is granted."""
        socket = Socket(page.key, page.topics, lambda socket, said: self._heard(page, said))
        try:
            await socket.open(self.port)
            page.socket = socket
        except (Wrong, OSError, TimeoutError) as problem:
            self.acts.taken.wrong.append(f"live: a {page.kind} page was not let in: {problem!r}")

    def _heard(self, page: OpenPage, said: dict[str, Any]) -> None:
        """As live.js, queue.js, workspace.js and unread.js hear it."""
        kind = said["kind"]
        if kind == "case":
            self.hints += 1
            mine = page.kind == "queue" or (page.case == said.get("id") and said.get("verb") != "seen")
            if mine:
                page.stale.set()
        elif kind == "inbox":
            self.hints += 1
            if page.kind == "resident":
                page.stale.set()
        elif kind == "resync":
            page.resyncs += 1
            page.stale.set()
        elif kind == "refused":
            self.acts.taken.wrong.append(f"live: {said.get('topic')} was refused to a {page.kind} page")

    async def _live(self, page: OpenPage) -> None:
        """Fetches again after hints, one fetch at a time."""
        while True:
            await page.stale.wait()
            await asyncio.sleep(page.waits())
            page.stale.clear()
            began = time.monotonic()
            await self._fetch(page)
            page.took = time.monotonic() - began

    async def _fetch(self, page: OpenPage) -> None:
        async with page.turn:
            await self._fetch_now(page)

    async def _fetch_now(self, page: OpenPage) -> None:
        meant = time.monotonic()
        page.fetches += 1
        try:
            match page.kind:
                case "workspace":
                    await self._thread(page, meant)
                case "queue":
                    found = await self.acts.ask(
                        "queue rows", meant, "/personal/ko/rader/?vy=all", page.key, more=LIVE
                    )
                    page.shown = [one.decode() for one in ROW.findall(found.body)]
                case _:
                    background = "X-Requested-With: background\r\n"
                    found = await self.acts.ask("inbox", meant, "/inkorg/", page.key, more=background)
                    count = COUNT.search(found.body)
                    page.shown = [count[1].decode() if count else "0"]
        except Stopped:
            await asyncio.sleep(2)
            page.stale.set()

    async def _thread(self, page: OpenPage, meant: float) -> None:
        path = f"/personal/arenden/{page.case}/"
        found = await self.acts.ask("thread", meant, f"{path}trad/?fakta", page.key, more=LIVE)
        now = time.monotonic()
        page.shown = [one.decode() for one in TOKEN.findall(found.body)]
        for token in page.shown:
            page.first.setdefault(token, now)
        last = re.search(rb'data-last="(\d+)"', found.body)
        before, page.last_seq = page.last_seq, last[1].decode() if last else "0"
        if before not in ("0", page.last_seq):
            self.tasks.append(asyncio.create_task(self._read(page)))

    async def _read(self, page: OpenPage) -> None:
        await asyncio.sleep(READ)
        form = [("seq", page.last_seq)]
        try:
            await self.acts.ask("read", time.monotonic(), f"/personal/arenden/{page.case}/last/", page.key, form,
                                good=(200, 204, 303))  # fmt: skip
        except Stopped:
            return

    async def _present(self, page: OpenPage) -> None:
        await asyncio.sleep(self.rng.random() * PRESENT)
        while True:
            if page.socket is not None:
                page.socket.say("reading", page.topics[0])
            await asyncio.sleep(PRESENT)

    # -- what happens

    async def run(self, *, rate: float, seconds: float, reconnects: float) -> None:
        """`rate` messages a second, `reconnects` a minute. Returns when what was said has had time to arrive."""
        until = time.monotonic() + seconds
        cutting = asyncio.create_task(self._cut(reconnects / 60, until))
        saying: set[asyncio.Task[None]] = set()
        meant, turn = time.monotonic(), 0
        while (meant := meant + self.rng.expovariate(rate)) < until:
            if (wait := meant - time.monotonic()) > 0:
                await asyncio.sleep(wait)
            turn += 1
            task = asyncio.create_task(self._say(turn, meant))
            saying.add(task)
            task.add_done_callback(saying.discard)
        await asyncio.gather(cutting, *saying)

    async def _say(self, turn: int, meant: float) -> None:
        try:
            if self.repliers and self.rng.random() < REPLIES:
                me, case, _ = self.repliers[turn % len(self.repliers)]
                if case[0] == "":
                    return
                one, case[0] = case[0], ""  # one at a time: a second would be a collision
                try:
                    said = await self.acts.reply(me, meant, one, str(uuid4()), str(case[1]))
                    case[1] += said.state == "ok"
                finally:
                    case[0] = one
            else:
                resident = self.writers[turn % len(self.writers)]
                await self.acts.say(resident, meant, str(uuid4()))
        except Stopped:
            return

    async def _cut(self, a_second: float, until: float) -> None:
        """Networks go away without a word and come back, as live.js waits for them; every other page is made anew."""
        while a_second and time.monotonic() < until:
            await asyncio.sleep(self.rng.expovariate(a_second))
            page = self.rng.choice(self.pages)
            if page.socket is not None:
                self.reconnects += 1
                self.tasks.append(asyncio.create_task(self._again(page)))

    async def _again(self, page: OpenPage) -> None:
        if page.socket is None:
            return
        page.socket.cut()
        page.socket = None
        if self.reconnects % 2:
            await self._open(page)
            return
        await asyncio.sleep(0.5 + self.rng.random())
        await self._connect(page)
        page.stale.set()

    async def close(self) -> None:
        for task in self.tasks:
            task.cancel()
        ended = await asyncio.gather(*self.tasks, return_exceptions=True)
        self.acts.taken.wrong += [f"generator: {one!r}" for one in ended if isinstance(one, Exception)]
        for page in self.pages:
            if page.socket is not None:
                page.socket.close()

    # -- compared

    def arrivals(self) -> tuple[list[str], list[float]]:
        """(findings, ms from the acknowledgement of each message to the screens that show its case)."""
        found: list[str] = []
        times: list[float] = []
        of_case = {page.case: page for page in self.pages if page.kind == "workspace"}
        for said in self.acts.said:
            page = of_case.get(said.case)
            if page is None or said.state != "ok":
                continue
            times_there = page.shown.count(said.token)
            if times_there != 1:
                found.append(
                    f"missed: {said.token} stands {times_there} times on the open page of {said.case}"
                )
            if (came := page.first.get(said.token)) is not None:
                times.append(max(0.0, (came - said.more["at"]) * 1000))
        return found, times

    def screens(self) -> list[str]:
        """Each page shows what the database holds."""
        found = []
        threads: dict[str, list[str]] = {}
        for case, token in self.db.execute(
            "select c.public_id::text, substring(m.body from 'tk-[0-9a-f]{16}') from cases_message m join cases_case c"
            " on c.id = m.case_id where c.public_id = any (%s::uuid[]) and m.body ~ 'tk-[0-9a-f]{16}'"
            " order by c.id, m.seq", [[page.case for page in self.pages if page.case]],
        ):  # fmt: skip
            threads.setdefault(case, []).append(token)
        units = sorted({page.unit for page in self.pages if page.kind == "queue"})
        queues = {unit: [row[0] for row in self.db.execute(
            "select public_id::text from cases_case where unit_id = %s and state <> 'closed'"
            " order by urgency, due_at, id limit 50", [unit])] for unit in units}  # fmt: skip
        unread = dict(self.db.execute(
            "select encode(s.key_hash, 'hex'), (select count(*) from inbox_inboxitem i where i.person_id = s.person_id"
            " and i.patient_id = s.person_id and i.read_at is null) from identity_session s where s.kind = 'resident'"
        ).fetchall())  # fmt: skip
        for page in self.pages:
            match page.kind:
                case "workspace":
                    held = threads.get(page.case, [])
                case "queue":
                    held = queues[page.unit]
                case _:
                    held = [str(unread[_hash(page.key)])]
            if page.shown != held:
                found.append(
                    f"another state: a {page.kind} page {page.case} shows {page.shown[:5]}, held is {held[:5]}"
                )
        return found


def _hash(key: str) -> str:
    return sha256(key.encode()).hexdigest()
