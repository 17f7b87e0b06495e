"""`python -m tools.load [g1|g2|g3|all] [--minutes M] [--rate R] [--cases N] ...`; docs/performance.md explains."""

import argparse
import sys
import time
from collections.abc import Iterator
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
from tools.load import runs
from tools.load.crowd import Crowd

KEPT = goals.ROOT / "docs" / "load.jsonl"


def arguments(words: list[str]) -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="make load", description=__doc__)
    asked.add_argument("goal", nargs="?", default="all", choices=["g1", "g2", "g3", "all"])
    asked.add_argument("--cases", type=int, default=1_000_000, help="of the database")
    asked.add_argument("--minutes", type=float, default=0, help="G1 15, G3 10")
    asked.add_argument("--rate", type=float, default=0, help="G1 120 requests, G3 50 messages a second")
    asked.add_argument("--sent", type=int, default=2000, help="G2: complete cases")
    asked.add_argument("--within", type=float, default=60, help="G2: seconds in which they begin")
    asked.add_argument("--pages", type=int, default=5000, help="G3: open pages")
    asked.add_argument("--reconnects", type=float, default=200, help="G3: a minute")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--source", default=str(goals.ROOT), help="another checkout to run")
    asked.add_argument("--note", default="")
    asked.add_argument(
        "--write", action="store_true", help=f"the figures into {KEPT.relative_to(goals.ROOT)}"
    )
    return asked.parse_args(words)


def main(words: list[str]) -> int:
    asked = arguments(words)
    place.ROOT = Path(asked.source).resolve()
    wanted = ["g1", "g2", "g3"] if asked.goal == "all" else [asked.goal]
    worst = 0
    for goal in wanted:
        line = one(goal, asked)
        for found in line["found"][:40]:
            print(f"WRONG {found}")
        for short in line["short"]:
            print(f"FALLS SHORT {short}")
        if not line["valid"]:
            print(
                "THE GENERATOR WAS THE BOTTLENECK: its figures mean nothing (its CPU and delay are in the line)"
            )
        kept = {**line, "found": len(line["found"])}
        goals.tell(goal.upper(), kept, KEPT if asked.write else None)
        worst = max(worst, 1 if line["found"] or line["short"] else 0, 0 if line["valid"] else 2)
    return worst


def one(goal: str, asked: argparse.Namespace) -> dict[str, Any]:
    """A goal's line; `found`: what is wrong, `short`: what falls short of the goal's figures."""
    began = time.monotonic()
    with ready(asked.cases) as running:
        line = uvloop.run(_run(goal, asked, running))
    return {
        **line,
        "cases": asked.cases,
        "seed": asked.seed,
        "took": round(time.monotonic() - began),
        "note": asked.note,
    }


@contextmanager
def ready(cases: int) -> Iterator[Product]:
    """The product in production mode on a fresh copy of the benchmark's database."""
    place.folder(cases).mkdir(parents=True, exist_ok=True)
    if not built(cases):
        _build(cases)
    fresh(cases)
    with product.running(cases) as running:
        yield running


async def _run(goal: str, asked: argparse.Namespace, running: Product) -> dict[str, Any]:
    with pool.connect(running.environment) as db:
        crowd = Crowd(db, asked.seed)
        crowd.begin(units=60)
        pages = await _form(crowd, running.port)
        stage = runs.Stage(crowd, running, pages, asked.seed)
        match goal:
            case "g1":
                return await runs.day(stage, rate=asked.rate or 120, minutes=asked.minutes or 15)
            case "g2":
                return await runs.rush(stage, cases=asked.sent, seconds=asked.within)
            case _:
                return await runs.swarm(
                    stage, pages=asked.pages, rate=asked.rate or 50, minutes=asked.minutes or 10,
                    reconnects=asked.reconnects,
                )  # fmt: skip


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
