"""`python -m tools.slow [journey|weights] [--times N] [--cuts N] [--seed N] [--write]`: docs/performance.md."""

import argparse
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.browser import launched
from tools.attacks.stage import Stage
from tools.chaos.product import ROOT
from tools.chaos.results import tell
from tools.slow import pages
from tools.slow.journey import journey
from tools.slow.weights import Weight

RESULTS = ROOT / "docs" / "slow.jsonl"


def arguments(words: list[str]) -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="make slow", description=__doc__)
    asked.add_argument("what", nargs="?", default="both", choices=["journey", "weights", "both"])
    asked.add_argument("--times", type=int, default=10, help="the resident's tasks, from this seed on")
    asked.add_argument("--cuts", type=int, default=5, help="forced disconnects in the longest task")
    asked.add_argument("--errors", type=float, default=0.02)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--source", type=Path, default=ROOT, help="another checkout to run")
    asked.add_argument("--write", action="store_true", help=f"the figures into {RESULTS.relative_to(ROOT)}")
    return asked.parse_args(words)


def main(words: list[str]) -> int:
    told = arguments(words)
    began = time.monotonic()
    into = RESULTS if told.write else None
    found: list[str] = []
    s = Stage(told.seed, told.source.resolve())
    try:
        s.start()
        with launched() as browser:
            if told.what != "weights":
                figures: Counter[str] = Counter()
                for turn in range(told.times):
                    wrong, seen = journey(
                        s, browser, seed=told.seed + turn, cuts=told.cuts, errors=told.errors
                    )
                    found += wrong
                    figures.update({name: value for name, value in seen.items() if name != "seconds"})
                    print(f"{turn + 1}: {seen} {wrong}", flush=True)
                line: dict[str, Any] = {
                    "campaign": "journey",
                    "times": told.times,
                    **figures,
                    "violations": len(found),
                }
                tell(
                    ["U5"],
                    {**line, "errors": told.errors, "seed": told.seed},
                    began=began,
                    source=s.source,
                    into=into,
                )
            if told.what != "journey":
                weights = pages.weights(s, browser)
                faults = [fault for one in weights for fault in one.faults()]
                found += faults
                show(weights)
                tell(
                    ["U12"],
                    summary(weights) | {"violations": len(faults)},
                    began=began,
                    source=s.source,
                    into=into,
                )
    finally:
        s.close()
    for one, times in Counter(found).most_common(40):
        print(f"WRONG {one} ({times} times)")
    return 1 if found else 0


def show(weights: list[Weight]) -> None:
    for one in sorted(weights, key=lambda w: (w.side, -w.bytes)):
        print(
            f"| `{one.path}` | {one.side} | {one.bytes / 1000:.1f} | {max(one.pictures, default=0) / 1000:.1f} |"
        )


def summary(weights: list[Weight]) -> dict[str, Any]:
    told: dict[str, Any] = {"campaign": "weights", "pages": len(weights)}
    for side in ("public", "resident", "staff"):
        sizes = sorted(one.bytes for one in weights if one.side == side)
        told[f"{side}_kb"] = [round(sizes[0] / 1000, 1), round(sizes[-1] / 1000, 1)]
    pictures = [size for one in weights for size in one.pictures]
    told["small_pictures"], told["small_picture_kb"] = (
        len(pictures),
        round(max(pictures, default=0) / 1000, 1),
    )
    return told


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
