"""Many hostile files against the real sandbox: `python -m vardvag.files.tests.campaign 10000 [seed]`.

Each is one of the corpus, cut, flipped, spliced or padded by a seeded chance. Prints one line of JSON; ends with 1
when a file was left without a reason, kept something hostile, or took more than its share.
"""

import io
import json
import random
import resource
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pikepdf

from vardvag.files.sandbox import run
from vardvag.files.sandbox.reasons import Reason, Rejected
from vardvag.files.tests import corpus

INERT = (b"CANARY",)  # what must not be anywhere
ACTIVE = (*INERT, b"<script", b"PK\x03\x04")  # nor in a picture, nor in what steers a PDF
STEERING = (*ACTIVE, b"/JavaScript", b"/JS", b"/Launch", b"/URI", b"/EmbeddedFile", b"/OpenAction")


def mutated(chance: random.Random, seeds: list[bytes]) -> bytes:
    data = bytearray(chance.choice(seeds))
    for _ in range(chance.choice((0, 1, 1, 2, 5, 30))):
        at, how = chance.randrange(len(data) + 1), chance.randrange(7)
        some = chance.randrange(1, 64)
        match how:
            case 0 | 1:
                data[at : at + 1] = bytes([chance.randrange(256)])
            case 2:
                data[at : at + some] = chance.randbytes(some)
            case 3:
                del data[at : at + some]
            case 4:
                data[at:at] = chance.choice(
                    (b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff", corpus.SCRIPT, corpus.ZIP)
                )
            case 5:
                other = chance.choice(seeds)
                cut = chance.randrange(len(other) + 1)
                data[at:] = other[cut : cut + 200_000]
            case 6:
                del data[max(at, 64) :]
        if not data:
            break
    return bytes(data)


def judged(data: bytes) -> tuple[str, str]:
    """(what became of it, what was wrong with that)."""
    began = time.monotonic()
    try:
        done = run.rebuild(data, patience=600)
    except Rejected as no:
        wrong = "not opened in a sandbox" if no.reason is Reason.NO_SANDBOX else ""
        return no.reason, wrong or ("slow" if time.monotonic() - began > 25 else "")
    left = [one for one in ACTIVE if one in done.thumbnail or one in done.preview]
    if done.content_type == "application/pdf":
        left += [one for one in INERT if one in done.body] + steered(done.body)
    else:
        left += [one for one in ACTIVE if one in done.body]
    if left or done.cpu_ms > 6000 or done.peak_kib > 512 * 1024:
        return done.content_type, f"left {left}, {done.cpu_ms} ms, {done.peak_kib} KiB"
    return done.content_type, ""


def steered(body: bytes) -> list[bytes]:
    """Words that act, in a PDF's dictionaries; in the data of a damaged photo they are noise."""
    with pikepdf.open(io.BytesIO(body)) as paper:
        things = [
            thing for thing in paper.objects if isinstance(thing, pikepdf.Object)
        ]  # the rest are numbers
        steering = [thing.stream_dict if isinstance(thing, pikepdf.Stream) else thing for thing in things]
        said = b"".join(one.unparse(resolved=True) for one in steering)
    return [one for one in STEERING if one in said]


def seeds() -> list[bytes]:
    """The corpus, and a photo in each place of a PDF that may hold one."""
    known = [data for data, _ in (*corpus.refused().values(), *corpus.disarmed().values()) if data]
    inline = [corpus.pdf_with_inline_photo(wrapped, where)
              for wrapped in (False, True) for where in ("page", "form", "pattern", "letter")]  # fmt: skip
    return known + inline + list(corpus.either_way().values())


def run_many(count: int, seed: int, until: float = 0.0) -> dict[str, Any]:
    """The figures. `until`: monotonic seconds when to stop nevertheless. A hundred at a time, so that the files of
    a long run are not all made at its beginning."""
    known, chance = seeds(), random.Random(seed)  # noqa: S311 - to be repeated, not secret
    outcomes: Counter[str] = Counter()
    wrong: list[str] = []
    number = 0
    with ThreadPoolExecutor(2) as two:
        while number < count and not (until and time.monotonic() > until):
            files = [mutated(chance, known) for _ in range(min(100, count - number))]
            for outcome, fault in two.map(judged, files):
                outcomes[outcome] += 1
                if fault:
                    wrong.append(f"{number} {outcome}: {fault}")
                number += 1
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    return {
        "goal": "G24",
        "files": number,
        "seed": seed,
        "wrong": wrong,
        "outcomes": outcomes,
        "peak_mib": peak,
    }


def main(count: int, seed: int) -> int:
    told = run_many(count, seed)
    print(json.dumps(told))
    return 1 if told["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1))
