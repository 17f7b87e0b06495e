"""Jobs a second: replies released to their residents, all due at once, until the worker has told of the last."""

import time
from typing import Any

import psycopg


def measure(db: "psycopg.Connection[Any]", *, count: int = 1000) -> tuple[int, float]:
    """(replies, seconds). Each finds the case, writes the resident's inbox and tells the open pages."""
    messages = [
        row[0]
        for row in db.execute(
            "select m.id from cases_message m join cases_case c on c.id = m.case_id where c.state <> 'closed'"
            " and m.kind = 'reply' and m.released_at < now() - interval '1 minute' order by md5(m.id::text) limit %s",
            [count],
        )
    ]
    db.execute(
        "insert into cases_heldreply (message_id, provider_id, released_at)"
        " select id, provider_id, released_at from cases_message where id = any (%s)", [messages],
    )  # fmt: skip
    began = time.monotonic()
    while _held(db):
        if time.monotonic() - began > 120:
            raise SystemExit("the jobs were not done within two minutes")
        time.sleep(0.05)
    return len(messages), time.monotonic() - began


def _held(db: "psycopg.Connection[Any]") -> int:
    row = db.execute("select count(*) from cases_heldreply").fetchone()
    return int(row[0]) if row else 0


def settle(db: "psycopg.Connection[Any]", *, patience: float = 60) -> None:
    """Wait until nothing is left that the next measurement would pay for."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        row = db.execute(
            "select count(*) from procrastinate_jobs where status in ('todo', 'doing')"
            " and task_name in ('inbox.spread', 'inbox.deliver', 'inbox.tell_resident', 'cases.tell')"
        ).fetchone()
        unlaid = db.execute(
            "select (select count(*) from inbox_staffnotice where spread_at is null)"
            " + (select count(*) from inbox_inboxitem where told_at is null and at <= now())"
            " + (select count(*) from cases_heldreply)"
        ).fetchone()
        if row and not row[0] and unlaid and not unlaid[0]:
            return
        time.sleep(0.2)
