"""The database's roles: the owner makes tables, the application owns nothing and cannot step over the border."""

import psycopg
from psycopg import sql

from vardvag.config import place
from vardvag.config.place import Trouble

_APPLICATION: tuple[place.Role, ...] = ("app", "system")
# How long one statement, one wait for a lock and one forgotten transaction may last.
_LIMITS: dict[str, dict[str, str]] = {
    "app": {"statement_timeout": "30s", "lock_timeout": "10s", "idle_in_transaction_session_timeout": "60s"},
    "system": {"lock_timeout": "30s", "idle_in_transaction_session_timeout": "10min"},
}


def prepare_embedded() -> None:
    """As superuser of the embedded server: our database, its owner and the application's roles."""
    with psycopg.connect(**place.connection("supervisor"), autocommit=True) as admin:  # type: ignore[arg-type]
        for role in ("owner", *_APPLICATION):
            _login(admin, role)
        known = admin.execute("select 1 from pg_database where datname = %s", [place.DATABASE]).fetchone()
        if not known:
            admin.execute(
                sql.SQL("create database {} owner {}").format(
                    sql.Identifier(place.DATABASE), sql.Identifier(place.LOGIN["owner"])
                )
            )
    with psycopg.connect(**place.connection("owner"), autocommit=True) as owner:  # type: ignore[arg-type]
        grant(owner)


def prepare_outside() -> None:
    """As the user of DATABASE_URL: the application's roles, unless their addresses are given apart."""
    try:
        owner = psycopg.connect(**place.connection("owner"), autocommit=True, connect_timeout=10)  # type: ignore[arg-type]
    except psycopg.OperationalError as problem:
        raise Trouble(
            f"DATABASE_URL: no connection ({_line(problem)}); check address, user, password and server."
        ) from None
    with owner:
        if owner.info.server_version < 180000:
            raise Trouble(
                f"DATABASE_URL is a PostgreSQL {owner.info.server_version // 10000}; version 18 or newer is needed."
            )
        try:
            for role in _APPLICATION:
                _join(owner, role)
            grant(owner)
        except psycopg.errors.InsufficientPrivilege as problem:
            raise Trouble(
                f"The user of DATABASE_URL may not prepare vardvag_app and vardvag_system ({_line(problem)}); "
                "give it CREATEROLE, or create them and set DATABASE_APP_URL and DATABASE_SYSTEM_URL."
            ) from None
    for role in _APPLICATION if place.mode() != "test" else ():
        _try(role)


def _join(owner: psycopg.Connection, role: place.Role) -> None:
    """Create the role, or give one that cannot log in yet its password; never change somebody's password.

    The test suite only needs the role to exist: it acts as it without logging in, and leaves no password behind.
    """
    name = place.LOGIN[role]
    row = owner.execute(
        "select rolcanlogin, rolsuper or rolbypassrls from pg_roles where rolname = %s", [name]
    ).fetchone()
    if row and row[1]:
        raise Trouble(
            f"The role {name} may step over the border; run: ALTER ROLE {name} NOSUPERUSER NOBYPASSRLS."
        )
    if place.mode() == "test" or place.has_own_address(role):
        if row is None:
            owner.execute(sql.SQL("create role {}").format(sql.Identifier(name)))
    elif row is None or not row[0]:
        _login(owner, role)


def _try(role: place.Role) -> None:
    try:
        psycopg.connect(**place.connection(role), connect_timeout=10).close()  # type: ignore[arg-type]
    except psycopg.OperationalError as problem:
        name = f"DATABASE_{role.upper()}_URL"
        raise Trouble(
            f"The role {place.LOGIN[role]} cannot log in ({_line(problem)}); set {name}, or use the secrets folder "
            "(VARDVAG_SECRETS) it was created with."
        ) from None


def _login(admin: psycopg.Connection, role: place.Role) -> None:
    """May log in with our password, for as long as the limits say."""
    name = sql.Identifier(place.LOGIN[role])
    if not admin.execute("select 1 from pg_roles where rolname = %s", [place.LOGIN[role]]).fetchone():
        admin.execute(sql.SQL("create role {}").format(name))
    password = sql.Literal(place.secret(f"database-{role}"))
    admin.execute(sql.SQL("alter role {} login password {}").format(name, password))
    for setting, value in _LIMITS.get(role, {}).items():
        admin.execute(
            sql.SQL("alter role {} set {} = {}").format(name, sql.Identifier(setting), sql.Literal(value))
        )


def grant(owner: psycopg.Connection) -> None:
    """Who comes into this database; what they may do with the tables is said by the migrations."""
    database = sql.Identifier(owner.info.dbname)
    owner.execute(sql.SQL("revoke connect, temporary on database {} from public").format(database))
    owner.execute("revoke create on schema public from public")
    for role in _APPLICATION:
        name = sql.Identifier(place.LOGIN[role])
        for text in (
            "grant connect on database {database} to {name}",
            "grant usage on schema public to {name}",
        ):
            owner.execute(sql.SQL(text).format(database=database, name=name))
    loader = sql.Identifier(place.LOGIN["system"])  # the demo's generator copies rows beside their tables
    owner.execute(sql.SQL("grant temporary on database {} to {}").format(database, loader))


def _line(problem: BaseException) -> str:
    return " ".join(str(problem).split()) or type(problem).__name__
