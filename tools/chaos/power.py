"""The power goes (G4): what the kernel had not been told to flush is gone. Needs root.

The data folder lies on an ext4 in a file. Everything is frozen, the file copied as the disk would stand at that
moment (without what is still in the page cache of that file system), everything killed, and the copy mounted instead.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from threading import Thread

from tools.chaos.campaigns import Asked, Run, wait_until
from tools.chaos.checker import Verdict
from tools.chaos.outlast import MENDED, wrote_since
from tools.chaos.product import NotStarted

SIZE = "900M"
GONE = "the database did not come back after the power was cut"


class Disk:
    def __init__(self) -> None:
        self.base = Path(tempfile.mkdtemp(prefix="vardvag-chaos-power-"))
        self.base.chmod(0o711)
        self.place, self.image, self.number = self.base / "place", self.base / "disk.0", 0
        self.place.mkdir()
        _do("truncate", "-s", SIZE, str(self.image))
        _do("mkfs.ext4", "-q", str(self.image))
        self._mount()

    def _mount(self) -> None:
        _do("mount", "-o", "loop", str(self.image), str(self.place))
        self.place.chmod(0o711)

    def cut(self, run: Run) -> None:
        """Between freezing and copying nothing runs, so nothing is acknowledged that the copy cannot know."""
        for pid in run.product.pids("tree"):
            os.kill(pid, signal.SIGSTOP)
        self.number += 1
        copy = self.base / f"disk.{self.number}"
        _do("cp", "--sparse=always", str(self.image), str(copy))
        run.product.kill_tree()
        _do("umount", "-l", str(self.place))
        self.image = copy
        self._mount()

    def close(self) -> None:
        subprocess.run(["umount", "-l", str(self.place)], check=False)
        shutil.rmtree(self.base, ignore_errors=True)


def power(asked: Asked, times: int, *, between: float = 15.0) -> tuple[Verdict, list[float]]:
    """(verdict, seconds until somebody could write again, each time)."""
    if os.geteuid() != 0:
        raise SystemExit("The power campaign mounts a file system: run it as root.")
    disk = Disk()
    took: list[float] = []
    try:
        run = Run(asked, folder=disk.place)
        _do("sync", "-f", str(disk.place))  # the copy that the run begins with
        try:
            run.start()
            run.people(asked.writers)
            acting = Thread(target=run.act, args=(3600.0, None), daemon=True)
            acting.start()
            for _ in range(times):
                time.sleep(between)
                began = run.log.now()
                disk.cut(run)
                try:
                    run.product.start()
                except NotStarted as problem:
                    return Verdict(
                        [f"{GONE}: {str(problem)[-300:]}"], {"acknowledged": len(run.log.ops)}
                    ), took
                since = run.log.now()
                run.log.fault(began, "power")
                again = wait_until(lambda since=since: wrote_since(run, since), MENDED)  # type: ignore[misc]
                if again is None:
                    run.log.wrong(f"nobody could write {MENDED:.0f} s after the power was back")
                took.append(again if again is not None else MENDED)
            run.stop.set()
            acting.join(120)
            return run.verdict(), took
        finally:
            run.close()
    finally:
        disk.close()


def _do(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)
