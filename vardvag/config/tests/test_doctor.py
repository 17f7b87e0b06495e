"""What the doctor says is so."""

import socket

import psycopg
import pytest
from django.db import connection

from vardvag.config import doctor
from vardvag.config.place import Trouble
from vardvag.outside.journal import Journal
from vardvag.outside.scanner import standin


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("VARDVAG_DATA", str(tmp_path))


def test_it_asks_where_vardvag_listens(folder, monkeypatch):
    """Bound to one address, it was told not to run, and PORT to be wrong."""
    with socket.create_server(("127.0.0.2", 0)) as listener:
        monkeypatch.setenv("HOST", "127.0.0.2")
        monkeypatch.setenv("PORT", str(listener.getsockname()[1]))
        monkeypatch.setattr(doctor, "_running", lambda: True)
        assert "where Vårdväg runs" in doctor._port()
    with pytest.raises(Trouble, match="not on port"):
        doctor._port()


@pytest.mark.parametrize(
    "problem",
    [
        PermissionError(13, "Permission denied", "/secrets"),
        psycopg.errors.InsufficientPrivilege("permission denied"),
    ],
)
def test_what_it_cannot_look_at_does_not_end_it(monkeypatch, capsys, problem):
    def first():
        """First."""
        raise problem

    def second():
        """Second."""
        return "well"

    monkeypatch.setattr(doctor, "LOOKS", [first, second])
    assert doctor.main() == 1
    said = capsys.readouterr().out
    assert "WRONG  First: " in said and "ermission denied" in said and "ok     Second: well" in said


def test_a_scanner_that_does_not_answer(folder, monkeypatch):
    """ "ok", it said, while every file waited."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    monkeypatch.setenv("SCANNER_ADDRESS", f"127.0.0.1:{port}")
    with pytest.raises(Trouble, match="does not answer"):
        doctor._scanner()
    monkeypatch.setenv("SCANNER_ADDRESS", "clamd")
    with pytest.raises(Trouble, match="host:port"):
        doctor._scanner()


def test_a_scanner_that_answers(folder, monkeypatch):
    clamd = standin.StandIn(Journal())
    clamd.start()
    monkeypatch.setenv("SCANNER_ADDRESS", clamd.address)
    assert doctor._scanner().startswith(clamd.address)


def test_a_job_without_an_hour_waits_too(transactional_db):
    """Most have none: the doctor saw no queue, however long they had waited."""
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from procrastinate_jobs")
        before = cursor.fetchone()[0]
        for due in ("null", "now() + interval '1 day'"):
            cursor.execute(
                "insert into procrastinate_jobs (queue_name, task_name, scheduled_at)"
                f" values ('test', 'test', {due}) returning id"
            )
            (job,) = cursor.fetchone()
            cursor.execute(
                "update procrastinate_events set at = now() - interval '1 hour' where job_id = %s", [job]
            )
        cursor.execute(doctor.WAITING)
        waiting, failed, age, workers = cursor.fetchone()
        cursor.execute("delete from procrastinate_jobs where queue_name = 'test'")
    assert waiting == before + 2 and 3600 <= age < 3700
