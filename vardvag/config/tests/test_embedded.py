"""The embedded server alone: what it tells, and how it is started."""

import os
import shutil
import tempfile
from pathlib import Path

import psycopg
import pytest

from vardvag.config import embedded, place


@pytest.fixture
def folder(monkeypatch):
    made = Path(tempfile.mkdtemp(prefix="vardvag-embedded-"))
    made.chmod(0o711)
    monkeypatch.setenv("VARDVAG_DATA", str(made))
    monkeypatch.delenv("VARDVAG_SECRETS", raising=False)
    yield made
    shutil.rmtree(made)


def test_its_log_tells_nothing_of_anybody(folder):
    """A refused row stood there whole: "Failing row contains (191212121212, Tolvan Tolvansson)"."""
    server = embedded.EmbeddedServer(folder, {**embedded.scaled_settings(), "shared_buffers": "16MB"})
    server.initialise(sync=False)
    server.start()
    try:
        with psycopg.connect(**place.connection("supervisor"), autocommit=True) as connection:
            connection.execute("create table person (number text primary key, name text check (name = ''))")
            for _ in range(2):
                with pytest.raises(psycopg.IntegrityError):
                    connection.execute("insert into person values ('191212121212', 'Tolvan')")
    finally:
        server.stop()
    said = server.log.read_text()
    assert 'violates check constraint "person_name_check"' in said
    assert "191212121212" not in said and "Tolvan" not in said
    assert server.log.stat().st_mode & 0o777 == 0o600


class AskedToStop(Exception):
    pass


def test_a_start_that_takes_its_time_can_be_broken_off(folder, monkeypatch):
    """Recovery after a crash may take an hour, in which neither Ctrl-C nor systemd's stop was heard."""
    programs = folder / "programs"
    programs.mkdir()
    (programs / "postgres").write_text("#!/bin/sh\nexec sleep 60\n")
    (programs / "postgres").chmod(0o755)
    monkeypatch.setenv("EMBEDPG_BIN", str(programs))
    server = embedded.EmbeddedServer(folder)
    server.data.mkdir()
    place.own_folder(server.socket, uid=os.geteuid(), gid=os.getegid())

    def pause(seconds):
        raise AskedToStop

    with pytest.raises(AskedToStop):
        server.start(pause=pause)
    assert server.running()
    server.stop()
    assert not server.running()


def test_a_lock_that_cannot_be_opened_names_the_cure(folder):
    """Left by another user, for example by a command that was once run as root."""
    (folder / "owner.lock").mkdir()
    with pytest.raises(place.Trouble, match=r"owner\.lock.*run as the user") as trouble:
        embedded.lock_data_folder(folder)
    assert not isinstance(trouble.value, embedded.Held)


@pytest.mark.skipif(
    os.geteuid() != 0, reason="only root has a database user of its own that may not reach the wheel"
)
def test_copied_programs_are_on_the_disk_before_they_have_their_name(folder, monkeypatch):
    """After a power cut they were empty, and stayed so: "Exec format error" at each start."""
    server, seen = embedded.EmbeddedServer(folder), []
    monkeypatch.setattr(embedded, "_reachable", lambda path, uid, gid: False)
    monkeypatch.setattr(embedded.shutil, "copytree", lambda old, new, **given: new.mkdir(parents=True))
    monkeypatch.setattr(os, "sync", lambda: seen.extend(path.name for path in folder.glob("postgresql-*")))
    programs = server.binaries()
    assert len(seen) == 1 and seen[0].endswith(".new")
    assert programs.parent.exists()
