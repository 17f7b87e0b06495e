"""What is on the disk, not only on its way there."""

import os
from pathlib import Path


def force(path: Path) -> None:
    """A file's content, a folder's names."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
