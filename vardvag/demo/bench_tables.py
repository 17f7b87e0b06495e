"""The SQL of the benchmark's data: told cases moved to where the plan says, and indexes kept out meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

BIG = (
    "cases_case", "cases_message", "cases_event", "questionnaires_response", "identity_carerelation", "audit_entry",
)  # fmt: skip
_OWNER = "case when t.owner_id is null then null else (p.unit_id - 1) * %(staff)s + 1 + t.owner_id %% %(staff)s end"
_STAFF = "(p.unit_id - 1) * %(staff)s + 1 + t.{0} %% %(staff)s"
_UUID = "md5('{0}' || {1})::uuid"
_JOINS = " join organisation_unit u on u.id = p.unit_id join identity_person r on r.id = p.patient_id"

CASE = {
    "id": "p.case_id",
    "public_id": _UUID.format("case", "p.case_id"),
    "number": "to_char(t.arrived_at + p.shift, 'YY') || '-'"
    " || lpad(p.case_id::text, greatest(6, length(p.case_id::text)), '0')",
    "provider_id": "u.provider_id",
    "unit_id": "p.unit_id",
    "patient_id": "p.patient_id",
    "author_id": "p.patient_id",
    "author_name": "r.given_name || ' ' || r.surname",
    "response_id": "case when p.case_id > %(since)s then p.case_id end",
    "draft_id": _UUID.format("case", "p.case_id"),
    "patient_name": "r.given_name || ' ' || r.surname",
    "patient_number": "r.personal_number",
    "patient_born": "r.birth_date",
    "protected": "r.protected",
    "group_id": "case when t.group_id is null then null"
    " else (p.unit_id - 1) * %(groups)s + 1 + t.group_slot end",
    "owner_id": _OWNER,
    "owner_name": "coalesce(s.given_name || ' ' || s.surname, '')",
}
MESSAGE = {
    "id": "nextval(pg_get_serial_sequence('cases_message', 'id'))",
    "public_id": _UUID.format("message", "p.case_id || '-' || t.seq"),
    "key": _UUID.format("message", "p.case_id || '-' || t.seq"),
    "case_id": "p.case_id",
    "provider_id": "u.provider_id",
    "unit_id": "p.unit_id",
    "patient_id": "p.patient_id",
    "author_id": f"case when t.author_kind = 'resident' then p.patient_id else {_STAFF.format('author_id')} end",
    "author_name": "case when t.author_kind = 'resident' then r.given_name || ' ' || r.surname"
    " else t.author_name end",
}
EVENT = {
    "id": "nextval(pg_get_serial_sequence('cases_event', 'id'))",
    "case_id": "p.case_id",
    "provider_id": "u.provider_id",
    "patient_id": "case when t.patient_id is null then null else p.patient_id end",
    "actor_id": f"case when t.actor_kind = 'resident' then p.patient_id else {_STAFF.format('actor_id')} end",
    "message_id": "null",
}
LOG = {
    "object_id": "p.case_id",
    "provider_id": "u.provider_id",
    "unit_id": "p.unit_id",
    "unit_name": "u.public_name",
    "patient_id": "p.patient_id",
    "actor_id": f"case when t.actor_kind = 'resident' then p.patient_id else {_STAFF.format('actor_id')} end",
    "assignment_id": f"case when t.actor_kind = 'resident' then null else {_STAFF.format('actor_id')} end",
}
RESPONSE = {
    "id": "p.case_id",
    "public_id": _UUID.format("response", "p.case_id"),
    "provider_id": "u.provider_id",
    "unit_id": "p.unit_id",
    "patient_id": "p.patient_id",
    "author_id": "p.patient_id",
}
# (from, into, what is put in place of the told, only whole cases), responses before the cases that point at them
MOVES: tuple[tuple[str, str, dict[str, str], str, bool], ...] = (
    ("bench_response", "questionnaires_response", RESPONSE, "case_id", True),
    ("bench_case", "cases_case", CASE, "id", False),
    ("bench_message", "cases_message", MESSAGE, "case_id", False),
    ("bench_event", "cases_event", EVENT, "case_id", True),
    ("bench_log", "audit_entry", LOG, "object_id", True),
)
_NOT_A_COLUMN = {"bench_case": {"group_slot"}, "bench_response": {"case_id"}}


def moved(connection: Any, *, since: int, groups: int, staff: int) -> None:
    """What bench_plan holds becomes rows; the plan is emptied. Cases up to `since` get their messages only."""
    values = {"since": since, "groups": groups, "staff": staff}
    with connection.cursor() as cursor:
        cursor.execute("analyze bench_plan")
        for source, table, put, key, whole in MOVES:
            cursor.execute(
                "select column_name, data_type from information_schema.columns where table_name = %s",
                [source],
            )
            columns = [(n, kind) for n, kind in cursor.fetchall() if n not in _NOT_A_COLUMN.get(source, ())]
            said = ", ".join(
                put.get(n) or (f't."{n}" + p.shift' if _is_time(kind) else f't."{n}"') for n, kind in columns
            )
            named = ", ".join(f'"{n}"' for n, _ in columns)
            owner = f" left join identity_staff s on s.id = ({_OWNER})" if source == "bench_case" else ""
            limit = " where p.case_id > %(since)s" if whole else ""
            found = f"from bench_plan p join {source} t on t.{key} = p.template{_JOINS}{owner}{limit}"
            statement = f"insert into {table} ({named}) select {said} {found} order by p.case_id"  # noqa: S608
            cursor.execute(statement, values)
        cursor.execute(
            "insert into identity_carerelation (patient_id, provider_id, since)"  # noqa: S608 - our own names
            " select p.patient_id, u.provider_id, min(t.arrived_at + p.shift) from bench_plan p"
            f" join bench_case t on t.id = p.template{_JOINS} group by 1, 2 on conflict do nothing"
        )
        cursor.execute("truncate bench_plan")


def _is_time(kind: str) -> bool:
    return kind.startswith("timestamp")


@contextmanager
def kept_out(connection: Any) -> Iterator[None]:
    """Without foreign keys and indexes that no constraint needs, on the big tables; put back afterwards."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint"
            " where contype = 'f' and conrelid::regclass::text = any(%s) and conparentid = 0", [list(BIG)],
        )  # fmt: skip
        keys = cursor.fetchall()
        cursor.execute(
            "select i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) from pg_index i"
            " where i.indrelid::regclass::text = any(%s) and not i.indisunique"
            " and not exists (select 1 from pg_inherits h where h.inhrelid = i.indexrelid)", [list(BIG)],
        )  # fmt: skip
        indexes = cursor.fetchall()
        for table, name, _ in keys:
            cursor.execute(f'alter table {table} drop constraint "{name}"')
        for name, _ in indexes:
            cursor.execute(f"drop index {name}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("set maintenance_work_mem = '512MB'")
            for _, definition in indexes:
                cursor.execute(definition.replace(" ON ONLY ", " ON "))  # on every partition
            for table, name, definition in keys:
                cursor.execute(f'alter table {table} add constraint "{name}" {definition}')
            for table in BIG:
                cursor.execute(f"analyze {table}")
