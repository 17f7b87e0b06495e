"""`python -m tools.attacks login|leaving [--times N] [--seed N] [--sabotage name] [--write]`: docs/attacks.md."""

import argparse
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tools.attacks import leaving, logins, relay
from tools.attacks.sabotage import SABOTAGES
from tools.attacks.stage import Stage
from tools.chaos.product import ROOT
from tools.chaos.results import tell
from tools.chaos.sabotage import broken

RESULTS = ROOT / "docs" / "attacks.jsonl"
Told = tuple[list[str], dict[str, Any]]  # what was wrong, the figures


def arguments(words: list[str]) -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="make attacks", description=__doc__)
    asked.add_argument("campaign", nargs="?", default="login", choices=["login", "leaving"])
    asked.add_argument(
        "--times", type=int, default=0, help="login: of each attack (100); leaving: in all (1000)"
    )
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--only", default="", help="the attacks or endings whose name begins so")
    asked.add_argument("--sabotage", default="", choices=["", *SABOTAGES])
    asked.add_argument("--source", type=Path, default=ROOT, help="another checkout to run")
    asked.add_argument("--write", action="store_true", help=f"the figures into {RESULTS.relative_to(ROOT)}")
    return asked.parse_args(words)


def login(told: argparse.Namespace, s: Stage) -> Told:
    chosen = [one for one in logins.ATTACKS if one.__name__.startswith(told.only)]
    times, found, played = told.times or 100, [], Counter[str]()
    for turn in range(times):
        if turn % 10 == 0:
            logins.right_ways(s)
        for attack in chosen:
            found += logins.judge(s, attack)
            played[attack.__name__] += 1
    notice = {} if told.only else relay.measured(s, times=min(times, 100), found=found)
    return found, {"attacks": len(chosen), "times": times, "played": played.total(), **notice}


def ended(told: argparse.Namespace, s: Stage) -> Told:
    return leaving.campaign(s, times=told.times or 1000, only=told.only)


CAMPAIGNS: dict[str, tuple[str, Callable[[argparse.Namespace, Stage], Told]]] = {
    "login": ("G25", login), "leaving": ("G26", ended)
}  # fmt: skip


def main(words: list[str]) -> int:
    told = arguments(words)
    source, kept_of = told.source.resolve(), None
    if told.sabotage:
        kept_of, source = source, broken(told.sabotage, source, SABOTAGES)
        told.campaign, told.times = SABOTAGES[told.sabotage].campaign, told.times or 8
        told.only = told.only or SABOTAGES[told.sabotage].faults[0]
    goal, campaign = CAMPAIGNS[told.campaign]
    began = time.monotonic()
    s = Stage(told.seed, source, kept_of)
    try:
        s.start()
        found, figures = campaign(told, s)
    finally:
        s.close()
        if kept_of is not None:
            shutil.rmtree(source, ignore_errors=True)
    for one, times in Counter(found).most_common(40):
        print(f"WRONG {one} ({times} times)")
    line = {"campaign": told.campaign, **figures, "violations": len(found), "seed": told.seed}
    if told.sabotage:
        mine = [one for one in found if one.startswith(SABOTAGES[told.sabotage].finds)]
        print(
            f"{told.sabotage}: {'found out' if mine else 'NOT found out'}, {len(mine)} of {len(found)} findings"
        )
        return 0 if mine else 1
    tell([goal], line, began=began, source=source, into=RESULTS if told.write else None)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
