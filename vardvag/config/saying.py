"""What the supervisor says in its terminal, or to whoever keeps its output."""

from contextlib import suppress


def say(text: str) -> None:
    """Words that find no room (a full disk, a terminal that is gone) stop nobody."""
    with suppress(OSError):
        print(text, flush=True)
