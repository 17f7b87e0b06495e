"""Queries and writes of the models that are made into SQL once, and that PostgreSQL plans once for a connection.

Building a query set, turning it into SQL and planning it (the border's policies included) is most of what a page
costs, and comes out the same at every request but for its values. A `Compiled` query does it the first time it is
asked; rows become the same model instances as ever. Only for queries every page asks: elsewhere a query set is plainer.

Values go to the server apart from the SQL, so a statement can be kept there. `prepare_threshold` None in the
database's OPTIONS (a pooler of connections in between) sends them so without keeping anything.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any, Generic, TypeVar, cast
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, models
from django.db.backends.postgresql.base import ServerBindingCursor  # type: ignore[attr-defined]
from django.db.models.base import ModelState
from django.db.models.query import get_related_populators  # type: ignore[attr-defined]
from psycopg import sql
from psycopg.types.numeric import Int8

M = TypeVar("M", bound=models.Model)
_MARKS: dict[type, Callable[[int], Any]] = {
    int: lambda n: 2_070_311_000 + n,
    str: lambda n: f"\ue000{n}\ue000",
    UUID: lambda n: UUID(int=(0xC0DE << 112) + n),
    datetime: lambda n: datetime(1801, 1, 1 + n, 3, 17, tzinfo=UTC),
    date: lambda n: date(1802, 1, 1 + n),
}


def _asked(statement: str, values: Sequence[Any]) -> Any:
    """A cursor with the statement's answer, valid until the next statement. Values are bound by the server. The
    connection keeps the cursor: a new one costs more than sending a statement and reading its rows."""
    database: Any = connections[DEFAULT_DB_ALIAS]
    database.ensure_connection()
    with database.wrap_database_errors:
        if database.execute_wrappers or database.queries_logged:  # who counts or times statements
            cursor = database._prepare_cursor(ServerBindingCursor(database.connection))
        else:
            database.validate_no_broken_transaction()
            kept = vars(database.connection)
            cursor = kept.get("kept_cursor") or kept.setdefault(
                "kept_cursor", ServerBindingCursor(database.connection)
            )
        cursor.execute(statement, values)
        return cursor


def plain(value: Any) -> Any:
    """Numbers always as bigint: psycopg would choose by size, and the server keep a statement for each."""
    return Int8(value) if type(value) is int else value


def fetch(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Rows of a statement written by hand, kept planned like the others."""
    return cast("list[tuple[Any, ...]]", _asked(statement, [plain(value) for value in values]).fetchall())


def act(statement: str, values: Sequence[Any]) -> int:
    """The same for what gives no rows; how many it changed."""
    return int(_asked(statement, [plain(value) for value in values]).rowcount)


class Compiled(Generic[M]):
    """`build` makes the query set from values of these `kinds` (int, str, UUID, datetime, date); a value may stand
    anywhere in it once or more, but not decide its shape. `first` takes what the query set's order puts first."""

    def __init__(self, build: Callable[..., models.QuerySet[M]], **kinds: type) -> None:
        self._build, self._kinds = build, kinds
        self._making = threading.Lock()
        self._made: _Made | None = None

    def all(self, **values: Any) -> list[M]:
        made = self._made or self._make()
        given = [plain(values[name]) if name else constant for name, constant in made.slots]
        rows: Iterable[Sequence[Any]] = _asked(made.sql, given).fetchall()
        return [cast(M, one) for one in made.instances(rows)]

    def first(self, **values: Any) -> M | None:
        return next(iter(self.all(**values)), None)

    def _make(self) -> "_Made":
        with self._making:
            if self._made is None:
                marks = {name: _MARKS[kind](n) for n, (name, kind) in enumerate(self._kinds.items())}
                self._made = _Made(self._build(**marks), marks)
        return self._made


class _Made:
    def __init__(self, rows: models.QuerySet[Any], marks: dict[str, Any]) -> None:
        compiler: Any = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        self.sql, params = compiler.as_sql()
        names = {mark: name for name, mark in marks.items()}
        self.slots: list[tuple[str, Any]] = [(names.get(_hashable(value), ""), value) for value in params]
        missing = set(marks) - {name for name, _ in self.slots}
        if missing:
            raise ValueError(
                f"{', '.join(sorted(missing))} decides the query's shape and cannot be a value of it"
            )
        self._write_out_constants()
        self._compiler, columns, select = compiler, compiler.klass_info, compiler.select
        fields = columns["select_fields"]
        self._model, self._from, self._to = columns["model"], fields[0], fields[-1] + 1
        self._names = [one[0].target.attname for one in select[self._from : self._to]]
        related = get_related_populators(columns, select, DEFAULT_DB_ALIAS)
        self._related = [_Related(one) for one in related]
        self._more: dict[str, int] = compiler.annotation_col_map or {}
        self._converters = compiler.get_converters([one[0] for one in select])

    def _write_out_constants(self) -> None:
        """PostgreSQL's kept plan does not know what a bound value is, so only a constant that stands in the
        statement itself lets it use an index of open cases."""
        pieces, kept = self.sql.split("%s"), []
        if len(pieces) != len(self.slots) + 1:
            return
        made = pieces[0]
        for (name, value), piece in zip(self.slots, pieces[1:], strict=True):
            written = not name and isinstance(value, str | int)
            value = str(value) if isinstance(value, str) else value  # a choice of a model's, too
            made += (sql.Literal(value).as_string(None).replace("%", "%%") if written else "%s") + piece
            if not written:
                kept.append((name, plain(value)))
        self.sql, self.slots = made, kept

    def instances(self, rows: Iterable[Sequence[Any]]) -> Iterable[Any]:
        """As Django's ModelIterable."""
        if self._converters:
            rows = self._compiler.apply_converters(rows, self._converters)
        for row in rows:
            one = _there(self._model, self._names, row[self._from : self._to])
            for related in self._related:
                related.populate(row, one)
            for name, position in self._more.items():
                setattr(one, name, row[position])
            yield one


def _there(model: type[M], names: Sequence[str], values: Sequence[Any]) -> M:
    """As `from_db`, without asking each of thirty columns how it wants to be set: they are plain, and nobody listens to
    how instances are made (tests/house/test_models.py). What was not fetched is fetched when asked for."""
    one = model.__new__(model)
    one._state = state = ModelState()
    state.adding, state.db = False, DEFAULT_DB_ALIAS
    vars(one).update(zip(names, values, strict=True))
    return one


class _Related:
    """As Django's RelatedPopulator, of rows made by `_there`."""

    def __init__(self, of: Any) -> None:
        self._model, self._names, self._key = of.model_cls, of.init_list, of.pk_idx
        self._from, self._to = of.cols_start, of.cols_end
        self._local, self._remote = of.local_setter, of.remote_setter
        self._related = [_Related(one) for one in of.related_populators]

    def populate(self, row: Sequence[Any], near: models.Model) -> None:
        values = row[self._from : self._to]
        if values[self._key] is None:
            self._local(near, None)
            return
        one = _there(self._model, self._names, values)
        for related in self._related:
            related.populate(row, one)
        self._local(near, one)
        self._remote(one, near)


def _hashable(value: Any) -> Any:
    return value if isinstance(value, (int, str, UUID, date)) and not isinstance(value, bool) else None


_inserts: dict[type[models.Model], tuple[str, list[Any]]] = {}
_updates: dict[tuple[type[models.Model], tuple[str, ...]], tuple[str, list[Any]]] = {}


def insert(one: M) -> M:
    """As `save(force_insert=True)`: every column is written, and the row's number is read back."""
    if not insert_once(one, or_nothing=""):
        raise DatabaseError(f"{type(one).__name__} was not written")
    return one


def insert_once(one: models.Model, *, or_nothing: str = " on conflict do nothing") -> bool:
    """The same, unless a row with the same key is there: then nothing is written. Whether it was."""
    model = type(one)
    if model not in _inserts:
        fields = [field for field in model._meta.concrete_fields if not field.primary_key]
        names, holes = ", ".join(f'"{f.column}"' for f in fields), ", ".join(["%s"] * len(fields))
        _inserts[model] = f'insert into "{model._meta.db_table}" ({names}) values ({holes})', fields  # noqa: S608
    statement, fields = _inserts[model]
    key = cast(Any, model._meta.pk)
    database: Any = connections[DEFAULT_DB_ALIAS]  # looked up once, not by each column
    values = [plain(field.get_db_prep_save(field.pre_save(one, True), database)) for field in fields]
    made = fetch(f'{statement}{or_nothing} returning "{key.column}"', values)
    if made:
        setattr(one, key.attname, made[0][0])
        one._state.adding, one._state.db = False, DEFAULT_DB_ALIAS
    return bool(made)


def update(one: models.Model, names: Iterable[str]) -> None:
    """As `save(update_fields=names)` of a row that is there."""
    model, wanted = type(one), tuple(sorted(set(names)))
    if (model, wanted) not in _updates:
        known = {name: field for field in model._meta.concrete_fields for name in (field.name, field.attname)}
        fields: list[Any] = [known[name] for name in wanted]
        changed = ", ".join(f'"{field.column}" = %s' for field in fields)
        key = cast(Any, model._meta.pk).column
        _updates[model, wanted] = (
            f'update "{model._meta.db_table}" set {changed} where "{key}" = %s',  # noqa: S608
            fields,
        )
    statement, found = _updates[model, wanted]
    database: Any = connections[DEFAULT_DB_ALIAS]
    values = [plain(field.get_db_prep_save(field.pre_save(one, False), database)) for field in found]
    if _asked(statement, [*values, Int8(one.pk)]).rowcount != 1:
        raise DatabaseError(f"{model.__name__} {one.pk} is not there")
