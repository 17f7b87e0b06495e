"""Telling: collected in the transaction, sent by NOTIFY on a side connection once it is committed.

Not inside the transaction: PostgreSQL takes one global lock over every commit that notifies, and waits for the disk
under it. A hint lost in a crash costs a reader one refetch, so the side connection does not wait for the disk.
"""

import json
import logging
import threading
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection, transaction

CHANNEL = "vardvag_live"
LIMIT = 7900  # bytes; PostgreSQL refuses 8000
# For this statement's own commit only: behind a pooler of transactions the next one is somebody else's.
UNWAITING = "select set_config('synchronous_commit', 'off', true)"
log = logging.getLogger("vardvag.live")

_side = threading.local()


def tell(topic: str, kind: str, **ids: int | str) -> None:
    """Hint to everybody on the topic, after commit; the same hint twice in one transaction is sent once.

    `ids` are what a page needs to know what to fetch again; never a text somebody wrote.
    """
    event = json.dumps({"topic": topic, "kind": kind, **ids}, ensure_ascii=False, separators=(",", ":"))
    if len(event.encode()) > LIMIT:
        raise ValueError(f"A live event of kind {kind} is over {LIMIT} bytes: send an id, not the thing.")
    if not connection.in_atomic_block:
        send([event])
        return
    waiting = _waiting()
    if event not in waiting:
        waiting.append(event)


def _waiting() -> list[str]:
    """The events of the current transaction; a rolled back savepoint takes its own with it."""
    for savepoints, function, *_ in reversed(connection.run_on_commit):
        if isinstance(function, _Sending) and savepoints == set(connection.savepoint_ids):
            return function.events
    sending = _Sending()
    transaction.on_commit(sending)
    return sending.events


class _Sending:
    def __init__(self) -> None:
        self.events: list[str] = []

    def __call__(self) -> None:
        send(self.events)


def send(events: list[str]) -> None:
    """NOTIFY now. A failure is logged, never raised: what was written is committed and pages refetch anyway."""
    for attempt in (1, 2):
        try:
            side = _connection()
            side.execute(
                f"{UNWAITING}, pg_notify(%s, event) from unnest(%s::text[]) event", [CHANNEL, events]
            )
            return
        except psycopg.Error:
            _forget()
            if attempt == 2:
                log.warning("live hints lost", exc_info=True, extra={"count": len(events)})


def parameters() -> dict[str, Any]:
    """libpq parameters of the default database, for the connections beside Django's."""
    found = {**connection.settings_dict, "OPTIONS": dict(connection.settings_dict["OPTIONS"])}
    options = {
        k: v
        for k, v in found["OPTIONS"].items()
        if k not in ("pool", "server_side_binding", "isolation_level")
    }
    named = {"host": found["HOST"], "port": found["PORT"], "dbname": found["NAME"]}
    named |= {"user": found["USER"], "password": found["PASSWORD"]}
    options.setdefault("prepare_threshold", None)  # as Django's: a pooler knows nothing of kept statements
    return {**options, **{k: v for k, v in named.items() if v}, "connect_timeout": 5}


def where_to_listen() -> dict[str, Any]:
    """A pooler of transactions lets one listen, and brings nothing: it is gone round."""
    past: dict[str, Any] = settings.LIVE_DATABASE
    return {**past, "connect_timeout": 5} if past else parameters()


def _connection() -> "psycopg.Connection[Any]":
    wanted = (settings.DATABASES["default"]["ENGINE"], connection.settings_dict["NAME"])
    if getattr(_side, "wanted", None) != wanted:
        _forget()
    found: psycopg.Connection[Any] | None = getattr(_side, "connection", None)
    if found is None or found.closed:
        found = psycopg.connect(**parameters(), autocommit=True)
        _side.connection, _side.wanted = found, wanted
    return found


def _forget() -> None:
    found = getattr(_side, "connection", None)
    _side.connection = None
    if found is not None:
        found.close()
