"""The table, for people; appended to docs/performance.md between its marks."""

import os
import platform
import time
from pathlib import Path
from typing import Any

from tools.bench.place import ROOT

PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- bench: written by make bench -->", "<!-- /bench -->"
NAMES = {
    "queue": "queue page of 50", "thread": "open a thread of 10", "reply": "reply", "search": "text search in a unit",
    "start": "resident's start page", "send": "send a filled-in case", "case": "a whole case, every page",
    "figures": "the queue's counters",
}  # fmt: skip


def machine() -> str:
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.machine(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores of {model}, {memory:.0f} GB, Linux {platform.release().split('-')[0]}"


def table(found: dict[str, Any]) -> str:
    load = os.getloadavg()[0]
    paces = found["paces"]
    lines = [
        f"### {found['cases']:,} cases, {time.strftime('%Y-%m-%d %H:%M')}",
        f"{machine()}, Python {platform.python_version()}; load at the end {load:.1f};"
        f" pace {paces[len(paces) // 2]:.0f} ms ({paces[0]:.0f} to {paces[-1]:.0f})."
        f" `python -m tools.bench {' '.join(found['words'])}`",
        *([found["note"]] if found["note"] else []),
        "",
        "| | users | a second | p50 ms | p95 ms | p99 ms | CPU ms each | of it pages | their database | worker and its"
        " database | generator |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for s in sorted(found["samples"], key=lambda s: (list(NAMES).index(s["kind"]), s["users"])):
        cpu = s["cpu"]
        lines.append(
            f"| {NAMES[s['kind']]} | {s['users']} | {s['done'] / s['seconds']:.1f} | {s['p50']:.1f} | {s['p95']:.1f} |"
            f" {s['p99']:.1f} | {sum(cpu.values()):.1f} | {cpu['web']:.1f} | {cpu['pages_db']:.1f} |"
            f" {cpu['worker'] + cpu['jobs_db']:.1f} | {s['generator']:.0%} |"
        )
    idle, loaded = found["idle"], found["loaded"]
    lines += [
        "",
        f"Start to ready {found['ready']:.1f} s, first queue page {found['first'] * 1000:.0f} ms. Memory (PSS) after"
        f" start {sum(idle.values()):.0f} MiB, after the rounds {sum(loaded.values()):.0f} MiB (pages"
        f" {loaded['web']:.0f}, worker {loaded['worker']:.0f}, database"
        f" {loaded['pages_db'] + loaded['jobs_db'] + loaded['other_db']:.0f}).",
    ]
    if jobs := found.get("jobs"):
        lines.append(
            f"Jobs: {jobs['count'] / jobs['seconds']:.0f} a second ({jobs['count']} replies released)."
        )
    if live := found.get("live"):
        lines += ["", "| open pages | reached by an event | p50 ms | p95 ms | p99 ms | most ms | KiB a page |",
                  "|---|---|---|---|---|---|---|"]  # fmt: skip
        lines += [
            f"| {one['pages']} | {one['reached']} | {one['p50']:.1f} | {one['p95']:.1f} | {one['p99']:.1f} |"
            f" {one['most']:.1f} | {one['kib']:.0f} |"
            for one in live
        ]
    return "\n".join(lines) + "\n"


def append(text: str) -> None:
    page = PAGE.read_text()
    if BEGIN not in page:
        page = f"{page.rstrip()}\n\n## Under load (`make bench`)\n{BEGIN}\n{END}\n"
    PAGE.write_text(page.replace(END, f"\n{text}{END}"))
