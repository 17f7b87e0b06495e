"""Feeds the verifier from the database, and writes the export for an auditor. Streams."""

import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.db import connection, transaction

from vardvag.audit import verify
from vardvag.audit.actions import anchor_file
from vardvag.audit.signing import public_keys
from vardvag.audit.verify import COLUMNS, FORMAT, Anchor, Report, Verifier, outside_anchors, plain, timestamp
from vardvag.core import clock

AT_A_TIME = 20_000
Sealed = tuple[int, int, int, bytes, list[object] | None]


def verify_database(*, now: datetime) -> Report:
    """Every chain from its first entry, against the anchors here and outside."""
    path = anchor_file()
    outside = outside_anchors(path) if path.exists() else []
    with _one_moment():
        inside = _anchors()
        verifier = Verifier([*inside, *outside], public_keys(), now=now)
        for sealed, opened in _rows():
            if sealed is not None:
                verifier.row(*sealed)
            elif opened is not None:
                verifier.open(opened)
        report = verifier.finish()
    here, there = {_sign(a): a for a in inside}, {_sign(a): a for a in outside}
    if lacking := len(here.keys() - there.keys()):
        report.notes.append(f"{lacking} anchors are missing in {path}: was it cut or moved?")
    gone = [there[sign] for sign in there.keys() - here.keys()]
    newest = max((a.at for a in outside), default="")
    if taken := [a for a in gone if a.at != newest]:
        report.wrong.append(f"{len(taken)} anchors of {path} were taken out of the database")
    elif gone:
        report.notes.append(f"{len(gone)} anchors of {path} are not in the database yet.")
    return report


def _sign(a: Anchor) -> tuple[int, int, bytes, str]:
    return a.chain, a.seq, a.head, a.at


def export(path: Path, *, now: datetime) -> int:
    """The whole log as verify.py reads it; gzip if the name ends in .gz. Returns the number of entries.

    Holds who has seen what of whom: treat the file as patient data.
    """
    open_text: Callable[..., IO[str]] = gzip.open if path.suffix == ".gz" else open
    entries = lines = 0
    with open_text(path, "wt", encoding="utf-8") as file, _one_moment():

        def write(value: object) -> None:
            nonlocal lines
            file.write(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")
            lines += 1

        write({"format": FORMAT, "columns": COLUMNS, "at": timestamp(now)})
        for key in public_keys():
            write(["key", key.hex()])
        for a in _anchors():
            write(["anchor", a.chain, a.seq, a.head.hex(), a.at, a.signature.hex()])
        for sealed, opened_entry in _rows():
            entries += 1
            if sealed is not None:
                chain, seq, entry_id, seal, columns = sealed
                write(["row", chain, seq, entry_id, seal.hex(), columns])
            else:
                write(["open", opened_entry])
        write({"end": lines})
    return entries


def main(words: list[str]) -> int:
    """`vardvag verify-log [--export FILE]`; 0 whole, 1 not whole."""
    now = clock.now()
    report = verify_database(now=now)
    print("\n".join(report.lines()))
    if words and words[0]:
        path = Path(words[0])
        print(f"{export(path, now=now)} entries written to {path}. It tells who has seen whom: keep it safe.")
        print(f"An auditor needs {path.name}, {anchor_file().name}, the public keys and {verify.__file__}.")
    return 0 if report.sound else 1


@contextmanager
def _one_moment() -> Iterator[None]:
    """Everything is read as it was at one moment, while the product goes on."""
    with transaction.atomic(), connection.cursor() as cursor:
        if not connection.savepoint_ids:
            cursor.execute("set transaction isolation level repeatable read, read only")
        cursor.execute("set local statement_timeout = 0")
        yield


def _anchors() -> list[Anchor]:
    with connection.cursor() as cursor:
        cursor.execute("select provider_id, seq, hash, at, signature from audit_anchor order by id")
        return [
            Anchor(chain, seq, bytes(head), timestamp(at), bytes(signature), outside=False)
            for chain, seq, head, at, signature in cursor.fetchall()
        ]


def _rows() -> Iterator[tuple[Sealed | None, list[object] | None]]:
    """Sealed entries in the order of sealing, each with its columns (None: gone); then those without a seal.

    Two streams walk side by side: seals as they were made and entries by id, which is nearly the same order;
    an entry met before its seal waits in `early`.
    """
    entries = _stream(f"select {', '.join(COLUMNS)} from audit_entry order by id")  # noqa: S608 - constants
    early: dict[int, list[object]] = {}
    passed = 0
    for chain, seq, entry_id, seal in _stream(
        "select provider_id, seq, entry_id, hash from audit_seal order by id"
    ):
        while entry_id > passed and entry_id not in early:
            row = next(entries, None)
            if row is None:
                break
            passed = row[0]
            if passed in early:  # an id twice: cannot be by the table's rules
                yield None, plain(row)
            early[passed] = plain(row)
        yield (chain, seq, entry_id, bytes(seal), early.pop(entry_id, None)), None
    for columns in early.values():
        yield None, columns
    for row in entries:
        yield None, plain(row)


def _stream(query: str) -> Iterator[tuple[Any, ...]]:
    """Row by row from the server (Django's own chunked cursors want a QuerySet)."""
    connection.ensure_connection()
    with connection.connection.cursor(name=f"log_{abs(hash(query)):x}") as cursor:
        cursor.itersize = AT_A_TIME
        cursor.execute(query)
        yield from cursor
