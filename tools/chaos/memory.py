"""G11: memory runs out, again and again, in four ways by turns. Needs root.

`web`, `worker`, `database`: what these processes have is all they get, or a little more (RLIMIT_AS at their size), so
that asking for more fails in the middle of things; without a little more even a deeper call ends a process.
`killed`: all of the product has so little together that the kernel ends its biggest process, and whatever is started
anew, until a hog in its control group (version 1) lets go of files in memory.
"""

import os
import random
import resource
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from itertools import cycle, islice
from pathlib import Path

from tools.chaos.campaigns import Asked, Run
from tools.chaos.checker import Verdict
from tools.chaos.nemesis import is_postgres
from tools.chaos.outlast import Harm, outlast

GROUPS = Path("/sys/fs/cgroup/memory")
TIGHT = ("web", "worker", "database")
SPARE = 60_000_000  # bytes the product has left when its group is given a limit
TAKEN = 150_000_000  # by the files of the hog
SHARED = Path("/dev/shm")  # memory that is nobody's: the kernel has to end somebody else  # noqa: S108
MORE = (0, 200_000, 1_000_000, 4_000_000)  # bytes a process gets when memory is tight
_HOG = """
import sys, time
with open(sys.argv[1], "wb", buffering=0) as file:
    for _ in range(int(sys.argv[2]) // 4_000_000):
        file.write(bytes(4_000_000))
        time.sleep(0.1)
"""


def memories(asked: Asked, times: int) -> tuple[Verdict, list[float], dict[str, int]]:
    """(verdict, seconds until somebody could write again each time, how often each way)."""
    if os.geteuid() != 0 or not os.access(GROUPS, os.W_OK):
        raise SystemExit(f"The memory campaign limits processes: run it as root, with {GROUPS} mounted.")
    run = Run(asked)
    group = Group(run)
    rng = random.Random(asked.seed)  # noqa: S311 - repeatable, not secret
    ways: dict[str, Harm] = {"killed": group.short, **{name: _tight(run, name, rng) for name in TIGHT}}
    chosen = list(islice(cycle(ways), times))
    try:
        took = outlast(run, asked.writers, [ways[name] for name in chosen])
        verdict = run.verdict()
        verdict.figures |= {"killed_by_kernel": group.killed, "started_by_hand": group.started}
        return verdict, took, {name: chosen.count(name) for name in ways}
    finally:
        group.close()
        run.close()


def _tight(run: Run, name: str, rng: random.Random) -> Harm:
    def limit() -> tuple[str, Callable[[], None]]:
        more = rng.choice(MORE)
        for pid in _served_by(run, name):
            with suppress(OSError):
                _, most = resource.prlimit(pid, resource.RLIMIT_AS)
                resource.prlimit(pid, resource.RLIMIT_AS, (_size(pid) + more, most))
        return f"memory-{name}", lift

    def lift() -> None:
        for pid in run.product.pids("tree"):  # those begotten meanwhile have it too
            with suppress(OSError):
                _, most = resource.prlimit(pid, resource.RLIMIT_AS)
                resource.prlimit(pid, resource.RLIMIT_AS, (most, most))

    return limit


def _served_by(run: Run, name: str) -> list[int]:
    if name != "database":
        return run.product.pids(name)
    return [pid for pid in run.product.pids("tree") if is_postgres(pid)]


def _size(pid: int) -> int:
    """Of the address space, bytes."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[0]) * resource.getpagesize()


class Group:
    """`killed`: how many processes the kernel ended. `started`: how often the supervisor was among them, and the
    product was started again, as an init system does."""

    def __init__(self, run: Run) -> None:
        self.run, self.killed, self.started = run, 0, 0
        self.folder = GROUPS / f"vardvag-chaos-{os.getpid()}"
        self.folder.mkdir()
        run.product.group = self.folder

    def short(self) -> tuple[str, Callable[[], None]]:
        used = int((self.folder / "memory.usage_in_bytes").read_text())
        (self.folder / "memory.limit_in_bytes").write_text(str(used + SPARE))
        before = self._kills()
        file = SHARED / self.folder.name
        hog = subprocess.Popen([sys.executable, "-c", _HOG, str(file), str(TAKEN)], preexec_fn=self._join)

        def away() -> None:
            hog.kill()
            hog.wait()
            file.unlink(missing_ok=True)
            (self.folder / "memory.limit_in_bytes").write_text("-1")
            self.killed += self._kills() - before
            if not self.run.product.pids("tree"):
                self.started += 1
                self.run.product.start()

        return "memory-killed", away

    def _join(self) -> None:
        (self.folder / "cgroup.procs").write_text("0")

    def _kills(self) -> int:
        told = dict(line.split() for line in (self.folder / "memory.oom_control").read_text().splitlines())
        return int(told["oom_kill"])

    def close(self) -> None:
        for pid in (self.folder / "cgroup.procs").read_text().split():
            with suppress(OSError):
                (GROUPS / "cgroup.procs").write_text(pid)
        self.folder.rmdir()
