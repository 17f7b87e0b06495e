"""Fixtures for every test in the house; the parts' tests and tests/ share them.

`db` (pytest-django) gives a database in which the test acts as vardvag_app, so row-level security is real;
`system` lets a block act as the worker does. `transactional_db` gets a fresh clone after each test.
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

    from tests.browser import Browsers
    from tests.product import Product

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


@pytest.fixture(scope="session")
def _world_database(django_db_setup: None) -> Iterator[str]:
    name = f"{_database_name()}_world"
    cluster.clone(name, cluster.world())
    yield name
    cluster.drop(name)


@pytest.fixture
def _in_the_world(_world_database: str, django_db_blocker: object) -> Iterator[None]:
    from django.db import connection  # noqa: PLC0415

    assert not connection.in_atomic_block, "Ask for `world` before `db`, `system` and the like."
    _use(_world_database)
    yield
    _use(_database_name())


@pytest.fixture
def world(_in_the_world: None, db: None) -> dict[str, object]:
    """Instead of `db`: four units, their staff, thirty residents and cases in every state (vardvag/demo:
    cast.py, main_cases.py), told around the time the run began. What a test changes is rolled back.

    Gives people.json: `residents` and `staff`, main characters first. To act as somebody: tests/acting.py."""
    return dict(json.loads((cluster.world_folder() / "world" / "people.json").read_text()))


@pytest.fixture
def shift() -> Iterator[Callable[[timedelta], None]]:
    """Move the house's clock; moved back after the test."""
    from vardvag.core import clock  # noqa: PLC0415

    yield clock.shift
    clock.shift(timedelta())


# --- the whole product in a real browser -----------------------------------------------------------------


@pytest.fixture(scope="session")
def product() -> Iterator["Product"]:
    """Pages, worker and the outside world as real processes on the demo region; started once."""
    from tests import product as real  # noqa: PLC0415

    name = f"{_database_name()}_product"
    running = real.start(name)
    yield running
    real.stop(running, name)


@pytest.fixture(scope="session")
def _browsers() -> Iterator["Browsers"]:
    from tests import browser as real  # noqa: PLC0415

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # playwright keeps an event loop in this thread
    with real.browsers() as made:
        yield made


@pytest.fixture
def browser(_browsers: "Browsers") -> "Browser":
    return _browsers.get()


@pytest.fixture
def new_page(browser: "Browser", product: "Product") -> Iterator[Callable[..., "Page"]]:
    """`new_page(**context)`: a page in a browser of its own (another person). No JavaScript:
    `new_page(java_script_enabled=False)`. Errors in the page's console fail the test."""
    from tests.browser import close, new_context  # noqa: PLC0415

    contexts, errors = [], []

    def make(**more: object) -> "Page":
        context = new_context(browser, product.url, **more)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda problem: errors.append(str(problem)))
        page.on("console", lambda said: errors.append(said.text) if _is_fault(said) else None)
        return page

    yield make
    close(contexts)
    assert not errors, "in the browser's console: " + "; ".join(errors)


def _is_fault(said: "ConsoleMessage") -> bool:
    """Errors of scripts and of the content policy; not the answers 4xx that a test asks for."""
    return said.type == "error" and "Failed to load resource" not in said.text


@pytest.fixture
def page(new_page: Callable[..., "Page"]) -> "Page":
    return new_page()


@pytest.fixture
def axe() -> Callable[..., None]:
    """`axe(page)`: no violation at 360, 768 and 1440 px, light and dark."""
    from tests import browser as real  # noqa: PLC0415

    return real.axe


@pytest.fixture
def lighthouse() -> Callable[..., dict[str, tuple[int, list[str]]]]:
    """`lighthouse(urls, cookies=page.context.cookies())`: score of accessibility and what failed, by address."""
    from tests import browser as real  # noqa: PLC0415

    return real.lighthouse
