"""G11: the disk is full, again and again. Pages stay readable, nothing acknowledged is lost, and it mends itself when
there is room. Needs root: the data folder lies on a small tmpfs."""

import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from tools.chaos.campaigns import Asked, Run
from tools.chaos.checker import Verdict
from tools.chaos.nemesis import fill
from tools.chaos.outlast import outlast

SIZE = "420m"


def disks(asked: Asked, times: int) -> tuple[Verdict, list[float]]:
    """(verdict, seconds until somebody could write again, each time)."""
    if os.geteuid() != 0:
        raise SystemExit("The disk campaign mounts a tmpfs: run it as root.")
    place = Path(tempfile.mkdtemp(prefix="vardvag-chaos-disk-"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=711", "tmpfs", str(place)], check=True)

    def full() -> tuple[str, Callable[[], None]]:
        return "disk", fill(place).unlink

    try:
        run = Run(asked, folder=place)
        try:
            took = outlast(run, asked.writers, [full] * times)
            return run.verdict(), took
        finally:
            run.close()
    finally:
        subprocess.run(["umount", "-l", str(place)], check=False)
        place.rmdir()
