"""The pages' connection to PostgreSQL: no wait is longer than a person waits, and a commit says what it knows.

PostgreSQL answers COMMIT with success when the wait for its synchronous standby was cancelled, and only a warning
(SQLSTATE class 01) tells that a failover would lose what was written. A connection that breaks during COMMIT tells
nothing at all. Both are `OutcomeUnknown`: nobody may be told that it was sent.
"""

import contextlib
import threading
import time
from collections.abc import Iterator
from datetime import UTC
from typing import Any, cast

import psycopg
from django.db.backends.postgresql.psycopg_any import get_adapters_template  # type: ignore[import-untyped]
from psycopg import errors
from psycopg._cmodule import _psycopg
from psycopg.pq import Format

REQUEST = 6.0  # seconds of waiting for the database in one request; with what follows, an answer within ten
AT_LEAST = (
    1.5  # also for what a request still asks when it has used its time: so much for one, and for all together
)
MOMENT = 0.05
QUIET = 1.0  # seconds of silence after which a connection is asked whether it still stands
TO_CANCEL = (
    0.9  # for a cancellation, and as long again for what it brings; for all of a request together, too
)

_ENDED = ("57P01", "57P02", "57P03")  # the server ends, or has ended, the connection
_mine = threading.local()


class _Times:
    """How times are read: psycopg's own reader in C instead of Django's around psycopg's in Python (0.15 instead of 2.5
    microseconds; a queue has two hundred). Both give UTC, the connections' time zone."""

    timezone = UTC  # Django asks for it, to know that times need no other reader
    format = Format.TEXT

    def __call__(self, oid: int, context: Any = None) -> Any:
        return _READER(oid, context)


_READER: Any = _psycopg.TimestamptzLoader if _psycopg else None


def read_times_quickly() -> None:
    """Before the first connection."""
    if _READER:
        template = get_adapters_template(True, UTC)
        template.register_loader("timestamptz", cast("Any", _Times()))


class _Faults:
    """When, in monotonic seconds, somebody's connection had `ended`: another that was last heard from before it may be
    dead as well. When somebody began to wait in vain (`silent`): such another is given up unasked."""

    ended = 0.0
    silent = 0.0


_faults = _Faults()


class TooLate(psycopg.OperationalError):
    """The request has waited so long for its turn that an answer would come too late; nothing was done."""


class OutcomeUnknown(psycopg.OperationalError):
    """The COMMIT may hold or not: ask again by the same key, never tell that it was done."""


@contextlib.contextmanager
def within(seconds: float = REQUEST, since: float | None = None) -> Iterator[None]:
    """All waits of this thread together, counted from `since` (monotonic seconds) when the request came: behind a
    database that has gone silent, those who queue for a thread are not kept once more. Raises TooLate."""
    _mine.until = (time.monotonic() if since is None else since) + seconds
    _mine.more, _mine.to_cancel = AT_LEAST, 2 * TO_CANCEL
    try:
        if since is not None:
            in_time("no thread")
        yield
    finally:
        del _mine.until, _mine.more, _mine.to_cancel


def in_time(what: str = "no connection") -> None:
    """Whether there is time enough to ask anything: the pool's wait for a connection counts, too. Who is no request
    always has. Raises TooLate."""
    until = getattr(_mine, "until", None)
    if until is not None and until - time.monotonic() < AT_LEAST:
        raise TooLate(f"{what} was free in time")


@contextlib.contextmanager
def unasked() -> Iterator[None]:
    """What is made meanwhile, in this thread, is made of what the process knows: the database has failed this request,
    and would be waited for once more."""
    _mine.unasked = True
    try:
        yield
    finally:
        del _mine.unasked


def may_be_asked() -> bool:
    return not getattr(_mine, "unasked", False)


class Connection(psycopg.Connection[Any]):
    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.heard_at = time.monotonic()  # it has just been opened

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """As psycopg's. What takes too long is cancelled at the server; if that is not heard either, the
        connection is given up."""
        try:
            return self._wait(gen, interval, timeout)
        finally:
            self.heard_at = time.monotonic()

    def execute(self, query: Any, params: Any = None, **more: Any) -> Any:
        """The pool asks with an empty statement, before it lends a connection, whether it still stands; one that
        has just been heard from need not be asked. Behind a network gone silent one request waits for one of them, not
        for each in turn."""
        if query == "" and not self.closed:
            if self.heard_at > max(_faults.ended, time.monotonic() - QUIET):
                return self.cursor()
            if self.heard_at < _faults.silent:
                self.pgconn.finish()
                raise psycopg.OperationalError("the database has gone silent")
        return super().execute(query, params, **more)

    def _wait(self, gen: Any, interval: float, timeout: float | None) -> Any:
        until = getattr(_mine, "until", None)
        if timeout is not None or until is None:
            return super().wait(gen, interval, timeout)
        began = time.monotonic()
        try:
            return super().wait(gen, interval, max(until - began, _mine.more, MOMENT))
        except errors._WaitTimeout:
            pass
        finally:
            _mine.more -= max(0.0, time.monotonic() - max(began, until))
        with contextlib.suppress(errors._WaitTimeout):
            return self._cancel(gen, interval)
        _faults.silent = max(_faults.silent, began)
        self.pgconn.finish()
        raise psycopg.OperationalError("the database did not answer in time")

    def _cancel(self, gen: Any, interval: float) -> Any:
        """What the server still says. Raises _WaitTimeout if it says nothing in the time that this request has left."""
        began, left = time.monotonic(), min(TO_CANCEL, _mine.to_cancel)
        if left < MOMENT:
            raise errors._WaitTimeout
        try:
            self.cancel_safe(timeout=left)
        except psycopg.OperationalError:
            raise errors._WaitTimeout from None
        else:
            return super().wait(gen, interval, left)
        finally:
            _mine.to_cancel -= time.monotonic() - began

    def commit(self) -> None:
        """Raises OutcomeUnknown."""
        doubts: list[str] = []

        def heard(said: errors.Diagnostic) -> None:  # what it holds is gone when this returns
            if said.severity_nonlocalized == "WARNING" and (said.sqlstate or "")[:2] in ("01", "57"):
                doubts.append(said.message_primary or "a warning during COMMIT")

        self.add_notice_handler(heard)
        try:
            super().commit()
        except psycopg.OperationalError as problem:
            if self.closed or self.broken or problem.sqlstate in _ENDED:
                raise OutcomeUnknown(f"the connection ended during COMMIT: {problem}") from problem
            raise
        finally:
            self.remove_notice_handler(heard)
        if doubts:
            raise OutcomeUnknown(doubts[0])


def undone(problem: BaseException, *, lost: bool) -> bool:
    """Whether the transaction is surely gone without a trace: PostgreSQL ended it for another's sake (40001, 40P01),
    or its connection was `lost` before COMMIT was sent."""
    if unknown(problem):
        return False
    state = getattr(problem.__cause__, "sqlstate", None)
    if lost or state in _ENDED:
        _faults.ended = time.monotonic()
        return True
    return state in ("40001", "40P01")


def cut(problem: BaseException) -> bool:
    """Whether the line failed and not the statement: psycopg's own error, which no server has given a code, or the
    server's last word on it (psycopg may not have seen its end yet)."""
    cause = problem.__cause__
    return isinstance(cause, psycopg.OperationalError) and cause.sqlstate in (None, *_ENDED)


def cancelled(problem: BaseException) -> bool:
    """Whether it took longer than the request may wait, and was therefore stopped: nothing was done."""
    return getattr(problem.__cause__, "sqlstate", None) == "57014" and not unknown(problem)


def unknown(problem: BaseException | None) -> bool:
    """Is this an OutcomeUnknown, or what it came from, or what was going on when it came?"""
    while problem is not None:
        if isinstance(problem, OutcomeUnknown):
            return True
        problem = problem.__cause__ or problem.__context__
    return False
