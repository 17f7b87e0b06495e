"""A backup of the tests' world, brought back into an empty place, is the same world; anything else is refused."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tests import cluster
from vardvag.config import embedded, place
from vardvag.config.backup import age, making, sets
from vardvag.config.backup.tests import installations
from vardvag.config.backup.tests.installations import SETTLED, Installation, contents, empty, tree


@pytest.fixture(scope="module")
def room():
    path = Path(tempfile.mkdtemp(prefix="vardvag-backup-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
def source(room):
    name = f"vardvag_test_backup_{os.getpid()}"
    folder = room / "source"
    folder.mkdir()
    made = installations.with_world(name, folder)
    made.environment["BACKUP_KEY"], made.key = installations.key_pair(room)
    yield made
    cluster.drop(name)


@pytest.fixture(scope="module")
def backup(source, room):
    """The place with one set."""
    where = room / "place"
    assert "Backup made" in source.did("backup", where)
    return where


@pytest.fixture
def target(room):
    made = empty(Path(tempfile.mkdtemp(dir=room)))
    yield made
    shutil.rmtree(made.folder)


@pytest.fixture
def damaged(backup, room):
    """A copy of the place that may be spoilt, and its one set."""
    where = Path(tempfile.mkdtemp(dir=room)) / "place"
    shutil.copytree(backup, where)
    yield where, sets.found(where)[0]
    shutil.rmtree(where.parent)


def looked_into(installation: Installation, look):
    """`look(connection)` in the restored, embedded database."""
    before = {name: os.environ.get(name) for name in ("VARDVAG_DATA", "VARDVAG_SECRETS")}
    os.environ["VARDVAG_DATA"] = str(installation.folder)
    os.environ.pop("VARDVAG_SECRETS", None)
    server = embedded.EmbeddedServer(installation.folder, cluster.FAST)
    try:
        server.initialise()
        server.start()
        with psycopg.connect(**{**place.connection("supervisor"), "dbname": place.DATABASE}) as connection:
            return look(connection)
    finally:
        server.stop()
        for name, value in before.items():
            os.environ.update({name: value}) if value is not None else os.environ.pop(name, None)


def test_what_comes_back_is_what_was_there(source, backup, target):
    if not place.embedded():  # the tables of an outside server belong to whoever its address names
        assert "restore into an outside database as" in target.refused("restore", backup, "--key", source.key)
        return
    said = target.did("restore", backup, "--key", source.key)
    assert "log of who saw what is whole" in said
    with psycopg.connect(source.environment["DATABASE_URL"]) as connection:
        before = contents(connection)
        live = connection.execute("select count(*) from identity_session where ended_at is null").fetchone()[
            0
        ]

    def look(connection):
        assert connection.execute(
            "select count(*) from identity_session where ended_at is null"
        ).fetchone() == (0,)
        queued = (
            "select count(*) from inbox_delivery where state in ('queued', 'sending') and next_at <= now()"
        )
        assert connection.execute(queued).fetchone() == (0,)
        border = "select count(*) from pg_class where relrowsecurity and relforcerowsecurity"
        policies = "select count(*) from pg_policies"
        grants = "select count(*) from information_schema.role_table_grants where grantee like 'vardvag_%'"
        assert target.python(installations.OPEN).count("opened") == 2
        return contents(connection), [connection.execute(q).fetchone() for q in (border, policies, grants)]

    after, rules = looked_into(target, look)
    changed = {table for table in before if before[table] != after[table]}
    assert before.keys() == after.keys() and changed <= SETTLED
    assert after["audit_entry"][0] == before["audit_entry"][0] + 1
    assert f"{live} sessions ended" in said
    with psycopg.connect(source.environment["DATABASE_URL"]) as connection:
        for query, found in zip(
            (
                "select count(*) from pg_class where relrowsecurity and relforcerowsecurity",
                "select count(*) from pg_policies",
                "select count(*) from information_schema.role_table_grants where grantee like 'vardvag_%'",
            ),
            rules,
            strict=True,
        ):
            assert connection.execute(query).fetchone() == found
    assert tree(target.folder / "files") == tree(source.folder / "files") != {}
    secrets = Path(source.environment["VARDVAG_SECRETS"])
    kept = {k: v for k, v in tree(secrets).items() if not Path(k).name.startswith(".")}
    assert tree(target.folder / "secrets").items() >= kept.items()
    assert not (target.folder / "restoring").exists()
    assert "not empty" in target.refused("restore", backup, "--key", source.key)


def test_nothing_in_the_place_can_be_read_without_the_key(backup):
    raw = b"".join(tree(backup).values())
    secrets = Path(os.environ["VARDVAG_SECRETS"])
    for path in secrets.iterdir():
        if path.is_file():
            assert path.read_bytes().strip()[:32] not in raw
    with psycopg.connect(
        make_conninfo("", **{**place.connection("owner"), "dbname": cluster.world()})
    ) as connection:
        numbers = connection.execute("select personal_number from identity_person limit 20").fetchall()
    assert numbers and not any(number.encode() in raw for (number,) in numbers)


def test_check_with_and_without_the_key(source, backup):
    assert "sums right" in source.did("backup", backup, "--check")
    assert "opens" in source.did("backup", backup, "--check", "--key", source.key)


# --- damage, each told in one line, the place as empty as before -----------------------------------------------------


def refused(source, target, where, key=None):
    line = target.refused("restore", where, "--key", key or source.key)
    left = [
        path.name for path in target.folder.iterdir() if path.name not in ("owner.lock", "postgresql-0.6.0")
    ]
    assert left == [], left
    return line


def flip(path, at=-100):
    raw = bytearray(path.read_bytes())
    raw[at] ^= 1
    path.write_bytes(raw)


@pytest.mark.parametrize("name", [sets.DATABASE, sets.BESIDE, sets.MANIFEST, sets.FILES, sets.SUMS])
def test_a_changed_byte(source, damaged, target, name):
    flip(damaged[1] / name, at=50)
    assert "another set" in refused(source, target, damaged[0])
    assert source.command("backup", damaged[0], "--check")[0] == 2


def test_a_cut_dump_with_its_sum_made_right(source, damaged, target):
    """Who can write in the place can make the open sums right, not the sealed ones."""
    path = damaged[1] / sets.DATABASE
    path.write_bytes(path.read_bytes()[:-5000])
    sums = damaged[1] / sets.SUMS
    lines = sums.read_text().splitlines()
    sums.write_text(
        "".join(f"{sets.sum_of(damaged[1] / line.split()[1])}  {line.split()[1]}\n" for line in lines)
    )
    assert "another set" in refused(source, target, damaged[0])


def test_a_missing_and_a_changed_stored_file(source, damaged, target):
    path = next(p for p in (damaged[0] / "files").rglob("*.body"))
    flip(path)
    assert str(path) in refused(source, target, damaged[0])
    path.unlink()
    assert str(path) in refused(source, target, damaged[0])
    assert source.command("backup", damaged[0], "--check")[0] == 2


def test_another_key(source, backup, target, tmp_path):
    age.new_key(tmp_path / "other")
    assert "--key" in refused(source, target, backup, tmp_path / "other")


def test_no_backup_there(source, target, tmp_path):
    assert "no whole backup" in refused(source, target, tmp_path)


@pytest.mark.parametrize("part", ["cases", "triage"])
def test_a_newer_version(source, target, room, part):
    """Its migrations are not known here; a service's parts lie a folder deeper."""
    newer = room / f"newer-{part}"
    with psycopg.connect(source.environment["DATABASE_URL"], autocommit=True) as owner:
        owner.execute(
            "insert into django_migrations (app, name, applied) values (%s, '9999_later', now())", [part]
        )
        try:
            source.did("backup", newer)
        finally:
            owner.execute("delete from django_migrations where name = '9999_later'")
    assert "newer version" in refused(source, target, newer)


# --- making ----------------------------------------------------------------------------------------------------------


def test_a_killed_backup_is_never_taken_for_one(source, room):
    where = room / "killed"
    process = subprocess.Popen(
        [sys.executable, "-m", "vardvag.config", "backup", str(where)],
        cwd=cluster.ROOT,
        env=source.environment,
    )
    until = time.monotonic() + 60
    while not list(where.glob(".new-*/database.age")):
        assert time.monotonic() < until and process.poll() is None
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert sets.found(where) == [] and list(where.glob(".new-*"))
    source.did("backup", where)
    assert len(sets.found(where)) == 1 and not list(where.glob(".new-*"))


def test_old_sets_go_with_the_files_only_they_had(source, room):
    where = room / "kept"
    source.did("backup", where)
    with psycopg.connect(source.environment["DATABASE_URL"], autocommit=True) as owner:
        name, key = owner.execute(
            "select stored_as, wrapped_key from files_file where wrapped_key <> '' order by id limit 1"
        ).fetchone()
        gone = where / "files" / sets.below(f"{name}.body")
        assert gone.exists()
        owner.execute(
            "update files_file set wrapped_key = '', deleted_at = now() where stored_as = %s", [name]
        )
        try:
            time.sleep(1.1)  # sets are named by the second
            source.did("backup", where, "--keep", "2")
            assert gone.exists()
            time.sleep(1.1)
            source.did("backup", where, "--keep", "1")
        finally:
            owner.execute(
                "update files_file set wrapped_key = %s, deleted_at = null where stored_as = %s", [key, name]
            )
    assert len(sets.found(where)) == 1 and not gone.exists()


def test_without_a_key_nothing_is_made(source, room):
    assert "--new-key" in source.refused("backup", room / "open", BACKUP_KEY="")
    assert not (room / "open").exists()


def test_who_may_not_read_everything_is_told(source, room):
    url = make_conninfo(source.environment["DATABASE_APP_URL"])
    assert "DATABASE_BACKUP_URL" in source.refused("backup", room / "blind", DATABASE_BACKUP_URL=url)
    assert sets.found(room / "blind") == []


def test_into_an_outside_database(source, backup, room):
    """Filled in one transaction; one that has tables is refused and stays as it is."""
    name = f"vardvag_test_outside_{os.getpid()}"
    folder = Path(tempfile.mkdtemp(dir=room))
    with cluster.admin() as admin:
        admin.execute(
            sql.SQL("create database {} owner {}").format(
                sql.Identifier(name), sql.Identifier(place.connection("owner")["user"])
            )
        )
    try:
        target = Installation(folder, cluster.product_environment(name, folder, 8000))
        assert "--key" in target.refused("restore", backup, "--key", folder / "none")
        said = target.did("restore", backup, "--key", source.key)
        assert "compared" in said
        with (
            psycopg.connect(target.environment["DATABASE_URL"]) as there,
            psycopg.connect(source.environment["DATABASE_URL"]) as here,
        ):
            before, after = contents(here), contents(there)
        assert {table for table in before if before[table] != after[table]} <= SETTLED
        assert "not empty" in target.refused("restore", backup, "--key", source.key)
    finally:
        cluster.drop(name)


@pytest.fixture
def doomed(source):
    """A stored file's name; its row and bytes are put back after the test."""
    with psycopg.connect(source.environment["DATABASE_URL"], autocommit=True) as owner:
        name, key = owner.execute(
            "select stored_as, wrapped_key from files_file where wrapped_key <> '' order by id limit 1"
        ).fetchone()
        before = {path: path.read_bytes() for path in (source.folder / "files").rglob(f"{name}.*")}
        yield name
        query = "update files_file set wrapped_key = %s, deleted_at = null where stored_as = %s"
        owner.execute(query, [key, name])
    for path, content in before.items():
        path.write_bytes(content)


def test_a_file_destroyed_during_the_backup_does_not_break_it(source, room, monkeypatch, doomed):
    for name, value in source.environment.items():
        if name.startswith(("VARDVAG_", "DATABASE_")):
            monkeypatch.setenv(name, value)
    dump = making._dump

    def destroyed_meanwhile(reader, moment):
        with psycopg.connect(source.environment["DATABASE_URL"], autocommit=True) as owner:
            query = "update files_file set wrapped_key = '', deleted_at = now() where stored_as = %s"
            owner.execute(query, [doomed])
        for path in (source.folder / "files").rglob(f"{doomed}.*"):
            path.unlink()
        return dump(reader, moment)

    monkeypatch.setattr(making, "_dump", destroyed_meanwhile)
    one, made = making.back_up(room / "destroyed", age.public_key(source.environment["BACKUP_KEY"]), 3)
    assert (made.gone, made.lost) == ([doomed], [])
    assert doomed not in (one / sets.FILES).read_text()


def test_a_file_that_is_missing_is_told(source, room, doomed):
    for path in (source.folder / "files").rglob(f"{doomed}.*"):
        path.unlink()
    code, said = source.command("backup", room / "missing")
    assert code == 1 and doomed in said
