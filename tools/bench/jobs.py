"""Jobs a second: replies released to their residents, all deferred at once, until the worker has done the last."""

import json
import time
from typing import Any

import psycopg


def measure(db: "psycopg.Connection[Any]", *, count: int = 1000) -> tuple[int, float]:
    """(jobs, seconds). Each finds the case, writes the resident's inbox and tells the open pages."""
    messages = [
        row[0]
        for row in db.execute(
            "select m.id from cases_message m join cases_case c on c.id = m.case_id where c.state <> 'closed'"
            " and m.kind = 'reply' and m.released_at < now() - interval '1 minute' order by md5(m.id::text) limit %s",
            [count],
        )
    ]
    with db.transaction():
        for message in messages:
            db.execute(
                "insert into procrastinate_jobs (queue_name, task_name, priority, args, status)"
                " values ('default', 'cases.release', 0, %s, 'todo')",
                [json.dumps({"message_id": message})],
            )
    began = time.monotonic()
    while waiting(db, "cases.release"):
        if time.monotonic() - began > 120:
            raise SystemExit("the jobs were not done within two minutes")
        time.sleep(0.05)
    return len(messages), time.monotonic() - began


def waiting(db: "psycopg.Connection[Any]", name: str) -> int:
    row = db.execute(
        "select count(*) from procrastinate_jobs where task_name = %s and status in ('todo', 'doing')"
        " and (scheduled_at is null or scheduled_at <= now())", [name],
    ).fetchone()  # fmt: skip
    return int(row[0]) if row else 0


def settle(db: "psycopg.Connection[Any]", *, patience: float = 60) -> None:
    """Wait until nothing is left that the next measurement would pay for."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        row = db.execute(
            "select count(*) from procrastinate_jobs where status in ('todo', 'doing')"
            " and task_name in ('cases.release', 'inbox.spread', 'inbox.deliver', 'inbox.tell_resident', 'cases.tell')"
        ).fetchone()
        unlaid = db.execute(
            "select (select count(*) from inbox_staffnotice where spread_at is null)"
            " + (select count(*) from inbox_inboxitem where told_at is null and at <= now())"
        ).fetchone()
        if row and not row[0] and unlaid and not unlaid[0]:
            return
        time.sleep(0.2)
