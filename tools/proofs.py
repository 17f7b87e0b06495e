"""`make nightly`: the goals of docs/trust.md that a command shows, sampled (an hour, two cores). `make weekly`: in
full, a day. What has been shown at this commit is not run again: a run that was stopped goes on where it was.

`python -m tools.proofs [--weekly] [--only NAME,...] [--seed N] [--again] [--write]`
"""

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from tools.goals import ROOT, commit

KEPT = ROOT / ".cache" / "proofs"  # what each wrote, and what has been shown
SHOWN = KEPT / "shown.jsonl"


@dataclass(frozen=True, slots=True)
class Proof:
    """Words after `python -m`; `night` None: only in full."""

    name: str
    goals: str
    night: str | None
    week: str
    seeded: bool = True


PROOFS = (
    Proof("doors", "G27", "tools.hostile doors --cases 5000", "tools.hostile doors --cases 100000"),
    Proof("parsers", "G27", "tools.hostile parsers --cases 200000", "tools.hostile parsers --cases 10000000"),
    Proof("wire", "G27", "tools.hostile wire --cases 1000", "tools.hostile wire"),
    Proof("files", "G24", "tools.hostile files --cases 1000", "tools.hostile files --cases 10000"),
    Proof("scripts", "G22", "tools.hostile scripts --rounds 1", "tools.hostile scripts --rounds 20"),
    Proof("csrf", "G23", "pytest -q tests/flows/test_csrf.py", "pytest -q tests/flows/test_csrf.py", seeded=False),
    Proof("login", "G25", "tools.attacks login --times 5", "tools.attacks login --times 100"),
    Proof("leaving", "G26", "tools.attacks leaving --times 60", "tools.attacks leaving --times 1000"),
    Proof("races", "G8", "tools.chaos races --races 200", "tools.chaos races --races 10000"),
    Proof("kills", "G4 G7 G10", "tools.chaos kills --minutes 4",
          "tools.chaos statements --times 200 --upgrades 20 --databases 100 --writes 200000 --writers 40"),
    Proof("commits", "G6", "tools.chaos commits --cancels 100", "tools.chaos commits --cancels 1000"),
    Proof("slow", "U5 U12", "tools.slow journey --times 2", "tools.slow both"),
    Proof("matrix", "G15 G16 G19 G20",
          "tools.matrix --requests 5000 --mutants 500 --reads 500 --tamperings 500 --rows 50000",
          "tools.matrix --reads 100000 --rows 10000000"),
    Proof("networks", "G12", None, "tools.chaos networks --rounds 20 --seconds 12"),
    Proof("disks", "G11", None, "tools.chaos disk --times 20"),
    Proof("memory", "G11", None, "tools.chaos memory --times 20"),
    Proof("power", "G4", None, "tools.chaos power --times 20"),
    Proof("restores", "G14", None, "tools.restore_drill", seeded=False),
    Proof("load", "G1 G2 G3", None, "tools.load all --cases 1000000"),
)  # fmt: skip


def main(words: list[str]) -> int:
    asked = argparse.ArgumentParser(prog="make nightly", description=__doc__)
    asked.add_argument("--weekly", action="store_true")
    asked.add_argument(
        "--only", default="", help=f"with commas between: {', '.join(one.name for one in PROOFS)}"
    )
    asked.add_argument("--seed", type=int, default=datetime.now(UTC).date().toordinal())
    asked.add_argument("--again", action="store_true", help="also what has been shown at this commit")
    asked.add_argument("--write", action="store_true", help="the figures into docs")
    told = asked.parse_args(words)
    names = set(filter(None, told.only.split(","))) or {one.name for one in PROOFS}
    if unknown := names - {one.name for one in PROOFS}:
        asked.error(f"no proof is called {', '.join(sorted(unknown))}; see --help")
    KEPT.mkdir(parents=True, exist_ok=True)
    shown = set() if told.again else already(weekly=told.weekly)
    failed = []
    for proof in PROOFS:
        command = proof.week if told.weekly else proof.night
        if proof.name not in names or command is None:
            continue
        if proof.name in shown:
            print(f"ok    {proof.goals}: {proof.name}, shown before at this commit", flush=True)
        elif not run(proof, words_of(proof, command, told), told.seed, weekly=told.weekly):
            failed.append(proof.name)
    print(f"\n{'Not shown: ' + ', '.join(failed) if failed else 'All shown.'}")
    return 1 if failed else 0


def here() -> str:
    """The commit; nothing where files differ from it."""
    changed = subprocess.run(
        ["git", "status", "--porcelain"], cwd=ROOT, capture_output=True, check=False
    ).stdout
    return "" if changed else commit()


def already(*, weekly: bool) -> set[str]:
    lines = [json.loads(line) for line in SHOWN.read_text().splitlines()] if SHOWN.exists() else []
    return {
        one["name"] for one in lines if one["commit"] and (one["commit"], one["weekly"]) == (here(), weekly)
    }


def words_of(proof: Proof, command: str, told: argparse.Namespace) -> list[str]:
    if not proof.seeded:
        return command.split()
    return [*command.split(), "--seed", str(told.seed), *(["--write"] if told.write else [])]


def run(proof: Proof, words: list[str], seed: int, *, weekly: bool) -> bool:
    began, log = time.monotonic(), KEPT / f"{proof.name}.log"
    with log.open("w", encoding="utf-8") as out:
        done = subprocess.run(
            [sys.executable, "-m", *words],
            cwd=ROOT, env={**os.environ, "WEB_PROCESSES": "2"}, stdout=out, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
    took = round(time.monotonic() - began)
    well = done.returncode == 0
    print(f"{'ok   ' if well else 'WRONG'} {proof.goals}: {' '.join(words)} ({took} s)", flush=True)
    if well:
        line = {"name": proof.name, "weekly": weekly, "commit": here(), "seconds": took, "seed": seed}
        with SHOWN.open("a", encoding="utf-8") as kept:
            kept.write(json.dumps(line) + "\n")
    else:
        lines = log.read_text(errors="replace").splitlines()
        told = [one for one in lines if one.startswith(("WRONG", "FAILED", "STOPPED", "E  "))] or lines[-15:]
        print("\n".join(f"      {one[:300]}" for one in told[:20]), f"      All of it: {log}", sep="\n")
    return well


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
