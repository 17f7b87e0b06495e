"""Rounds: every kind at every number of users, again and again, so that what else the machine does hits all alike."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from statistics import median

from tools.bench import processes
from tools.bench.processes import Used
from tools.bench.tasks import RanOut, Tasks
from tools.bench.wire import Wire, connect

USERS = (1, 8, 32)


@dataclass(frozen=True, slots=True)
class Sample:
    """`done` tasks in `seconds`; times in ms; `cpu` in ms a task, by kind of process; `generator`: its share
    of one core."""

    kind: str
    users: int
    seconds: float
    done: int
    requests: int
    p50: float
    p95: float
    p99: float
    cpu: Used
    generator: float

    @property
    def rate(self) -> float:
        return self.done / self.seconds


async def one(tasks: Tasks, kind: str, users: int, seconds: float, port: int, root: int) -> Sample:
    wires = [await connect(port) for _ in range(users)]
    times: list[float] = []
    asked, own, before, began = tasks.requests, processes.own_cpu(), processes.cpu(root), time.perf_counter()
    until = began + seconds
    await asyncio.gather(*(_user(wire, tasks.kinds()[kind], times, until) for wire in wires))
    taken = time.perf_counter() - began
    used, mine = processes.cpu(root) - before, processes.own_cpu() - own
    for wire in wires:
        wire.close()
    times.sort()
    done = max(1, len(times))
    each = Used(**{name: value * 1000 / done for name, value in asdict(used).items()})
    p50, p95, p99 = (_at(times, q) for q in (0.5, 0.95, 0.99))
    asked = tasks.requests - asked
    return Sample(kind, users, taken, len(times), asked, p50, p95, p99, each, mine / taken)


async def _user(wire: Wire, do: Callable[[Wire], Awaitable[None]], times: list[float], until: float) -> None:
    while (began := time.perf_counter()) < until:
        try:
            await do(wire)
        except RanOut:
            return
        times.append((time.perf_counter() - began) * 1000)


def _at(times: list[float], q: float) -> float:
    return times[min(len(times) - 1, int(len(times) * q))] if times else 0.0


async def rounds(
    tasks: Tasks, *, kinds: list[str], users: tuple[int, ...], count: int, seconds: float, port: int, root: int,
    told: Callable[[Sample], None], settle: Callable[[], None],
) -> list[Sample]:  # fmt: skip
    """`settle`: waits for the jobs of the sample before (a reply has its own ten seconds later)."""
    found = []
    for kind in kinds:  # plans, caches and connections are there before anything counts
        await one(tasks, kind, 4, 1.5, port, root)
    for number in range(count):
        order = [(kind, n) for kind in kinds for n in users]
        random.Random(number).shuffle(order)
        for kind, n in order:
            await asyncio.to_thread(settle)
            await settled(root)
            sample = await one(tasks, kind, n, seconds, port, root)
            found.append(sample)
            told(sample)
    return found


async def settled(root: int, patience: float = 30.0) -> None:
    """What replies and cases have left to do (notices, their tries) counts while they are measured, not against the
    kind that comes next: wait until the product uses less than a twentieth of a core."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        before = processes.cpu(root)
        await asyncio.sleep(0.5)
        if (processes.cpu(root) - before).whole < 0.025:
            return


def middle(samples: list[Sample]) -> list[Sample]:
    """The median of each figure over the rounds, one sample for each kind and number of users."""
    groups: dict[tuple[str, int], list[Sample]] = {}
    for sample in samples:
        groups.setdefault((sample.kind, sample.users), []).append(sample)
    return [_middle(group) for group in groups.values()]


def _middle(group: list[Sample]) -> Sample:
    def of(name: str) -> float:
        return float(median(getattr(sample, name) for sample in group))

    cpu = Used(**{name: median(asdict(s.cpu)[name] for s in group) for name in asdict(group[0].cpu)})
    done = round(of("rate") * 1000)
    first = group[0]
    return Sample(
        first.kind, first.users, 1000.0, done, 0, of("p50"), of("p95"), of("p99"), cpu, of("generator")
    )


def pace() -> float:
    """Milliseconds of CPU that the same plain work takes now: how fast the machine is this minute (its host is shared,
    and CPU times rise and fall with it)."""
    began = time.process_time()
    total = 0
    for number in range(400_000):
        total += len(str(number)) * (number % 7)
    return (time.process_time() - began) * 1000
