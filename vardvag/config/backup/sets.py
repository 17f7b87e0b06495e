"""What lies in a backup's place.

    20261121T021500Z/       a set: whole, or not there (made as .new-..., renamed at the end)
        database.age        the database (pg_dump's custom format), sealed
        beside.age          secrets, the log's anchors, the demo's world (tar), sealed
        manifest.age        what it is and what must come back, sealed
        files.list          name, size and SHA-256 of each stored file of this set
        SHA256SUMS          of the above; `sha256sum -c` reads it
    files/ab/cd/<name>      stored files as they lie in the data folder (sealed by their own keys), shared by sets
    point/, wal/            base backups and the log of changes, for a point in time (moments.py)

Names of stored files are random and their content is sealed, so their list may be read without the key.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from vardvag.config.backup import age
from vardvag.config.place import Trouble
from vardvag.core.disk import force

FORMAT = 1
NAME = re.compile(r"\d{8}T\d{6}Z")
DATABASE, BESIDE, MANIFEST, FILES, SUMS = (
    "database.age",
    "beside.age",
    "manifest.age",
    "files.list",
    "SHA256SUMS",
)
_LINE = re.compile(r"([0-9a-f]{64}) +(\d+) +([0-9a-f]{32}\.[a-z]+)")


@dataclass
class Manifest:
    """`tables`: rows of each. `migrations`: app.name of all applied. `anchors`: the log's last signed heads.
    `gone`: stored files whose content was destroyed while the backup was made; `lost`: those that were missing."""

    made_at: str
    version: str
    database_version: int
    owner: str
    migrations: list[str]
    tables: dict[str, int]
    anchors: list[list[Any]]
    gone: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    sums: dict[str, str] = field(default_factory=dict)
    mode: str = "production"
    format: int = FORMAT

    def text(self) -> bytes:
        return json.dumps(asdict(self), indent=1).encode()


def product_version() -> str:
    """As installed; a bare checkout has none."""
    try:
        return installed("vardvag")
    except PackageNotFoundError:
        return "unreleased"


@dataclass(frozen=True, slots=True)
class Stored:
    name: str  # <32 hex>.<part>
    size: int
    sum: str


def found(where: Path, pattern: re.Pattern[str] = NAME) -> list[Path]:
    """Whole sets, oldest first."""
    if not where.is_dir():
        return []
    return sorted(path for path in where.iterdir() if pattern.fullmatch(path.name) and path.is_dir())


def chosen(where: Path, name: str) -> Path:
    """The newest set, or the one of that name."""
    sets = found(where)
    if not sets:
        raise Trouble(f"{where} holds no whole backup; give the place that `vardvag backup` wrote to.")
    if not name:
        return sets[-1]
    for one in sets:
        if one.name == name:
            return one
    raise Trouble(f"{where} has no set {name}; it has {', '.join(one.name for one in sets[-5:])}.")


@contextmanager
def locked(where: Path) -> Iterator[None]:
    """One writer at a time. What an earlier one left half done is taken away."""
    try:
        where.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (where / ".lock").open("w")
    except OSError as problem:
        raise Trouble(f"{where} cannot be written ({problem.strerror}); choose another place.") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Trouble(f"Another backup is being made in {where}; wait for it.") from None
        for left in (*where.glob(".new-*"), *where.glob("point/.new-*")):
            shutil.rmtree(left)
        yield


def finish(new: Path, final: Path) -> None:
    """Everything is forced to disk before the name says that it is whole."""
    force(new)
    new.rename(final)
    force(final.parent)


def write(path: Path, content: bytes) -> str:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return hashlib.sha256(content).hexdigest()


# --- stored files ----------------------------------------------------------------------------------------------------


def below(name: str) -> Path:
    """Where a stored file lies, in the data folder and in the place: two levels by its random name."""
    return Path(name[:2]) / name[2:4] / name


def stored(one: Path) -> Iterator[Stored]:
    """The set's list of files. Lines that cannot be read are damage."""
    try:
        with (one / FILES).open(encoding="ascii", errors="replace") as lines:
            for line in lines:
                told = _LINE.fullmatch(line.strip())
                if told is None:
                    raise Trouble(f"{one / FILES} is damaged; take another set.")
                yield Stored(told[3], int(told[2]), told[1])
    except OSError as problem:
        raise Trouble(f"{one / FILES} cannot be read ({problem.strerror}); take another set.") from None


def known(where: Path) -> dict[str, Stored]:
    """By name, from the newest set whose list is as it was written."""
    for one in reversed(found(where)):
        try:
            if _sums(one).get(FILES) == sum_of(one / FILES):
                return {file.name: file for file in stored(one)}
        except (Trouble, OSError):
            continue
    return {}


def sweep(where: Path, keep: int, made: Path | None = None) -> int:
    """Take away all but the newest sets, then the stored files that no set names; how many sets went.
    `made`: just now; by a clock that ran ahead others may look newer."""
    old = [one for one in found(where)[:-keep] if one != made] if keep else []
    for one in old:
        remove(one)
    try:
        kept = {file.name for one in found(where) for file in stored(one)}
    except Trouble:  # which files a damaged set needs is not known: all stay until it has gone
        return len(old)
    for path in (where / "files").glob("??/??/*"):
        if path.name not in kept:
            path.unlink()
    return len(old)


def remove(one: Path) -> None:
    """Never a half set under a whole one's name."""
    going = one.rename(one.with_name(f".new-{one.name}"))
    shutil.rmtree(going)


# --- reading ---------------------------------------------------------------------------------------------------------


def sum_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sums(one: Path) -> dict[str, str]:
    try:
        lines = (one / SUMS).read_text().splitlines()
    except (OSError, UnicodeDecodeError):
        raise Trouble(f"{one} has no readable {SUMS}: it is damaged; take another set.") from None
    return {name: mark for mark, _, name in (line.partition("  ") for line in lines)}


def check_sums(one: Path, names: Iterable[str] = (DATABASE, BESIDE, MANIFEST, FILES)) -> dict[str, str]:
    """The set's own files against its sums; needs no key."""
    sums = _sums(one)
    for name in names:
        path = one / name
        if name not in sums or not path.is_file():
            raise Trouble(f"{path} is missing: the set is damaged; take another set.")
        if sum_of(path) != sums[name]:
            raise Trouble(f"{path} is not as it was written (cut or changed); take another set.")
    return sums


def manifest(one: Path, key: X25519PrivateKey) -> Manifest:
    """Opened with the key, which proves that the set was sealed for it; its sums count more than the open ones."""
    sums = check_sums(one)
    told = json.loads(b"".join(pieces(one / MANIFEST, key)))
    if told.get("format") != FORMAT:
        raise Trouble(f"{one} is of a newer format ({told.get('format')}); install the version that made it.")
    read = Manifest(**told)
    for name, mark in read.sums.items():
        if sums.get(name) != mark:
            raise Trouble(f"{one / name} is not the one this set was made with; take another set.")
    return read


def pieces(path: Path, key: X25519PrivateKey) -> Iterator[bytes]:
    """The content of a sealed file, mistakes told in one line."""
    with path.open("rb") as source:
        try:
            yield from age.unseal(source, key)
        except age.WrongKey:
            raise Trouble(
                f"{path} is sealed for another key; give its private key with --key FILE."
            ) from None
        except age.Damaged:
            raise Trouble(f"{path} is not as it was written (cut or changed); take another set.") from None
