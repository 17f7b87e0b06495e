"""What the worker gives back, and the limits it works under. Shared by both sides of the wall.

Tuples with names and not dataclasses: loading what makes those takes the worker 4 ms, for every file.
"""

from typing import NamedTuple


class Limits(NamedTuple):
    memory: int = 512 * 1024 * 1024  # bytes of address space
    cpu: int = 5  # seconds
    output: int = 64 * 1024 * 1024  # bytes
    pixels: int = 25_000_000  # decoded
    side: int = 4096  # pixels of the longest side that is kept
    pages: int = 100
    preview: int = 1600  # pixels of the longest side
    thumbnail: int = 30 * 1024  # bytes


class Rebuilt(NamedTuple):
    """A harmless file. `preview` is a PDF's first page as JPEG, empty for a picture; `thumbnail` is JPEG."""

    content_type: str
    width: int
    height: int
    body: bytes
    thumbnail: bytes
    preview: bytes = b""
    pages: int = 1
    cpu_ms: int = 0
    peak_kib: int = 0

    def __repr__(self) -> str:
        return (
            f"Rebuilt({self.content_type}, {self.width}x{self.height})"  # a log never shows what a file holds
        )
