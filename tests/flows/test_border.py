"""The border in the database holds when the application's own checks are gone (G16)."""

import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet

from tests import secret
from tests.cluster import as_system
from tests.flows.test_stranger import STRANGERS, Make, form, said
from vardvag.cases import access, registry
from vardvag.cases.models import Case
from vardvag.core import border
from vardvag.core.actor import Anonymous, Role, StaffActor
from vardvag.core.compiled import Compiled
from vardvag.demo import cast
from vardvag.files.models import FileQuerySet
from vardvag.organisation.models import Unit

# Columns that name a person. A table with one of them is behind the border, or says here why not.
PERSONAL = {
    "patient_id", "person_id", "personal_number", "patient_number", "guardian_id", "child_id", "acting_for_id",
    "author_id", "uploaded_by_id", "case_id", "proven_number", "message_id",
}  # fmt: skip
OPEN = {
    "identity_session": "found by the hash of a secret; the door reads it before it knows who comes",
    "inbox_digestline": "a staff member, the number of a notice and two times; the notice is behind the border",
    "identity_loginattempt": "found by the hash of a secret; the number is taken out when the login is over",
}
# Functions that run as their owner. Each keeps to the border's providers or patient itself, or gives only counts.
PAST = {
    "identity_protected_actors",
    "identity_standing",
    "cases_search",
    "cases_standing",
    "inbox_outbox_figures",
}


def rows(query: str, *values: object) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())


def guarded() -> list[str]:
    found = rows("select tablename from pg_policies where policyname = 'border' order by 1")
    return [name for (name,) in found]


def counted() -> dict[str, int]:
    return {table: rows(f'select count(*) from "{table}"')[0][0] for table in guarded()}  # noqa: S608


def naming() -> list[tuple[Any, ...]]:
    """Tables with a column that names a person, and those that point at one of them, however far: name, whether
    row-level security is on, and forced."""
    return rows(
        "with recursive personal(id) as ("
        " select a.attrelid from pg_attribute a join pg_class c on c.oid = a.attrelid"
        " where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition"
        " and not a.attisdropped and a.attname = any (%s)"
        " union select con.conrelid from pg_constraint con join personal on con.confrelid = personal.id"
        " where con.contype = 'f')"
        " select relname, relrowsecurity, relforcerowsecurity from pg_class join personal on oid = id",
        sorted(PERSONAL),
    )


def bare() -> set[str]:
    return {table for table, on, forced in naming() if not (on and forced)}


def test_every_table_that_names_a_person_is_behind_the_border(db: None) -> None:
    assert bare() == set(OPEN), "Give it a border in its migration (core/rowsecurity.py)."
    assert set(guarded()) >= {table for table, on, _forced in naming() if on}
    assert len(guarded()) >= 18


@pytest.mark.parametrize(
    "column", ["patient_id bigint", "of_case bigint references cases_case", "personal_number text"]
)
def test_a_new_table_without_a_border_is_noticed(db: None, column: str) -> None:
    """Also one that only points at a case, and one that points at that."""
    with connection.cursor() as cursor:
        cursor.execute("set role none")
        cursor.execute(f"create table forgotten (id bigint primary key, {column}, words text)")
        cursor.execute("create table further (id bigint primary key, one bigint references forgotten)")
    assert bare() == {*OPEN, "forgotten", "further"}
    with connection.cursor() as cursor:
        cursor.execute("set role vardvag_app")


def test_parts_of_a_guarded_table_are_shut(db: None) -> None:
    """A month of the log read around its parent would have no border."""
    parts = rows(
        "select i.inhrelid::regclass::text, has_table_privilege('vardvag_app', i.inhrelid, 'select'),"
        " c.relrowsecurity from pg_inherits i join pg_class c on c.oid = i.inhrelid where c.relkind = 'r'"
    )
    open_parts = [name for name, readable, on in parts if readable and not on]
    assert not open_parts, open_parts


def test_no_policy_lets_the_pages_through_unasked(db: None) -> None:
    wide = rows(
        "select tablename, policyname from pg_policies where 'vardvag_app' = any (roles::text[])"
        " and (qual is null or qual = 'true')"
    )
    assert not wide, wide
    assert not rows("select tablename from pg_policies where 'public' = any (roles::text[])")


def test_without_a_context_there_is_nothing(world: object) -> None:
    secret.plant()
    with as_system():
        told = counted()
    assert sum(count > 0 for count in told.values()) >= 10, told
    border.leave()
    assert not {table: count for table, count in counted().items() if count}
    border.enter(Anonymous())
    assert not {table: count for table, count in counted().items() if count}


def test_a_stranger_sees_nothing_of_anybodys(world: object) -> None:
    """Somebody and some provider that own nothing: every row belongs to another."""
    secret.plant()
    for settings in ([(), (999_999_999,), 999_999_999], [(999_999_999,), (), None]):
        border._set(*settings)
        assert not {table: count for table, count in counted().items() if count}


@pytest.mark.parametrize("name", ["guardian of another child", "every role, another provider"])
def test_real_strangers_see_no_row_of_the_patient(world: object, name: str) -> None:
    from vardvag.organisation.keeper import actor_of_key  # noqa: PLC0415

    planted = secret.plant()
    patient = planted.rows["case"].patient_id
    client = STRANGERS[name]()
    border.enter(actor_of_key(next(iter(client.cookies.values())).value))
    for table in guarded():
        named = rows(
            "select column_name from information_schema.columns where table_name = %s and table_schema = 'public'"
            " and column_name in ('patient_id', 'child_id')",
            table,
        )
        for (column,) in named:
            assert rows(f'select count(*) from "{table}" where "{column}" = %s', patient) == [(0,)], table  # noqa: S608
    assert not rows("select 1 from identity_person where id = %s", patient)
    assert not rows("select 1 from cases_case where number = %s", planted.rows["case"].number)


def test_notes_and_colleagues_drafts_are_no_residents(world: object) -> None:
    planted = secret.plant()
    case = planted.rows["case"]
    border._set((), (case.patient_id,), case.author_id)
    assert rows("select count(*) from cases_case where id = %s", case.pk) == [(1,)]
    assert rows("select count(*) from cases_message where case_id = %s", case.pk)[0][0] > 0
    assert rows("select count(*) from cases_note") == [(0,)]
    assert rows("select count(*) from cases_draft where author_kind = 'staff'") == [(0,)]
    assert rows("select count(*) from inbox_staffnotice where staff_id is not null and patient_id <> %s",
                case.patient_id) == [(0,)]  # fmt: skip
    assert rows("select count(*) from files_file where id = %s", planted.rows["staff's file"].pk) == [(0,)]


def test_nothing_is_written_across_the_border(world: object) -> None:
    planted = secret.plant()
    case, before = planted.rows["case"], planted.state()
    border._set((999_999_999,), (), None)
    with connection.cursor() as cursor:
        cursor.execute("update cases_case set title = 'x'")
        assert cursor.rowcount == 0
        cursor.execute("delete from cases_draft")
        assert cursor.rowcount == 0
    with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        rows(
            "insert into cases_note (case_id, provider_id, staff_id, staff_name, staff_title, body, at, key)"
            " values (%s, %s, %s, 'x', 'x', 'x', now(), gen_random_uuid()) returning id",
            case.pk, case.provider_id, case.owner_id,
        )  # fmt: skip
    border._set((case.provider_id,), (), None)
    with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        rows(
            "update cases_case set provider_id = 999999999, patient_id = 1 where id = %s returning id",
            case.pk,
        )
    assert planted.state() == before


@pytest.mark.parametrize(
    "words",
    [
        "update audit_entry set verb = 'x'", "delete from audit_entry", "truncate audit_entry",
        "insert into audit_seal default values", "delete from audit_seal", "delete from audit_anchor",
        "update questionnaires_response set answers = '{}'", "alter table cases_case disable row level security",
        "drop policy border on cases_case", "create table stolen (x int)", "create role thief",
        "alter role vardvag_app bypassrls", "copy cases_case to program 'cat'",
        "select pg_read_file('/etc/passwd')",
    ],
)  # fmt: skip
def test_the_pages_role_may_not(db: None, words: str) -> None:
    assert rows("select current_user") == [("vardvag_app",)]
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(words)


def test_the_pages_role_owns_nothing_and_can_become_nobody_else(db: None) -> None:
    assert rows("select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication"
                " from pg_roles where rolname = 'vardvag_app'") == [(False,) * 5]  # fmt: skip
    assert not rows("select 1 from pg_class where relowner = 'vardvag_app'::regrole")
    assert not rows("select 1 from pg_proc where proowner = 'vardvag_app'::regrole")
    assert not rows("select roleid::regrole::text from pg_auth_members where member = 'vardvag_app'::regrole")
    assert not rows("select rolname from pg_roles where rolname <> 'vardvag_app' and rolname !~ '^pg_'"
                    " and pg_has_role('vardvag_app', oid, 'set')")  # fmt: skip
    definers = rows(
        "select proname from pg_proc p join pg_namespace n on n.oid = pronamespace where prosecdef"
        " and nspname = 'public' and has_function_privilege('vardvag_app', p.oid, 'execute')"
    )
    assert {name for (name,) in definers} == PAST, "runs as its owner, past the border"


def test_search_in_the_database_keeps_to_the_border(world: object) -> None:
    planted = secret.plant()
    case = planted.rows["case"]
    ask = "select case_id from cases_search(%s, %s, 50)"
    for words in (secret.WORD, cast.ELSA.given_name):
        border._set((case.provider_id,), (), None)
        assert (case.pk,) in rows(ask, case.unit_id, words)
        border._set((999_999_999,), (case.patient_id,), case.author_id)
        assert not rows(ask, case.unit_id, words)
        border.leave()
        assert not rows(ask, case.unit_id, words)


# --- the application's checks switched off ---------------------------------------------------------------------

SCOPES = {
    "unit_id",
    "provider_id",
    "patient_id",
    "person_id",
    "owner_id",
    "group_id",
    "author_id",
    "author_kind",
}
FETCHES = ("vardvag.cases.", "vardvag.files.", "vardvag.inbox.", "vardvag.questionnaires.")


@pytest.fixture
def no_checks(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every access function fetches by public id alone, lists fetch everything, and may_see says yes.
    Gives the modules whose filters were dropped."""
    filtered, dropped = QuerySet.filter, []

    def careless(self: Any, *args: Any, **kwargs: Any) -> Any:
        caller = sys._getframe(1).f_globals.get("__name__", "")
        if caller == "django.db.models.manager":
            caller = sys._getframe(2).f_globals.get("__name__", "")
        if caller.startswith(FETCHES):
            kept = {name: value for name, value in kwargs.items() if name not in SCOPES}
            if len(kept) < len(kwargs):
                dropped.append(caller)
            kwargs = kept
        return filtered(self, *args, **kwargs)

    monkeypatch.setattr(QuerySet, "filter", careless)
    monkeypatch.setattr(
        Compiled, "all", lambda self, **given: list(self._build(**given))
    )  # made anew, carelessly
    monkeypatch.setattr(FileQuerySet, "uploaded_by", lambda self, *_who: self)
    monkeypatch.setattr(access, "may_see", lambda **_: True)
    monkeypatch.setattr(registry, "may_see", lambda **_: True)
    monkeypatch.setattr(access, "cases_of_unit", lambda actor: Case.objects.all())
    yield dropped


OUTSIDE = [name for name in STRANGERS if "provider" in name] + [
    "another resident", "guardian of another child", "teenager", "protected",
]  # fmt: skip


@pytest.mark.parametrize("make", [pytest.param(STRANGERS[name], id=name) for name in OUTSIDE])
def test_the_database_alone_stops_strangers(world: object, no_checks: list[str], make: Make) -> None:
    planted = secret.plant()
    client = make()
    client.raise_request_exception = False
    before, faults = planted.state(), []
    for address in secret.addresses():
        if not address.captures or address.name in secret.NOBODYS:
            continue
        found = secret.kind(address)
        if found in ("assignment", "group", "run"):  # no patient's data: not behind the border
            continue
        for method, given in (("get", {}), ("post", form(planted))):
            answer = getattr(client, method)(planted.path(address), given)
            body, headers = said(answer)
            nothing = getattr(client, method)(secret.invented(address), given).status_code
            if answer.status_code != nothing or nothing == 200:
                faults.append(f"{method} {address.name}: {answer.status_code}")
            words = (secret.WORD, secret.FILE, planted.number)
            faults += [f"{method} {address.name}: says {word}" for word in words if word in body + headers]
    assert not faults, "\n".join(faults)
    assert planted.state() == before


def test_the_checks_really_were_off(world: object, no_checks: list[str]) -> None:
    """A colleague of the same provider, whom only the application stops, gets in without its checks."""
    planted = secret.plant()
    client = STRANGERS["every role, another unit"]()
    assert client.get(f"/personal/arenden/{planted.rows['case'].public_id}/").status_code == 200
    assert {"vardvag.cases.access"} <= set(no_checks)


def test_with_the_checks_off_lists_hold_one_providers_cases(world: object, no_checks: list[str]) -> None:
    with as_system():
        unit = Unit.objects.get(assignments__staff__hsa_id=cast.FATIMA.hsa_id)
        others = Case.objects.exclude(provider_id=unit.provider_id).count()
    assert others
    actor = StaffActor(1, 1, "X", "X", "X", 1, unit.pk, "X", unit.provider_id, frozenset(Role))
    border.enter(actor)
    seen = set(access.cases_of_unit(actor).values_list("provider_id", flat=True))
    assert seen == {unit.provider_id}
