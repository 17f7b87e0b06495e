"""A goal from its preparation to its line of figures: acted, settled, compared, judged."""

import argparse
import asyncio
import time
from dataclasses import dataclass
from typing import Any

from tools.bench import place
from tools.bench.product import Product
from tools.load import compare
from tools.load.acts import Acts
from tools.load.crowd import Crowd
from tools.load.leavers import Leavers
from tools.load.lines import Lines
from tools.load.mixed import RESIDENTS, STAFF, Day
from tools.load.rush import Rush
from tools.load.swarm import Swarm
from tools.load.taken import Generator, Taken, at

SETTLE = 20.0  # seconds after the last message until every page must have heard
WARM = 15.0  # seconds before anything counts: connections, plans and caches are there


ROOT = place.ROOT
GOALS = ("g1", "g2", "g3", "g26")  # the last ends sessions, so it comes last
PLACES = (
    "VARDVAG_DATA",
    "VARDVAG_MODE",
    "PUBLIC_URL",
)  # of the environment, which tools/bench sets to reach the database


@dataclass
class Stage:
    goal: str
    crowd: Crowd
    running: Product
    pages: list[Any]
    seed: int
    twice: float = 0.05
    settle: float = SETTLE

    def acts(self) -> Acts:
        return Acts(
            Lines(self.running.port),
            Taken(),
            self.pages,
            self.crowd.terms,
            f"{self.goal} {self.seed}",
            twice=self.twice,
        )


async def full(goal: str, stage: Stage, asked: argparse.Namespace) -> dict[str, Any]:
    """As the goal says, unless other numbers are asked for."""
    match goal:
        case "g1":
            return await day(stage, rate=asked.rate or 120, minutes=asked.minutes or 15)
        case "g2":
            return await rush(stage, cases=asked.sent, seconds=asked.within)
        case "g26":
            return await leaving(stage, pages=asked.pages, endings=asked.endings, every=0.3)
        case _:
            rate, minutes = asked.rate or 50, asked.minutes or 10
            return await swarm(
                stage, pages=asked.pages, rate=rate, minutes=minutes, reconnects=asked.reconnects
            )


async def short(goal: str, stage: Stage, *, hard: bool = False) -> dict[str, Any]:
    """A few seconds of each, for what is right or wrong; times mean nothing. `hard`: more of it, against a product
    broken on purpose."""
    stage.twice, stage.settle, more = 0.5, 13.0, 2.5 if hard else 1.0
    match goal:
        case "g1":
            return await day(stage, rate=10, minutes=0.15 * more, residents=15, staff=5)
        case "g2":
            return await rush(stage, cases=round(10 * more), seconds=4 * more)
        case "g26":
            return await leaving(stage, pages=30, endings=8, every=0.2)
        case _:
            return await swarm(stage, pages=20, rate=3, minutes=0.15 * more, reconnects=90 * more)


def _judged(taken: Taken, found: list[str], limits: dict[str, tuple[float, float]]) -> dict[str, Any]:
    """`limits`: name of a figure -> (measured, at most)."""
    short = [f"{name}: {got:g}, asked {most:g}" for name, (got, most) in limits.items() if got > most]
    return {"found": taken.wrong + found, "short": short}


async def day(
    stage: Stage, *, rate: float, minutes: float, residents: int = RESIDENTS, staff: int = STAFF
) -> dict[str, Any]:
    acts = stage.acts()
    warm, seconds = min(WARM, minutes * 60 / 4), minutes * 60
    one = Day(stage.crowd, acts, stage.running.port, residents=residents, staff=staff, seed=stage.seed)
    generator = Generator(stage.running.pid)
    counted = Taken()

    async def begin_counting() -> None:
        """The warming is acted, compared with the database, and not timed."""
        nonlocal generator
        await asyncio.sleep(warm)
        counted.wrong, counted.counts = acts.taken.wrong, acts.taken.counts
        acts.taken = counted
        generator.stop()
        generator = Generator(stage.running.pid)

    starting = asyncio.create_task(begin_counting())
    await one.run(rate, warm + seconds)
    await starting
    own = generator.stop()
    acts.lines.close()
    taken = acts.taken
    found = compare.texts(stage.crowd.db, acts.said, stage.crowd.since)
    cases = [one for one in acts.said if one.kind == "case"]
    found += compare.receipts(stage.crowd.db, cases, stage.crowd.since)
    q = taken.quantiles()
    done = len(taken.whole())
    limits = {"p95 ms": (q["p95"], 300.0), "p99 ms": (q["p99"], 1000.0), "5xx": (taken.failed, 0)}
    return {
        "rate": rate, "minutes": minutes, "requests": done, "a_second": round(done / seconds, 1), **q,
        "5xx": taken.failed, "residents": residents, "staff": staff, "open": len(one.sockets),
        "hints": one.hints, "texts": sum(s.state == "ok" for s in acts.said), "receipts": len(acts.sent),
        **own, "by_minute": taken.by_minute(), "by_kind": taken.by_kind(), "counts": dict(taken.counts),
        **_judged(taken, found, limits),
    }  # fmt: skip


async def rush(stage: Stage, *, cases: int, seconds: float) -> dict[str, Any]:
    acts = stage.acts()
    one = Rush(stage.crowd, acts, cases=cases, seed=stage.seed)
    generator = Generator(stage.running.pid)
    taken_seconds = await one.run(seconds)
    own, taken, db = generator.stop(), acts.taken, stage.crowd.db
    requests = sum(taken.statuses.values())
    found = compare.receipts(db, acts.sent, stage.crowd.since)
    found += [] if one.unfinished() else compare.texts(db, acts.said, stage.crowd.since)
    touched = {s.unit for s in acts.sent}
    staff = [one for one in stage.crowd.staff(len(stage.crowd.units)) if one.unit in touched]
    wrong, rows = await compare.queues(db, acts.lines, staff, acts.sent)
    made, spread, settled = await _spread(stage, acts)
    if made != len(acts.sent):
        found.append(f"lost: {made} notices to clinics for {len(acts.sent)} cases")
    if spread != made:
        found.append(f"lost: {made - spread} notices were not spread within {settled:.0f} s")
    acts.lines.close()
    whole = taken.quantiles("a whole case")
    kinds = [kind for kind in taken.times if kind != "a whole case"]
    q, send = taken.quantiles(*kinds), taken.quantiles("send")
    limits = {"p95 ms": (q["p95"], 1500.0), "p95 ms of the last step": (send["p95"], 1500.0),
              "5xx": (taken.failed, 0), "cases without a receipt": (cases - len(acts.sent), 0)}  # fmt: skip
    return {
        "sent": cases, "within": seconds, "receipts": len(acts.sent), "last_receipt_after": round(taken_seconds, 1),
        "requests": requests, **q, "send": send, "whole_case": whole, "5xx": taken.failed,
        "pictures": sum(s.files for s in acts.sent), "queue_rows_read": rows, "notices": made,
        "notices_spread_after": round(settled, 1), **own, "by_kind": taken.by_kind(), "counts": dict(taken.counts),
        **_judged(taken, found + wrong, limits),
    }  # fmt: skip


async def _spread(stage: Stage, acts: Acts, patience: float = 120.0) -> tuple[int, int, float]:
    """Waits for the worker: (notices to clinics, of them spread, seconds)."""
    began = time.monotonic()
    while True:
        made, spread = compare.notices(stage.crowd.db, acts.sent)
        waited = time.monotonic() - began
        if spread == made or waited > patience:
            return made, spread, waited
        await asyncio.sleep(0.5)


async def swarm(
    stage: Stage, *, pages: int, rate: float, minutes: float, reconnects: float
) -> dict[str, Any]:
    acts = stage.acts()
    one = Swarm(stage.crowd, acts, stage.running.port, pages=pages, seed=stage.seed)
    began = time.monotonic()
    await one.open_all()
    opening = time.monotonic() - began
    acts.taken.times.clear()
    generator = Generator(stage.running.pid)
    await one.run(rate=rate, seconds=minutes * 60, reconnects=reconnects)
    own, taken = generator.stop(), acts.taken
    await asyncio.sleep(stage.settle)  # replies are held for ten seconds before their residents are told
    await one.close()
    acts.lines.close()
    late, times = one.arrivals()
    found = late + one.screens() + compare.texts(stage.crowd.db, acts.said, stage.crowd.since)
    times.sort()
    seen = {name: round(at(times, q), 1) for name, q in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))}
    said = sum(s.state == "ok" for s in acts.said)
    limits = {"p95 ms from commit to screen": (seen["p95"], 1000.0), "5xx": (taken.failed, 0),
              "messages a second not taken": (round(rate - said / (minutes * 60), 1), rate * 0.05)}  # fmt: skip
    return {
        "open": len(one.pages), "rate": rate, "minutes": minutes, "messages": said,
        "a_second": round(said / (minutes * 60), 1), "arrivals": len(times), **seen, "hints": one.hints,
        "reconnects": one.reconnects, "fetches": sum(page.fetches for page in one.pages),
        "opened_within": round(opening, 1), "5xx": taken.failed, **own, "by_kind": taken.by_kind(),
        "counts": dict(taken.counts), **_judged(taken, found, limits),
    }  # fmt: skip


async def leaving(stage: Stage, *, pages: int, endings: int, every: float) -> dict[str, Any]:
    one = Leavers(stage.crowd, stage.running.port, pages=pages, seed=stage.seed)
    opened = await one.open_all()
    generator = Generator(stage.running.pid)
    await one.run(endings, every)
    own = generator.stop()
    one.close()
    figures = one.figures()
    return {
        "open": opened, **figures, **own, "found": one.wrong,
        "short": [f"s until closed: {figures['most_s']}, asked 5"] if figures["most_s"] > 5 else [],
    }  # fmt: skip
