"""What the database has surely undone is done again by the door, once, with all that was sent."""

import time

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from psycopg.conninfo import make_conninfo

from tests import cluster
from vardvag.core import doors
from vardvag.core.actor import Anonymous
from vardvag.core.database import OutcomeUnknown


@pytest.fixture
def runs(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What each run of the page read of the file that was sent."""

    class Keeper(doors.Keeper):
        def actor(self, request: HttpRequest) -> Anonymous:
            return Anonymous()

    monkeypatch.setattr(doors, "keeper", lambda: Keeper())
    return []


def sent(**more: object) -> HttpRequest:
    return RequestFactory().post("/a/", {"file": SimpleUploadedFile("a.txt", b"inneh\xc3\xa5ll")}, **more)  # type: ignore[arg-type]


def killed() -> None:
    """This connection, by somebody else; the next statement finds out."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        (pid,) = cursor.fetchone()
    parts = cluster.test_connection(str(connection.settings_dict["NAME"]))
    parts.pop("options", None)
    with psycopg.connect(make_conninfo("", **parts), autocommit=True) as other:
        other.execute("select pg_terminate_backend(%s, 5000)", [pid])
    with connection.cursor() as cursor:
        cursor.execute("select 1")


def chosen() -> None:
    """As PostgreSQL ends one of two that wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute("do $$ begin raise exception using errcode = '40P01'; end $$")


def unknown() -> None:
    raise OperationalError("commit") from OutcomeUnknown("canceling wait")


def other() -> None:
    with connection.cursor() as cursor:
        cursor.execute("do $$ begin raise exception using errcode = '53200'; end $$")


def page_of(runs: list[bytes], fault: object, times: int) -> object:
    @doors.public
    def page(request: doors.PublicRequest, /) -> HttpResponse:
        runs.append(request.FILES["file"].read())  # type: ignore[union-attr]
        if len(runs) <= times:
            fault()  # type: ignore[operator]
        return HttpResponse("ja")

    return page


@pytest.mark.parametrize("fault", [killed, chosen])
def test_it_is_done_again_with_all_that_was_sent(runs: list[bytes], fault: object) -> None:
    answer = page_of(runs, fault, 1)(sent())  # type: ignore[operator]
    assert answer.content == b"ja" and runs == ["innehåll".encode()] * 2


def test_only_once(runs: list[bytes]) -> None:
    with pytest.raises(OperationalError):
        page_of(runs, chosen, 2)(sent())  # type: ignore[operator]
    assert len(runs) == 2


def test_not_when_it_is_late(runs: list[bytes]) -> None:
    came = {"vardvag.arrived": time.monotonic() - doors.AGAIN_WITHIN - 0.1}
    with pytest.raises(OperationalError):
        page_of(runs, chosen, 1)(sent(**came))  # type: ignore[operator]
    assert len(runs) == 1


def test_not_what_may_have_been_kept(runs: list[bytes]) -> None:
    assert page_of(runs, unknown, 1)(sent()).status_code == 503 and len(runs) == 1  # type: ignore[operator]


def test_not_for_other_faults(runs: list[bytes]) -> None:
    with pytest.raises(OperationalError):
        page_of(runs, other, 1)(sent())  # type: ignore[operator]
    assert len(runs) == 1
