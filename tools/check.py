"""`make check`: everything about the house that can be said without running it. All steps run; any fault fails."""

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
CODE = ["vardvag", "tests", "tools", "conftest.py", "manage.py"]

STEPS: dict[str, list[str]] = {
    "lint": [f"{BIN}/ruff", "check", "--quiet", *CODE],
    "format": [f"{BIN}/ruff", "format", "--check", "--quiet", *CODE],
    "types": [f"{BIN}/mypy", *CODE],
    "floors": [f"{BIN}/lint-imports", "--no-logo"],
    "templates": [f"{BIN}/djlint", "vardvag", "--lint", "--quiet"],
    "translations": [sys.executable, "-m", "tools.messages", "--check"],
    "migrations": [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"],
    "map": [sys.executable, "-m", "tools.map", "--check"],
    "house": [sys.executable, "-m", "pytest", "-q", "tests/house"],
}


def run(name: str) -> tuple[str, bool, str, float]:
    began = time.monotonic()
    done = subprocess.run(STEPS[name], cwd=ROOT, capture_output=True, text=True, check=False)
    return name, done.returncode == 0, (done.stdout + done.stderr).strip(), time.monotonic() - began


def main(names: list[str]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["VARDVAG_DATA"] = folder  # reading the settings makes secrets
        with ThreadPoolExecutor(2) as pool:
            results = list(pool.map(run, names or STEPS))
    for name, good, said, seconds in results:
        print(f"{'ok  ' if good else 'WRONG'} {name} ({seconds:.1f} s)", flush=True)
        if not good:
            print(said, flush=True)
    wrong = [name for name, good, _, _ in results if not good]
    if wrong:
        print(f"\nNot in order: {', '.join(wrong)}. One step alone: python -m tools.check {wrong[0]}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
