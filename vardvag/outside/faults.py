"""What a stand-in may be told to do wrong, so that the real client meets it over a real socket."""

from collections import deque
from dataclasses import dataclass
from threading import Lock

KINDS = ("ok", "slow", "hang", "down", "fail", "garbage", "half", "drip", "html")


@dataclass(frozen=True, slots=True)
class Fault:
    """ok | slow (answers after `seconds`) | hang (cuts after `seconds`) | down (cuts at once) | fail (HTTP
    `status`) | garbage (200, bytes that mean nothing) | half (half the body, then cut) | drip (a byte at a
    time, `seconds` in all) | html (200, a page of some proxy)."""

    kind: str = "ok"
    seconds: float = 5.0
    status: int = 500

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown fault {self.kind!r}; one of {', '.join(KINDS)}")


OK = Fault()


class Faults:
    """One standing state (the control page) and a queue of next answers (tests), the queue first."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._standing = OK
        self._next: deque[Fault] = deque()

    @property
    def standing(self) -> Fault:
        return self._standing

    def stay(self, kind: str = "ok", *, seconds: float = 5.0, status: int = 500) -> None:
        with self._lock:
            self._standing = Fault(kind, seconds, status)
            self._next.clear()

    def plan(self, *faults: Fault | str) -> None:
        with self._lock:
            self._next.extend(f if isinstance(f, Fault) else Fault(f) for f in faults)

    def take(self) -> Fault:
        with self._lock:
            return self._next.popleft() if self._next else self._standing
