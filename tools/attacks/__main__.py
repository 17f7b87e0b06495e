"""`python -m tools.attacks login|leaving [--times N] [--seed N] [--sabotage name] [--write]`: docs/attacks.md."""

import argparse
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tools.attacks import endings, leaving, logins, relay
from tools.attacks.sabotage import SABOTAGES, broken
from tools.attacks.stage import Failed, Stage
from tools.chaos.product import ROOT
from tools.chaos.results import tell

RESULTS = ROOT / "docs" / "attacks.jsonl"
NAMES = {
    "login": [one.__name__ for one in logins.ATTACKS],
    "leaving": [one.name for one in endings.ENDINGS],
}


def arguments(words: list[str]) -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="make attacks", description=__doc__)
    asked.add_argument("campaign", nargs="?", default="login", choices=list(NAMES))
    asked.add_argument(
        "--times", type=int, default=0, help="login: of each attack (100); leaving: in all (1000)"
    )
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--only", default="", help="the attacks or endings whose name begins so")
    asked.add_argument("--sabotage", default="", choices=["", *SABOTAGES])
    asked.add_argument("--source", type=Path, default=ROOT, help="another checkout to run")
    asked.add_argument("--write", action="store_true", help=f"the figures into {RESULTS.relative_to(ROOT)}")
    told = asked.parse_args(words)
    if told.write and (told.only or told.sabotage):
        asked.error("--write is for a whole run: leave out --only and --sabotage")
    if told.sabotage:
        meant = SABOTAGES[told.sabotage]
        told.campaign, told.times, told.only = meant.campaign, told.times or 8, told.only or meant.faults[0]
    if not any(name.startswith(told.only) for name in NAMES[told.campaign]):
        asked.error(f"nothing begins with {told.only!r}; there are: {', '.join(NAMES[told.campaign])}")
    return told


def login(told: argparse.Namespace, s: Stage, found: list[str]) -> dict[str, Any]:
    chosen = [one for one in logins.ATTACKS if one.__name__.startswith(told.only)]
    times, played = told.times or 100, 0
    for turn in range(times):
        if turn % 10 == 0:
            logins.right_ways(s)
        for attack in chosen:
            found += logins.judge(s, attack)
            played += 1
    notice = {} if told.only else relay.measured(s, times=min(times, 100), found=found)
    return {"attacks": len(chosen), "times": times, "played": played, **notice}


def ended(told: argparse.Namespace, s: Stage, found: list[str]) -> dict[str, Any]:
    return leaving.campaign(s, times=told.times or 1000, found=found, only=told.only)


# The goal, and what adds to what was found and returns the figures.
CAMPAIGNS: dict[str, tuple[str, Callable[[argparse.Namespace, Stage, list[str]], dict[str, Any]]]] = {
    "login": ("G25", login), "leaving": ("G26", ended)
}  # fmt: skip


def main(words: list[str]) -> int:
    told = arguments(words)
    source, kept_of = told.source.resolve(), None
    goal, campaign = CAMPAIGNS[told.campaign]
    began = time.monotonic()
    found: list[str] = []
    figures: dict[str, Any] = {}
    stopped = ""
    with ExitStack() as ends:
        if told.sabotage:
            kept_of, source = source, broken(told.sabotage, source)
            ends.callback(shutil.rmtree, source, ignore_errors=True)
        s = Stage(told.seed, source, kept_of)
        ends.callback(s.close)
        try:
            s.start()
            figures = campaign(told, s, found)
        except Failed as why:
            stopped = str(why)
        finally:  # whatever stopped it, what was found before is told
            for one, times in Counter(found).most_common(40):
                print(f"WRONG {one} ({times} times)", flush=True)
    if stopped:
        print(f"STOPPED, so that the rest is not proven: {stopped}")
    if told.sabotage:
        mine = [one for one in found if one.startswith(SABOTAGES[told.sabotage].finds)]
        print(
            f"{told.sabotage}: {'found out' if mine else 'NOT found out'}, {len(mine)} of {len(found)} findings"
        )
        return 0 if mine else 1
    if stopped:
        return 1
    line = {"campaign": told.campaign, **figures, "violations": len(found), "seed": told.seed}
    tell([goal], line, began=began, source=source, into=RESULTS if told.write else None)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
