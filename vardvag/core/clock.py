"""The one clock. Tests and campaigns move it; nothing else in the house asks the operating system for the time."""

from datetime import UTC, datetime, timedelta

_offset = timedelta()


def now() -> datetime:
    """Aware, UTC."""
    return datetime.now(UTC) + _offset


def shift(by: timedelta) -> None:
    """Move the clock relative to the real one (tests)."""
    global _offset  # noqa: PLW0603 - a clock is process-wide by nature
    _offset = by
