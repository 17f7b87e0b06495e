"""`make matrix`: who may see what, in full (docs/matrix.md). The suite runs the same tests, small.

`python -m tools.matrix [--requests N] [--mutants N] [--reads N] [--tamperings N] [--rows N] [--seed N] [--write]
[tests ...]`
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LARGE = {"requests": 50_000, "mutants": 10_000, "reads": 5_000, "tamperings": 10_000, "rows": 1_000_000}


def main(words: list[str]) -> int:
    asked = argparse.ArgumentParser(prog="make matrix", description=__doc__)
    for name, number in LARGE.items():
        asked.add_argument(f"--{name}", type=int, default=number)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--write", action="store_true", help="the figures into docs/matrix.jsonl")
    asked.add_argument("tests", nargs="*", default=["tests/matrix"])
    told = asked.parse_args(words)
    sizes = {f"MATRIX_{name.upper()}": str(getattr(told, name)) for name in (*LARGE, "seed")}
    kept = {"MATRIX_WRITE": "1"} if told.write else {}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-s", *told.tests],
        cwd=ROOT, env={**os.environ, **sizes, **kept}, check=False,
    ).returncode  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
