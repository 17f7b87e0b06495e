"""`python -m tools.chaos [campaign] [--seed N] [--minutes M] [--writers W] ...`; docs/chaos.md explains."""

import argparse
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tools.chaos import campaigns, commits, disk, memory, networks, power, races, statements
from tools.chaos.campaigns import Asked
from tools.chaos.checker import Verdict
from tools.chaos.product import ROOT
from tools.chaos.results import tell
from tools.chaos.sabotage import SABOTAGES, broken

KILLS = ("database", "web", "worker", "tree")
FREEZES = ("freeze-web", "freeze-worker", "freeze-database")
RESULTS = ROOT / "docs" / "chaos.jsonl"


def arguments(words: list[str]) -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    asked.add_argument("campaign", nargs="?", default="short", choices=list(CAMPAIGNS))
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--minutes", type=float, help="of acting; 10, but races are counted")
    asked.add_argument("--writers", type=int, default=16)
    asked.add_argument("--every", type=float, default=5, help="seconds of peace between two faults")
    asked.add_argument("--faults", default=",".join((*KILLS, *FREEZES, "deploy")))
    asked.add_argument("--systems", default=",".join(networks.SYSTEMS))
    asked.add_argument("--rounds", type=int, default=1, help="of every network fault on every system")
    asked.add_argument("--seconds", type=float, default=8, help="that a network is broken at a time")
    asked.add_argument("--races", type=int, default=200, help="of each kind")
    asked.add_argument("--cancels", type=int, default=1000)
    asked.add_argument(
        "--times", type=int, default=20, help="full disks, power cuts, lacks of memory, deaths"
    )
    asked.add_argument("--databases", type=int, default=0, help="kills of the database between the deaths")
    asked.add_argument("--writes", type=int, default=0, help="to go on until so much is acknowledged")
    asked.add_argument("--upgrades", type=int, default=0, help="to a version with one more migration each")
    asked.add_argument("--settle", type=float, default=campaigns.SETTLE)
    asked.add_argument("--sabotage", default="", choices=["", *SABOTAGES])
    asked.add_argument("--source", type=Path, default=ROOT, help="another checkout to run")
    asked.add_argument("--keep", action="store_true", help="the folder with the run's log")
    asked.add_argument("--write", action="store_true", help=f"the figures into {RESULTS.relative_to(ROOT)}")
    return asked.parse_args(words)


def main(words: list[str]) -> int:
    told = arguments(words)
    made = Asked(
        told.seed, told.minutes or 10, told.writers, told.every, told.settle, told.source.resolve(), told.keep
    )
    if told.sabotage:
        return sabotaged(told, made)
    began = time.monotonic()
    verdict, goals, figures = CAMPAIGNS[told.campaign](told, made)
    for one in verdict.violations[:40]:
        print(f"WRONG {one}")
    line = {
        "campaign": told.campaign, **figures, **verdict.figures, "violations": len(verdict.violations),
        "seed": told.seed, "processes": int(os.environ.get("WEB_PROCESSES", "1")),
    }  # fmt: skip
    tell(goals, line, began=began, source=made.source, into=RESULTS if told.write else None)
    return 1 if verdict.violations else 0


Done = tuple[Verdict, list[str], dict[str, Any]]


def short(told: argparse.Namespace, made: Asked) -> Done:
    """Each kill once, in half a minute; what the suite runs."""
    made.writers, made.every, made.minutes = min(made.writers, 6), 1.0, 2.0
    made.settle = min(made.settle, 5.0)
    verdict, nemesis = campaigns.kills(made, (*KILLS, "mail-hole"), once_each=True)
    return verdict, ["G4", "G7", "G10"], {"struck": nemesis.counts}


def kills(told: argparse.Namespace, made: Asked) -> Done:
    verdict, nemesis = campaigns.kills(made, tuple(told.faults.split(",")))
    return verdict, ["G4", "G7", "G10"], {"struck": nemesis.counts}


def raced(told: argparse.Namespace, made: Asked) -> Done:
    verdict, seconds = races.races(made, told.races, minutes=told.minutes)
    done = verdict.figures["take races"] + verdict.figures["send races"]
    return verdict, ["G8"], {"a_minute": round(done / seconds * 60, 1)}


def cancelled(told: argparse.Namespace, made: Asked, *, failover: bool = False) -> Done:
    verdict, count, seconds = commits.cancelled(made, told.cancels, failover=failover)
    return (
        verdict,
        ["G6"],
        {"cancelled": count, "ended_after": seconds and round(seconds, 1), "failover": failover},
    )


def failed_over(told: argparse.Namespace, made: Asked) -> Done:
    return cancelled(told, made, failover=True)


def network(told: argparse.Namespace, made: Asked) -> Done:
    verdict, count = networks.networks(
        made, tuple(told.systems.split(",")), rounds=told.rounds, seconds=told.seconds
    )
    return (
        verdict,
        ["G12"],
        {"injected": count, "systems": told.systems.replace(",", " "), "for": told.seconds},
    )


def disks(told: argparse.Namespace, made: Asked) -> Done:
    verdict, took = disk.disks(made, told.times)
    return verdict, ["G11"], {"full": len(took), "slowest": round(max(took), 1)}


def memories(told: argparse.Namespace, made: Asked) -> Done:
    verdict, took, ways = memory.memories(made, told.times)
    return verdict, ["G11"], {"out_of_memory": ways, "slowest": round(max(took, default=0), 1)}


def powers(told: argparse.Namespace, made: Asked) -> Done:
    verdict, took = power.power(made, told.times)
    return verdict, ["G4"], {"power_cuts": len(took), "slowest": round(max(took, default=0), 1)}


def died(told: argparse.Namespace, made: Asked) -> Done:
    wanted = statements.Wanted(told.times, told.databases, told.upgrades, told.writes, told.minutes or 1e9)
    verdict, where, done = statements.statements(made, wanted)
    for statement, times in where.most_common():
        print(f"died {times} times at: {statement}")
    return verdict, ["G4", "G7", "G10"], {"struck": dict(done), "different_statements": len(where)}


CAMPAIGNS: dict[str, Callable[[argparse.Namespace, Asked], Done]] = {
    "short": short, "kills": kills, "races": raced, "commits": cancelled, "failover": failed_over,
    "networks": network, "disk": disks, "memory": memories, "power": powers, "statements": died,
}  # fmt: skip


def sabotaged(told: argparse.Namespace, made: Asked) -> int:
    """0 when the broken product was found out by the check that is there for it."""
    what = SABOTAGES[told.sabotage]
    made.kept_of, made.source = made.source, broken(told.sabotage, made.source)
    told.faults = ",".join(what.faults or ("web",))
    told.races, told.cancels = min(told.races, 5), min(told.cancels, 80)
    told.times = what.times
    made.minutes, made.every = min(made.minutes, 1.0), 6.0
    made.lost = 0.25
    made.slow_mail = told.sabotage == "notice-before-commit"
    try:
        verdict, _, figures = CAMPAIGNS[what.campaign](told, made)
    finally:
        shutil.rmtree(made.source, ignore_errors=True)
    found = [one for one in verdict.violations if one.startswith(what.finds)]
    print(f"{told.sabotage}: {what.what}; {len(found)} of {len(verdict.violations)} findings are its own"
          f" ({verdict.figures['acknowledged']} acknowledged, {figures})")  # fmt: skip
    for one in (found or verdict.violations)[:3]:
        print(f"  {one}")
    print("found out" if found else "NOT found out")
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
