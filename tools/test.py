"""`make test`: all tests but those of the house (make check). A missing browser is told at once, in one line."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.browser import MISSING, NAMES
from tools import node

ROOT = Path(__file__).resolve().parent.parent


def browser() -> str | None:
    """An installed Chromium, else one that playwright can download, else None."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found:
        return found
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - starts a driver

    def own() -> str | None:
        with sync_playwright() as playwright:
            path = playwright.chromium.executable_path
        return path if Path(path).exists() else None

    if not own():
        print("Installing a Chromium for the browser tests ...", flush=True)
        install = [sys.executable, "-m", "playwright", "install", "chromium"]
        subprocess.run(install, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return own()


def main(words: list[str]) -> int:
    found = browser()
    if not found:
        print(MISSING, file=sys.stderr)
        return 1
    os.environ["CHROMIUM"] = found
    node.install()
    python = [sys.executable, "-m", "pytest", "-q", "--durations=20"]
    if words:
        return subprocess.run([*python, *words], cwd=ROOT, check=False).returncode
    # Journeys and the short campaigns each act on a running product of their own and mostly wait: two at a time, file
    # by file as they stand here (a long one begun last leaves a worker idle), and not beside the rest. The house is
    # make check's.
    slow = ["tests/campaigns", "tests/journeys"]
    others = [f"--ignore={folder}" for folder in (*slow, "tests/house")]
    quick = subprocess.run([*python, "-n", "2", *others], cwd=ROOT, check=False).returncode
    by_file = ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
    apart = subprocess.run([*python, *by_file, *slow], cwd=ROOT, check=False).returncode
    return quick or apart


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
