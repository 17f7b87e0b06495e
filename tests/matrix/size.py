"""How large the campaigns are: small in the suite, as asked by `make matrix REQUESTS=50000` (tools/matrix.py)."""

import os
from random import Random
from typing import Any

from tools import goals

SEED = int(os.environ.get("MATRIX_SEED", "1"))
REQUESTS = int(os.environ.get("MATRIX_REQUESTS", "0"))  # 0: the suite
TAMPERINGS = int(os.environ.get("MATRIX_TAMPERINGS", "300"))
READS = int(os.environ.get("MATRIX_READS", "250"))
MUTANTS = int(os.environ.get("MATRIX_MUTANTS", "12"))
ROWS = int(os.environ.get("MATRIX_ROWS", "20000"))


def dice(name: str) -> Random:
    """The same choices for the same seed, whatever else is run."""
    return Random(f"{name} {SEED}")


def told(goal: str, **figures: Any) -> None:
    """One JSON line for the goal; kept when `make matrix` says so."""
    keep = goals.ROOT / "docs" / "matrix.jsonl" if os.environ.get("MATRIX_WRITE") else None
    goals.tell(goal, {**figures, "seed": SEED}, keep)
