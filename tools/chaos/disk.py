"""G11: the disk is full, again and again. Pages stay readable, nothing acknowledged is lost, and it mends itself when
there is room. Needs root: the data folder lies on a small tmpfs."""

import os
import subprocess
import tempfile
import time
from pathlib import Path
from threading import Thread

from tools.chaos.campaigns import Asked, Run, wait_until
from tools.chaos.checker import Verdict
from tools.chaos.client import Answer, Browser
from tools.chaos.log import OK
from tools.chaos.nemesis import fill

SIZE = "420m"
MENDED = 60.0


def disks(asked: Asked, times: int, *, full_for: float = 12.0) -> tuple[Verdict, list[float]]:
    """(verdict, seconds until somebody could write again, each time)."""
    if os.geteuid() != 0:
        raise SystemExit("The disk campaign mounts a tmpfs: run it as root.")
    place = Path(tempfile.mkdtemp(prefix="vardvag-chaos-disk-"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=711", "tmpfs", str(place)], check=True)
    took: list[float] = []
    try:
        run = Run(asked, folder=place)
        try:
            run.start()
            run.people(asked.writers)
            acting = Thread(target=run.act, args=(3600.0, None), daemon=True)
            acting.start()
            time.sleep(10)
            for _ in range(times):
                began = run.log.now()
                filler = fill(place)
                readable(run, full_for)
                filler.unlink()
                since = run.log.now()
                run.log.fault(began, "disk")
                again = wait_until(lambda since=since: wrote_since(run, since), MENDED)  # type: ignore[misc]
                if again is None:
                    run.log.wrong(f"nobody could write {MENDED:.0f} s after there was room on the disk")
                took.append(again if again is not None else MENDED)
                time.sleep(4)
            run.stop.set()
            acting.join(120)
            return run.verdict(), took
        finally:
            run.close()
    finally:
        subprocess.run(["umount", "-l", str(place)], check=False)
        place.rmdir()


def readable(run: Run, seconds: float) -> None:
    """While the disk is full every page is words for people: never a stack trace, never nothing."""

    def told(method: str, path: str, answer: Answer) -> None:
        text = answer.body.decode("utf-8", "replace")
        if "Traceback" in text or (answer.status >= 500 and not any(w in text for w in WORDS)):
            run.log.wrong(f"unreadable at a full disk: {path} {answer.status} {text[:80]!r}")

    until = time.monotonic() + seconds
    while time.monotonic() < until:
        browser = Browser(run.product.url, told)
        for path in ("/logga-in/", "/hjalp/", "/mottagningar/"):
            try:
                browser.get(path)
            except Exception:  # an unanswered page is counted by the others' writes
                time.sleep(0.2)
        browser.close()


WORDS = ("försök igen", "Försök igen", "Ring 1177")


def wrote_since(run: Run, since: float) -> bool:
    return any(op.state == OK and op.kind in ("write", "reply", "send", "draft") and op.ended > since
               for op in run.log.ops[-200:])  # fmt: skip
