"""Figures of the queue of jobs."""

import pytest
from django.db import connection
from django.test import Client
from procrastinate.contrib.django import app

from tests.cluster import as_system

OLDEST = 'vardvag_jobs_oldest_seconds{status="todo"} '


def oldest() -> float:
    lines = Client().get("/matvarden").content.decode().splitlines()
    return next(float(line.removeprefix(OLDEST)) for line in lines if line.startswith(OLDEST))


@pytest.mark.django_db
def test_a_job_that_nobody_does_ages_whether_it_had_a_time_or_not():
    """Only those with a time were counted: a worker that did nothing was never seen."""
    assert oldest() == 0
    app.configure_task("inbox.tell_resident").defer(item_id=1)
    with as_system(), connection.cursor() as cursor:
        cursor.execute("update procrastinate_events set at = now() - interval '7 minutes'")
    assert 400 < oldest() < 480
