"""Every number here is from the tax agency's published test series, or generated with a wrong check digit."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from personnummer import personnummer

from vardvag.core import clock
from vardvag.core.personal_number import (
    Kind,
    NotAPersonalNumber,
    age,
    birthday,
    generate,
    is_valid,
    normalise,
    parse,
    today_in_sweden,
)

TODAY = date(2026, 11, 20)
births = st.dates(date(1880, 1, 1), TODAY)
serials = st.integers(1, 999)


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("199001142380", "199001142380"),
        ("19900114-2380", "199001142380"),
        ("900114-2380", "199001142380"),
        ("9001142380", "199001142380"),
        (" 19900114 2380 ", "199001142380"),
        ("19900114\u20132380", "199001142380"),
        ("121212-1212", "201212121212"),
        ("121212+1212", "191212121212"),
        ("19121212+1212", "191212121212"),
    ],
)
def test_reads_what_people_write(text, digits):
    assert normalise(text, today=TODAY) == digits


@pytest.mark.parametrize(
    ("text", "cure"),
    [
        ("", "Skriv ett personnummer"),
        ("19900114", "10 eller 12"),
        ("1990011423801", "10 eller 12"),
        ("19900114-238O", "bara siffror"),
        ("1-99001142380", "bara siffror"),
        ("199013142380", "Datumet"),
        ("199002302380", "Datumet"),
        ("202612242380", "har inte varit"),
        ("169001142380", "för långt tillbaka"),
        ("199001142381", "fyra sista"),
        ("19900114-0000", "fyra sista"),
        ("900114T380", "alla 12"),
    ],
)
def test_a_wrong_number_is_told_how_to_be_right(text, cure):
    with pytest.raises(NotAPersonalNumber) as fact:
        parse(text, today=TODAY)
    assert cure in str(fact.value)
    assert not is_valid(text, today=TODAY)


def test_kinds_and_what_they_say():
    assert parse("199001142380").kind is Kind.PERSONAL
    assert (parse("195401875769").kind, parse("195401875769").birth) == (Kind.COORDINATION, date(1954, 1, 27))
    letters = parse("19900114-t123")
    assert (letters.kind, letters.digits, letters.birth) == (
        Kind.RESERVE,
        "19900114T123",
        date(1990, 1, 14),
    )
    stockholm = parse("991990012345")
    assert (stockholm.kind, stockholm.birth, stockholm.age(TODAY)) == (Kind.RESERVE, None, None)


def test_shown_uniformly_and_masked():
    number = parse("9001142380", today=TODAY)
    assert (str(number), number.masked) == ("19900114-2380", "19900114-****")


@given(births, serials, st.booleans())
def test_what_is_generated_is_valid_and_reads_back(birth, serial, coordination):
    number = parse(generate(birth, serial, coordination), today=TODAY)
    assert number.birth == birth
    assert number.kind is (Kind.COORDINATION if coordination else Kind.PERSONAL)


@given(births, serials, st.booleans(), st.integers(0, 9))
def test_check_digit_agrees_with_the_oracle(birth, serial, coordination, last):
    text = generate(birth, serial, coordination)[:11] + str(last)
    assert is_valid(text, today=TODAY) == personnummer.valid(text)


@given(births, serials)
def test_ten_digits_with_their_sign_give_twelve(birth, serial):
    """The sign is a plus from the first of January of the year a person turns 100."""
    full = generate(birth, serial)
    sign = "+" if TODAY.year - birth.year >= 100 else "-"
    assert normalise(f"{full[2:8]}{sign}{full[8:]}", today=TODAY) == full


@given(st.text(max_size=16))
def test_any_text_is_a_number_or_a_fact(text):
    try:
        assert len(parse(text).digits) == 12
    except NotAPersonalNumber as fact:
        assert str(fact)


@given(births, st.dates(date(2000, 1, 1), date(2040, 1, 1)))
def test_age_goes_up_by_one_on_the_birthday_only(birth, on):
    step = age(birth, on) - age(birth, on - timedelta(days=1))
    assert step == (1 if birthday(birth, on.year) == on else 0)


@pytest.mark.parametrize(
    ("on", "years"),
    [
        (date(2025, 2, 27), 12),
        (date(2025, 2, 28), 13),
        (date(2028, 2, 28), 15),
        (date(2028, 2, 29), 16),
    ],
)
def test_born_on_the_leap_day(on, years):
    assert age(date(2012, 2, 29), on) == years


def test_the_day_changes_at_swedish_midnight():
    real = clock.now()
    try:
        clock.shift(real.replace(hour=23, minute=30) - real)
        assert today_in_sweden() > clock.now().date()
    finally:
        clock.shift(timedelta())


def test_a_serial_outside_the_series_is_refused():
    with pytest.raises(ValueError, match="serial"):
        generate(date(2000, 1, 1), 0)
