"""One JSON line a goal: what was reached, with which seed, at which commit, when (UTC)."""

import json
import subprocess
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def commit(source: Path = ROOT) -> str:
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=source if (source / ".git").exists() else ROOT,
                          capture_output=True, text=True, check=False)  # fmt: skip
    return done.stdout.strip()


def tell(goal: str, figures: dict[str, Any], keep: Path | None = None) -> None:
    """Printed, and added to the file `keep`."""
    told = {
        "goal": goal,
        **figures,
        "commit": commit(),
        "date": time.strftime("%Y-%m-%d %H:%M", time.gmtime()),
    }
    line = json.dumps(told, ensure_ascii=False)
    print(line)
    if keep is not None:
        with keep.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
