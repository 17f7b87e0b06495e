"""Where time goes: the tasks once more, inside a process of their own beside the product (see inside.py)."""

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from tools.bench import place
from tools.bench.product import Product
from tools.bench.tasks import Tasks

TIMES = 40


def run(tasks: Tasks, kinds: list[str], running: Product) -> None:
    pool = Path(running.environment["VARDVAG_DATA"]) / "pool.json"
    pool.touch(mode=0o600)
    try:
        pool.write_text(json.dumps(asdict(tasks.pool)))
        command = [sys.executable, "-m", "tools.bench.inside", str(pool), ",".join(kinds), str(TIMES)]
        environment = {**running.environment, "VARDVAG_ROLE": "app"}
        subprocess.run(
            [*command, json.dumps(tasks.pages)],
            env=environment,
            cwd=place.ROOT,
            stderr=subprocess.DEVNULL,
            check=True,
        )
    finally:
        pool.unlink()
