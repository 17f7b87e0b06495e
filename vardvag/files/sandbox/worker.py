"""The process that opens one untrusted file: reads it from standard input, writes its harmless twin out.

Run by run.py as `python -I -S worker.py '<json>'`, never imported. It loads its libraries, gives up every
right (confine.py), and only then reads. Its answer is one line of JSON, then the parts one after the other.
"""

import _socket  # for probe(): loaded before the wall closes
import json
import os
import sys


def main() -> int:
    order = json.loads(sys.argv[1])
    sys.path[:0] = order["paths"]
    from vardvag.files.sandbox import confine  # noqa: PLC0415 - the paths above come first

    confine.die_with_parent()
    os.nice(5)  # pages come first
    if not order["walled"]:
        confine.leave_network()
    from vardvag.files.sandbox.magic import Format  # noqa: PLC0415
    from vardvag.files.sandbox.reasons import Reason, Rejected  # noqa: PLC0415
    from vardvag.files.sandbox.rebuilt import Limits  # noqa: PLC0415

    limits, format = Limits(**order["limits"]), Format(order["format"])
    if format is Format.PDF:
        from vardvag.files.sandbox import papers  # noqa: PLC0415 - only what this format needs

        papers.prepare()
    else:
        from vardvag.files.sandbox import pictures  # noqa: PLC0415

        pictures.prepare(format)

    confine.limit(memory=limits.memory, cpu=limits.cpu)
    if confine.filter_possible():
        try:
            confine.filter_calls()
        except OSError as problem:
            return answer({"reason": Reason.NO_SANDBOX, "detail": f"seccomp {problem.errno}"})
    if order.get("probe"):
        return answer(probe())
    try:
        data = read_all()
        if format is Format.PDF:
            done = papers.rebuild(data, limits)
        else:
            done = pictures.rebuild(data, format, limits)
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


def read_all() -> bytes:
    pieces = []
    while piece := os.read(0, 1 << 20):
        pieces.append(piece)
    return b"".join(pieces)


def answer(told: dict[str, object], *parts: bytes) -> int:
    for part in (json.dumps(told).encode() + b"\n", *parts):
        view = memoryview(part)
        while view:
            view = view[os.write(1, view) :]
    return 0


def meter() -> dict[str, int]:
    import resource  # noqa: PLC0415 - loaded by confine already

    used = resource.getrusage(resource.RUSAGE_SELF)
    return {"cpu_ms": int((used.ru_utime + used.ru_stime) * 1000), "peak_kib": used.ru_maxrss}


def probe() -> dict[str, object]:
    """Try what a hostile file would; every True is a hole."""

    def works(what: object, *arguments: object) -> bool:
        try:
            what(*arguments)  # type: ignore[operator]
        except (OSError, MemoryError):
            return False
        return True

    return {
        "socket": works(_socket.socket),
        "read": works(os.open, "/etc/passwd", os.O_RDONLY),
        "write": works(os.open, "/tmp/x", os.O_CREAT | os.O_WRONLY),  # noqa: S108
        "fork": works(os.fork),
        "execute": works(os.execv, "/bin/true", ["true"]),
        "signal": works(os.kill, os.getppid(), 0),
        "memory": works(bytearray, 600 * 1024 * 1024),
    }


if __name__ == "__main__":
    # Leave without tidying up: destructors of half-built objects in libraries are not worth running.
    code = main()
    os._exit(code)
