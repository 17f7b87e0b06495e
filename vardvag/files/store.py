"""The disk: sealed parts under random names in DATA/files, whole or not at all.

A file is written beside, forced to disk and renamed; its folder is forced, too. A row is only committed
afterwards, so a crash leaves at most a file without a row, which the sweep takes away.
"""

import errno
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from vardvag.core.disk import force
from vardvag.files import vault

BODY, THUMBNAIL, PREVIEW = "body", "thumbnail", "preview"
ORIGINAL = "original"  # what came in, until the scanner has seen it; never served
PARTS = (BODY, THUMBNAIL, PREVIEW, ORIGINAL)
_NAME = re.compile(r"[0-9a-f]{32}")


class Full(Exception):
    """No room on the disk."""


class Missing(Exception):
    """The row is there, the file is not."""


def new_name() -> str:
    return secrets.token_hex(16)


def put(name: str, key: bytes, parts: dict[str, bytes]) -> None:
    """All parts, or none of them. Raises Full."""
    folder = _folder(name)
    try:
        _make(folder)
        for part, content in parts.items():
            _write(folder, f"{name}.{part}", vault.seal(content, key, f"{name}.{part}"))
        force(folder)
    except OSError as problem:
        erase(name)
        if problem.errno in (errno.ENOSPC, errno.EDQUOT):
            raise Full from None
        raise


def size(name: str, part: str) -> int:
    """Bytes of content."""
    try:
        return vault.plain_size((_folder(name) / f"{name}.{part}").stat().st_size)
    except FileNotFoundError:
        raise Missing(name) from None


def get(name: str, part: str, key: bytes) -> Iterator[bytes]:
    """The content piece by piece. Raises Missing; vault.Sealed when it is not what was stored."""
    try:
        source = (_folder(name) / f"{name}.{part}").open("rb")
    except FileNotFoundError:
        raise Missing(name) from None
    with source:
        yield from vault.unseal(source, key, f"{name}.{part}")


def free() -> int:
    """Bytes left on the disk."""
    there = Path(settings.FILES_FOLDER)
    while not there.exists():
        there = there.parent
    return shutil.disk_usage(there).free


def originals() -> Iterator[str]:
    """The names whose original is still kept."""
    for file in Path(settings.FILES_FOLDER).glob(f"[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*.{ORIGINAL}"):
        yield file.name.partition(".")[0]


def erase(name: str, *parts: str) -> None:
    """All parts, or those named."""
    for part in parts or PARTS:
        (_folder(name) / f"{name}.{part}").unlink(missing_ok=True)


def names(*, older_than: float) -> Iterator[str]:
    """Every name on disk whose parts are all older than so many seconds; half-written ones are removed."""
    limit = time.time() - older_than
    root = Path(settings.FILES_FOLDER)
    for folder in root.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]"):
        found: dict[str, float] = {}
        for file in folder.iterdir():
            name, _, ending = file.name.partition(".")
            try:
                written = file.stat().st_mtime
            except FileNotFoundError:
                continue
            if ending in PARTS and _NAME.fullmatch(name):
                found[name] = max(found.get(name, 0), written)
            elif written < limit:
                file.unlink(missing_ok=True)
        yield from (name for name, written in found.items() if written < limit)


def _folder(name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise ValueError("not a name of ours")
    return Path(settings.FILES_FOLDER) / name[:2] / name[2:4]


def _make(folder: Path) -> None:
    if folder.is_dir():
        return
    root = Path(settings.FILES_FOLDER)
    root.parent.mkdir(parents=True, exist_ok=True)
    for one in (root, folder.parent, folder):
        one.mkdir(mode=0o700, exist_ok=True)
    for one in (root, folder.parent):
        force(one)


def _write(folder: Path, name: str, pieces: Iterator[bytes]) -> None:
    beside = folder / f"{name}.{secrets.token_hex(4)}.new"
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        beside.rename(folder / name)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
