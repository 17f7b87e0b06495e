"""Random texts and answers against the line protocol: never an exception, and how long a step takes.

A host that takes the core away for a moment counts as CPU of whoever ran. So a line over the limit is said again, from
where the conversation then stood, and the least of four is the line's own; both figures are printed.

`python -m vardvag.services.triage.evaluation.fuzz --texts 100000 [--seed 1]` (`make triage-fuzz`)
"""

import argparse
import copy
import json
import random
import sys
import time
from collections.abc import Iterator
from typing import Any

from vardvag.services.triage.engine.library import Library
from vardvag.services.triage.lines import UNHANDLED, Conversation, ready

LIMIT = 0.05  # seconds of CPU of a line
AGAIN = 3
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


def run(texts: int, seed: int) -> tuple[int, list[float], list[float]]:
    """Exceptions; CPU seconds of each line; the least of four, in seconds, of each that was over the limit."""
    rng, talk = random.Random(seed), ready()  # noqa: S311 - not a secret
    reasons = list(talk.library.reasons)
    broken, seconds, slow = 0, [], []
    for _ in range(texts):
        asked = "?"
        for line in conversation(rng, reasons):
            line = line.replace('"?"', json.dumps(asked))
            before = copy.deepcopy(vars(talk), {id(talk.library): talk.library})
            told, took = _timed(talk, line)
            seconds.append(took)
            if took > LIMIT:
                slow.append(min(took, *(_again(talk.library, before, line) for _ in range(AGAIN))))
                print(
                    f"{took * 1000:.0f} ms, at least {slow[-1] * 1000:.1f}: {line[:100]!r}", file=sys.stderr
                )
            if str(told.get("error", "")).startswith(UNHANDLED):
                broken += 1
                print(f"{told['error']}\n  {line[:300]!r}", file=sys.stderr)
            asked = str((told.get("question") or {}).get("id", "?"))
    return broken, seconds, slow


def _timed(talk: Conversation, line: str) -> tuple[dict[str, Any], float]:
    began = time.thread_time()
    told = talk.line(line)
    return told, time.thread_time() - began


def _again(library: Library, before: dict[str, Any], line: str) -> float:
    talk = Conversation(library)
    vars(talk).update(copy.deepcopy(before, {id(library): library}))
    return _timed(talk, line)[1]


def main(words: list[str]) -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--texts", type=int, default=100_000)
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args(words)
    broken, seconds, slow = run(given.texts, given.seed)
    seconds.sort()
    lines = len(seconds)
    middle, late = seconds[lines // 2] * 1000, seconds[lines * 99 // 100] * 1000
    print(f"{given.texts} texts, {lines} lines: {broken} exceptions")
    print(f"CPU of a line: p50 {middle:.1f} ms, p99 {late:.1f}, most {seconds[-1] * 1000:.1f};"
          f" over 50 ms: {len(slow)}, of these when said again: {sum(one > LIMIT for one in slow)}")  # fmt: skip
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
