"""What a run measured: times by kind of act, answers by status, what was wrong; and whether the generator kept up."""

import asyncio
import os
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from tools.bench import processes

TICK = 0.02  # seconds between two looks at the event loop
BUSY, LATE = 0.9, 0.1  # of a core; seconds that the loop may be behind (p99) before its figures mean nothing


def at(times: list[float], q: float) -> float:
    """A quantile of a sorted list, 0 of an empty one."""
    return times[min(len(times) - 1, int(len(times) * q))] if times else 0.0


@dataclass
class Taken:
    """Times in ms from the moment an act was meant to begin."""

    times: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    minutes: defaultdict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    _first: float = 0.0

    def add(self, kind: str, meant: float) -> None:
        self._first = self._first or meant
        took = (time.monotonic() - meant) * 1000
        self.times[kind].append(took)
        self.minutes[int((meant - self._first) // 60)].append(took)

    def whole(self) -> list[float]:
        return sorted(one for times in self.times.values() for one in times)

    def quantiles(self, *kinds: str) -> dict[str, float]:
        chosen = sorted(t for k in kinds for t in self.times[k]) if kinds else self.whole()
        return {name: round(at(chosen, q), 1) for name, q in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))}

    def by_kind(self) -> dict[str, list[float]]:
        """kind: how many, p50, p95, p99."""
        found = {}
        for kind in sorted(self.times):
            q = self.quantiles(kind)
            found[kind] = [len(self.times[kind]), q["p50"], q["p95"], q["p99"]]
        return found

    def by_minute(self) -> list[float]:
        """p95 of each: whether it was slow all the time, or when something else ran."""
        return [round(at(sorted(self.minutes[one]), 0.95), 1) for one in sorted(self.minutes)]

    @property
    def failed(self) -> int:
        return sum(count for status, count in self.statuses.items() if status >= 500)


class Generator:
    """Its own CPU beside the product's, and how late its event loop was: a slow generator measures itself."""

    def __init__(self, root: int) -> None:
        self._root, self._late = root, []  # type: ignore[var-annotated]
        self._own, self._used = processes.own_cpu(), processes.cpu(root)
        self._began, self._load = time.monotonic(), os.getloadavg()[0]
        self._task = asyncio.create_task(self._look())

    async def _look(self) -> None:
        while True:
            before = time.monotonic()
            await asyncio.sleep(TICK)
            self._late.append(time.monotonic() - before - TICK)

    def stop(self) -> dict[str, Any]:
        """Shares of one core; milliseconds; the machine's load average before and after."""
        self._task.cancel()
        seconds = time.monotonic() - self._began
        used = processes.cpu(self._root) - self._used
        late = at(sorted(self._late), 0.99)
        share = (processes.own_cpu() - self._own) / seconds
        return {
            "generator": round(share, 2), "generator_late_ms": round(late * 1000, 1),
            "product": round(used.whole / seconds, 2), "pages": round(used.web / seconds, 2),
            "database": round((used.pages_db + used.jobs_db + used.other_db) / seconds, 2),
            "worker": round(used.worker / seconds, 2),
            "load": [round(self._load, 1), round(os.getloadavg()[0], 1)],
            "valid": share < BUSY and late < LATE,
        }  # fmt: skip
