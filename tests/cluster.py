"""A throw-away PostgreSQL for the tests: prepared once per state of the migrations, copied for each run.

The prepared copy lies in .cache/cluster/<key>; a run gets its own copy and server, and each xdist worker its own
database cloned from the migrated one. With DATABASE_URL set an outside server is used instead: nothing is started,
databases named `vardvag_test_*` are made there and dropped again.
"""

import atexit
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from vardvag.config import embedded, place

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache" / "cluster"
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "128MB",
    "max_connections": "60",
    "max_wal_size": "1GB",
}


def key() -> str:
    """Of everything that decides how an empty database looks."""
    mark = hashlib.sha256()
    files = [
        *sorted((ROOT / "vardvag").glob("**/migrations/*.py")),
        *sorted((ROOT / "vardvag").glob("**/*.sql")),
        *(
            ROOT / "vardvag" / "config" / name
            for name in ("roles.py", "embedded.py", "prepare.py", "settings.py")
        ),
        ROOT / "vardvag" / "core" / "rowsecurity.py",
        Path(__file__),
    ]
    for file in files:
        mark.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    return mark.hexdigest()[:16]


class Cluster:
    """The controller makes one and exports where it is; xdist workers ask for it through files in that folder."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="vardvag-tests-"))
        self.folder.chmod(0o711)  # the server's own user passes through
        os.environ["VARDVAG_DATA"] = str(self.folder)
        os.environ["VARDVAG_SECRETS"] = str(CACHE / "secrets")  # of the prepared copies, too
        self.server: embedded.EmbeddedServer | None = None
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        atexit.register(self.stop)

    def serve(self) -> None:
        """Start the server when a worker first asks for it. In a thread that lives as long as the tests:
        the server is told to stop when the thread that started it is gone."""
        self._thread = threading.Thread(target=self._wait_and_start, daemon=True)
        self._thread.start()

    def _wait_and_start(self) -> None:
        while not self._over.wait(0.03):
            if (self.folder / "wanted").exists() and self.server is None:
                try:
                    self._start()
                    (self.folder / "ready").touch()
                except Exception as problem:
                    (self.folder / "failed").write_text(str(problem))
                    return

    def _start(self) -> None:
        ready = prepared()
        subprocess.run(["cp", "-a", str(ready / "pg18"), str(self.folder / "pg18")], check=True)
        self.server = embedded.EmbeddedServer(self.folder, FAST)
        self.server.initialise()
        self.server.start(patience=60)

    def stop(self) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join(20)
        if self.server is not None:
            self.server.stop()
        if not place.embedded() and (self.folder / "world.lock").exists():
            drop(_world_name())
        shutil.rmtree(self.folder, ignore_errors=True)


def prepared() -> Path:
    """A folder with a stopped, migrated cluster; made by the first run that needs it."""
    CACHE.mkdir(parents=True, exist_ok=True)
    ready = CACHE / key()
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists():
            _prepare(ready)
            for old in sorted(CACHE.glob("?" * 16), key=lambda path: path.stat().st_mtime)[:-4]:
                shutil.rmtree(old, ignore_errors=True)
    return ready


@contextmanager
def inside(folder: Path) -> Iterator[None]:
    """Embedded, with that data folder, also when the tests themselves use an outside server."""
    hidden = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("DATABASE_")}
    before, os.environ["VARDVAG_DATA"] = os.environ["VARDVAG_DATA"], str(folder)
    try:
        yield
    finally:
        os.environ.update(hidden, VARDVAG_DATA=before)


def _prepare(ready: Path) -> None:
    work = Path(tempfile.mkdtemp(prefix="vardvag-prepare-"))
    work.chmod(0o711)
    try:
        with inside(work):
            server = embedded.EmbeddedServer(work, FAST)
            server.initialise(sync=False)
            server.start(patience=60)
            try:
                _migrate({**os.environ, "VARDVAG_MODE": "test"})
                with admin() as superuser:
                    _let_owner_play_roles(superuser, place.LOGIN["owner"])
                    superuser.execute("checkpoint")
            finally:
                server.stop()
        new = ready.with_name("new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir()
        subprocess.run(["cp", "-a", str(work / "pg18"), str(new / "pg18")], check=True)
        new.rename(ready)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _migrate(environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "vardvag.config.prepare", "migrate"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"The test database could not be migrated:\n{done.stdout}{done.stderr}")


def _let_owner_play_roles(admin: psycopg.Connection, owner: str) -> None:
    for role in ("vardvag_app", "vardvag_system"):
        admin.execute(
            sql.SQL("grant {} to {} with set true, inherit false").format(
                sql.Identifier(role), sql.Identifier(owner)
            )
        )


# --- what a worker does ----------------------------------------------------------------------------------------------


def admin() -> psycopg.Connection:
    """Whoever may create databases: the embedded superuser, or the user of DATABASE_URL."""
    parts = place.connection("supervisor" if place.embedded() else "owner")
    return psycopg.connect(make_conninfo("", **parts), autocommit=True)


def _server_ready() -> None:
    if not place.embedded():
        return
    folder = place.data_folder()
    (folder / "wanted").touch()
    deadline = time.monotonic() + 180
    while not (folder / "ready").exists():
        if (folder / "failed").exists():
            raise RuntimeError((folder / "failed").read_text())
        if time.monotonic() > deadline:
            raise RuntimeError("The test database did not start within three minutes.")
        time.sleep(0.02)


def template() -> str:
    """Name of the migrated database that the others are cloned from."""
    if place.embedded():
        return place.DATABASE
    name = f"vardvag_test_template_{key()}"
    with admin() as owner:
        owner.execute("select pg_advisory_lock(812)")
        if not owner.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
            for (old,) in owner.execute(
                r"select datname from pg_database where datname like 'vardvag\_test\_template\_%'"
            ).fetchall():
                owner.execute(sql.SQL("drop database if exists {}").format(sql.Identifier(old)))
            making = f"{name}_new"
            owner.execute(sql.SQL("drop database if exists {}").format(sql.Identifier(making)))
            owner.execute(sql.SQL("create database {}").format(sql.Identifier(making)))
            url = psycopg.conninfo.make_conninfo(os.environ["DATABASE_URL"], dbname=making)
            _migrate({**os.environ, "VARDVAG_MODE": "test", "DATABASE_URL": url})
            _let_owner_play_roles(owner, owner.info.user)
            owner.execute(
                sql.SQL("alter database {} rename to {}").format(sql.Identifier(making), sql.Identifier(name))
            )
    return name


def clone(name: str, source: str = "") -> None:
    """A fresh database of that name (dropped first if it is there); of the empty tables, or of `world()`."""
    source = source or template()
    with admin() as owner:
        owner.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
        mine = sql.Identifier(place.connection("owner")["user"])
        owner.execute(
            sql.SQL("create database {} template {} owner {}").format(
                sql.Identifier(name), sql.Identifier(source), mine
            )
        )


def world_folder() -> Path:
    """The data folder the world was loaded with: world/*.json, files."""
    return place.data_folder() / "demo"


def _world_name() -> str:
    return f"vardvag_test_world_{place.data_folder().name[-8:]}"


def world() -> str:
    """Name of a database with the generator's small world, loaded by the first who asks in this run."""
    name = _world_name()
    with (place.data_folder() / "world.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with admin() as owner:
            if owner.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
                return name
        making = f"{name}_new"
        clone(making)
        folder = world_folder()
        folder.mkdir(mode=0o711, exist_ok=True)
        done = subprocess.run(
            [sys.executable, "-m", "vardvag.config.prepare", "demo"],
            cwd=ROOT, env=product_environment(making, folder, 8000), capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"The tests' world could not be loaded:\n{done.stdout}{done.stderr}")
        with admin() as owner:
            rename = sql.SQL("alter database {} rename to {}")
            owner.execute(rename.format(sql.Identifier(making), sql.Identifier(name)))
    return name


def product_environment(name: str, folder: Path, port: int) -> dict[str, str]:
    """For a process of the product, in demo mode, that works on the database `name`."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("VARDVAG_", "DJANGO_", "PYTEST_"))}

    def url(role: place.Role) -> str:
        if place.embedded():
            return make_conninfo("", **{**place.connection(role), "dbname": name})
        acting = {} if role == "owner" else {"options": f"-c role={place.LOGIN[role]}"}
        return make_conninfo("", **{**place.connection("owner"), "dbname": name, **acting})

    return {
        **kept,
        "PORT": str(port),
        "VARDVAG_MODE": "demo",
        "VARDVAG_DEMO": "tests",  # the small world
        "VARDVAG_DATA": str(folder),
        "VARDVAG_SECRETS": str(place.secrets_folder()),
        "DATABASE_URL": url("owner"),
        "DATABASE_APP_URL": url("app"),
        "DATABASE_SYSTEM_URL": url("system"),
    }


def drop(name: str) -> None:
    with admin() as owner:
        owner.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def start() -> None:
    _server_ready()


def test_connection(name: str) -> dict[str, str]:
    """Log in as the owner, act as vardvag_app: row-level security is real, and `as_system` can change the role."""
    return {**place.connection("owner"), "dbname": name, "options": "-c role=vardvag_app"}


@contextmanager
def as_system() -> Iterator[None]:
    """What the worker and the commands may do: the default connection acts as vardvag_system meanwhile."""
    from django.db import connection  # noqa: PLC0415 - settings are not ready when pytest loads this file

    def role() -> str:
        with connection.cursor() as cursor:
            cursor.execute("select current_user")
            return str(cursor.fetchone()[0])

    def play(name: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("set role {}").format(sql.Identifier(name)).as_string(cursor.cursor))

    before = role()
    play("vardvag_system")
    try:
        yield
    finally:
        if not (connection.in_atomic_block and connection.needs_rollback):
            play(before)
