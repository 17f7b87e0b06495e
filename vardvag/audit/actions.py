"""Writing and sealing the log."""

import hashlib
import json
from collections.abc import Iterable
from datetime import date, datetime

from django.db import connection, transaction

from vardvag.audit.signing import sign
from vardvag.core.actor import Actor, ClientActor, ResidentActor, StaffActor, SystemActor
from vardvag.core.logs import request_id

SEALED = (
    "id", "at", "actor_kind", "actor_id", "actor_name", "actor_title", "assignment_id", "unit_id", "unit_name",
    "provider_id", "patient_id", "verb", "object_kind", "object_id", "details", "purpose", "ground", "result",
    "request_id",
)  # fmt: skip
GENESIS = bytes(32)


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
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into audit_entry (at, actor_kind, actor_id, actor_name, actor_title, assignment_id, unit_id,"
            " unit_name, provider_id, patient_id, verb, object_kind, object_id, details, purpose, ground, result,"
            " request_id) values (%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s)",
            [
                at, who, actor_id, name, title, assignment, unit_id, unit_name, provider_id, patient_id, verb, kind,
                object_id, list(details), purpose, ground, result, request_id(),
            ],
        )  # fmt: skip


def canonical(row: tuple[object, ...]) -> bytes:
    """The sealed columns of an entry as bytes that never change: JSON, times in UTC microseconds."""
    values = [v.timestamp() if isinstance(v, datetime) else v for v in row]
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


def link(previous: bytes, row: tuple[object, ...]) -> bytes:
    return hashlib.sha256(previous + canonical(row)).digest()


def seal(*, actor: SystemActor, batch: int = 5000) -> int:
    """Number and hash what has been committed since last time; returns how many.

    Rows are taken in (transaction, id) order below the oldest running transaction, so a row that commits late
    is never passed by. One sealer at a time (advisory lock); a second one returns 0.
    """
    sealed = 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(hashtext('audit.seal'))")
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute("select distinct on (provider_id) provider_id, seq, hash, tx, entry_id from audit_seal"
                       " order by provider_id, seq desc")  # fmt: skip
        heads = {p: (seq, bytes(h), tx, entry) for p, seq, h, tx, entry in cursor.fetchall()}
        cursor.execute("select distinct provider_id from audit_entry e where tx >= %s::text::xid8",
                       [str(min((h[2] for h in heads.values()), default=0))])  # fmt: skip
        for (provider,) in cursor.fetchall():
            seq, head, tx, entry = heads.get(provider, (0, GENESIS, 0, 0))
            cursor.execute(
                f"select {', '.join(SEALED)}, tx::text::bigint from audit_entry"  # noqa: S608 - constant names
                " where provider_id = %s and tx < pg_snapshot_xmin(pg_current_snapshot())"
                " and (tx, id) > (%s::text::xid8, %s) order by tx, id limit %s",
                [provider, str(tx), entry, batch],
            )
            rows = []
            for *row, row_tx in cursor.fetchall():
                seq, head = seq + 1, link(head, tuple(row))
                rows.append((provider, seq, row[0], row_tx, head))
            cursor.executemany(
                "insert into audit_seal (provider_id, seq, entry_id, tx, hash) values (%s,%s,%s,%s,%s)", rows
            )
            sealed += len(rows)
    return sealed


def anchor(*, actor: SystemActor, now: datetime) -> int:
    """Sign each chain's head and keep it outside the database too (file in the data folder)."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "select distinct on (s.provider_id) s.provider_id, s.seq, s.hash from audit_seal s"
            " where s.seq > coalesce((select max(a.seq) from audit_anchor a where a.provider_id = s.provider_id), 0)"
            " order by s.provider_id, s.seq desc"
        )
        heads = [(p, seq, bytes(h)) for p, seq, h in cursor.fetchall()]
        for provider, seq, head in heads:
            signature = sign(provider=provider, seq=seq, head=head, at=now)
            cursor.execute(
                "insert into audit_anchor (provider_id, seq, hash, at, signature) values (%s,%s,%s,%s,%s)",
                [provider, seq, head, now, signature],
            )
    return len(heads)


def prepare_months(*, actor: SystemActor, today: date, ahead: int = 12) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select audit_prepare_month((%s::date + make_interval(months => n))::date)"
            " from generate_series(0, %s) n",
            [today, ahead],
        )
