"""Writing, sealing and anchoring the log."""

import json
import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from vardvag.audit.signing import sign
from vardvag.audit.verify import CHAIN, COLUMNS, GENESIS, link, outside_lines, plain, timestamp
from vardvag.core import compiled
from vardvag.core.actor import Actor, ClientActor, ResidentActor, StaffActor, SystemActor
from vardvag.core.logs import request_id

BATCH = 5000  # entries sealed in one transaction
BEHIND = timedelta(minutes=2)  # an older entry without a seal: the sealer has not caught up
LAST_ANCHORS = 1024 * 1024  # bytes of the file outside: more than one anchoring writes
INSERT = f"insert into audit_entry ({', '.join(COLUMNS[1:])}) values "  # noqa: S608
ROW = f"({', '.join(['%s'] * (len(COLUMNS) - 1))})"


class _Waiting(threading.local):
    rows: list[tuple[object, ...]] | None = None


_waiting = _Waiting()


@contextmanager
def together() -> Iterator[None]:
    """What this thread records inside is written by one statement at the end. Nothing is when it fails: whoever fails
    undoes or shows nothing."""
    if _waiting.rows is not None:
        yield
        return
    rows: list[tuple[object, ...]] = []
    _waiting.rows = rows
    try:
        yield
    finally:
        _waiting.rows = None
    _write(rows)


def _write(rows: Sequence[tuple[object, ...]]) -> None:
    if rows:
        compiled.act(INSERT + ", ".join([ROW] * len(rows)), [value for row in rows for value in row])


def record(
    *,
    actor: Actor,
    verb: str,
    kind: str,
    at: datetime,
    object_id: int | None = None,
    patient_id: int | None = None,
    provider_id: int = 0,
    unit_id: int | None = None,
    unit_name: str = "",
    details: Iterable[str] = (),
    purpose: str = "care",
    ground: str = "",
    result: str = "ok",
) -> None:
    """One row, in the transaction of the act. `details` are names of parts, never text from the case.
    If it cannot be written, the act fails."""
    name = title = ""
    actor_id = assignment = None
    match actor:
        case ResidentActor():
            who, actor_id, name = "resident", actor.me.person_id, actor.me.name
            ground = ground or ("guardian" if actor.represents else "self")
        case StaffActor():
            who, actor_id, name, title = "staff", actor.staff_id, actor.name, actor.title
            assignment, provider_id = actor.assignment_id, actor.provider_id
            unit_id, unit_name = unit_id or actor.unit_id, unit_name or actor.unit_name
            ground = ground or "assignment"
        case ClientActor():
            who, name, provider_id = "client", actor.client_id, actor.provider_id
        case SystemActor():
            who, name = "system", actor.job
        case _:
            who = "anonymous"
    values = (
        at, who, actor_id, name, title, assignment, unit_id, unit_name, provider_id, patient_id,
        verb, kind, object_id, list(details), purpose, ground, result, request_id(),
    )  # fmt: skip
    if _waiting.rows is None:
        _write([values])
    else:
        _waiting.rows.append(values)


def seal(*, actor: SystemActor, batch: int = BATCH) -> int:
    """Number and hash what has been committed and has no seal; returns how many.

    What is sealed is found by what has no seal, not by a mark that who commits late could fall behind.
    One sealer at a time (advisory lock); a second one returns 0.
    """
    sealed = 0
    while True:
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            cursor.execute("select pg_try_advisory_xact_lock(hashtext('audit.seal'))")
            if not cursor.fetchone()[0]:
                return sealed
            count = _seal_batch(cursor, batch)
        sealed += count
        if count < batch:
            return sealed


def _seal_batch(cursor: CursorWrapper, batch: int) -> int:
    """`floor`: every entry up to this id is sealed and none can come below it. It only saves work.

    An entry's id is taken after its transaction has its number (audit_next_id). So once every transaction
    older than `marked_tx` is over, no id up to `marked` is still to come.
    """
    cursor.execute(
        "select case when is_called then last_value else 0 end, floor, marked, marked_tx,"
        " pg_snapshot_xmin(pg_current_snapshot())::text::bigint >= marked_tx"
        " from audit_entry_number, audit_floor"
    )
    last_id, floor, marked, marked_tx, settled = cursor.fetchone()
    if floor == last_id:
        return 0  # nothing has been written since
    cursor.execute("select pg_current_xact_id()::text::bigint")  # after last_value: the order matters
    my_tx = cursor.fetchone()[0]
    cursor.execute(
        f"select {', '.join('e.' + column for column in COLUMNS)} from audit_entry e"  # noqa: S608 - constants
        " where e.id > %s and not exists"
        "  (select from audit_seal s where s.entry_id = e.id and s.entry_id > %s)"  # said twice for the planner
        " order by e.id limit %s",
        [floor, floor, batch],
    )
    rows = [plain(row) for row in cursor.fetchall()]
    _write_seals(cursor, rows)
    done = marked if len(rows) < batch else min(marked, int(str(rows[-1][0])))
    if settled and marked > floor and done > floor:
        floor = done
    if floor >= marked or my_tx < marked_tx:  # settled, or restored into another server: mark anew
        marked, marked_tx = last_id, my_tx
    cursor.execute(
        "update audit_floor set floor = %s, marked = %s, marked_tx = %s", [floor, marked, marked_tx]
    )
    return len(rows)


def _write_seals(cursor: CursorWrapper, rows: list[list[object]]) -> None:
    """Each on the end of its care provider's chain."""
    if not rows:
        return
    chains = sorted({int(str(row[CHAIN])) for row in rows})
    cursor.execute(
        "select c, s.seq, s.hash from unnest(%s::bigint[]) c left join lateral"
        " (select seq, hash from audit_seal where provider_id = c order by seq desc limit 1) s on true",
        [chains],
    )
    heads = {chain: (seq or 0, bytes(head or GENESIS)) for chain, seq, head in cursor.fetchall()}
    seals: list[tuple[int, int, object, bytes]] = []
    for row in rows:
        chain = int(str(row[CHAIN]))
        seq, head = heads[chain]
        heads[chain] = seq + 1, link(head, row)
        seals.append((chain, seq + 1, row[0], heads[chain][1]))
    cursor.execute(
        "insert into audit_seal (provider_id, seq, entry_id, hash)"
        " select * from unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bytea[])",
        [list(column) for column in zip(*seals, strict=True)],
    )


def anchor_file() -> Path:
    """Where anchors are kept outside the database; VARDVAG_ANCHORS names a place on another machine."""
    return Path(os.environ.get("VARDVAG_ANCHORS") or settings.DATA / "anchors.log")


def anchor(*, actor: SystemActor, now: datetime) -> int:
    """Sign the head of each chain that has grown; returns how many. First to the file outside, then here.

    Not while sealing lags: an anchor says that what is older than it has its seal (verify.Verifier._timely)."""
    with transaction.atomic(), connection.cursor() as cursor:
        _mend_last(cursor)
        cursor.execute(
            "select exists (select from audit_entry e, audit_floor f where e.id > f.floor and e.at < %s and not"
            " exists (select from audit_seal s where s.entry_id = e.id and s.entry_id > f.floor))",
            [now - BEHIND],
        )
        if cursor.fetchone()[0]:
            return 0
        cursor.execute(
            "with recursive chain(id) as (select min(provider_id) from audit_seal union all"
            "  select (select min(provider_id) from audit_seal where provider_id > chain.id) from chain"
            "  where chain.id is not null)"
            " select chain.id, s.seq, s.hash from chain"
            " join lateral (select seq, hash from audit_seal where provider_id = chain.id"
            "  order by seq desc limit 1) s on true"
            " where s.seq > coalesce((select seq from audit_anchor a where a.provider_id = chain.id"
            "  order by seq desc limit 1), 0)"
        )
        heads = [
            (chain, seq, bytes(head), now, sign(provider=chain, seq=seq, head=bytes(head), at=now))
            for chain, seq, head in cursor.fetchall()
        ]
        if heads:
            _keep_outside(heads)
            cursor.executemany(
                "insert into audit_anchor (provider_id, seq, hash, at, signature) values (%s,%s,%s,%s,%s)",
                heads,
            )
    return len(heads)


def _mend_last(cursor: CursorWrapper) -> None:
    """The worker may have died between the file outside and the commit here: its last anchors are put back. Older
    ones that are missing were taken away, and stay so that verify-log tells of it."""
    path = anchor_file()
    if not path.exists():
        return
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - LAST_ANCHORS))
        told = list(outside_lines(file.read().decode().splitlines()))
    for a in told:
        if a.at == told[-1].at:
            cursor.execute(
                "insert into audit_anchor (provider_id, seq, hash, at, signature)"
                " select %s, %s, %s, %s::timestamptz, %s where not exists"
                "  (select from audit_anchor where provider_id = %s and (at >= %s or seq = %s))"
                " and exists (select from audit_seal where provider_id = %s and seq = %s and hash = %s)",
                [a.chain, a.seq, a.head, a.at, a.signature, a.chain, a.at, a.seq, a.chain, a.seq, a.head],
            )


def _keep_outside(heads: list[tuple[int, int, bytes, datetime, bytes]]) -> None:
    lines = [
        json.dumps([chain, seq, head.hex(), timestamp(at), signature.hex()])
        for chain, seq, head, at, signature in heads
    ]
    path = anchor_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - 1))
        whole = file.read() in (b"", b"\n")  # else the disk was full, or the power cut, in the last line
        file.write(("" if whole else "\n").encode() + "\n".join([*lines, ""]).encode())
        file.flush()
        os.fsync(file.fileno())


def prepare_months(*, actor: SystemActor, today: date, ahead: int = 12) -> None:
    """A partition for this month and those to come."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select audit_prepare_month((%s::date + make_interval(months => n))::date)"
            " from generate_series(0, %s) n",
            [today, ahead],
        )
