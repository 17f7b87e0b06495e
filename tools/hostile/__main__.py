"""`python -m tools.hostile [campaign] [--cases N] [--seed N] ...`; docs/hostile.md explains."""

import argparse
import logging
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tools.chaos.product import ROOT
from tools.goals import tell
from tools.hostile.pieces import brief, summed

RESULTS = ROOT / "docs" / "hostile.jsonl"
BEGAN = time.monotonic()
Done = tuple[str, dict[str, Any], dict[str, str]]  # goal, figures, what was wrong


def arguments(words: list[str]) -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="make hostile", description=__doc__)
    asked.add_argument("campaign", nargs="?", default="doors", choices=[*CAMPAIGNS, "all", "sum"])
    asked.add_argument("outputs", nargs="*", type=Path, help="of pieces run before with other seeds (sum)")
    asked.add_argument("--cases", type=int, default=0, help="instead of the campaign's own size")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--minutes", type=float, default=0, help="end after so long, whatever is left")
    asked.add_argument("--rounds", type=int, default=10, help="of filling every text with payloads (scripts)")
    asked.add_argument("--only", default="", help="names of routes, with commas between (doors, scripts)")
    asked.add_argument("--parser", default="", help="one parser, steered by Atheris for --minutes")
    asked.add_argument("--write", action="store_true", help=f"the figures into {RESULTS.relative_to(ROOT)}")
    return asked.parse_args(words)


def main(words: list[str]) -> int:
    told = arguments(words)
    warnings.simplefilter("ignore")
    wrong = 0
    if told.campaign == "sum":
        for goal, figures in summed(told.outputs):
            tell(goal, figures, RESULTS if told.write else None)
            wrong += figures["violations"]
        return 1 if wrong else 0
    for name in CAMPAIGNS if told.campaign == "all" else [told.campaign]:
        began = time.monotonic()
        goal, figures, faults = CAMPAIGNS[name](told)
        for what, example in list(faults.items())[:60]:
            print(f"WRONG {what}\n      {example[:600]}")
        figures |= {"violations": len(faults), "seed": told.seed, "seconds": round(time.monotonic() - began)}
        tell(goal, {"campaign": name, **figures})
        if told.write:
            tell(goal, brief({"campaign": name, **figures}), RESULTS)
        wrong += len(faults)
    return 1 if wrong else 0


def until(told: argparse.Namespace) -> float:
    """Making a world and walking it are part of the time."""
    return BEGAN + told.minutes * 60 if told.minutes else 0.0


def doors(told: argparse.Namespace) -> Done:
    """Requests to every route."""
    from tools.hostile import place  # noqa: PLC0415 - Django is set up by it

    with place.world():
        logging.disable(logging.CRITICAL)
        from tools.hostile.doors import Doors  # noqa: PLC0415
        from tools.hostile.kept import Forms  # noqa: PLC0415

        here = Doors()
        found = here.attack(
            told.cases or 100_000, told.seed, [n for n in told.only.split(",") if n], until(told)
        )
        forms = Forms(here.pages, here.people).look({} if told.minutes else here.routes)
        figures = {
            "cases": found.cases, "routes": len(here.routes), "statuses": {str(k): v for k, v in sorted(found.statuses.items())},
            "slowest": round(found.slowest, 2), "forms": forms.tried, "forms_refused": forms.refused, "outbound": sorted(here.pages.connects),
        }  # fmt: skip
        faults = here.walked | found.faults | forms.faults
        if here.pages.connects:
            faults["a connection to the outside"] = str(here.pages.connects)
        return "G27", figures, faults


def scripts(told: argparse.Namespace) -> Done:
    """Payloads in every text, looked at in a browser."""
    from tools.hostile import place  # noqa: PLC0415

    with place.world():
        logging.disable(logging.CRITICAL)
        from tools.hostile import scripts as looking  # noqa: PLC0415
        from tools.hostile.doors import Doors  # noqa: PLC0415

        only = [name for name in told.only.split(",") if name]
        shown = looking.attack(Doors(), told.cases or 5000, told.seed, told.rounds, until(told), only=only)
        figures = {
            "payloads": told.cases or 5000, "rounds": shown.rounds, "stored": shown.stored, "columns": shown.columns,
            "widened": shown.widened, "pages": shown.pages, "papers": shown.papers,
            "by_view": {name: len(numbers) for name, numbers in shown.by_view.items()},
            "third_party": sorted(shown.outside),
        }  # fmt: skip
        return "G22", figures, shown.faults


def files(told: argparse.Namespace) -> Done:
    """Mutated files through the sandbox."""
    from vardvag.files.tests import campaign  # noqa: PLC0415

    found = campaign.run_many(told.cases or 10_000, told.seed, until(told))
    faults = {one: "" for one in found.pop("wrong")}
    found.pop("goal"), found.pop("seed")
    return "G24", found, faults


def parsers(told: argparse.Namespace) -> Done:
    """Mutated bytes for everything that reads foreign ones."""
    with tempfile.TemporaryDirectory(prefix="vardvag-hostile-") as folder:
        os.environ |= {
            "VARDVAG_MODE": "test",
            "DJANGO_SETTINGS_MODULE": "vardvag.config.settings",
            "VARDVAG_DATA": folder,
        }
        import django  # noqa: PLC0415 - the environment first

        django.setup()
        logging.disable(logging.CRITICAL)
        from tools.hostile import parsers as reading  # noqa: PLC0415

        if told.parser:
            reading.steered(told.parser, int(told.minutes * 60) or 60)
        tried, faults = reading.attack(told.cases or 1_000_000, told.seed, until(told))
        return "G27", {"cases": sum(tried.values()), "by_parser": tried}, faults


def wire(told: argparse.Namespace) -> Done:
    """Bytes over real sockets to the real product."""
    from tools.chaos import product as real  # noqa: PLC0415
    from tools.hostile import wire as sending  # noqa: PLC0415
    from vardvag.demo import cast  # noqa: PLC0415

    folder = real.fresh(ROOT)
    product = real.Product(folder, ROOT, {})
    try:
        product.start()
        log: Callable[[], str] = lambda: (folder / "logs" / "web.log").read_text(errors="replace")  # noqa: E731
        found = sending.attack(
            product.url, product.world, log, told.cases or 4000, told.seed, hsa_id=cast.SARA.hsa_id
        )
    finally:
        product.stop()
    return "G27", {"cases": found.asked, "statuses": found.statuses}, found.faults


CAMPAIGNS: dict[str, Callable[[argparse.Namespace], Done]] = {
    "doors": doors, "parsers": parsers, "files": files, "scripts": scripts, "wire": wire,
}  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
