"""Where the benchmark's databases lie, and the environment its product runs in: production, two cores, no stand-ins."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
HOST = "bench.solberga.test"
ADDRESS = f"https://{HOST}"  # what residents would type; a proxy in front would speak TLS
KEPT_AT_MOST = 1_000_000  # cases: so small a database is measured on a copy, a larger one as it stands


def folder(cases: int) -> Path:
    """VARDVAG_BENCH, else beside the product's own data: never inside the checkout."""
    if chosen := os.environ.get("VARDVAG_BENCH"):
        base = Path(chosen).expanduser().absolute()
    elif os.geteuid() == 0:
        base = Path("/var/lib/vardvag-bench")
    else:
        base = Path.home() / ".local" / "share" / "vardvag-bench"
    return base / str(cases)


def environment(cases: int, port: int) -> dict[str, str]:
    """Of every process of the benchmark's product; `processes` of pages as the product chooses itself."""
    kept = {
        k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "WEB_PROCESSES", "EMBEDPG_BIN")
    }
    return {
        **kept,
        "VARDVAG_MODE": "production",
        "VARDVAG_DATA": str(folder(cases)),
        "PUBLIC_URL": ADDRESS,
        "ALLOWED_HOSTS": f"{HOST},127.0.0.1,localhost",
        "BEHIND_PROXY": "1",
        "PORT": str(port),
        "PYTHONPATH": str(ROOT),
    }
