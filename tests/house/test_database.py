"""The tests' own ground: the database acts as vardvag_app, and system() as the worker."""

import pytest
from django.db import connection


def _who():
    with connection.cursor() as cursor:
        cursor.execute("select current_user")
        return cursor.fetchone()[0]


def test_a_test_is_bound_by_the_border(db):
    assert _who() == "vardvag_app"
    with connection.cursor() as cursor:
        cursor.execute("select rolsuper or rolbypassrls from pg_roles where rolname = current_user")
        assert cursor.fetchone() == (False,)
        cursor.execute("select count(*) from pg_class where relowner = 'vardvag_app'::regrole")
        assert cursor.fetchone() == (0,)


def test_system_acts_as_the_worker_and_gives_the_role_back(db, system):
    with system():
        assert _who() == "vardvag_system"
    assert _who() == "vardvag_app"


@pytest.mark.parametrize("turn", [1, 2])
def test_a_committing_test_leaves_nothing_behind(transactional_db, turn):
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from procrastinate_jobs")
        assert cursor.fetchone() == (0,)
        cursor.execute("insert into procrastinate_jobs (queue_name, task_name) values ('q', 'left')")
