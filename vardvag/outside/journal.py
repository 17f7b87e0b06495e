"""What a stand-in saw: the page Omvärlden and the tests read it. Kept in memory, newest last."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from threading import Lock
from typing import Any

from vardvag.core.clock import now


@dataclass(frozen=True, slots=True)
class Entry:
    number: int
    at: datetime
    system: str  # bankid | eid | siths | population | sms | mail | hsa | scanner
    what: str  # one line for people
    data: dict[str, Any] = field(default_factory=dict)


class Journal:
    def __init__(self, keep: int = 2000) -> None:
        self._entries: deque[Entry] = deque(maxlen=keep)
        self._numbers = count(1)
        self._lock = Lock()

    def note(self, system: str, what: str, **data: Any) -> Entry:
        with self._lock:
            entry = Entry(next(self._numbers), now(), system, what, data)
            self._entries.append(entry)
        return entry

    def entries(self, system: str | None = None, *, after: int = 0) -> list[Entry]:
        with self._lock:
            return [e for e in self._entries if e.number > after and (system is None or e.system == system)]
