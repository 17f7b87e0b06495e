"""`python -m tools.load [g1|g2|g3|g26|all] [--minutes M] [--rate R] [--cases N] ...`; docs/performance.md explains."""

import argparse
import shutil
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvloop

from tools import goals
from tools.bench import place, pool, product
from tools.bench.__main__ import _build
from tools.bench.database import built, fresh
from tools.bench.product import Product
from tools.bench.tasks import Tasks
from tools.bench.wire import connect
from tools.chaos.sabotage import broken
from tools.load import runs
from tools.load.crowd import Crowd
from tools.load.sabotage import SABOTAGES

KEPT = goals.ROOT / "docs" / "load.jsonl"


def arguments(words: list[str]) -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="make load", description=__doc__)
    asked.add_argument("goal", nargs="?", default="all", choices=[*runs.GOALS, "all", "short"])
    asked.add_argument("--cases", type=int, default=1_000_000, help="of the database")
    asked.add_argument("--minutes", type=float, default=0, help="G1 15, G3 10")
    asked.add_argument("--rate", type=float, default=0, help="G1 120 requests, G3 50 messages a second")
    asked.add_argument("--sent", type=int, default=2000, help="G2: complete cases")
    asked.add_argument("--within", type=float, default=60, help="G2: seconds in which they begin")
    asked.add_argument("--pages", type=int, default=5000, help="G3, G26: open pages")
    asked.add_argument("--endings", type=int, default=400, help="G26: sessions that end")
    asked.add_argument("--reconnects", type=float, default=200, help="G3: a minute")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--sabotage", default="", choices=["", *SABOTAGES])
    asked.add_argument("--source", default=str(goals.ROOT), help="another checkout to run")
    asked.add_argument("--note", default="")
    asked.add_argument(
        "--write", action="store_true", help=f"the figures into {KEPT.relative_to(goals.ROOT)}"
    )
    return asked.parse_args(words)


def main(words: list[str]) -> int:
    asked = arguments(words)
    place.ROOT = Path(asked.source).resolve()
    if asked.sabotage:
        return sabotaged(asked)
    if asked.goal == "short":
        lines = acted(asked.cases, runs.GOALS, lambda goal, stage: runs.short(goal, stage), seed=asked.seed)
    else:
        wanted = runs.GOALS if asked.goal == "all" else (asked.goal,)
        lines = acted(asked.cases, wanted, lambda goal, stage: runs.full(goal, stage, asked), seed=asked.seed)
    worst = 0
    for goal, line in lines:
        worst = max(worst, told(goal, line, asked))
    return worst


def told(goal: str, line: dict[str, Any], asked: argparse.Namespace) -> int:
    """The line, printed and kept; 0 reached, 1 wrong or short, 2 the generator measured itself."""
    timed = asked.goal != "short"
    for found in line["found"][:40]:
        print(f"WRONG {found}")
    for short in line["short"] if timed else []:
        print(f"FALLS SHORT {short}")
    if timed and not line["valid"]:
        print(
            "THE GENERATOR WAS THE BOTTLENECK: its figures mean nothing (its CPU and delay are in the line)"
        )
    kept = {**line, "found": len(line["found"]), "cases": asked.cases, "seed": asked.seed, "note": asked.note}
    goals.tell(goal.upper(), kept, KEPT if asked.write else None)
    if timed and not line["valid"]:
        return 2
    return 1 if line["found"] or (timed and line["short"]) else 0


def acted(
    cases: int,
    wanted: Sequence[str],
    act: Callable[[str, runs.Stage], Awaitable[dict[str, Any]]],
    *,
    seed: int = 1,
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each goal's line, one after the other against one product on a fresh copy of the database."""
    with ready(cases) as running:
        for goal in wanted:
            yield goal, uvloop.run(_act(goal, running, act, seed))


async def _act(
    goal: str, running: Product, act: Callable[[str, runs.Stage], Awaitable[dict[str, Any]]], seed: int
) -> dict[str, Any]:
    with pool.connect(running.environment) as db:
        crowd = Crowd(db, seed)
        crowd.begin(units=60)
        return await act(goal, runs.Stage(goal, crowd, running, await _form(crowd, running.port), seed))


def sabotaged(asked: argparse.Namespace) -> int:
    """0 when the broken product was found out by the comparison that is there for it."""
    what = SABOTAGES[asked.sabotage]
    place.ROOT = broken(asked.sabotage, place.ROOT, SABOTAGES)
    try:
        ((_, line),) = acted(
            asked.cases, (what.campaign,), lambda goal, stage: runs.short(goal, stage, hard=True)
        )
    finally:
        shutil.rmtree(place.ROOT, ignore_errors=True)
    found = [one for one in line["found"] if one.startswith(what.finds)]
    print(f"{asked.sabotage}: {what.what}; {len(found)} of {len(line['found'])} findings are its own")
    for one in (found or line["found"])[:3]:
        print(f"  {one}")
    print("found out" if found else "NOT found out")
    return 0 if found else 1


@contextmanager
def ready(cases: int) -> Iterator[Product]:
    """The product in production mode on a fresh copy of the benchmark's database."""
    place.folder(cases).mkdir(parents=True, exist_ok=True)
    if not built(cases):
        _build(cases)
    fresh(cases)
    with product.running(cases) as running:
        yield running


async def _form(crowd: Crowd, port: int) -> list[Any]:
    """What the form asks, learnt by filling it in once; the draft stays unsent."""
    me = crowd.residents(1)[0]
    tasks = Tasks(pool.Pool(senders=[(me.key, me.person, crowd.units[0])], terms=crowd.terms))
    wire = await connect(port)
    await tasks.walk(wire)
    wire.close()
    return tasks.pages


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
