"""Random texts and answers against the line protocol: never an exception, and how long a step takes.

`python -m vardvag.services.triage.evaluation.fuzz --texts 100000 [--seed 1]` (`make triage-fuzz`)
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Iterator
from typing import Any

from vardvag.services.triage.lines import UNHANDLED, ready

PIECES = (
    "ont i bröstet", "feber 39,6", "inte", "ingen", "min son 4 år", "sedan i fredags", "gravid v 30", "hjälp!!!",
    "😀🤒", "\u202eomvänt", "\x00\x07\x1b", "ååååååå", "krkäs", "blod", "2026-02-29", "<script>alert(1)</script>",
    "' or 1=1--", "{du}", "1e309", "½ liter", "a" * 300, "headache", "for 3 days", "👨‍👩‍👧", "مرحبا", "\n\n", "\ud7ff",
    "ZWJ\u200d\u200b", "=cmd()", "²", "³ 2 dagar", "٣ dagar", "0" * 4400, "9" * 400,
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, "yes", "no", "unknown", "", 0, -1, 37.5, 1e308, "39,6", "3d", "99999999y", [], ["none"], ["x"],
    {}, "😀", "\x00", "a" * 5000, [None], 10**30, 10**400, "9" * 400 + "d",
)  # fmt: skip


def text(rng: random.Random) -> str:
    kind = rng.random()
    if kind < 0.01:
        piece = rng.choice(PIECES)
        return (piece * (100_000 // len(piece) + 1))[:100_000]
    if kind < 0.2:
        return "".join(
            chr(rng.choice((rng.randrange(32, 0x250), rng.randrange(0x250, 0xD7FF))))
            for _ in range(rng.randrange(200))
        )
    return " ".join(rng.choice(PIECES) for _ in range(rng.randrange(1, 14)))


def conversation(rng: random.Random, reasons: list[str]) -> Iterator[str]:
    start = {"age": rng.choice((34, 4, 0, 90, None, -1, "x", 1e9)), "sex": rng.choice(("F", "M", None, "x")),
             "lang": rng.choice(("sv", "en", "de", None)), "text": text(rng)}  # fmt: skip
    yield json.dumps({"start": start})
    yield json.dumps(
        {"choose": rng.choice((rng.choice(reasons), rng.sample(reasons, 3), "finns inte", [], None, 7))}
    )
    for _ in range(rng.randrange(6)):
        yield json.dumps({"answer": {"id": "?", "value": rng.choice(VALUES)}})
    yield json.dumps({"stop": True})


def run(texts: int, seed: int) -> tuple[int, int, list[float]]:
    """Lines, exceptions, and CPU seconds of each line."""
    rng, talk = random.Random(seed), ready()  # noqa: S311 - not a secret
    reasons = list(talk.library.reasons)
    lines, broken, seconds = 0, 0, []
    for _ in range(texts):
        asked = "?"
        for line in conversation(rng, reasons):
            line = line.replace('"?"', json.dumps(asked))
            began = time.thread_time()
            told = talk.line(line)
            seconds.append(time.thread_time() - began)
            lines += 1
            if str(told.get("error", "")).startswith(UNHANDLED):
                broken += 1
                print(f"{told['error']}\n  {line[:300]!r}", file=sys.stderr)
            asked = str((told.get("question") or {}).get("id", "?"))
    return lines, broken, seconds


def main(words: list[str]) -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--texts", type=int, default=100_000)
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args(words)
    lines, broken, seconds = run(given.texts, given.seed)
    seconds.sort()
    middle, late = seconds[lines // 2] * 1000, seconds[lines * 99 // 100] * 1000
    print(f"{given.texts} texts, {lines} lines: {broken} exceptions")
    print(f"CPU of a line: p50 {middle:.1f} ms, p99 {late:.1f}, most {seconds[-1] * 1000:.1f};"
          f" over 50 ms: {sum(one > 0.05 for one in seconds)}")  # fmt: skip
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
