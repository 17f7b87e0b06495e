"""Forms about one assignment: older than what a colleague did since, sent again, or late on their way."""

import re

import pytest
from django.test import Client

from vardvag.core.actor import Role
from vardvag.organisation.models import Assignment, StaffingChange
from vardvag.organisation.tests import world
from vardvag.organisation.tests.test_pages import client, here

__all__ = ["here"]


@pytest.fixture
def two(here, system):
    """Two who may change staff, and the page of a receiver beside whom there is another."""
    with system():
        other = world.assignment(world.staff(5, "Per", "Chef"), here["unit"], Role.PERMISSION_ADMIN)
        world.assignment(world.staff(6, "Eva", "Mo"), here["unit"], Role.RECEIVER)
    return client(here["boss"]), client(other), f"/personal/bemanning/{here['receiver'].pk}/"


def seen(browser: Client, page: str) -> str:
    found = re.findall(r'name="seen" value="(\d+)"', browser.get(page).content.decode())
    assert len(set(found)) == 1
    return str(found[0])


def roles(here) -> set[str]:
    return set(Assignment.objects.get(pk=here["receiver"].pk).roles)


def form(here, version: str, *more: Role) -> dict[str, object]:
    return {
        "roles": [Role.RECEIVER.value, *(role.value for role in more)],
        "reason": "Ny tjänst",
        "seen": version,
    }


def test_a_page_older_than_a_colleagues_change_takes_nothing_back(here, two, system):
    bo, per, page = two
    old = seen(bo, page)
    assert per.post(page, form(here, seen(per, page), Role.NURSE)).status_code == 302
    refused = bo.post(page, form(here, old))
    assert refused.status_code == 422 and "Någon annan ändrade samtidigt" in refused.content.decode()
    with system():
        assert Role.NURSE.value in roles(here)
    assert bo.post(page, form(here, seen(bo, page))).status_code == 302  # having read how it is
    with system():
        assert Role.NURSE.value not in roles(here)


def test_a_change_sent_again_is_acknowledged_and_made_once(here, two, system):
    bo, _per, page = two
    sent = form(here, seen(bo, page), Role.NURSE)
    assert [bo.post(page, sent).status_code for _ in range(2)] == [302, 302]
    with system():
        assert StaffingChange.objects.filter(assignment=here["receiver"]).count() == 1


@pytest.mark.parametrize("act", ["pausa", "avsluta"])
def test_an_end_sent_again_is_acknowledged(here, two, act):
    bo, _per, page = two
    sent = {"reason": "Slutar", "seen": seen(bo, page)}
    assert [bo.post(f"{page}{act}/", sent).status_code for _ in range(2)] == [302, 302]


def test_a_late_end_does_not_end_what_a_colleague_has_given_anew(here, two, system):
    bo, per, page = two
    sent = {"reason": "Slutar", "seen": seen(bo, page)}
    assert bo.post(f"{page}avsluta/", sent).status_code == 302
    with system():
        anew = {
            "hsa_id": here["receiver"].staff.hsa_id,
            "valid_from": Assignment.objects.get(pk=here["boss"].pk).valid_from,
        }
    given = per.post(
        "/personal/bemanning/lagg-till/", {**anew, "roles": [Role.RECEIVER.value], "reason": "Ångrade sig"}
    )
    assert given.status_code == 302, given.content.decode()
    assert bo.post(f"{page}avsluta/", sent).status_code == 302
    with system():
        assert Assignment.objects.get(pk=here["receiver"].pk).ended_at is None
