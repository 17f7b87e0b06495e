"""The worker: reads one untrusted file from standard input, writes its harmless twin out.

It loads the libraries this format needs, gives up every right (confine.py), and only then reads: nothing can be
loaded later. Its answer is one line of JSON, then the parts one after the other.
"""

import gc
import json
import os
import resource
from collections.abc import Callable
from typing import Any

from vardvag.files.sandbox import confine, staying
from vardvag.files.sandbox.formats import Format
from vardvag.files.sandbox.reasons import Reason, Rejected
from vardvag.files.sandbox.rebuilt import Limits, Rebuilt


def main(order: dict[str, Any]) -> int:
    """Once, for the file on standard input; or, where it stays, for each that is ordered there."""
    if not order["stays"]:
        confine.die_with_parent()
    os.nice(5)  # pages come first
    if not order["walled"]:
        confine.leave_network()
    format = Format(order["format"])
    opened = prepared(format)
    if order["probe"]:
        from vardvag.files.sandbox import probe  # noqa: PLC0415 - almost never

    def opens(limits: Limits) -> int:
        gc.enable()
        if not confined(limits, format):
            return answer({"reason": Reason.NO_SANDBOX, "detail": "seccomp"})
        return answer(probe.holes()) if order["probe"] else open_one(opened, format, limits)

    gc.freeze()
    if order["stays"]:
        return staying.stay(opens)
    return opens(Limits(**order["limits"]))


def confined(limits: Limits, format: Format) -> bool:
    confine.limit(memory=limits.memory, cpu=limits.cpu)
    try:
        if confine.filter_possible():
            confine.filter_calls(threads=format is Format.HEIF)  # its decoder has threads of its own
    except OSError:
        return False
    return True


def open_one(opened: Callable[[bytes, Limits], Rebuilt], format: Format, limits: Limits) -> int:
    try:
        done = opened(read_all(), limits)
    except Rejected as no:
        return answer({"reason": no.reason, "detail": no.detail})
    except (MemoryError, RecursionError) as problem:
        return answer({"reason": Reason.TOO_HARD, "detail": type(problem).__name__})
    except Exception as problem:  # the last net: nothing a file does ends in a stack trace
        broken = Reason.BROKEN_PDF if format is Format.PDF else Reason.BROKEN_PICTURE
        return answer({"reason": broken, "detail": type(problem).__name__})
    parts = [done.body, done.thumbnail, done.preview]
    if sum(map(len, parts)) > limits.output:
        return answer({"reason": Reason.TOO_HARD, "detail": "output"})
    told = {
        "content_type": done.content_type,
        "width": done.width,
        "height": done.height,
        "pages": done.pages,
        "parts": [len(part) for part in parts],
    }
    return answer({**told, **meter()}, *parts)


def prepared(format: Format) -> Callable[[bytes, Limits], Rebuilt]:
    """What opens this format, with all it needs loaded and nothing else."""
    if format is Format.PDF:
        from vardvag.files.sandbox import papers  # noqa: PLC0415 - only what this format needs

        papers.prepare()
        return papers.rebuild
    from vardvag.files.sandbox import pictures  # noqa: PLC0415 - the same

    pictures.prepare(format)
    return lambda data, limits: pictures.rebuild(data, format, limits)


def read_all() -> bytes:
    pieces = []
    while piece := os.read(0, 1 << 20):
        pieces.append(piece)
    return b"".join(pieces)


def answer(told: dict[str, Any], *parts: bytes) -> int:
    for part in (json.dumps(told).encode() + b"\n", *parts):
        view = memoryview(part)
        while view:
            view = view[os.write(1, view) :]
    return 0


def meter() -> dict[str, int]:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {"cpu_ms": int((used.ru_utime + used.ru_stime) * 1000), "peak_kib": used.ru_maxrss}
