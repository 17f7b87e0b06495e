"""Where time goes: statements and their time for each kind of request, and what the page threads are doing."""

import asyncio
import re
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

from tools.bench import measure, place, pool, processes
from tools.bench.product import Product
from tools.bench.tasks import RanOut, Tasks
from tools.bench.wire import connect

TIMES = 20
_LINE = re.compile(r"vardvag_app@.*?duration: ([\d.]+) ms(?:\s+(?:statement|execute [^:]*): (.*))?")
PARTS = (  # the first that matches a frame, from the innermost outwards
    ("database driver", r"psycopg"), ("templates", r"django/template"), ("translations", r"gettext|django/utils/trans"),
    ("addresses", r"django/urls"), ("dates", r"core/dates|zoneinfo|django/utils/format"), ("forms", r"django/forms"),
    ("models and queries", r"django/db"), ("middleware and csrf", r"middleware|csp|csrf"), ("audit", r"vardvag/audit"),
    ("logs", r"logging/|core/logs"), ("server", r"uvicorn|a2wsgi|asyncio|uvloop|wsgi"), ("ours", r"vardvag/"),
)  # fmt: skip


async def run(tasks: Tasks, kinds: list[str], running: Product, seconds: float) -> None:
    for kind in kinds:
        print(f"\n== {kind}", flush=True)
        await _statements(tasks, kind, running)
        await _threads(tasks, kind, running, seconds)


async def _statements(tasks: Tasks, kind: str, running: Product) -> None:
    """The server writes every statement of TIMES requests to its log; they are read from there."""
    with pool.connect(running.environment, "supervisor") as admin:
        log = Path(running.environment["VARDVAG_DATA"]) / "postgres.log"
        admin.execute("alter system set log_min_duration_statement = 0")
        admin.execute("select pg_reload_conf()")
        await asyncio.sleep(0.3)
        start = log.stat().st_size
        wire, asked = await connect(running.port), tasks.requests
        done = 0
        try:
            for _ in range(TIMES):
                await tasks.kinds()[kind](wire)
                done += 1
        except RanOut:
            pass
        finally:
            wire.close()
            admin.execute("alter system reset log_min_duration_statement")
            admin.execute("select pg_reload_conf()")
        await asyncio.sleep(0.2)
    with log.open(errors="replace") as file:
        file.seek(start)
        found = [(float(m[1]), " ".join((m[2] or "").split())) for m in map(_LINE.search, file) if m]
    said = [(ms, _shape(text)) for ms, text in found if text]
    count = Counter(text for _, text in said)
    total: defaultdict[str, float] = defaultdict(float)
    for ms, text in said:
        total[text] += ms
    requests = tasks.requests - asked
    print(f"{len(said) / done:.1f} statements, {sum(ms for ms, _ in found) / done:.2f} ms in the database"
          f" ({requests / done:.0f} requests)")  # fmt: skip
    for ms, text in sorted(((v, k) for k, v in total.items()), reverse=True)[:40]:
        print(f"  {ms / done:7.3f} ms  {count[text] / done:5.2f} x  {text[:150]}")


def _shape(text: str) -> str:
    """Without the values and the long lists of columns."""
    text = re.sub(r"'(?:[^']|'')*'", "?", text)
    text = re.sub(r"(?i)^(select (?:distinct )?).{60,}? from ", r"\1… from ", text)
    return re.sub(r"\b\d+\b", "?", text)


async def _threads(tasks: Tasks, kind: str, running: Product, seconds: float) -> None:
    sampler = shutil.which("py-spy") or str(Path(sys.executable).with_name("py-spy"))
    pid = next((p for p in processes.tree(running.pid) if processes.kind(p) == "web"), 0)
    out = place.folder(1).parent / f"profile-{kind}.txt"
    spy = None
    if Path(sampler).exists():
        spy = subprocess.Popen(
            [sampler, "record", "--gil", "-r", "400", "-d", str(max(2, int(seconds))), "-f", "raw", "-o", str(out),
             "-p", str(pid)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        await asyncio.sleep(0.7)
    sample = await measure.one(tasks, kind, 4, seconds + 1, running.port, running.pid)
    print(
        f"  CPU {sample.cpu.whole:.2f} ms each (pages {sample.cpu.web:.2f}, database {sample.cpu.pages_db:.2f})"
    )
    if spy is None:
        print("  (no py-spy here: pip install py-spy shows what the threads do)")
        return
    await asyncio.to_thread(spy.wait)
    _told(out)


def _told(out: Path) -> None:
    parts, leaves, whole = Counter[str](), Counter[str](), 0
    for line in out.read_text().splitlines():
        stack, _, number = line.rpartition(" ")
        frames = stack.split(";")
        count = int(number)
        whole += count
        leaves[frames[-1]] += count
        parts[_part(frames)] += count
    for name, count in parts.most_common():
        print(f"  {count / max(whole, 1):6.1%}  {name}")
    for name, count in leaves.most_common(12):
        print(f"          {count / max(whole, 1):6.1%}  {name}")


def _part(frames: list[str]) -> str:
    for frame in reversed(frames):
        for name, pattern in PARTS:
            if re.search(pattern, frame):
                return name
    return "other"
