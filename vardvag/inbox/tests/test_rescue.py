"""What a dead worker had in its hands is put back, all of it."""

import asyncio
from types import SimpleNamespace

import pytest
from django.db import connection

from vardvag.config.work import working
from vardvag.inbox import jobs

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cursor(db):
    with connection.cursor() as cursor:
        yield cursor
        cursor.execute("delete from procrastinate_jobs")
        cursor.execute("delete from procrastinate_workers")


def in_hand(cursor, worker, task, lock=None):
    cursor.execute(
        "insert into procrastinate_jobs (queue_name, task_name, queueing_lock, status, worker_id, args)"
        " values ('notices', %s, %s, 'doing', %s, '{}') returning id",
        [task, lock, worker],
    )
    return cursor.fetchone()[0]


def rescue():
    async def run():
        async with working().open_async() as app:
            await jobs.rescue.func(SimpleNamespace(app=app), timestamp=0)

    asyncio.run(run())


def test_one_that_has_a_successor_waiting_does_not_keep_the_others(cursor) -> None:
    cursor.execute(
        "insert into procrastinate_workers (last_heartbeat) values (now() - interval '1 minute') returning id"
    )
    (dead,) = cursor.fetchone()
    cursor.execute("insert into procrastinate_workers default values returning id")
    (living,) = cursor.fetchone()
    old = in_hand(cursor, dead, "inbox.lay_waiting", "inbox.lay_waiting")
    lost = in_hand(cursor, dead, "inbox.receipt")
    held = in_hand(cursor, living, "inbox.receipt")
    cursor.execute(
        "insert into procrastinate_jobs (queue_name, task_name, queueing_lock, args)"
        " values ('notices', 'inbox.lay_waiting', 'inbox.lay_waiting', '{}') returning id"
    )
    (waits,) = cursor.fetchone()
    rescue()
    cursor.execute("select id, status::text from procrastinate_jobs")
    assert dict(cursor.fetchall()) == {lost: "todo", held: "doing", waits: "todo"}
    assert old not in (lost, held, waits)
