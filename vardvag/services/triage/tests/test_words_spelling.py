"""Misspelt words and the known ones that they most likely are."""

import pytest

from vardvag.services.triage.words.spelling import Speller, sound

WORDS = (
    "känns",
    "käken",
    "eliquis",
    "thacapzol",
    "hydrokortison",
    "trång",
    "tjock",
    "gipset",
    "ljumsken",
    "feber",
)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("kenns", "känns"),
        ("kekken", "käken"),
        ("elikvis", "eliquis"),
        ("takapzol", "thacapzol"),
        ("hydrokortisån", "hydrokortison"),
        ("trong", "trång"),
        ("tjok", "tjock"),
        ("jipset", "gipset"),
        ("jumsken", "ljumsken"),
        ("febber", "feber"),
        ("hydrokortisn", "hydrokortison"),
    ],
)
def test_what_is_written_by_ear_or_with_a_slip(written, meant):
    assert Speller(WORDS).nearest(written) == meant


@pytest.mark.parametrize("written", ["katt", "bil", "tack", "fönster", "fönstret"])
def test_what_is_like_nothing(written):
    assert Speller(WORDS).nearest(written) is None


def test_ö_is_heard_as_itself():
    assert sound("trött") != sound("trått") and sound("ört") != sound("årt")
