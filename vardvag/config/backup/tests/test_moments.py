"""A point in time: a server of its own that archives, a base, changes, and the database as it was in between."""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from tests import cluster
from vardvag.config import embedded, place
from vardvag.config.backup import age, checking, moments, sets
from vardvag.config.backup.tests import installations
from vardvag.config.backup.tests.installations import Installation
from vardvag.config.place import Trouble


@pytest.fixture(scope="module")
def room():
    path = Path(tempfile.mkdtemp(prefix="vardvag-moments-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
def server(room):
    """An installation on an "outside" server: `url` of its superuser; `spool` is what archive_command gives away."""
    ready = cluster.prepared()
    folder, spool = room / "server", room / "spool"
    for made in (folder, spool):
        made.mkdir()
        made.chmod(0o711)
    subprocess.run(["cp", "-a", str(ready / "pg18"), str(folder)], check=True)
    with cluster.inside(folder):
        running = embedded.EmbeddedServer(
            folder,
            {
                **cluster.FAST,
                "full_page_writes": "on",
                "wal_level": "replica",
                "archive_mode": "on",
                "archive_command": f'cp %p "{spool}/.%f" && mv "{spool}/.%f" "{spool}/%f"',
            },
        )
        os.chown(spool, running.uid, running.gid)
    try:
        with cluster.inside(folder):
            running.initialise()
            running.start(patience=60)
            superuser = make_conninfo("", **{**place.connection("supervisor"), "dbname": place.DATABASE})
            urls = {
                f"DATABASE{name}_URL": make_conninfo("", **place.connection(role))
                for name, role in (("", "owner"), ("_APP", "app"), ("_SYSTEM", "system"))
            }
        (room / "data").mkdir()
        made = Installation(
            room / "data",
            {
                **cluster.product_environment(place.DATABASE, room / "data", 8000),
                **urls,
                "DATABASE_BACKUP_URL": superuser,
                "VARDVAG_MODE": "test",
            },
        )
        made.superuser, made.spool = superuser, spool
        made.environment["BACKUP_KEY"], made.key = installations.key_pair(room)
        yield made
    finally:
        with cluster.inside(folder):
            running.stop()


def put_away(server, where):
    """The log up to now, as archive_command would put it: each finished part."""
    with psycopg.connect(server.superuser, autocommit=True) as admin:
        (last,) = admin.execute("select pg_walfile_name(pg_switch_wal())").fetchone()
    until = time.monotonic() + 60
    while not (server.spool / last).exists():
        assert time.monotonic() < until, "the server does not archive"
        time.sleep(0.05)
    key = age.public_key(server.environment["BACKUP_KEY"])
    for path in sorted(server.spool.iterdir()):
        if not path.name.startswith("."):
            moments.archive(path, where, key)
            moments.archive(path, where, key)  # the server may give it twice


def write(server, name):
    with psycopg.connect(server.superuser, autocommit=True) as admin:
        admin.execute(
            "insert into procrastinate_jobs (queue_name, task_name, args) values ('notices', %s, '{}')",
            [name],
        )
        time.sleep(0.05)
        (now,) = admin.execute("select clock_timestamp()").fetchone()
        time.sleep(0.05)
    return now


def test_the_database_as_it_was(server, room):
    where = room / "place"
    assert "Base made" in server.did("backup", "--base", where)
    moment = write(server, "before")
    write(server, "after")
    put_away(server, where)
    last = write(server, "never put away")
    raw = b"".join(installations.tree(where).values())
    assert b"never put away" not in raw and b"vardvag_owner" not in raw

    assert "without a gap" in server.did("backup", where, "--check")
    assert "open" in server.did("backup", where, "--check", "--key", server.key)

    place_of = ["--key", server.key, "--into", room / "new"]
    assert "ends before" in server.refused("restore", where, "--to", last.isoformat(), *place_of)
    early = server.refused("restore", where, "--to", "2020-01-01T00:00:00+00:00", *place_of)
    assert "choose a later one" in early
    assert not (room / "new").exists()

    said = server.did("restore", where, "--to", moment.isoformat(), *place_of)
    assert "log of who saw what is whole" in said
    assert jobs(room / "new") == ["before"]
    assert not [path for path in room.iterdir() if "restoring" in path.name or path.name.startswith(".new")]
    assert "not empty" in server.refused("restore", where, "--to", moment.isoformat(), *place_of)

    part = next(path for path in sorted((where / "wal").iterdir()) if len(path.name) > 90)
    raw = bytearray(part.read_bytes())
    raw[-1] ^= 1
    part.write_bytes(raw)
    assert str(part) in server.refused("backup", where, "--check", "--key", server.key)
    spoilt = ["--key", server.key, "--into", room / "spoilt"]
    assert str(part) in server.refused("restore", where, "--to", moment.isoformat(), *spoilt)
    assert not (room / "spoilt").exists()


def jobs(data):
    """What the recovered server holds; started on a copy of its folder with our own roles' passwords."""
    folder = Path(tempfile.mkdtemp(prefix="vardvag-moments-"))
    folder.chmod(0o711)
    try:
        with cluster.inside(folder):
            server = embedded.EmbeddedServer(folder, cluster.FAST)
            subprocess.run(["cp", "-a", str(data), str(server.data)], check=True)
            server.initialise()
            server.start(patience=60)
            try:
                url = make_conninfo("", **{**place.connection("supervisor"), "dbname": place.DATABASE})
                with psycopg.connect(url) as reader:
                    rows = reader.execute(
                        "select task_name from procrastinate_jobs where task_name not like '%.%'"
                    )
                    return [name for (name,) in rows.fetchall()]
            finally:
                server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_two_servers_in_one_place_are_told(tmp_path):
    key = age.public_key(age.new_key(tmp_path / "key"))
    (tmp_path / "a").mkdir()
    part = tmp_path / "a" / "000000010000000000000001"
    part.write_bytes(b"one")
    moments.archive(part, tmp_path, key)
    part.write_bytes(b"another")
    with pytest.raises(Trouble, match="two servers"):
        moments.archive(part, tmp_path, key)
    with pytest.raises(Trouble, match="archive_command"):
        moments.archive(tmp_path / "key", tmp_path, key)


@pytest.mark.parametrize(
    "name",
    ["00000002.history", "000000010000000000000003.partial", "000000010000000000000002.00000028.backup"],
)
def test_what_a_server_puts_away_besides_whole_segments(tmp_path, name):
    """After a standby has taken over: where it left the old line, and that line's unfinished end."""
    key = age.public_key(age.new_key(tmp_path / "key"))
    (tmp_path / name).write_bytes(b"log")
    moments.archive(tmp_path / name, tmp_path / "place", key)
    assert [path.name.rpartition("-")[0] for path in (tmp_path / "place" / "wal").iterdir()] == [name]


# Parts of 64 kB, so that the second half of a name goes to FFFF.
LOG = [
    "00000001000000000000FFFE",
    "00000001000000000000FFFF",
    "000000020000000100000000",
    "000000020000000100000001",
]


@pytest.fixture
def kept(tmp_path):
    """A base and its log, over a change of server: (the place, the private key)."""
    where, public = tmp_path / "place", age.public_key(age.new_key(tmp_path / "key"))
    base = where / "point" / "20261121T021500Z"
    base.mkdir(parents=True)
    sums = {
        name: age.write(base / name, [b"{}"], public) for name in (moments.BASE, sets.BESIDE, sets.MANIFEST)
    }
    (base / sets.SUMS).write_text("".join(f"{mark}  {name}\n" for name, mark in sums.items()))
    (base / "first").write_text(LOG[0])
    for name in LOG:
        (tmp_path / name).write_bytes(os.urandom(65536))
        moments.archive(tmp_path / name, where, public)
    for name in ("00000002.history", f"{LOG[1]}.partial"):
        (tmp_path / name).write_bytes(b"log")
        moments.archive(tmp_path / name, where, public)
    return where, age.private_key(tmp_path / "key")


def part_of(where, name):
    (found,) = (where / "wal").glob(f"{name}-*.age")
    return found


@pytest.mark.parametrize("opened", [False, True])
def test_a_base_and_its_log_are_checked(kept, opened):
    """Only the sets were looked at: that a moment could not be reached was found on the day it was needed."""
    where, key = kept
    base, log = checking.check(where, key if opened else None)
    assert base.startswith("ok     base 2026") and "4 parts without a gap" in log and LOG[-1] in log


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_gap_in_the_log_is_told(kept, missing):
    where, _ = kept
    part_of(where, LOG[missing]).unlink()
    with pytest.raises(Trouble, match=f"after {LOG[missing - 1] if missing else 'the base itself'}"):
        checking.check(where, None)


def test_a_base_or_log_that_is_damaged_is_told(kept):
    where, key = kept
    part = part_of(where, LOG[2])
    whole = part.read_bytes()
    part.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(Trouble, match=part.name):
        checking.check(where, key)
    part.write_bytes(whole[:-9])
    with pytest.raises(Trouble, match="was cut"):
        checking.check(where, None)
    for one in (where / "wal").iterdir():
        one.unlink()
    with pytest.raises(Trouble, match="archive_command"):
        checking.check(where, None)
    (where / "point" / "20261121T021500Z" / moments.BASE).write_bytes(b"")
    with pytest.raises(Trouble, match=moments.BASE):
        checking.check(where, None)


def test_the_embedded_database_has_none(tmp_path):
    made = installations.empty(tmp_path / "data")
    public, _ = installations.key_pair(tmp_path)
    assert "vardvag backup" in made.refused("backup", "--base", tmp_path / "place", BACKUP_KEY=public)
    assert sets.found(tmp_path / "place" / "point") == []


def test_a_part_that_found_no_room_leaves_nothing(tmp_path, monkeypatch):
    """The server tries again each minute, and each try left what it had written: room that was made was gone again."""
    part, key = tmp_path / ("0" * 23 + "1"), age.public_key(age.new_key(tmp_path / "key"))
    part.write_bytes(b"log")

    def full(handle):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as filled:
        filled.setattr("os.fsync", full)
        with pytest.raises(Trouble, match="No space left"):
            moments.archive(part, tmp_path / "place", key)
    assert list((tmp_path / "place" / "wal").iterdir()) == []
    (tmp_path / "place" / "wal" / f".new-{part.name}").write_bytes(b"killed")
    moments.archive(part, tmp_path / "place", key)
    assert [path.name[:24] for path in (tmp_path / "place" / "wal").iterdir()] == [part.name]
