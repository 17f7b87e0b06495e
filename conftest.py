"""Fixtures for every test in the house; the parts' tests and tests/ share them.

`db` (pytest-django) gives a database in which the test acts as vardvag_app, so row-level security is real;
`system` lets a block act as the worker does. `transactional_db` gets a fresh clone after each test.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest

os.environ["VARDVAG_MODE"] = "test"
os.environ.pop("VARDVAG_ROLE", None)
os.environ["DJANGO_SETTINGS_MODULE"] = "vardvag.config.settings"

from tests import cluster  # noqa: E402 - the environment first

IS_WORKER = "PYTEST_XDIST_WORKER" in os.environ
if not IS_WORKER:
    CLUSTER = cluster.Cluster()

import django  # noqa: E402 - the data folder first

django.setup()


def pytest_configure(config: pytest.Config) -> None:
    if not IS_WORKER:
        CLUSTER.serve()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not IS_WORKER:
        CLUSTER.stop()


def _database_name() -> str:
    return (
        f"vardvag_test_{os.environ.get('PYTEST_XDIST_TESTRUNUID', str(os.getpid()))[:12]}_"
        + os.environ.get("PYTEST_XDIST_WORKER", "main")
    )


def _use(name: str) -> None:
    from django.db import connection  # noqa: PLC0415 - Django is set up after this file is loaded

    parts = cluster.test_connection(name)
    connection.close()
    connection.settings_dict.update(
        NAME=parts.pop("dbname"),
        USER=parts.pop("user", ""),
        PASSWORD=parts.pop("password", ""),
        HOST=parts.pop("host"),
        PORT=parts.pop("port", ""),
        OPTIONS=parts,
    )


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: object) -> Iterator[None]:
    """Instead of pytest-django's: this worker's own clone of the migrated database."""
    from django.db import connection  # noqa: PLC0415
    from django.test import TransactionTestCase  # noqa: PLC0415

    cluster.start()
    name = _database_name()
    cluster.clone(name)
    _use(name)

    def fresh(case: TransactionTestCase) -> None:
        connection.close()
        cluster.clone(name)

    TransactionTestCase._fixture_teardown = fresh  # type: ignore[attr-defined]
    yield
    connection.close()
    cluster.drop(name)


@pytest.fixture
def system(db: None) -> Callable[[], AbstractContextManager[None]]:
    """`with system(): ...` acts as vardvag_system (worker, commands, generator) within the test."""
    return cluster.as_system


@pytest.fixture
def shift() -> Iterator[Callable[[timedelta], None]]:
    """Move the house's clock; moved back after the test."""
    from vardvag.core import clock  # noqa: PLC0415

    yield clock.shift
    clock.shift(timedelta())
