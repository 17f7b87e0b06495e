"""What the product's processes have used, from /proc: CPU by kind of process, memory as their fair share (PSS)."""

import os
from dataclasses import dataclass, fields
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Used:
    """Seconds of CPU (or MiB) so far. `pages_db`: the backends that serve the pages; `other_db`: what PostgreSQL
    does for everybody (checkpoints, WAL, autovacuum)."""

    web: float = 0.0
    worker: float = 0.0
    pages_db: float = 0.0
    jobs_db: float = 0.0
    other_db: float = 0.0
    rest: float = 0.0

    def __sub__(self, before: "Used") -> "Used":
        return Used(*(getattr(self, f.name) - getattr(before, f.name) for f in fields(self)))

    @property
    def whole(self) -> float:
        return float(sum(getattr(self, f.name) for f in fields(self)))


def tree(root: int) -> list[int]:
    """The process and all below it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                after = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            children.setdefault(int(after[1]), []).append(int(entry.name))
    found, waiting = [], [root]
    while waiting:
        found.append(waiting.pop())
        waiting += children.get(found[-1], [])
    return found


def kind(pid: int) -> str:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return "rest"
    if "vardvag.config.web" in command:
        return "web"
    if "vardvag.config.work" in command:
        return "worker"
    if command.startswith("postgres: vardvag_app"):
        return "pages_db"
    if command.startswith("postgres: vardvag_system"):
        return "jobs_db"
    return "other_db" if "postgres" in command.split(" ")[0] else "rest"


def cpu(root: int) -> Used:
    """Of living processes and, through their parents, of those that have ended."""
    sums = dict.fromkeys((f.name for f in fields(Used)), 0.0)
    for pid in tree(root):
        try:
            after = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        sums[kind(pid)] += sum(int(n) for n in after[11:15]) / TICK
    return Used(**sums)


def memory(root: int) -> Used:
    """MiB."""
    sums = dict.fromkeys((f.name for f in fields(Used)), 0.0)
    for pid in tree(root):
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        sums[kind(pid)] += next((int(one.split()[1]) for one in lines if one.startswith("Pss:")), 0) / 1024
    return Used(**sums)


def own_cpu() -> float:
    told = os.times()
    return told.user + told.system
