"""What the population register changes takes effect while sessions and cases are open (ID-5)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests import acting
from tests.cluster import as_system
from vardvag.cases import jobs
from vardvag.cases.models import Case
from vardvag.core import clock
from vardvag.core.actor import SystemActor
from vardvag.demo import cast, main_cases
from vardvag.identity import register, rereading
from vardvag.identity.models import Guardianship, Person
from vardvag.outside.population.port import Address, Custody, PersonRecord, Unavailable

pytestmark = pytest.mark.usefixtures("world")


def record(who, *, protected=False, children=()):
    return PersonRecord(
        personal_number=who.number, given_name=who.given_name, first_names=who.given_name, middle_name="",
        surname=who.surname, protected=protected, deceased_on=None, deregistered="", municipality="",
        address=None, guardians=(), children=tuple(Custody(child.number) for child in children),
    )  # fmt: skip


class Told:
    """A register that says what the test wants of whom it is asked about."""

    def __init__(self, *records):
        self.records = {one.personal_number: one for one in records}

    def persons(self, numbers):
        return {n: self.records[n] for n in numbers if n in self.records}


def reread(monkeypatch, *records):
    monkeypatch.setattr(register, "service", lambda: Told(*records))
    with as_system():
        return rereading.reread(actor=SystemActor("test"), now=clock.now())


@pytest.fixture
def anna():
    """Logged in, and her word from the register an hour old."""
    client = acting.resident(cast.ANNA.number)
    with as_system():
        old = clock.now() - timedelta(hours=1)
        Person.objects.filter(personal_number=cast.ANNA.number).update(register_read_at=old)
    return client


def test_a_mark_of_protection_reaches_open_cases_and_the_queue(anna, monkeypatch):
    assert reread(monkeypatch, record(cast.ANNA, protected=True)) > 0
    with as_system():
        patient = Person.objects.get(personal_number=cast.ANNA.number)
        jobs.person_changed(person_id=patient.pk)
        assert Case.objects.get(public_id=main_cases.case("recept").public_id).protected
    queue = acting.staff(cast.SARA.hsa_id).get("/personal/?vy=all").content.decode()
    assert "Anna B" not in queue


def test_custody_gone_is_access_gone(anna, monkeypatch):
    with as_system():
        elsa = Person.objects.get(personal_number=cast.ELSA.number)
    assert anna.post("/byt-person/", {"person": elsa.pk}).status_code == 303
    assert "Elsa" in anna.get("/").content.decode()
    reread(monkeypatch, record(cast.ANNA, children=(cast.NILS,)), record(cast.NILS))
    page = anna.get("/").content.decode()
    assert "gör ärenden för" not in page
    assert anna.post("/byt-person/", {"person": elsa.pk}).status_code == 409
    with as_system():
        link = Guardianship.objects.get(guardian__personal_number=cast.ANNA.number, child=elsa)
        assert link.until is not None


def test_custody_lost_and_won_again_is_custody(anna, monkeypatch):
    """The register tells both times, in any order."""
    over = Custody(cast.ELSA.number, until=clock.now().date() - timedelta(days=900))
    again = Custody(cast.ELSA.number, since=clock.now().date() - timedelta(days=90))
    for told in ((over, again), (again, over)):
        reread(monkeypatch, replace(record(cast.ANNA), children=told), record(cast.ELSA))
        with as_system():
            link = Guardianship.objects.get(
                guardian__personal_number=cast.ANNA.number, child__personal_number=cast.ELSA.number
            )
            assert (link.since, link.until) == (again.since, None)
            Person.objects.filter(personal_number=cast.ANNA.number).update(register_read_at=None)


def test_a_register_that_is_down_changes_nothing(anna, monkeypatch):
    class Down:
        def persons(self, numbers):
            raise Unavailable(code="down")

    monkeypatch.setattr(register, "service", Down)
    with as_system():
        assert rereading.reread(actor=SystemActor("test"), now=clock.now()) == 0
    assert anna.get("/").status_code == 200


def test_whose_name_and_street_are_longer_than_usual_gets_in(anna, monkeypatch):
    """Both names together also stand in the log of what is read."""
    long = replace(
        record(cast.ANNA, children=(cast.ELSA,)), given_name="A" * 150, middle_name="B" * 90, surname="C" * 90,
        address=Address(("D" * 150, "E" * 150), "123 45 utomlands", "F" * 150),
    )  # fmt: skip
    assert reread(monkeypatch, long, record(cast.ELSA)) > 0
    for path in ("/", "/arenden/", "/vem-har-last/", f"/arenden/{main_cases.case('recept').public_id}/"):
        assert anna.get(path).status_code == 200
    with as_system():
        assert len(Person.objects.get(personal_number=cast.ANNA.number).name) == 200


def test_an_older_word_does_not_take_a_mark_of_protection_away(anna):
    """A login asked, and waits; the worker asked after it, and is told of the mark first."""
    asked = clock.now()
    marked = record(cast.ANNA, protected=True)
    with as_system():
        later = asked + timedelta(seconds=2)
        register.take_in(record=marked, children={}, now=later, proven=False)
        children = {cast.ELSA.number: record(cast.ELSA)}
        before = record(cast.ANNA, children=(cast.ELSA,))
        person = register.take_in(record=before, children=children, now=asked, proven=False)
        assert person.protected
        assert Person.objects.get(pk=person.pk).protected
        assert not Guardianship.objects.filter(guardian=person, until=None).exists()


def test_a_record_that_cannot_be_read_keeps_nobody_elses_mark_from_us(anna, monkeypatch):
    """The first in the row for ever, it would have stopped all behind it each minute."""
    with as_system():
        ill = Person.objects.get(personal_number=cast.NILS.number)
        Person.objects.filter(pk=ill.pk).update(register_read_at=None)
    anna.post("/byt-person/", {"person": ill.pk})
    odd = replace(record(cast.NILS), personal_number="201799991234")
    told = Told(record(cast.ANNA, protected=True))
    told.records[cast.NILS.number] = odd
    monkeypatch.setattr(register, "service", lambda: told)
    with as_system():
        rereading.reread(actor=SystemActor("test"), now=clock.now())
        assert Person.objects.get(personal_number=cast.ANNA.number).protected
        assert Person.objects.get(pk=ill.pk).register_read_at is not None


def test_whose_day_of_death_is_not_told_keeps_the_day_we_heard_of_it(monkeypatch):
    gone = replace(record(cast.ANNA), deregistered="AV")
    with as_system():
        register.take_in(record=gone, children={}, now=clock.now(), proven=False)
        first = Person.objects.get(personal_number=cast.ANNA.number).deceased_on
        register.take_in(record=gone, children={}, now=clock.now() + timedelta(days=3), proven=False)
        assert Person.objects.get(personal_number=cast.ANNA.number).deceased_on == first


def test_a_childs_number_that_cannot_be_read_does_not_keep_its_guardian_out():
    odd = replace(record(cast.NILS), personal_number="201799991234")
    told = record(cast.ANNA, children=(cast.ELSA, cast.NILS))
    with as_system():
        children = {cast.ELSA.number: record(cast.ELSA), cast.NILS.number: odd}
        register.take_in(record=told, children=children, now=clock.now(), proven=False)
        links = Guardianship.objects.filter(guardian__personal_number=cast.ANNA.number, until=None)
        assert [one.child.personal_number for one in links] == [cast.ELSA.number]
