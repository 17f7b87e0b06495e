"""A person whom the register gives another number stays the same person: row, cases, log and login (ID-5)."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction

from tests import acting
from tests.cluster import as_system
from vardvag.audit.models import Entry
from vardvag.cases import jobs
from vardvag.cases.models import Case
from vardvag.core import border, clock
from vardvag.core.actor import SystemActor
from vardvag.demo import cast, main_cases
from vardvag.identity import access, register, rereading
from vardvag.identity.models import FormerNumber, Guardianship, Person
from vardvag.outside.journal import Journal
from vardvag.outside.population.client import PopulationRegister
from vardvag.outside.population.standin import StandIn

pytestmark = pytest.mark.usefixtures("world")
NEW = cast.Resident("Anna", "Ny", date(1988, 3, 2), True).number


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The register over its own protocol: Anna's number is withdrawn and replaced."""
    standin = StandIn(Journal())
    standin.start()
    for who in (cast.ANNA, cast.ELSA, cast.NILS):
        standin.change(who.number, given_name=who.given_name, surname=who.surname)
    for child in (cast.ELSA, cast.NILS):
        standin.change(child.number, guardians=[{"personal_number": cast.ANNA.number}])
    standin.give_number(cast.ANNA.number, NEW)
    monkeypatch.setattr(register, "service", lambda *seconds: PopulationRegister(standin.place()))
    yield standin
    standin.stop()


def anna() -> Person:
    with as_system():
        return Person.objects.get(personal_number=cast.ANNA.number)


def logs_in(number: str) -> Person:
    """What a login does with a proven number, inside the pages' own border."""
    with transaction.atomic():
        border.enter_proven(number)
        record, children = register.ask(number, now=clock.now())
        assert record is not None
        return register.take_in(record=record, children=children, now=clock.now())


@pytest.mark.parametrize("proven", [cast.ANNA.number, NEW])
def test_login_with_either_number_is_the_same_person(told: StandIn, proven: str) -> None:
    before = anna()
    person = logs_in(proven)
    assert (person.pk, person.public_id, person.personal_number) == (before.pk, before.public_id, NEW)
    again = logs_in(cast.ANNA.number), logs_in(NEW)
    assert {one.pk for one in again} == {before.pk}
    with as_system():
        after = Person.objects.get(pk=before.pk)
        assert (after.personal_number, after.birth_date) == (NEW, date(1988, 3, 2))
        assert [f.number for f in FormerNumber.objects.filter(person=after)] == [cast.ANNA.number]
        log = Entry.objects.filter(patient_id=before.pk, verb="change_number")
        assert [row.actor_kind for row in log] == ["system"]
        assert Guardianship.objects.filter(guardian=after, until=None).count() == 2


def test_rereading_moves_the_number_and_open_cases_follow(told: StandIn) -> None:
    before, client = anna(), acting.resident(cast.ANNA.number)
    with as_system():
        Person.objects.update(register_read_at=clock.now())
        Person.objects.filter(pk=before.pk).update(register_read_at=clock.now() - timedelta(hours=1))
        rereading.reread(actor=SystemActor("test"), now=clock.now())
        jobs.person_changed(person_id=before.pk)
        case = Case.objects.get(public_id=main_cases.case("recept").public_id)
        assert (case.patient_id, case.patient_number) == (before.pk, NEW)
        assert access.person_of_number(cast.ANNA.number) == access.person_of_number(NEW) == before
    assert client.get(f"/arenden/{case.public_id}/").status_code == 200
    nurse = acting.staff(cast.SARA.hsa_id)
    for number in (cast.ANNA.number, NEW):
        page = nurse.post("/personal/sok/", {"sok": number}).content.decode()
        assert str(case.public_id) in page, number


def test_an_old_number_finds_the_person_when_the_register_is_silent(told: StandIn) -> None:
    person = logs_in(NEW)
    for number in (cast.ANNA.number, NEW):
        with transaction.atomic():
            border.enter_proven(number)
            known = register.known_person(number)
            assert known is not None and known.pk == person.pk
    with transaction.atomic():
        border.enter_proven(cast.PER.number)
        assert not FormerNumber.objects.exists()  # somebody else's old numbers are not shown


def test_a_withdrawn_number_is_never_taken_back(told: StandIn) -> None:
    """The register tells the old record by itself, referring to the new."""
    person = logs_in(NEW)
    told.change(cast.ANNA.number, replaced_by="", referred=[NEW])
    told.change(NEW, referred=[cast.ANNA.number])
    assert logs_in(cast.ANNA.number).pk == person.pk
    with as_system():
        after = Person.objects.get(pk=person.pk)
    assert (after.personal_number, after.birth_date) == (NEW, date(1988, 3, 2))


def test_two_people_we_know_stay_two(told: StandIn) -> None:
    """Both numbers have rows of their own already: nobody's cases are moved to another by a reference."""
    before = anna()
    with as_system():
        other = Person.objects.create(
            personal_number=NEW, given_name="Anna", surname="Ny", birth_date="1988-03-02"
        )
    assert logs_in(NEW).pk == other.pk
    with as_system():
        assert Person.objects.get(pk=before.pk).personal_number == cast.ANNA.number
