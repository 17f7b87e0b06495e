"""What is wrong with a Bundle, all of it at once."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    path: str
    what: str
    cure: str

    def __str__(self) -> str:
        return f"{self.path or 'the file'}: {self.what} {self.cure}"


class BadBundle(Exception):
    """A Bundle that cannot be used, with every fault found."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = list(dict.fromkeys(faults))
        super().__init__("\n".join(map(str, self.faults)))


class CannotExport(Exception):
    """A protocol that would not come back as it is. `str()` says where and the cure."""
