"""G4, G7, G10: pages and worker are killed between two statements, again and again, the database wherever it is, and
the product is upgraded meanwhile, each time to a version with one more migration. failpoint/ is what dies."""

import compileall
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from tools.chaos.campaigns import Asked, Run, wait_until
from tools.chaos.checker import Verdict
from tools.chaos.log import OK

FAILPOINT = Path(__file__).parent / "failpoint"
PARTS = {"web": 80, "work": 60}  # part: the furthest statement from the order; a page asks ten to forty
COMES = 20.0  # seconds until somebody has got there
READY = 60.0  # seconds without anybody's hand
LEFT = 45.0  # seconds until the old pages of an upgrade have gone
TABLES = ("cases_case", "cases_message", "inbox_delivery", "inbox_contactsettings", "identity_session")
MIGRATION = """
from django.db import migrations
class Migration(migrations.Migration):
    dependencies = [("inbox", "{before}")]
    operations = [migrations.RunSQL("alter table {table} add column {column} text", migrations.RunSQL.noop)]
"""


@dataclass
class Wanted:
    """How often each at least; then it goes on until so much has been acknowledged, or the time is over."""

    deaths: int
    databases: int = 0
    upgrades: int = 0
    writes: int = 0
    minutes: float = 1e9


def statements(asked: Asked, wanted: Wanted) -> tuple[Verdict, Counter[str], Counter[str]]:
    """(verdict, statement died at -> times, what was done -> times)."""
    place = Path(tempfile.mkdtemp(prefix="vardvag-chaos-order-"))
    order = place / "order"
    run = Run(
        asked, more={"PYTHONPATH": f"{FAILPOINT}:{asked.source.resolve()}", "CHAOS_FAILPOINT": str(order)}
    )
    rng = random.Random(asked.seed)  # noqa: S311 - repeatable, not secret
    versions = newer(asked.source.resolve(), place)
    died: Counter[str] = Counter()
    done: Counter[str] = Counter()
    until = time.monotonic() + wanted.minutes * 60

    def strike(what: str) -> None:
        if what == "upgraded":
            done[what] += upgraded(run, next(versions))
        elif what == "database":
            done[what] += killed(run, what)
        elif statement := death(run, order, what, rng):
            died[statement] += 1
            done[what] += 1

    try:
        run.start()
        run.people(asked.writers)
        acting = Thread(target=run.act, args=(3600.0 * 24, None), daemon=True)
        acting.start()
        time.sleep(5)
        for what in planned(wanted, rng):
            strike(what)
            run.stop.wait(asked.every * rng.random())
        while time.monotonic() < until and sum(op.state == OK for op in run.log.ops) < wanted.writes:
            strike(rng.choice([*PARTS, "database"]))
            run.stop.wait(asked.every * rng.random())
        run.stop.set()
        acting.join(120)
        return run.verdict(), died, done
    finally:
        run.close()
        shutil.rmtree(place, ignore_errors=True)


def planned(wanted: Wanted, rng: random.Random) -> list[str]:
    strikes = [
        *rng.choices(list(PARTS), k=wanted.deaths), *["database"] * wanted.databases, *["upgraded"] * wanted.upgrades,
    ]  # fmt: skip
    rng.shuffle(strikes)
    return strikes


def killed(run: Run, what: str) -> bool:
    """With kill -9, wherever it is; whether there was one."""
    began = run.log.now()
    there = run.product.kill(what) > 0
    if wait_until(run.product.ready, READY) is None:
        run.log.wrong(f"not ready {READY:.0f} s after {what} was killed: {run.product.said()[-300:]}")
    run.log.fault(began, what)
    return there


def death(run: Run, order: Path, part: str, rng: random.Random) -> str:
    """The statement at which it died, empty when nobody came that far."""
    began = run.log.now()
    for old in order.parent.glob("order.*"):
        old.unlink()
    unready = order.with_suffix(".new")
    unready.write_text(
        f"{part} {rng.randrange(PARTS[part])} {rng.choice(('before', 'after'))} {rng.random()}"
    )
    unready.rename(order)
    at = order.with_suffix(".at")
    if wait_until(at.exists, COMES) is None:
        with suppress(FileNotFoundError):
            order.unlink()
        return ""
    if wait_until(run.product.ready, READY) is None:
        run.log.wrong(f"not ready {READY:.0f} s after {part} died: {run.product.said()[-300:]}")
    run.log.fault(began, f"statement-{part}")
    return at.read_text() or "?"


def newer(source: Path, place: Path) -> Iterator[Path]:
    """Copies of the product, each with one migration more than the one before."""
    before = max(path.stem for path in (source / "vardvag" / "inbox" / "migrations").glob("0*.py"))
    last, added = source, list[tuple[str, str]]()
    for n in range(1, 10_000):
        folder = place / f"version-{n}"
        shutil.copytree(source / "vardvag", folder / "vardvag", ignore=shutil.ignore_patterns("tests"))
        name = f"{9000 + n}_later"
        text = MIGRATION.format(before=before, table=TABLES[n % len(TABLES)], column=f"later_{n}")
        added.append((name, text))
        before = name
        for known, words in added:
            (folder / "vardvag" / "inbox" / "migrations" / f"{known}.py").write_text(words)
        compileall.compile_dir(folder, quiet=1)  # as an installed version is
        yield folder
        if last != source:
            shutil.rmtree(last, ignore_errors=True)
        last = folder


def upgraded(run: Run, version: Path) -> bool:
    """To that version, while people work. Later starts are of it, too."""
    began, product = run.log.now(), run.product
    path = f"{FAILPOINT}:{version}"
    told = subprocess.run(
        [sys.executable, "-m", "vardvag.config", "upgrade"], cwd=version, check=False, capture_output=True, text=True,
        env={**product.environment(), "PYTHONPATH": path, "PATH": os.environ["PATH"]}, timeout=300,
    )  # fmt: skip
    run.log.fault(began, "upgrade")
    if told.returncode:
        run.log.wrong(f"not upgraded: {(told.stdout + told.stderr)[-300:]}")
        return False
    gone = wait_until(lambda: len(product.pids("web")) <= int(os.environ.get("WEB_PROCESSES", "1")), LEFT)
    if gone is None:
        run.log.wrong(f"old pages still there {LEFT:.0f} s after an upgrade")
    product.source = version
    product.more["PYTHONPATH"] = path
    return True
