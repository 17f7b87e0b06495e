"""G1: a case service's day. Arrivals come by themselves at the rate asked (Poisson), each gives the next person in line
one turn; whoever has not had the last answer yet is late, and that counts."""

import asyncio
import random
import time
from typing import Any

from tools.bench.wire import Wrong
from tools.load.acts import Acts, Stopped
from tools.load.crowd import Crowd, Resident, Staff
from tools.load.sockets import Socket

RESIDENTS, STAFF = 1000, 60
OF_RESIDENTS = 0.65  # of the turns
LIVE = 240  # residents' open pages, besides one for each of the staff


class Person:
    def __init__(self) -> None:
        self.turns: asyncio.Queue[float] = asyncio.Queue()

    async def turn(self) -> float:
        return await self.turns.get()


class Day:
    def __init__(self, crowd: Crowd, acts: Acts, port: int, *, residents: int, staff: int, seed: int) -> None:
        self.acts, self.port = acts, port
        self.rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.units, self.words = crowd.units, crowd.unit_words
        self.residents = crowd.residents(residents)
        self.staff = crowd.staff(staff)
        self.asked = {unit: crowd.words(unit) for unit in {one.unit for one in self.staff}}
        self.sockets: list[Socket] = []
        self.news: set[int] = set()
        self.hints = 0

    async def run(self, rate: float, seconds: float) -> None:
        people = [Person() for _ in (*self.residents, *self.staff)]
        works = [self._resident(me, one) for me, one in zip(self.residents, people, strict=False)]
        works += [
            self._employee(me, one) for me, one in zip(self.staff, people[len(self.residents) :], strict=True)
        ]
        await self._open_pages()
        tasks = [asyncio.create_task(work) for work in works]
        await self._arrivals(people, rate, seconds)
        await self._drain(people)
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        self.acts.taken.wrong += [f"generator: {one!r}" for one in ended if isinstance(one, Exception)]
        for socket in self.sockets:
            socket.close()

    async def _arrivals(self, people: list[Person], rate: float, seconds: float) -> None:
        lines = {True: people[: len(self.residents)], False: people[len(self.residents) :]}
        for line in lines.values():
            self.rng.shuffle(line)
        place = {True: 0, False: 0}
        meant = began = time.monotonic()
        while (meant := meant + self.rng.expovariate(rate)) < began + seconds:
            if (wait := meant - time.monotonic()) > 0:
                await asyncio.sleep(wait)
            side = self.rng.random() < OF_RESIDENTS
            line = lines[side]
            line[place[side] % len(line)].turns.put_nowait(meant)
            place[side] += 1

    async def _drain(self, people: list[Person], patience: float = 30.0) -> None:
        """Turns given are used and answered; nobody begins anything more."""
        until = time.monotonic() + patience
        while any(not one.turns.empty() for one in people) and time.monotonic() < until:
            await asyncio.sleep(0.05)
        left = sum(one.turns.qsize() for one in people)
        if left:
            self.acts.taken.wrong.append(
                f"{left} turns were not served {patience:.0f} s after the last arrival"
            )
        await asyncio.sleep(2)

    async def _resident(self, me: Resident, one: Person) -> None:
        acts, rng = self.acts, self.rng
        while True:
            try:
                chance = rng.random()
                if chance < 0.25:
                    unit = rng.choice(self.units)
                    await acts.find_unit(me, one.turn, rng.choice(self.words), f"mottagning-{unit}")
                    await acts.send_case(me, one.turn, unit)
                elif chance < 0.5 and me.case:
                    await acts.write(me, one.turn)
                else:
                    await acts.look(me, one.turn)
            except Stopped:
                continue

    async def _employee(self, me: Staff, one: Person) -> None:
        acts, rng = self.acts, self.rng
        while True:
            try:
                cases = await acts.queue(me, one.turn)
                for case in rng.sample(cases, min(2, len(cases))):
                    if me.unit in self.news:
                        self.news.discard(me.unit)
                        await acts.rows(me, one.turn)
                    await acts.answer_case(me, one.turn, case, reply=rng.random() < 0.6)
                if rng.random() < 0.5:
                    await acts.search(me, one.turn, rng.choice(self.asked[me.unit]))
            except Stopped:
                continue

    async def _open_pages(self) -> None:
        wanted = [(one.key, f"unit:{one.unit}") for one in self.staff]
        wanted += [(one.key, "me") for one in self.residents[:LIVE]]
        for key, topic in wanted:
            socket = Socket(key, [topic], self._hint)
            try:
                await socket.open(self.port)
            except (Wrong, OSError) as problem:
                self.acts.taken.wrong.append(f"live: {problem}")
                continue
            self.sockets.append(socket)

    def _hint(self, socket: Socket, said: dict[str, Any]) -> None:
        topic = str(said.get("topic", ""))
        self.hints += said["kind"] not in ("ping", "ready", "subscribed")
        if said["kind"] == "refused":
            self.acts.taken.wrong.append(f"live: {topic} was refused")
        elif topic.startswith("unit:"):
            self.news.add(int(topic[5:]))
