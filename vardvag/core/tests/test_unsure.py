"""A commit that may or may not hold is never told as done, and no wait for the database is longer than a person's."""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from types import SimpleNamespace

import psycopg
import psycopg_pool
import pytest
from django.db import OperationalError, connections
from django.db.backends.postgresql import base
from django.http import HttpResponse
from django.test import RequestFactory
from psycopg.conninfo import make_conninfo

from tests import cluster
from vardvag.core import database, doors, errors
from vardvag.core.actor import Anonymous
from vardvag.core.database import Connection, OutcomeUnknown


@pytest.fixture
def new_line(db: None) -> Iterator[Callable[[], Connection]]:
    from django.db import connection  # noqa: PLC0415 - the fixture has chosen the database

    parts = cluster.test_connection(str(connection.settings_dict["NAME"]))
    parts.pop("options")
    made = []

    def make() -> Connection:
        made.append(Connection.connect(make_conninfo("", **parts)))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def line(new_line: Callable[[], Connection]) -> Connection:
    return new_line()


def at_commit(line: Connection, does: str) -> None:
    """A row whose deferred trigger acts in the middle of COMMIT."""
    line.execute("create temporary table kept (n int)")
    line.execute(
        "create function pg_temp.at_commit() returns trigger language plpgsql as"
        f" $$ begin {does}; return null; end $$"
    )
    line.execute(
        "create constraint trigger late after insert on kept deferrable initially deferred"
        " for each row execute function pg_temp.at_commit()"
    )
    line.commit()
    line.execute("insert into kept values (1)")


def test_a_commit_that_warns_is_unknown(line: Connection) -> None:
    at_commit(line, "raise warning 'canceling wait for synchronous replication due to user request'")
    with pytest.raises(OutcomeUnknown):
        line.commit()
    line.execute("select 1")  # the connection is whole
    line.commit()


def test_a_commit_that_only_notes_is_known(line: Connection) -> None:
    at_commit(line, "raise notice 'all is well'")
    line.commit()


def test_a_commit_whose_connection_ends_is_unknown(line: Connection) -> None:
    at_commit(line, "perform pg_sleep(20)")
    pid = line.info.backend_pid
    threading.Timer(0.3, lambda: _end(line, pid)).start()
    with pytest.raises(OutcomeUnknown):
        line.commit()


def _end(line: Connection, pid: int) -> None:
    with psycopg.connect(line.info.dsn, password=line.info.password, autocommit=True) as other:
        other.execute("select pg_terminate_backend(%s)", [pid])


def test_a_refused_commit_is_known(line: Connection) -> None:
    at_commit(line, "raise exception 'no'")
    with pytest.raises(psycopg.errors.RaiseException):
        line.commit()


def test_no_wait_is_longer_than_the_request(line: Connection) -> None:
    began = time.monotonic()
    with database.within(0.2), pytest.raises(psycopg.errors.QueryCanceled):
        line.execute("select pg_sleep(20)")
    assert time.monotonic() - began < 5
    line.rollback()
    line.execute("select 1")  # asked to stop, the server went on with the connection


def test_many_short_waits_are_no_longer_than_one(line: Connection) -> None:
    """Behind a slow network each answer comes in time, and all of them together would not."""
    began = time.monotonic()
    with database.within(0.2), pytest.raises(psycopg.errors.QueryCanceled):
        for _ in range(20):
            line.execute("select pg_sleep(0.4)")
    assert time.monotonic() - began < 5


def test_many_cancellations_are_no_longer_than_one(line: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a bad line each was heard late: the statement's, then that of the ROLLBACK behind it, and the next; an answer
    took twelve seconds."""
    taken, cancel = [], Connection.cancel_safe

    def slowly(self: Connection, *, timeout: float) -> None:
        taken.append(timeout)
        time.sleep(timeout)
        cancel(self, timeout=5)

    monkeypatch.setattr(database, "TO_CANCEL", 0.2)
    monkeypatch.setattr(Connection, "cancel_safe", slowly)
    with database.within(0.1):
        while not line.closed and len(taken) < 9:
            with pytest.raises(psycopg.OperationalError):
                line.execute("select pg_sleep(20)")
            with contextlib.suppress(psycopg.OperationalError):
                line.rollback()
    assert line.closed and taken and sum(taken) <= 0.4


def test_when_one_has_waited_in_vain_the_others_do_not_wait_too(
    new_line: Callable[[], Connection],
) -> None:
    """What the pool asks a connection that has not been heard from since the database fell silent."""
    silent, other = new_line(), new_line()
    servers = [one.info.backend_pid for one in (silent, other)]
    for server in servers:
        os.kill(server, signal.SIGSTOP)
    try:
        with database.within(0.2), pytest.raises(psycopg.OperationalError, match="did not answer"):
            silent.execute("select 1")
        began = time.monotonic()
        with database.within(), pytest.raises(psycopg.OperationalError, match="gone silent"):
            other.execute("")
        assert other.closed and time.monotonic() - began < 0.5
    finally:
        for server in servers:
            os.kill(server, signal.SIGCONT)
    later = new_line()
    later.execute("")
    assert not later.closed


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    class Keeper(doors.Keeper):
        def actor(self, request: object) -> Anonymous:
            return Anonymous()

    monkeypatch.setattr(doors, "keeper", lambda: Keeper())


def test_the_page_asks_again_with_the_same_key(db: None, nobody: None) -> None:
    @doors.public
    def send(request: doors.PublicRequest, /) -> HttpResponse:
        raise OperationalError("commit") from OutcomeUnknown("canceling wait")

    factory = RequestFactory()
    answer = send(factory.post("/skicka/?avsluta=1", {"key": "abc", "body": "Hej <b>"}))
    page = answer.content.decode()  # type: ignore[attr-defined]
    assert answer.status_code == 503
    assert "Vi kontrollerar om det sparades" in page and "data-again" in page
    assert 'action="/skicka/?avsluta=1"' in page
    assert 'name="key" value="abc"' in page and 'value="Hej &lt;b&gt;"' in page
    read = send(factory.get("/skicka/"))  # has nothing to ask about: it is fetched again
    assert isinstance(read, HttpResponse)
    assert read.status_code == 503 and b"data-again" not in read.content


def test_other_faults_of_the_database_are_told_as_such(db: None, nobody: None) -> None:
    @doors.public
    def send(request: doors.PublicRequest, /) -> HttpResponse:
        raise OperationalError("lock timeout") from psycopg.errors.LockNotAvailable()

    with pytest.raises(OperationalError):
        send(RequestFactory().post("/skicka/"))


def test_whoever_queued_too_long_is_answered_without_waiting_more(db: None, nobody: None) -> None:
    reached = []

    @doors.public
    def page(request: doors.PublicRequest, /) -> HttpResponse:
        reached.append(request.method)
        return HttpResponse("ja")

    factory = RequestFactory()
    for seconds, status in ((1, 200), (5, 503)):
        came = time.monotonic() - seconds
        assert page(factory.get("/a/?b=1", **{"vardvag.arrived": came})).status_code == status
        assert page(factory.post("/a/", {"key": "abc"}, **{"vardvag.arrived": came})).status_code == status
    assert reached == ["GET", "POST"]
    late = {"vardvag.arrived": time.monotonic() - 5}
    told = page(factory.get("/a/?b=1", **late)).content.decode()  # type: ignore[attr-defined]
    assert "Det tar för lång tid just nu" in told and 'href="/a/?b=1"' in told
    again = page(factory.post("/a/", {"key": "abc"}, **late)).content.decode()  # type: ignore[attr-defined]
    assert "data-again" in again and 'value="abc"' in again


def test_whoever_got_a_connection_too_late_is_answered_without_asking(
    db: None, nobody: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached = []

    @doors.public
    def page(request: doors.PublicRequest, /) -> HttpResponse:
        reached.append(request.method)
        return HttpResponse("ja")

    def lend() -> None:  # the pool keeps a request for four seconds at most; here its clock is turned
        database._mine.until -= 5

    request = RequestFactory().post("/a/", {"key": "abc"}, **{"vardvag.arrived": time.monotonic()})
    assert page(request).status_code == 200
    with monkeypatch.context() as slow:
        slow.setattr(connections["default"], "ensure_connection", lend)
        told = page(request)
    assert told.status_code == 503 and b"data-again" in told.content
    assert reached == ["POST"]


@pytest.mark.parametrize("unknown", [False, True])
@pytest.mark.django_db(transaction=True)
def test_a_request_that_has_used_its_time_takes_no_other_connection(
    nobody: None, monkeypatch: pytest.MonkeyPatch, unknown: bool
) -> None:
    """Only to end its transaction there: it queued for four seconds more. What its COMMIT came to stays unknown."""
    reached, lend = [], base.DatabaseWrapper.get_new_connection

    def lending(self: base.DatabaseWrapper, how: dict[str, object]) -> object:
        reached.append("lent")
        return lend(self, how)

    def commit() -> None:
        line.connection.pgconn.finish()
        raise OutcomeUnknown("the connection ended during COMMIT")

    @doors.public
    def page(request: doors.PublicRequest, /) -> HttpResponse:
        reached.append("page")
        line.cursor().execute("select 1")
        database._mine.until -= 60
        if unknown:
            monkeypatch.setattr(line.connection, "commit", commit)
            return HttpResponse("ja")
        line.connection.pgconn.finish()
        raise OperationalError from psycopg.OperationalError("the database did not answer in time")

    line = connections["default"]
    line.close()
    monkeypatch.setattr(base.DatabaseWrapper, "get_new_connection", lending)
    came = time.monotonic() - (0 if unknown else doors.AGAIN_WITHIN + 0.1)
    answer = page(RequestFactory().post("/a/", {"key": "abc"}, **{"vardvag.arrived": came}))
    assert answer.status_code == 503 and b"data-again" in answer.content
    assert reached == ["lent", "page"]


def test_a_page_that_only_reads_says_so_when_the_database_is_gone(
    db: None, nobody: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    @doors.public
    def page(request: doors.PublicRequest, /) -> HttpResponse:
        gone = SimpleNamespace(
            connection=None, savepoint_ids=[], in_atomic_block=True, ensure_connection=list
        )
        monkeypatch.setattr(doors, "connection", gone)
        raise OperationalError("connection refused")

    answer = page(RequestFactory().get("/a/"))
    assert answer.status_code == 503 and answer["Retry-After"]
    sent = page(RequestFactory().post("/a/", {"key": "abc"}))
    assert sent.status_code == 503 and b"data-again" in sent.content


def test_what_was_stopped_because_it_took_too_long_is_told_as_such(db: None, nobody: None) -> None:
    """A database that thaws obeys the cancellation: its connection is whole, and the page cannot be made."""

    @doors.public
    def page(request: doors.PublicRequest, /) -> HttpResponse:
        raise OperationalError("canceling statement due to user request") from psycopg.errors.QueryCanceled()

    assert page(RequestFactory().get("/a/")).status_code == 503
    assert b"data-again" in page(RequestFactory().post("/a/", {"key": "abc"})).content


@pytest.mark.parametrize(
    "cause",
    [
        psycopg.OperationalError("consuming input failed: server closed the connection unexpectedly"),
        psycopg_pool.PoolTimeout("couldn't get a connection after 4.00 sec"),
        OutcomeUnknown("the connection ended during COMMIT"),
        psycopg.errors.AdminShutdown("terminating connection due to unexpected postmaster exit"),
    ],
)
def test_a_lost_line_is_told_as_such_also_when_django_has_a_new_one(
    db: None, nobody: None, cause: Exception
) -> None:
    @doors.public
    def page(request: doors.PublicRequest, /) -> HttpResponse:
        raise OperationalError(str(cause)) from cause

    assert page(RequestFactory().get("/a/")).status_code == 503
    assert b"data-again" in page(RequestFactory().post("/a/", {"key": "abc"})).content


def test_who_was_failed_by_the_database_is_told_so_without_asking_it(
    db: None, django_assert_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    """The page's head names the region; each of those who waited waited once more for that, and then failed."""
    for request in (RequestFactory().get("/a/"), RequestFactory().post("/a/", {"key": "abc"})):
        with django_assert_num_queries(0):
            told = errors.away(request) if request.method == "GET" else errors.unsure(request)
        assert told.status_code == 503
