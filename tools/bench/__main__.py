"""`python -m tools.bench [--cases N] [--rounds N] [--seconds S] [--kinds a,b] [--users 1,8,32] [--live] [--profile]`"""

import argparse
import json
import subprocess
import sys
import time
from dataclasses import asdict

import uvloop

from tools.bench import database, jobs, measure, place, pool, processes, product, profile, report, watchers
from tools.bench.measure import Sample
from tools.bench.tasks import Tasks
from tools.bench.wire import connect

KINDS = "queue,thread,reply,search,start,send,case,figures"


def arguments(words: list[str]) -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="make bench", description=__doc__)
    asked.add_argument("--cases", type=int, default=1_000_000)
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--seconds", type=float, default=4.0)
    asked.add_argument("--kinds", default=KINDS)
    asked.add_argument("--users", default="1,8,32")
    asked.add_argument("--live", default="", help="numbers of open pages, for example 1,500,2000,5000")
    asked.add_argument("--jobs", action="store_true")
    asked.add_argument("--profile", action="store_true", help="where time goes, instead of figures")
    asked.add_argument("--write", action="store_true", help="append the table to docs/performance.md")
    asked.add_argument("--fresh", action="store_true", help="build the database anew")
    asked.add_argument("--note", default="", help="said under the table")
    return asked.parse_args(words)


def main(words: list[str]) -> int:
    asked = arguments(words)
    where = place.folder(asked.cases)
    where.mkdir(parents=True, exist_ok=True)
    if asked.fresh:
        (where / database.MARK).unlink(missing_ok=True)
    if not database.built(asked.cases):
        _build(asked.cases)
    database.fresh(asked.cases)
    with product.running(asked.cases) as running:
        return uvloop.run(_measured(asked, running, words))


def _build(cases: int) -> None:
    print(f"Building {cases:,} cases in {place.folder(cases)} ...", flush=True)
    for name in ("pg18", "pg18.kept"):
        subprocess.run(["rm", "-rf", str(place.folder(cases) / name)], check=True)
    environment = {**place.environment(cases, 1), "VARDVAG_ROLE": "owner"}
    command = [sys.executable, "-m", "tools.bench.database", str(cases)]
    if subprocess.run(command, env=environment, cwd=place.ROOT).returncode:
        raise SystemExit("The database was not built; the reason is above.")


async def _measured(asked: argparse.Namespace, running: product.Product, words: list[str]) -> int:
    kinds, users = asked.kinds.split(","), tuple(int(n) for n in asked.users.split(","))
    db = pool.connect(running.environment)
    maker = pool.Maker(db)
    print(f"ready in {running.ready:.1f} s; choosing people and cases ...", flush=True)
    rounds = 0 if asked.profile else asked.rounds
    sends = int(400 * asked.seconds * len(users) * rounds) if "send" in kinds and rounds else 400
    tasks = Tasks(maker.make(senders=2 * sends + 200))
    wire = await connect(running.port)
    began = time.monotonic()
    await tasks.queue(wire)
    first = time.monotonic() - began
    walked = await tasks.walk(wire)
    maker.drafts(tasks.pool, walked, sends)
    tasks.filled()
    wire.close()
    if asked.profile:
        profile.run(tasks, kinds, running)
        return 0
    idle, paces = processes.memory(running.pid), [measure.pace()]

    def told(sample: Sample) -> None:
        paces.append(measure.pace())
        _line(sample, paces[-1])

    await measure.settled(running.pid)
    samples = await measure.rounds(
        tasks, kinds=kinds, users=users, count=asked.rounds, seconds=asked.seconds, port=running.port,
        root=running.pid, told=told, settle=lambda: jobs.settle(db),
    )  # fmt: skip
    loaded = processes.memory(running.pid)
    found = {
        "words": words, "cases": asked.cases, "note": asked.note, "ready": running.ready, "first": first,
        "idle": asdict(idle), "loaded": asdict(loaded), "paces": sorted(paces),
        "samples": [asdict(s) for s in measure.middle(samples)],
    }  # fmt: skip
    if asked.jobs:
        jobs.settle(db)
        count, seconds = jobs.measure(db)
        found["jobs"] = {"count": count, "seconds": seconds}
        print(f"{count} jobs in {seconds:.1f} s: {count / seconds:.0f} jobs/s", flush=True)
    if asked.live:
        found["live"] = []
        for pages in (int(n) for n in asked.live.split(",")):
            seen = await watchers.measure(maker, pages, running, told=print)
            found["live"].append(seen)
    with (place.folder(asked.cases).parent / "results.jsonl").open("a") as file:
        file.write(json.dumps({"at": time.strftime("%Y-%m-%d %H:%M"), **found}) + "\n")
    text = report.table(found)
    print(text)
    if asked.write:
        report.append(text)
    return 0


def _line(s: Sample, pace: float) -> None:
    print(
        f"{s.kind:8} {s.users:3} users {s.rate:8.1f}/s  p50 {s.p50:6.1f}  p95 {s.p95:6.1f}  p99 {s.p99:6.1f} ms"
        f"  cpu {s.cpu.whole:6.2f} ms (web {s.cpu.web:.2f}, db {s.cpu.pages_db:.2f}, worker {s.cpu.worker:.2f}+"
        f"{s.cpu.jobs_db:.2f}, other {s.cpu.other_db:.2f})  generator {s.generator:.0%}"
        f"  pace {pace:.0f}",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
