"""Where a staff login leads: to the queue, else to a page that says what there is to do, and whom to ask."""

import html

import pytest

from tests import acting
from tests.cluster import as_system
from vardvag.core import clock
from vardvag.core.actor import Role
from vardvag.demo import cast
from vardvag.organisation.access import in_force
from vardvag.organisation.models import Assignment

START = "/personal/start/"


@pytest.fixture
def mine(world):
    with as_system():
        rows = Assignment.objects.filter(in_force(clock.now()), staff__hsa_id=cast.SARA.hsa_id)
        return rows.select_related("staff", "unit").order_by("pk").first()


def came(assignment, *roles):
    with as_system():
        Assignment.objects.filter(pk=assignment.pk).update(roles=[role.value for role in roles])
    client = acting.staff(assignment.staff.hsa_id, unit=assignment.unit.hsa_id)
    return client, client.get("/personal/")


def said(client):
    answer = client.get(START)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def test_who_works_with_cases_comes_to_the_queue(mine):
    client, answer = came(mine, Role.NURSE)
    assert answer.status_code == 200
    assert 'href="/personal/"' in said(client)


@pytest.mark.parametrize(
    ("role", "opens"),
    [
        (Role.UNIT_MANAGER, ("/personal/mottagningen/", "/personal/skyddade-oppningar/")),
        (Role.PERMISSION_ADMIN, ("/personal/bemanning/",)),
        (Role.REGIONAL_ADMIN, ("/personal/importer/",)),
    ],
)
def test_who_has_no_queue_is_shown_what_there_is(mine, role, opens):
    client, answer = came(mine, role)
    assert (answer.status_code, answer["Location"]) == (302, START)
    page = said(client).partition("<main")[2]
    for path in opens:
        assert f'href="{path}"' in page and client.get(path).status_code == 200
    assert "så du har ingen kö" in page and 'href="/personal/"' not in page
    assert client.get("/personal/ko/rader/").status_code == 404  # what is not theirs is not there


@pytest.mark.parametrize("roles", [(Role.SUPPORT,), ()])
def test_who_can_do_nothing_is_told_whom_to_ask(mine, roles):
    with as_system():
        others = Assignment.objects.filter(in_force(clock.now()), unit=mine.unit).exclude(staff=mine.staff)
        boss = others.filter(staff__protected=False).select_related("staff").first()
        others.update(roles=[Role.NURSE.value])
        Assignment.objects.filter(pk=boss.pk).update(roles=[Role.PERMISSION_ADMIN.value])
    client, answer = came(mine, *roles)
    assert answer["Location"] == START
    page = said(client)
    assert "Du har inget att göra här än" in page and boss.staff.name in page
    with as_system():
        type(boss.staff).objects.filter(pk=boss.staff_id).update(protected=True)
    page = said(client)
    assert boss.staff.name not in page and "Ring supporten" in page
