"""`vardvag backup --check PLACE`: is every byte as it was written; with the key also: does it open."""

import re
from itertools import chain
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from vardvag.config.backup import moments, sets
from vardvag.config.place import Trouble

_BASE = (moments.BASE, sets.BESIDE, sets.MANIFEST)
_WHOLE = re.compile("[0-9A-F]{24}")


def check(where: Path, key: X25519PrivateKey | None) -> list[str]:
    """A line for each set, each base and the log of changes; raises Trouble at the first that is damaged."""
    found, points = sets.found(where), _points(where, key)
    if not found and not points:
        raise Trouble(f"{where} holds no whole backup; give the place that `vardvag backup` wrote to.")
    seen: dict[str, str] = {}  # stored files are shared: read once
    lines = []
    for one in found:
        sets.check_sums(one)
        count = 0
        for file in sets.stored(one):
            path = where / "files" / sets.below(file.name)
            if file.name not in seen:
                if not path.is_file():
                    raise Trouble(
                        f"{path} is missing, {one.name} needs it; the set is damaged, make a new backup."
                    )
                seen[file.name] = sets.sum_of(path)
            if seen[file.name] != file.sum:
                raise Trouble(f"{path} is not as it was written, {one.name} needs it; make a new backup.")
            count += 1
        lines.append(f"ok     {one.name}: sums right, {count} stored files{_opened(one, key)}")
    return [*lines, *points]


def _opened(one: Path, key: X25519PrivateKey | None) -> str:
    if key is None:
        return " (not opened: give --key FILE to try)"
    manifest = sets.manifest(one, key)
    for name in (sets.DATABASE, sets.BESIDE):
        for _ in sets.pieces(one / name, key):
            pass
    return f", opens, {sum(manifest.tables.values())} rows"


def _points(where: Path, key: X25519PrivateKey | None) -> list[str]:
    """A line for each base, and one for the log from the oldest of them on. Raises Trouble at what is damaged."""
    bases = sets.found(where / "point")
    for one in bases:
        sets.check_sums(one, _BASE)
        if key:
            for _ in chain.from_iterable(sets.pieces(one / name, key) for name in _BASE):
                pass
    lines = [f"ok     base {one.name}: sums right{', opens' if key else ''}" for one in bases]
    return [*lines, _check_log(where, moments.oldest_part(bases[0]), key)] if bases else []


def _check_log(where: Path, first: str, key: X25519PrivateKey | None) -> str:
    """Without a gap, each as long as the others; with the key also that each is what its name says."""
    parts = {}
    for path in sorted((where / "wal").glob("*.age")):
        told = moments.PUT_AWAY.fullmatch(path.name)
        if told is None or (told[1][:24] < first and "history" not in told[1]):
            continue
        if _WHOLE.fullmatch(told[1]):
            parts[told[1]] = path
        if key:
            moments.part(path, told[2], key)
    if not parts:
        raise Trouble(
            f"{where / 'wal'} holds no log after the oldest base; look at the server's archive_command."
        )
    size = max(path.stat().st_size for path in parts.values())
    for path in parts.values():
        if path.stat().st_size != size:
            raise Trouble(f"{path} is shorter than the others: it was cut; make a new base.")
    there = {_place(name, size) for name in parts}
    gap = next((one for one in range(_place(first, size), max(there)) if one not in there), None)
    if gap is not None:
        before = max((name for name in parts if _place(name, size) < gap), default="the base itself")
        raise Trouble(
            f"{where / 'wal'} lacks the part of the log after {before}: nothing later can be reached. Make a new base."
        )
    return f"ok     log: {len(parts)} parts without a gap, to {max(parts)}{', open' if key else ''}"


def _place(name: str, size: int) -> int:
    """Of a part in the whole log, over changes of server. `size`: bytes sealed, a little more than the server's."""
    whole = 1 << (size.bit_length() - 1)
    return int(name[8:16], 16) * (2**32 // whole) + int(name[16:24], 16)
