"""Main characters, logged in. Ask for them after `world`."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from tests import acting, cluster
from vardvag.demo import cast


@pytest.fixture
def sara(world: object) -> Client:
    """Receiver and nurse at Björkbacken."""
    return acting.staff(cast.SARA.hsa_id)


@pytest.fixture
def ali(world: object) -> Client:
    """Receiver and nurse at Björkbacken, too."""
    return acting.staff(cast.ALI.hsa_id)


@pytest.fixture
def amir(world: object) -> Client:
    """A physician there: sees what lies with him or his groups."""
    return acting.staff(cast.AMIR.hsa_id)


@pytest.fixture
def anna(world: object) -> Client:
    return acting.resident(cast.ANNA.number)


@pytest.fixture(scope="module")
def stored_world(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A clone of the world where transactions really commit."""
    before = dict(connection.settings_dict)
    name = f"{before['NAME']}_races"
    cluster.clone(name, cluster.world())
    with django_db_blocker.unblock():
        connection.close()
        connection.settings_dict["NAME"] = name
        yield
        connection.close()
        connection.settings_dict.update(before)
    cluster.drop(name)
