"""The fixture `world` that every test in the house may ask for."""

from vardvag.cases.models import Case
from vardvag.demo import cast, main_cases
from vardvag.identity.models import Person


def test_the_world_is_there(world, system):
    with system():
        assert Case.objects.count() == len(main_cases.CASES)
        Person.objects.filter(personal_number=cast.ANNA.number).update(given_name="Ändrad")


def test_and_what_a_test_changed_is_rolled_back(world, system):
    with system():
        assert Person.objects.get(personal_number=cast.ANNA.number).given_name == "Anna"


def test_beside_it_the_other_database_is_empty(db, system):
    with system():
        assert not Person.objects.exists()


def test_without_context_the_border_shows_nothing(world):
    assert not Case.objects.exists()
