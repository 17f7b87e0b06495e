"""Search by number, personal number, name and words; personal numbers counted and logged."""

from datetime import timedelta

import pytest
from django.db import connection

from tests.cluster import as_system
from vardvag.audit.models import Entry
from vardvag.cases.models import Message, PersonalNumberLookup
from vardvag.cases.tests.told import case_of, public_id, text
from vardvag.core import clock
from vardvag.demo import cast
from vardvag.identity.models import Staff

pytestmark = pytest.mark.usefixtures("world")


def search(client, words):
    return client.post("/personal/sok/", {"sok": words})


def found(client, words) -> set[str]:
    return {part.split('"')[0] for part in text(search(client, words)).split('data-row="')[1:]}


def id_of(name: str) -> str:
    return str(public_id(name))


def test_by_case_number_with_or_without_the_mark(sara):
    number = case_of("recept").number
    assert found(sara, number) == {id_of("recept")}
    assert found(sara, f" #{number} ") == {id_of("recept")}


def test_by_personal_number_counted_and_logged(sara):
    number = cast.ANNA.number
    assert id_of("recept") in found(sara, f"{number[:8]}-{number[8:]}")
    assert id_of("recept") in found(sara, number[2:])
    with as_system():
        assert PersonalNumberLookup.objects.count() == 2
        assert Entry.objects.filter(verb="lookup", object_kind="personal_number").count() == 2


def test_personal_numbers_are_limited_to_sixty_an_hour_and_the_words_say_so(sara, ali):
    with as_system():
        staff = Staff.objects.get(hsa_id=cast.SARA.hsa_id)
        earlier = clock.now() - timedelta(minutes=30)
        PersonalNumberLookup.objects.bulk_create(
            PersonalNumberLookup(staff_id=staff.pk, unit_id=1, at=earlier) for _ in range(59)
        )
    assert search(sara, cast.ANNA.number).status_code == 200
    refused = search(sara, cast.ANNA.number)
    assert refused.status_code == 429
    assert "Vänta en stund" in text(refused)
    assert id_of("recept") not in text(refused)
    assert search(sara, "Bergström").status_code == 200  # names are not limited
    assert search(ali, cast.ANNA.number).status_code == 200  # nor anybody else


def test_by_the_beginning_of_a_name(sara):
    assert id_of("recept") in found(sara, "bergs anna")
    assert id_of("färdtjänst") in found(sara, "karl-erik")


def test_by_words_in_the_thread_also_in_another_form(sara):
    with as_system():
        Message.objects.filter(case=case_of("tolk"), seq=1).update(body="Jag är rädd för getingarna här")
    assert found(sara, "geting") == {id_of("tolk")}


def test_a_protected_person_is_never_found_by_name(sara):
    assert found(sara, "Linnea") == set()
    assert found(sara, "Linnea Ask") == set()
    assert id_of("skyddad") in found(sara, cast.LINNEA.number)
    assert "Linnea" not in text(search(sara, cast.LINNEA.number))


def test_nothing_of_another_unit_is_found(sara):
    for words in (case_of("torget").number, case_of("astma").number, "Haddad", cast.SAMIRA.number):
        assert found(sara, words) == set()


def test_a_handler_finds_theirs_among_many_of_the_units(amir, monkeypatch):
    """Those of others do not crowd out one's own."""
    from vardvag.cases import lists  # noqa: PLC0415

    monkeypatch.setattr(lists, "PAGE", 1)
    with as_system():
        for name in ("färdtjänst", "tolk", "röntgen", "synpunkt"):
            Message.objects.filter(case=case_of(name), seq=1).update(body="Sköldpaddan är borta")
    assert found(amir, "Sköldpaddan") == {id_of("färdtjänst")}


def test_the_list_found_has_its_row_in_the_log(sara):
    search(sara, case_of("recept").number)
    with as_system():
        row = Entry.objects.filter(verb="search").latest("pk")
    assert row.details == [str(case_of("recept").pk)]
    assert row.actor_name == cast.SARA.name


@pytest.mark.parametrize("words", ["", "   ", "\x00", "'); drop table", "a" * 500, "19999999-9999"])
def test_strange_words_find_nothing_and_break_nothing(sara, words):
    assert search(sara, words).status_code == 200


@pytest.mark.parametrize("words", ["a", "%", "!!! &|", " 7 "])
def test_too_few_letters_are_answered_with_how_many_are_needed(sara, words):
    answer = search(sara, words)
    assert answer.status_code == 422
    assert "Skriv minst två bokstäver" in answer.content.decode()


@pytest.mark.parametrize("words", ["formoterol", "budesonid", "Budesonid/formoterol", "astma"])
def test_words_around_a_slash_are_words(sara, words):
    with as_system():
        Message.objects.filter(case=case_of("recept"), seq=1).update(
            body="Budesonid/formoterol mot astma/KOL"
        )
    assert id_of("recept") in found(sara, words)


def test_the_newest_are_found_first_and_the_oldest_too(sara):
    """More than fit on a page: the newest, from the last week backwards; alone, a word of long ago is found."""
    with as_system():
        case = case_of("recept")
        first = Message.objects.get(case=case, seq=1)
        Message.objects.filter(pk=first.pk).update(body="Ordet kaprifol stod här")
        type(case).objects.filter(pk=case.pk).update(arrived_at=clock.now() - timedelta(days=800))
        for days in (800, 500, 100, 0):
            Message.objects.filter(pk=first.pk).update(at=clock.now() - timedelta(days=days))
            with connection.cursor() as cursor:
                cursor.execute(
                    "select set_config('vardvag.providers', %s, true)", [f"{{{case.provider_id}}}"]
                )
                cursor.execute("select case_id from cases_search(%s, 'kaprifol', 5)", [case.unit_id])
                assert cursor.fetchall() == [(case.pk,)], days
    assert found(sara, "kaprifol") == {id_of("recept")}


@pytest.mark.parametrize("words", ["och", "att inte"])
def test_words_that_stand_everywhere_are_no_words(sara, words):
    assert not found(sara, words)
