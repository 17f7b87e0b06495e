"""What a command says when something is wrong on its way."""

import psycopg
import pytest

from vardvag.config import cli, embedded
from vardvag.config.backup import age, restoring


@pytest.fixture
def held(monkeypatch, tmp_path):
    """A data folder that a running product keeps, whose database answers."""
    monkeypatch.setenv("VARDVAG_DATA", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    lock = embedded.lock_data_folder(tmp_path)

    class Connection:
        def close(self):
            pass

    monkeypatch.setattr(cli.psycopg, "connect", lambda **given: Connection())
    yield tmp_path
    lock.close()


def test_a_database_that_goes_away_is_not_told_as_a_second_start(held, monkeypatch, capsys):
    """ "Vårdväg already runs ...; stop it first", said a backup that had lost its connection: a reason to stop all."""

    def broken(*given):
        raise psycopg.OperationalError("server closed the connection unexpectedly\n\tThis probably means ...")

    monkeypatch.setattr(cli.prepare, "command", broken)
    assert cli.main(["verify-log"]) == 2
    said = capsys.readouterr().err
    assert (
        "The database does not answer: server closed the connection" in said and len(said.splitlines()) == 1
    )


@pytest.mark.parametrize("command", ["migrate", "backup", "verify-log", "worker", "web", "live"])
def test_nothing_begins_where_a_restore_was_cut_short(tmp_path, monkeypatch, capsys, command):
    """A command made an empty database beside the half of the old one; then no restore went in any more."""
    monkeypatch.setenv("VARDVAG_DATA", str(tmp_path))
    monkeypatch.setenv("BACKUP_KEY", age.new_key(tmp_path / "key"))
    monkeypatch.setattr(
        cli.embedded.EmbeddedServer, "initialise", lambda server: pytest.fail("a database is made")
    )
    monkeypatch.setattr(cli.os, "execv", lambda *given: pytest.fail("a process is started"))
    (tmp_path / "restoring").mkdir()
    assert cli.main([command, *([str(tmp_path / "place")] if command == "backup" else [])]) == 2
    assert "vardvag restore again" in capsys.readouterr().err


def test_a_restore_without_room_is_told_in_one_line(tmp_path, monkeypatch, capsys):
    age.new_key(tmp_path / "key")

    def full(where, key, name):
        raise OSError(28, "No space left on device", "/data/restoring/files/ab")

    monkeypatch.setattr(restoring, "restore", full)
    assert cli.main(["restore", str(tmp_path), "--key", str(tmp_path / "key")]) == 2
    said = capsys.readouterr().err
    assert "/data/restoring/files/ab: No space left on device" in said and len(said.splitlines()) == 1
