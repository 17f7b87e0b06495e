"""`vardvag verify-log` says in plain words what it found, and by its exit code."""

import pytest
from django.db import connection

from vardvag.audit import actions, checking
from vardvag.audit.tests.test_log import JOB, NOW, write


@pytest.fixture(autouse=True)
def outside(monkeypatch, tmp_path):
    monkeypatch.setenv("VARDVAG_ANCHORS", str(tmp_path / "anchors.log"))
    monkeypatch.setenv("VARDVAG_SECRETS", str(tmp_path / "secrets"))


def test_whole(system, capsys, tmp_path):
    with system():
        write(3)
        actions.seal(actor=JOB)
        actions.anchor(actor=JOB, now=NOW)
        assert checking.main([str(tmp_path / "log.jsonl.gz")]) == 0
    said = capsys.readouterr().out
    assert "3 sealed entries in 1 chains" in said and "The log is whole." in said
    assert (tmp_path / "log.jsonl.gz").stat().st_size > 100


def test_not_whole(system, capsys):
    with system():
        write(3)
        actions.seal(actor=JOB)
    with connection.cursor() as cursor:
        cursor.execute("set role none")
        cursor.execute("alter table audit_entry disable trigger user")
        cursor.execute("delete from audit_entry where object_id = 1")
    assert checking.main([]) == 1
    assert "WRONG  chain 7, number 2" in capsys.readouterr().out
