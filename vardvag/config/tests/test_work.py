"""What a job defers belongs to the job's transaction."""

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app

from vardvag.config import work
from vardvag.inbox.actions.posting import defer


def waiting() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from procrastinate_jobs where task_name = 'inbox.tell_resident'")
        return int(cursor.fetchone()[0])


def test_a_job_deferred_in_the_worker_is_there_when_its_transaction_is_and_not_before(transactional_db):
    made = work.working()
    assert made.connector is not app.connector and made.tasks is app.tasks
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        defer("inbox.tell_resident", item_id=1)
        assert waiting() == 1
        raise ZeroDivisionError
    assert waiting() == 0
