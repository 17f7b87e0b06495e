"""What a campaign reached: printed, and one JSON line a goal into a file."""

import json
import subprocess
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent


def tell(goals: list[str], figures: dict[str, Any], *, began: float, source: Path, into: Path | None) -> None:
    """`began`: of this process's clock. `into`: a file of lines, or None."""
    line = {
        **figures, "commit": commit(source), "date": time.strftime("%Y-%m-%d %H:%M"),
        "seconds": round(time.monotonic() - began),
    }  # fmt: skip
    print(json.dumps({"goals": goals, **line}, ensure_ascii=False), flush=True)
    if into is not None:
        with into.open("a", encoding="utf-8") as file:
            for goal in goals:
                file.write(json.dumps({"goal": goal, **line}, ensure_ascii=False) + "\n")


def commit(source: Path) -> str:
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=source if (source / ".git").exists() else ROOT,
                          capture_output=True, text=True, check=False)  # fmt: skip
    return done.stdout.strip()
