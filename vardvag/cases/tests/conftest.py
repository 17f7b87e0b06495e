"""Main characters, logged in. Ask for them after `world`."""

import pytest
from django.test import Client

from tests import acting
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
