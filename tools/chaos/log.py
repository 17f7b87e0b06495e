"""What was asked and what came back, one JSON line each: invoked, then ok, failed or unknown; reads and faults too."""

import json
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

OK, FAILED, UNKNOWN = "ok", "failed", "unknown"
SLOW = 5.0  # seconds; such answers are written down


@dataclass
class Op:
    """`token` is in the text written, and nowhere else; `began` and `ended` are seconds of this run's clock."""

    number: int
    kind: str
    who: str
    case: str = ""
    token: str = ""
    began: float = 0.0
    ended: float = 0.0
    state: str = UNKNOWN
    tries: int = 0
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Read:
    """A thread as one session saw it."""

    who: str
    side: str
    case: str
    tokens: tuple[str, ...]
    began: float
    request_id: str


class Log:
    def __init__(self, path: Path) -> None:
        self._file: IO[str] = path.open("w", encoding="utf-8")
        self._lock = threading.Lock()
        self._zero = time.monotonic()
        self.ops: list[Op] = []
        self.reads: list[Read] = []
        self.answers: list[tuple[float, float, str, str, int]] = []  # began, seconds, method, path, status
        self.faults: list[tuple[float, float, str]] = []  # began, ended, name
        self.violations: list[str] = []  # seen while running

    def now(self) -> float:
        return time.monotonic() - self._zero

    def invoke(self, kind: str, who: str, *, case: str = "", token: str = "", **more: Any) -> Op:
        with self._lock:
            op = Op(len(self.ops), kind, who, case, token, self.now(), 0.0, UNKNOWN, 0, more)
            self.ops.append(op)
            self._write("invoked", op)
        return op

    def done(self, op: Op, state: str, why: str = "") -> None:
        with self._lock:
            op.state, op.ended = state, self.now()
            if why:
                op.more["why"] = why
            self._write(state, op)

    def read(self, one: Read) -> None:
        with self._lock:
            self.reads.append(one)
            self._line({"at": self.now(), "event": "read", **one.__dict__})

    def answered(self, method: str, path: str, status: int, seconds: float) -> None:
        with self._lock:
            self.answers.append((self.now() - seconds, seconds, method, path, status))
            if seconds > SLOW:
                self._line({"at": self.now(), "event": "slow", "seconds": seconds, "method": method, "path": path,
                            "status": status})  # fmt: skip

    def fault(self, began: float, name: str) -> None:
        with self._lock:
            self.faults.append((began, self.now(), name))
            self._line({"at": began, "event": "fault", "name": name, "until": self.now()})

    def wrong(self, what: str) -> None:
        with self._lock:
            self.violations.append(what)
            self._line({"at": self.now(), "event": "violation", "what": what})

    def _write(self, event: str, op: Op) -> None:
        self._line({"at": self.now(), "event": event, "op": op.number, "kind": op.kind, "who": op.who,
                    "case": op.case, "token": op.token, "tries": op.tries, **op.more})  # fmt: skip

    def _line(self, what: dict[str, Any]) -> None:
        self._file.write(json.dumps(what, ensure_ascii=False, default=str) + "\n")

    def close(self) -> None:
        with self._lock:
            self._file.close()
