#!/usr/bin/env python3
"""Checks an exported log without the product: `python verify.py EXPORT [--anchors FILE] [--keys FOLDER]`.

Stands alone: Python 3.11 and, for the signatures, the package `cryptography`. The product uses the same code
(`vardvag verify-log`) on the database.

The export is one JSON value a line (gzip if it ends in .gz):
  {"format": "vardvag-log-1", "columns": [...], "at": time}    first
  ["row", chain, seq, entry id, hash, [columns]]   every sealed entry, in the order of sealing; null for
                                                   columns: the entry is gone
  ["open", [columns]]                              an entry not sealed yet
  ["anchor", chain, seq, hash, time, signature]    a signed head
  ["key", public key]                              as the system says; trust your own copy more
  {"end": number of lines before}                  last, so that a cut file shows

hash = SHA-256(hash before || UTF-8 of the columns as compact JSON); the first of a chain follows 32 zeros.
A chain is one care provider's (0: outside care). An anchor is Ed25519 over the five lines of `statement`.
"""

import argparse
import gzip
import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TextIO

FORMAT = "vardvag-log-1"
COLUMNS = (
    "id", "at", "actor_kind", "actor_id", "actor_name", "actor_title", "assignment_id", "unit_id",
    "unit_name", "provider_id", "patient_id", "verb", "object_kind", "object_id", "details", "purpose",
    "ground", "result", "request_id",
)  # fmt: skip
CHAIN = COLUMNS.index("provider_id")
GENESIS = bytes(32)
OPEN_AT_MOST = timedelta(minutes=2)  # a sealer that is alive seals within seconds
OFF_AT_MOST = timedelta(
    minutes=15
)  # an entry's time from the anchors around it: the longest act, clocks apart
SHOWN = 20


def timestamp(at: datetime) -> str:
    """UTC, microseconds, always the same length."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def plain(row: Iterable[object]) -> list[object]:
    """An entry's columns as JSON has them."""
    return [timestamp(value) if isinstance(value, datetime) else value for value in row]


_canonical = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def link(previous: bytes, columns: list[object]) -> bytes:
    return hashlib.sha256(previous + _canonical(columns).encode()).digest()


def statement(*, chain: int, seq: int, head: bytes, at: str) -> bytes:
    """What an anchor signs."""
    return f"{FORMAT}\n{chain}\n{seq}\n{head.hex()}\n{at}\n".encode()


@dataclass(frozen=True, slots=True)
class Anchor:
    chain: int
    seq: int
    head: bytes
    at: str
    signature: bytes
    outside: bool  # from the file kept outside the database

    @classmethod
    def of(cls, values: list[Any], *, outside: bool) -> "Anchor":
        chain, seq, head, at, signature = values
        return cls(int(chain), int(seq), bytes.fromhex(head), str(at), bytes.fromhex(signature), outside)


@dataclass(slots=True)
class Chain:
    """`since`, `until`: between which times an entry may tell of itself, as the anchors around it say."""

    length: int = 0
    head: bytes = GENESIS
    broken: bool = False  # told once; what follows a break cannot be judged
    since: str = ""
    until: str = ""
    until_seq: int = 0  # up to which number `until` holds
    undated: int = 0


@dataclass(slots=True)
class Report:
    """`wrong`: signs of tampering or of a sealer that stands still. `notes`: worth knowing."""

    wrong: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    entries: int = 0
    unsealed: int = 0
    anchors: int = 0
    chains: dict[int, Chain] = field(default_factory=dict)

    @property
    def sound(self) -> bool:
        return not self.wrong

    def lines(self) -> Iterator[str]:
        yield (
            f"{self.entries} sealed entries in {len(self.chains)} chains, {self.anchors} anchors, "
            f"{self.unsealed} not sealed yet."
        )
        yield from (f"note   {text}" for text in self.notes[:SHOWN])
        yield from (f"WRONG  {text}" for text in self.wrong[:SHOWN])
        if len(self.wrong) > SHOWN:
            yield f"WRONG  and {len(self.wrong) - SHOWN} more."
        yield (
            "The log is whole."
            if self.sound
            else "The log is NOT whole. Keep everything as it is; see docs/log.md."
        )


class Verifier:
    """Fed with rows in the order of sealing, then open entries, then `finish`."""

    def __init__(self, anchors: Iterable[Anchor], keys: Iterable[bytes], *, now: datetime) -> None:
        self.report = Report()
        self._now = now
        self._latest = timestamp(now + OFF_AT_MOST)
        self._keys = [_key(key) for key in keys]
        self._anchors: dict[tuple[int, int], list[Anchor]] = {}
        self._good: set[tuple[int, int, bytes, str, bytes]] = set()
        self._stale = 0
        for anchor in anchors:
            self._take_anchor(anchor)
        self._to_come: dict[int, list[tuple[int, str]]] = {}  # of a chain: number and time, the next one last
        for chain, seq in sorted(self._anchors, reverse=True):
            at = min(anchor.at for anchor in self._anchors[chain, seq])
            self._to_come.setdefault(chain, []).append((seq, moved(at, OFF_AT_MOST)))

    def row(self, chain: int, seq: int, entry_id: int, sealed: bytes, columns: list[object] | None) -> None:
        report, place = self.report, f"chain {chain}, number {seq} (entry {entry_id})"
        state = report.chains.setdefault(chain, Chain())
        report.entries += 1
        if seq != state.length + 1:
            missing = (
                f"numbers {state.length + 1} to {seq - 1} are missing"
                if seq > state.length
                else "out of order"
            )
            report.wrong.append(f"{place}: {missing}")
        if columns is None:
            report.wrong.append(f"{place}: the entry has been deleted")
        elif columns[0] != entry_id or columns[CHAIN] != chain:
            report.wrong.append(f"{place}: the seal belongs to another entry")
        elif link(state.head, columns) != sealed and not state.broken:
            report.wrong.append(
                f"{place}: the content does not match its seal; this entry or its place was changed"
            )
            state.broken = True
        if columns is not None:
            self._timely(chain, seq, str(columns[1]), state, place)
        state.length, state.head = seq, sealed
        for anchor in self._anchors.pop((chain, seq), ()):
            state.since = max(state.since, moved(anchor.at, -OFF_AT_MOST))
            if anchor.head != sealed:
                where = "kept outside" if anchor.outside else "in the database"
                report.wrong.append(
                    f"{place}: differs from the anchor of {anchor.at} {where}; history was rewritten"
                )

    def _timely(self, chain: int, seq: int, at: str, state: Chain, place: str) -> None:
        """Anchors are made only when everything older is sealed: what comes after one is not much older than it,
        and nothing is from after the anchor that follows. Else it was put in, with a seal of its own."""
        if seq > state.until_seq:
            to_come = self._to_come.get(chain, [])
            while to_come and to_come[-1][0] < seq:
                to_come.pop()
            state.until_seq, state.until = to_come[-1] if to_come else (sys.maxsize, self._latest)
        if state.since <= at <= state.until:
            return
        state.undated += 1
        if state.undated <= SHOWN:
            self.report.wrong.append(
                f"{place}: dated {at}, which is not when it was sealed; put in by hand, or a clock was wrong"
            )

    def open(self, columns: list[object]) -> None:
        """An entry without a seal."""
        self.report.unsealed += 1
        at = datetime.fromisoformat(str(columns[1]))
        if -OFF_AT_MOST <= self._now - at <= OPEN_AT_MOST:
            return
        self._stale += 1
        if self._stale <= SHOWN:
            self.report.wrong.append(
                f"entry {columns[0]} of {columns[1]} has no seal: put in by hand, or the sealer stands still"
            )

    def finish(self) -> Report:
        for (chain, seq), anchors in sorted(self._anchors.items()):
            state = self.report.chains.get(chain, Chain())
            if state.length < seq:
                self.report.wrong.append(
                    f"chain {chain}: ends at {state.length}, but {seq} was anchored {anchors[0].at}: cut off"
                )
            else:
                self.report.wrong.append(
                    f"chain {chain}, number {seq}: anchored {anchors[0].at}, but not there"
                )
        self._anchors.clear()
        return self.report

    def _take_anchor(self, anchor: Anchor) -> None:
        self.report.anchors += 1
        same = (anchor.chain, anchor.seq, anchor.head, anchor.at, anchor.signature)
        if same not in self._good:
            said = statement(chain=anchor.chain, seq=anchor.seq, head=anchor.head, at=anchor.at)
            if not any(_signed(key, anchor.signature, said) for key in self._keys):
                self.report.wrong.append(
                    f"chain {anchor.chain}, anchor at {anchor.seq} of {anchor.at}: signed by no key of ours"
                )
                return
            self._good.add(same)
        known = self._anchors.setdefault((anchor.chain, anchor.seq), [])
        if not anchor.outside and any(one.at == anchor.at for one in known if not one.outside):
            self.report.wrong.append(
                f"chain {anchor.chain}, anchor at {anchor.seq} of {anchor.at}: there twice; put in by hand"
            )
        known.append(anchor)


def moved(at: str, by: timedelta) -> str:
    return timestamp(datetime.fromisoformat(at) + by)


def _key(raw: bytes) -> Any:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415

    return Ed25519PublicKey.from_public_bytes(raw)


def _signed(key: Any, signature: bytes, said: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - only the signatures need it

    try:
        key.verify(signature, said)
    except (InvalidSignature, ValueError):
        return False
    return True


def outside_anchors(path: Path) -> list[Anchor]:
    """The file that is added to at every anchoring and kept where nobody of the database can write."""
    with path.open(encoding="utf-8", errors="replace") as file:
        return list(outside_lines(file))


def outside_lines(lines: Iterable[str]) -> Iterator[Anchor]:
    """Without a line that was cut as it was written (a full disk, a power cut, a copy taken meanwhile): its anchor was
    not kept in the database either."""
    for line in lines:
        with suppress(ValueError, TypeError):
            yield Anchor.of(json.loads(line), outside=True)


def _lines(path: Path) -> Iterator[Any]:
    open_text: Callable[..., TextIO] = gzip.open if path.suffix == ".gz" else open
    with open_text(path, "rt", encoding="utf-8") as file:
        yield from (json.loads(line) for line in file)


def verify_export(path: Path, anchors: Path | None, keys: Path | None) -> Report:
    """Two readings: anchors and keys first, then the chains."""
    told_keys, told_anchors = [], []
    end = count = 0
    head: dict[str, Any] = {}
    for value in _lines(path):
        match value:
            case {"format": _}:
                head = value
            case {"end": end}:
                continue
            case ["key", key]:
                told_keys.append(bytes.fromhex(key))
            case ["anchor", *rest]:
                told_anchors.append(Anchor.of(rest, outside=False))
        count += 1
    if head.get("format") != FORMAT or tuple(head["columns"]) != COLUMNS:
        raise SystemExit("This is not an export of the log, or of another version of it.")
    trusted = (
        [bytes.fromhex(p.read_text().strip()) for p in sorted(keys.glob("*.hex"))] if keys else told_keys
    )
    known = told_anchors + (outside_anchors(anchors) if anchors else [])
    verifier = Verifier(known, trusted, now=datetime.fromisoformat(head["at"]))
    for value in _lines(path):
        match value:
            case ["row", chain, seq, entry_id, sealed, columns]:
                verifier.row(chain, seq, entry_id, bytes.fromhex(sealed), columns)
            case ["open", columns]:
                verifier.open(columns)
    report = verifier.finish()
    if end != count:
        report.wrong.append("the export is cut off or has been added to")
    if anchors is None:
        report.notes.append(
            "no file of outside anchors given: a log rewritten together with its anchors would pass"
        )
    if keys is None:
        report.notes.append("the keys are taken from the export itself; compare them with your own copy")
    return report


def main() -> int:
    words = argparse.ArgumentParser(description="Checks an exported log.")
    words.add_argument("export", type=Path)
    words.add_argument("--anchors", type=Path, help="anchors.log as kept outside the database")
    words.add_argument("--keys", type=Path, help="folder of public keys (*.hex)")
    given = words.parse_args()
    report = verify_export(given.export, given.anchors, given.keys)
    print("\n".join(report.lines()))
    return 0 if report.sound else 1


if __name__ == "__main__":
    sys.exit(main())
