"""The invented region: complete, consistent, and nobody real in it."""

from collections import Counter
from datetime import date
from random import Random

import pytest

from vardvag.core import personal_number
from vardvag.core.actor import Role
from vardvag.demo import cast, people, places, staff, units

TODAY = date(2026, 11, 20)
ALL = tuple(u.number for u in units.UNITS)


@pytest.fixture(scope="module")
def residents():
    population = people.Population(Random(1), TODAY, ALL)
    population.add_cast()
    population.fill(5000)
    return population.people


@pytest.fixture(scope="module")
def members():
    return staff.hire(Random(1), ALL, small=False)


def test_four_providers_and_forty_units_with_what_a_contact_card_needs():
    assert [p.kind for p in units.PROVIDERS] == ["region", "private", "municipality", "region"]
    assert (
        len(units.UNITS) == len({u.hsa_id for u in units.UNITS}) == len({u.phone for u in units.UNITS}) == 40
    )
    for unit in units.UNITS:
        assert unit.street
        assert places.named(unit.municipality)
        assert set(units.HOURS[unit.hours]) == {"visit", "phone", "digital"}
        if unit.mother:
            assert units.BY_NUMBER[unit.mother].provider is unit.provider


def test_organisation_numbers_can_belong_to_nobody():
    for provider in units.PROVIDERS:
        nine, check = provider.organisation_number[:9], provider.organisation_number[9]
        assert personal_number._check_digit(nine) != check


def test_phones_lie_in_the_ranges_kept_for_fiction():
    fiction = [*(f"{n}" for n in places.MOBILES), *(f"{n}" for r, _ in places.LANDLINES for n in r)]
    for unit in units.UNITS:
        assert unit.phone.replace("-", "").replace(" ", "").lstrip("0") in fiction
    assert places.mobile(Random(1)).removeprefix("+46") in fiction


def test_residents_have_valid_test_numbers_and_whole_families(residents):
    assert len(residents) == len({p.number for p in residents}) == 5000
    for person in residents:
        parsed = personal_number.parse(person.number, today=TODAY)
        assert parsed.birth == person.born
        assert (parsed.kind is personal_number.Kind.COORDINATION) == person.coordination
        assert person.number[8:11] in ("238", "239")
    children = [p for p in residents if p.age(TODAY) < 18]
    assert {p.age(TODAY) for p in children} == set(range(18))
    assert all(1 <= len(p.guardians) <= 2 for p in children)
    assert (
        Counter(len(p.guardians) for p in children)[2] > Counter(len(p.guardians) for p in children)[1] > 20
    )


@pytest.mark.parametrize(
    ("what", "at_least"),
    [
        (lambda p: p.protected, 8),
        (lambda p: p.protected and p.age(TODAY) < 18, 1),
        (lambda p: any(g.protected for g in p.guardians), 1),
        (lambda p: p.deceased_on is not None, 10),
        (lambda p: p.coordination, 10),
        (lambda p: p.age(TODAY) >= 100, 3),
        (lambda p: (p.born.month, p.born.day) == (2, 29), 2),
        (lambda p: p.language == "en", 50),
        (
            lambda p: (
                0 <= (personal_number.birthday(p.born, TODAY.year) - TODAY).days <= 30 and p.age(TODAY) == 12
            ),
            3,
        ),
    ],
)
def test_unusual_people_are_there(residents, what, at_least):
    assert sum(map(what, residents)) >= at_least


def test_protected_people_have_no_address(residents):
    assert not any(p.street or p.city or p.municipality for p in residents if p.protected)


def test_three_hundred_staff_and_nobody_missing_at_any_unit(members):
    assert 295 <= len(members) <= 310
    assert len({m.hsa_id for m in members}) == len(members)
    for unit in units.UNITS:
        here = [(m, m.at(unit.number)) for m in members if m.active and m.at(unit.number)]
        receivers = [m for m, post in here if Role.RECEIVER in post.roles]
        assert receivers, unit.name
        assert all(staff.RECEIVERS in post.groups for m, post in here if m in receivers)
        assert unit.mother or any(Role.UNIT_MANAGER in post.roles for _, post in here), unit.name
        assert unit.mother or any(Role.PERMISSION_ADMIN in post.roles for _, post in here), unit.name


def test_theo_turns_thirteen_in_nine_days_whatever_the_day():
    for today in (TODAY, date(2027, 2, 19), date(2028, 2, 20), date(2026, 12, 27)):
        theo = cast.theo(today)
        assert personal_number.age(theo.born, today) == 12
        assert 9 <= (personal_number.birthday(theo.born, theo.born.year + 13) - today).days <= 10


@pytest.mark.parametrize(
    ("guardian", "child", "may"),
    [
        ("Anna Bergström", "Elsa Bergström", True),
        ("Petra Nyström", "Theo Nyström", True),
        ("Petra Nyström", "Maja Nyström", False),  # over 13
        ("Linnea Ask", "Vera Ask", False),  # a protected guardian
        ("Sofia Falk", "Milo Falk", False),  # a protected child
    ],
)
def test_who_writes_for_whom(residents, guardian, child, may):
    by_name = {p.name: p for p in residents[:21]}
    assert by_name[guardian] in by_name[child].guardians
    assert by_name[guardian].may_write_for(by_name[child], TODAY) is may
