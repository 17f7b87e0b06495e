"""Logged in here and there, and out of all of it (ID-3)."""

import pytest
from django.conf import settings

from tests import acting
from tests.cluster import as_system
from vardvag.identity.models import Session

PAGE = "/inloggningar/"


@pytest.fixture(params=["resident", "staff"])
def two(world, request):
    """The same person in two browsers, and somebody else in a third."""
    if request.param == "resident":
        me, other = (one["personal_number"] for one in world["residents"][:2])
        return acting.resident(me), acting.resident(me), acting.resident(other), "/"
    me, other = (one["hsa_id"] for one in world["staff"][:2])
    return acting.staff(me), acting.staff(me), acting.staff(other), "/personal/"


def test_one_sees_ones_own_and_no_others(two):
    here, there, _other, _home = two
    said = here.get(PAGE).content.decode()
    assert said.count("Logga ut den") == 1 and "den här webbläsaren" in said
    assert there.get(PAGE).status_code == 200


def test_out_of_one_and_out_everywhere(two):
    here, there, other, home = two
    with as_system():
        ids = list(Session.objects.order_by("pk").values_list("pk", flat=True))
    assert here.post(PAGE, {"session": ids[2]}).status_code == 303  # somebody else's: nothing happens
    assert other.get(home).status_code == 200
    assert here.post(PAGE, {"session": ids[1]})["Location"] == PAGE
    assert there.get(home).status_code == 302 and here.get(home).status_code == 200
    out = here.post(PAGE)
    assert out["Location"].startswith("/utloggad/") and "Clear-Site-Data" in out
    assert here.get(home).status_code == 302 and other.get(home).status_code == 200


def test_a_cookie_from_before_logout_opens_nothing(two):
    here, *_rest, home = two
    old = here.cookies[settings.SESSION_KEY_COOKIE].value
    here.post("/logga-ut/")
    again = acting.nobody()
    again.cookies[settings.SESSION_KEY_COOKIE] = old
    assert again.get(home).status_code == 302


def test_nobody_is_sent_to_login(world):
    assert acting.nobody().get(PAGE).status_code == 302
    assert acting.nobody().post(PAGE).status_code == 302
