"""Somebody leaves, or custody does: what it opens is shut in the same moment, and nothing is left lying (X-1)."""

from collections import Counter
from typing import Any

import pytest
from django.db.models import Q

from tests import acting
from tests.cluster import as_system
from vardvag.cases.models import Case, State
from vardvag.core import clock
from vardvag.core.actor import Role, SystemActor
from vardvag.identity.models import Guardianship, Person
from vardvag.organisation import actions
from vardvag.organisation.access import in_force, receivers_group
from vardvag.organisation.models import Assignment, Group


def first(rows: Any) -> Any:
    """One there must be, for the test to mean anything."""
    found = rows.first()
    assert found is not None
    return found


OPEN = ~Q(state=State.CLOSED)


def stranded() -> list[int]:
    """X-1: open cases whose owner is not there and that lie with no group in use."""
    now = clock.now()
    with as_system():
        present = set(Assignment.objects.filter(in_force(now)).values_list("staff_id", "unit_id"))
        rows = Case.objects.filter(OPEN).select_related("group")
        return [
            case.pk
            for case in rows
            if (case.owner_id is not None and (case.owner_id, case.unit_id) not in present)
            or (case.owner_id is None and (case.group is None or case.group.archived_at is not None))
        ]


@pytest.fixture
def busy(world):
    """The assignment whose person owns most open cases, and somebody who administers staff there."""
    with as_system():
        owners = Counter(Case.objects.filter(OPEN, owner__isnull=False).values_list("owner_id", "unit_id"))
        now = clock.now()
        for (staff_id, unit_id), _count in owners.most_common():
            here = Assignment.objects.filter(in_force(now), unit_id=unit_id).select_related("staff", "unit")
            admin = (
                here.filter(roles__contains=[Role.PERMISSION_ADMIN.value]).exclude(staff_id=staff_id).first()
            )
            person = here.filter(staff_id=staff_id).first()
            if admin and person:
                return person, admin
    raise AssertionError("the world has no owner of a case at a unit with an administrator")


@pytest.mark.parametrize("how", ["avsluta", "pausa"])
def test_an_open_case_never_lies_with_somebody_who_is_not_there(busy, how):
    person, admin = busy
    assert stranded() == []
    with as_system():  # somebody else receives, so that the person may go
        others = Assignment.objects.filter(in_force(clock.now()), unit=person.unit).exclude(pk=person.pk)
        other = first(others.exclude(staff=admin.staff))
        other.roles = [*other.roles, Role.RECEIVER.value]
        other.save(update_fields=["roles"])
        theirs = list(
            Case.objects.filter(OPEN, owner=person.staff, unit=person.unit).values_list("pk", flat=True)
        )
    leaver = acting.staff(person.staff.hsa_id, unit=person.unit.hsa_id)
    assert leaver.get("/personal/").status_code == 200
    boss = acting.staff(admin.staff.hsa_id, unit=admin.unit.hsa_id)
    answer = boss.post(f"/personal/bemanning/{person.pk}/{how}/", {"reason": "slutar"})
    assert answer.status_code == 302, answer.content.decode()[:3000]
    with as_system():
        group = receivers_group(unit_id=person.unit_id)
        assert theirs
        for case in Case.objects.filter(pk__in=theirs):
            assert case.owner_id is None and case.group_id == group.pk
    assert stranded() == []
    assert leaver.get("/personal/").status_code == 302


def test_a_removed_group_leaves_no_case_behind(world):
    with as_system():
        case = first(Case.objects.filter(OPEN).exclude(group=None).select_related("unit"))
        group = first(Group.objects.filter(unit=case.unit, receivers=False, archived_at=None))
        Case.objects.filter(pk=case.pk).update(
            group=group, group_name=group.name, owner=None, owner_name="", state=State.DISTRIBUTED
        )
        actions.remove_group(actor=SystemActor("test"), group=group, now=clock.now())
        case.refresh_from_db()
        assert case.group is not None and case.group.receivers
    assert stranded() == []


@pytest.mark.parametrize("change", ["custody", "protected child", "protected guardian"])
def test_what_the_register_says_counts_in_the_middle_of_a_visit(world, change):
    with as_system():
        today = clock.now().date()
        young = today.replace(year=today.year - 10, day=1)
        links = Guardianship.objects.filter(
            until=None, child__birth_date__gt=young, child__cases__isnull=False
        )
        links = links.filter(child__protected=False, guardian__protected=False)
        link = first(links.select_related("child", "guardian"))
        case = first(Case.objects.filter(patient=link.child))
    parent, page = acting.resident(link.guardian.personal_number), f"/arenden/{case.public_id}/"
    assert parent.post("/byt-person/", {"person": link.child_id}).status_code == 303
    assert parent.get(page).status_code == 200
    with as_system():
        match change:
            case "custody":
                Guardianship.objects.filter(pk=link.pk).update(until=today)
            case "protected child":
                Person.objects.filter(pk=link.child_id).update(protected=True)
            case _:
                Person.objects.filter(pk=link.guardian_id).update(protected=True)
    assert parent.get(page).status_code == 404
    assert parent.post("/byt-person/", {"person": link.child_id}).status_code == 409
    assert link.child.given_name not in parent.get("/").content.decode()


def test_the_patients_log_names_the_case_and_who_read_it(world):
    with as_system():
        case = first(Case.objects.exclude(first_reply_at=None).filter(protected=False, represented=False))
        patient = Person.objects.get(pk=case.patient_id)
    said = acting.resident(patient.personal_number).get("/vem-har-last/").content.decode()
    assert f"”{case.title}”" in said
    english = acting.resident(patient.personal_number)
    english.cookies["lang"] = "en"
    assert "the case" in english.get("/vem-har-last/").content.decode()
