"""Figures of pieces of a campaign, run with different seeds, as one line a goal."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

BIGGEST = ("slowest", "peak_mib", "columns", "widened", "routes")  # not added up
SAID_ONCE = ("goal", "campaign", "date")


def summed(files: Iterable[Path]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(goal, figures) of each campaign whose lines stand in these outputs. The same piece twice is a mistake."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    seen = set()
    for line in (line for file in files for line in file.read_text(encoding="utf-8").splitlines()):
        if not line.startswith('{"goal": '):
            continue
        one = json.loads(line)
        goal, campaign = one["goal"], one["campaign"]
        if (piece := (campaign, one["seed"], one["commit"])) in seen:
            raise ValueError(f"{piece} stands there twice: take one of them out.")
        seen.add(piece)
        whole = found.setdefault(
            (goal, campaign), {"campaign": campaign, "pieces": 0, "seeds": [], "commits": []}
        )
        whole["pieces"] += 1
        whole["seeds"] = sorted({*whole["seeds"], one.pop("seed")})
        whole["commits"] = sorted({*whole["commits"], one.pop("commit")})
        for name, value in one.items():
            if name not in SAID_ONCE:
                whole[name] = together(name, whole.get(name), value)
    for (goal, _), whole in found.items():
        yield goal, brief(whole)


def together(name: str, before: Any, more: Any) -> Any:
    if before is None:
        return more
    if isinstance(more, dict):
        return {key: together(name, before.get(key), more.get(key, 0)) for key in {**before, **more}}
    if isinstance(more, list):
        return sorted({*before, *more})
    return max(before, more) if name in BIGGEST else round(before + more, 2)


def brief(figures: dict[str, Any]) -> dict[str, Any]:
    """Payloads shown: in how many views, and in the least, the middle and the fullest of them."""
    by_view = figures.pop("by_view", None)
    if by_view:
        of_each = sorted(by_view.values())
        figures |= {"views": len(of_each), "in_each_view": [of_each[0], of_each[len(of_each) // 2], of_each[-1]],
                    "shown": sum(of_each), "fewest": sorted(by_view, key=lambda name: (by_view[name], name))[:5]}  # fmt: skip
    return figures
