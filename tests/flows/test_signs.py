"""What live asks every few seconds: does each session still stand on what it stood on?"""

from datetime import timedelta

import pytest
from django.conf import settings
from django.http import HttpRequest

from tests import acting
from tests.cluster import as_system
from vardvag.core import clock
from vardvag.core.actor import Anonymous
from vardvag.identity import actions as identity
from vardvag.identity.access import open_session_of
from vardvag.organisation.keeper import HouseKeeper
from vardvag.organisation.models import Assignment

KEEPER = HouseKeeper()


@pytest.fixture
def session(world):
    key = acting.staff(world["staff"][0]["hsa_id"]).cookies[settings.SESSION_KEY_COOKIE].value
    with as_system():
        return key, open_session_of(key, now=clock.now())


def sign(session):
    return KEEPER.signs([session.pk]).get(session.pk)


def test_it_stays_the_same_while_nothing_changes(session):
    assert sign(session[1]) is not None
    assert sign(session[1]) == sign(session[1])
    assert set(KEEPER.signs([session[1].pk, 999_999_999])) == {session[1].pk}


def test_logout_takes_it_away(session):
    with as_system():
        identity.end_session(actor=Anonymous(), key=session[0], now=clock.now())
    assert sign(session[1]) is None


def test_lost_and_changed_rights_show(session):
    before = sign(session[1])
    with as_system():
        Assignment.objects.filter(pk=session[1].assignment_id).update(roles=["local_admin"])
    changed = sign(session[1])
    assert changed not in (None, before)
    with as_system():
        Assignment.objects.filter(pk=session[1].assignment_id).update(ended_at=clock.now())
    ended = sign(session[1])
    assert ended not in (before, changed)
    request = HttpRequest()
    request.COOKIES = {settings.SESSION_KEY_COOKIE: session[0]}
    assert isinstance(KEEPER.actor(request), Anonymous)


def test_a_session_that_slept_too_long_is_gone(session, shift):
    shift(timedelta(minutes=settings.STAFF_IDLE + 1))
    assert sign(session[1]) is None
