"""Loading into a real database, as the role the generator has."""

import json
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from vardvag.cases.lists import Filters, figures, queue
from vardvag.cases.models import Attachment, Case, Message
from vardvag.core import border
from vardvag.core.actor import ResidentActor, Role, StaffActor, Subject
from vardvag.demo import cast, load, main_cases
from vardvag.demo import world as told
from vardvag.files.models import File
from vardvag.identity.models import Person, Staff
from vardvag.inbox.models import StaffNoticeSettings
from vardvag.inbox.queries import usable_email
from vardvag.organisation.models import Assignment, Unit
from vardvag.outside.people import People

NOW = datetime(2026, 11, 20, 10, 40, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path, settings):
    settings.DATA, settings.FILES_FOLDER = tmp_path, tmp_path / "files"
    return tmp_path


@pytest.fixture
def small(db, system, folder):
    with system():
        load.load("tests", NOW)
    return folder


def _sara():
    staff = Staff.objects.get(hsa_id=cast.SARA.hsa_id)
    post = Assignment.objects.get(staff=staff, unit_id=1)
    return StaffActor(
        0, staff.pk, staff.hsa_id, staff.name, staff.title, post.pk, 1, "Björkbackens hälsocentral", 1,
        frozenset(Role(r) for r in post.roles), frozenset(post.groups.values_list("pk", flat=True)),
    )  # fmt: skip


def test_what_cannot_be_loaded_says_why(world, system, settings):
    with system():
        with pytest.raises(load.NotLoaded, match="tests or demo"):
            load.load("huge")
        with pytest.raises(load.NotLoaded, match="holds data already"):
            load.load("tests")
        settings.MODE = "production"
        with pytest.raises(load.NotLoaded, match="production"):
            load.load("tests")


def test_the_small_world_knows_that_it_is_there(db, system, folder):
    with system():
        assert load.is_empty()
        load.load("tests", NOW)
        assert not load.is_empty()
        assert Person.objects.count() == 30
        assert Case.objects.count() == len(main_cases.CASES)


def test_the_main_characters_of_the_staff_hear_of_what_comes(world, system):
    """Else a newcomer never sees a digest."""
    with system():
        for who in (cast.SARA, cast.ALI, cast.FATIMA):
            wishes = StaffNoticeSettings.objects.get(staff__hsa_id=who.hsa_id)
            assert usable_email(wishes) and {"new", "message", "overdue"} <= set(wishes.mail_for)
            assert wishes.digest_minutes == 5
        assert not StaffNoticeSettings.objects.filter(staff__hsa_id=cast.GUNILLA.hsa_id).exists()


def test_rows_made_afterwards_do_not_collide(small, system):
    with system():
        assert Person.objects.create(personal_number="199001142380", birth_date=NOW.date()).pk > 30
        assert Unit.objects.create(provider_id=1, hsa_id="X", slug="x", name="X").pk > 22
        with connection.cursor() as cursor:
            cursor.execute("select nextval('cases_number')")
            assert cursor.fetchone()[0] > len(main_cases.CASES)


def test_staff_see_their_unit_only_through_the_border(small):
    with transaction.atomic():
        border.enter(actor := _sara())
        assert figures(actor=actor, now=NOW).counts["all"] >= 10
        assert {
            case.owner_name for case in queue(actor=actor, view="mine", filters=Filters(), now=NOW).rows
        } == {cast.SARA.name}
        assert not Case.objects.filter(unit_id=22).exists()
        assert Message.objects.filter(unit_id=1).exists()


def test_a_resident_sees_their_own_cases_and_nobody_elses(small):
    with transaction.atomic():
        border.enter_proven(cast.ANNA.number)
        anna = Person.objects.get(personal_number=cast.ANNA.number)
        me = Subject(anna.pk, anna.given_name, anna.surname, anna.birth_date)
        border.enter(ResidentActor(0, me, me))
        assert {c.patient_name for c in Case.objects.all()} == {cast.ANNA.name}
        assert Case.objects.get(public_id=main_cases.case("recept").public_id).state == "new"


def test_main_cases_stand_as_they_are_told(small, system):
    with system():
        for main in main_cases.CASES:
            case = Case.objects.get(public_id=main.public_id)
            assert case.patient_number == main.patient.number
            assert main.state in (case.state, f"{case.closed_how}_{case.state}", case.closed_how)
            assert main.owner is None or case.owner_name == main.owner.name
        late = Case.objects.get(public_id=main_cases.case("försenat").public_id)
        assert late.due_at is not None
        assert late.due_at < NOW


def test_the_stand_ins_know_everybody(small):
    people = People(small / "world" / "people.json")
    assert people.residents("Anna Bergström")[0].note == "38 år. Förälder till Elsa och Nils"
    assert people.staff()[0].note == cast.SARA.note
    assert people.staff_member(cast.ALI.hsa_id).commissions[1]["healthCareUnitName"].endswith("Fågelsången")
    register = {
        p["personal_number"]: p
        for p in json.loads((small / "world" / "population.json").read_text())["persons"]
    }
    assert [g["personal_number"] for g in register[cast.ELSA.number]["guardians"]] == [
        cast.ANNA.number,
        cast.JOHAN.number,
    ]
    assert register[cast.LINNEA.number]["protected"]
    assert register[cast.BIRGITTA.number]["deceased"]
    assert cast.ELSA.number not in {
        r.personal_number for r in people.residents(limit=100)
    }  # too young for e-ID


def test_the_demo_has_pictures_and_nobody_without_owner(db, system, folder, monkeypatch):
    monkeypatch.setitem(told.SIZES, "demo", (700, 250))
    with system():
        load.load("demo", NOW)
        assert not Case.objects.exclude(state="closed").filter(owner=None, group=None).exists()
        pictures = Attachment.objects.select_related("file", "message")
        assert pictures.count() >= 2
        assert {a.file.state for a in pictures} == {File.State.CLEAN}
        assert pictures.filter(case__public_id=main_cases.case("eksem").public_id).exists()
        assert Unit.objects.count() == 40
