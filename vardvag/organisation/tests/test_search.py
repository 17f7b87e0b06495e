"""Finding a unit although one spells as people do."""

import unicodedata

import pytest

from vardvag.organisation import queries
from vardvag.organisation.tests import world

UNITS = [
    ("Borgnäs hälsocentral", "Borgnäs", "Hälsocentral", []),
    ("Borgholmsviks hälsocentral", "Borgholmsvik", "Hälsocentral", []),
    ("Ögonmottagningen Solberga sjukhus", "Solberga", "Specialistmottagning", ["Ögonsjukvård"]),
    ("Åsby barnavårdscentral", "Åsby", "Barnavårdscentral", []),
    ("Ungdomsmottagningen Älvstad", "Älvstad", "Ungdomsmottagning", []),
    ("Psykiatriska mottagningen Solberga", "Solberga", "Specialistmottagning", ["Vuxenpsykiatri"]),
]


@pytest.fixture
def units(system):
    with system():
        for number, (name, city, kind, specialities) in enumerate(UNITS, 1):
            world.unit(
                number, name, city=city, municipality=city, kind_of_care=kind, specialities=specialities
            )
        world.unit(20, "Övningsmottagningen Borgnäs", city="Borgnäs", practice=True)


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("Borgolmsvik", "Borgholmsviks hälsocentral"),
        ("borgholmsvik", "Borgholmsviks hälsocentral"),
        ("BORGNAS", "Borgnäs hälsocentral"),
        ("halsocentral borgnäs", "Borgnäs hälsocentral"),
        ("vårdcentral borgnäs", "Borgnäs hälsocentral"),
        ("bvc", "Åsby barnavårdscentral"),
        ("asby", "Åsby barnavårdscentral"),
        ("ogonmotagning", "Ögonmottagningen Solberga sjukhus"),
        ("ungdom alvsta", "Ungdomsmottagningen Älvstad"),
        ("psykatri", "Psykiatriska mottagningen Solberga"),
        ("ögonsjukvård", "Ögonmottagningen Solberga sjukhus"),
        ("hälsocentral i Borgnäs", "Borgnäs hälsocentral"),
        ("en vårdcentral på Borgholmsvik", "Borgholmsviks hälsocentral"),
        ("ögonmottagningen vid Solberga sjukhus", "Ögonmottagningen Solberga sjukhus"),
        ("Borgnäs h", "Borgnäs hälsocentral"),
        ("i Borgnäs", "Borgnäs hälsocentral"),
        (unicodedata.normalize("NFD", "Åsby"), "Åsby barnavårdscentral"),
        ("sol", "Psykiatriska mottagningen Solberga"),
    ],
)
def test_the_unit_that_was_meant_comes_first(units, asked, first):
    found = [entry.name for entry in queries.find_units(asked)]
    assert found and found[0] == first, found


@pytest.mark.parametrize("asked", ["xyz", "qqqq", "Borgnäs xyzzy", "12345"])
def test_nothing_is_found_for_nonsense(units, asked):
    assert queries.find_units(asked) == []


def test_a_name_from_a_mac_is_found_and_sorted_like_others(units, system):
    with system():
        world.unit(40, unicodedata.normalize("NFD", "Ärla hälsocentral"), city="Ärla")
    assert [entry.city for entry in queries.find_units("ärla")] == ["Ärla"]
    assert [entry.city for entry in queries.find_units("")][-3:] == ["Åsby", "Ärla", "Solberga"]


def test_nothing_asked_gives_all_in_swedish_order_without_practice_units(units):
    names = [entry.name for entry in queries.find_units("")]
    assert len(names) == len(UNITS)
    assert names[-2:] == ["Åsby barnavårdscentral", "Ögonmottagningen Solberga sjukhus"]


def test_filters(units):
    found = queries.find_units("", kind_of_care="Hälsocentral", municipality="Borgnäs")
    assert [entry.name for entry in found] == ["Borgnäs hälsocentral"]
    assert "Ungdomsmottagning" in queries.choices().kinds_of_care


def test_long_or_odd_text_is_answered(units):
    assert queries.find_units("a" * 5000) == []
    assert queries.find_units("%_'\";--") == queries.find_units("")


def test_archived_units_are_not_found(units, system):
    with system():
        world.unit(30, "Nedlagda hälsocentralen", archived_at=world.NOON)
    assert queries.find_units("nedlagda") == []


def test_a_branch_sends_its_cases_to_the_mother(system):
    with system():
        mother = world.unit(1)
        branch = world.unit(2, "Filialen", mother=mother)
    assert queries.receiving_unit(branch.pk) == mother.pk and queries.receiving_unit(mother.pk) == mother.pk
