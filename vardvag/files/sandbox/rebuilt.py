"""What the worker gives back, and the limits it works under. Shared by both sides of the wall."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Limits:
    memory: int = 512 * 1024 * 1024  # bytes of address space
    cpu: int = 5  # seconds
    output: int = 64 * 1024 * 1024  # bytes
    pixels: int = 25_000_000  # decoded
    side: int = 4096  # pixels of the longest side that is kept
    pages: int = 100
    preview: int = 1600  # pixels of the longest side
    thumbnail: int = 30 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A harmless file. `preview` is a PDF's first page as JPEG, empty for a picture; `thumbnail` is JPEG."""

    content_type: str
    width: int
    height: int
    body: bytes = field(repr=False)
    thumbnail: bytes = field(repr=False)
    preview: bytes = field(default=b"", repr=False)
    pages: int = 1
    cpu_ms: int = 0
    peak_kib: int = 0
