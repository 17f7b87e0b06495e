"""`vardvag backup --check PLACE`: is every byte as it was written; with the key also: does it open."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from vardvag.config.backup import sets
from vardvag.config.place import Trouble


def check(where: Path, key: X25519PrivateKey | None) -> list[str]:
    """A line for each set; raises Trouble at the first that is damaged."""
    found = sets.found(where)
    if not found:
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
    return lines


def _opened(one: Path, key: X25519PrivateKey | None) -> str:
    if key is None:
        return " (not opened: give --key FILE to try)"
    manifest = sets.manifest(one, key)
    for name in (sets.DATABASE, sets.BESIDE):
        for _ in sets.pieces(one / name, key):
            pass
    return f", opens, {sum(manifest.tables.values())} rows"
