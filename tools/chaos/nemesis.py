"""What goes wrong, one thing at a time; each fault is noted from its first harm until the product is ready again."""

import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event

from tools.chaos.log import Log
from tools.chaos.product import Product

KILLS = ("database", "web", "worker", "tree")
READY_AGAIN = 60.0  # seconds without anybody's hand


class Nemesis:
    """`names`: the faults it chooses among; `every`: seconds of peace in between, about."""

    def __init__(
        self, product: Product, log: Log, *, seed: int, names: tuple[str, ...], every: float
    ) -> None:
        self.product, self.log, self.names, self.every = product, log, names, every
        self.rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.counts: dict[str, int] = {}
        self.longest_freeze = 20.0
        self.extra: dict[str, Callable[[], None]] = {}  # faults of a campaign

    def run(self, stop: Event, *, once_each: bool = False) -> None:
        """Each kind in turn first, then by chance."""
        waiting = list(self.names)
        while not stop.wait(self.every * (0.5 + self.rng.random())):
            if waiting:
                name = waiting.pop(0)
            elif once_each:
                return
            else:
                name = self.rng.choice(self.names)
            self.strike(name)

    def strike(self, name: str) -> None:
        began = self.log.now()
        self.counts[name] = self.counts.get(name, 0) + 1
        if name in self.extra:
            self.extra[name]()
        elif name == "tree":
            self.product.kill_tree()
            self.product.start()
        elif name == "deploy":
            self.product.stop()
            self.product.start()
        elif name.startswith("freeze-"):
            self._freeze(name.removeprefix("freeze-"))
        else:
            self.product.kill(name)
        back = self._ready()
        self.log.fault(began, name)
        if not back:
            self.log.wrong(f"not ready {READY_AGAIN:.0f} s after {name}: {self.product.said()[-300:]}")

    def _freeze(self, name: str) -> None:
        pids = self.product.pids(name)
        if name == "database":  # the postmaster and all it serves
            pids = [pid for pid in self.product.pids("tree") if is_postgres(pid)]
        for order in (signal.SIGSTOP, signal.SIGCONT):
            for pid in pids:
                try:
                    os.kill(pid, order)
                except ProcessLookupError:
                    continue
            if order == signal.SIGSTOP:
                time.sleep(1 + self.rng.random() * (self.longest_freeze - 1))

    def _ready(self) -> bool:
        until = time.monotonic() + READY_AGAIN
        while time.monotonic() < until:
            if self.product.ready():
                return True
            time.sleep(0.1)
        return False


def is_postgres(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip() == "postgres"
    except OSError:
        return False


def fill(folder: Path, leave: int = 0) -> Path:
    """Takes every byte of the disk that `folder` lies on, but `leave`."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        free = shutil.disk_usage(folder).free - leave
        piece = b"\0" * 65536
        try:
            while free > 0:
                free -= file.write(piece[: min(len(piece), free)])
            while leave == 0:
                file.write(b"\0" * 512)
        except OSError:
            pass
    return filler
