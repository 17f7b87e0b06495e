"""The red-flag watch. Figures: python -m vardvag.services.triage.tests.words_table."""

import pytest

from vardvag.services.triage.tests.words_table import alarming, false_alarms, harmless, missed
from vardvag.services.triage.words.normal import WATCH_READS
from vardvag.services.triage.words.watch import scan


def ids(text, lang=None):
    return {one.id for one in scan(text, lang=lang)}


def test_false_alarms_are_rare():
    for held in (False, True):
        lines = harmless(held)
        assert len(false_alarms(lines)) < 0.02 * len(lines)
    assert len(harmless(False)) + len(harmless(True)) >= 1000


def test_danger_is_seen():
    for held in (False, True):
        listed = alarming(held)
        assert len(missed(listed)) <= 0.03 * len(listed)
    assert len(alarming(False)) + len(alarming(True)) >= 300


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("Jag tror att jag har ont i bröstet", "chest.pain"),
        ("kanske lite tryck över bröstet", "chest.pain"),
        ("det verkar som att mungipan hänger", "stroke"),
        ("Min man har ont i bröstet nu", "chest.pain"),
        ("har ont i brostet", "chest.pain"),
        ("bröst smärtor", "chest.pain"),
        ("bröstsmertor", "chest.pain"),
        ("Min pappa dog av hjärtinfarkt, jag har ont i bröstet", "chest.pain"),
        ("Sluddrade i går men det gick över", "stroke"),
        ("Behöver intyg, har ont i bröstet", "chest.pain"),
        ("kan inte andas", "breathing"),
        ("vill inte leva", "suicide"),
    ],
)
def test_fires(text, flag):
    assert flag in ids(text)


@pytest.mark.parametrize(
    "text",
    [
        "ingen bröstsmärta",
        "Jag har inte ont i bröstet",
        "ont i bröstet har jag inte",
        "utan andnöd och utan bröstsmärta",
        "varken andnöd eller bröstsmärta",
        "Min pappa dog av hjärtinfarkt",
        "Jag fick en stroke för tio år sedan",
        "När jag var barn hade jag krampanfall",
        "no chest pain",
        "I don't have chest pain or trouble breathing",
        "Om jag får ont i bröstet, vad gör jag då?",
        "Kan man få blodpropp av p-piller?",
        "Läste om en man som fick hjärtstopp",
        "",
    ],
)
def test_does_not_fire(text):
    assert ids(text) == set()


def test_a_flag_explains_itself():
    flag = scan("Hej, jag behöver intyg men har haft tryck över bröstet och är kallsvettig.")[0]
    assert (flag.id, flag.urgency) == ("chest", 1)
    assert flag.because["sv"] and flag.because["en"]
    assert "tryck över bröstet" in flag.words


def test_the_most_urgent_comes_first():
    urgencies = [
        one.urgency for one in scan("Min man slår mig och jag har svårt att andas. Jag kan inte andas.")
    ]
    assert urgencies == sorted(urgencies)


def test_adding_words_of_danger_never_takes_a_flag_away_in_another_sentence():
    assert ids("Jag kan inte andas.") <= ids(
        "Jag kan inte andas. Jag har ingen feber. Nackspärr sedan i går."
    )


def test_of_a_long_text_the_beginning_and_the_end_are_read():
    filler = "Jag vill boka tid. " * 2000
    assert len(filler) > WATCH_READS
    assert "chest.pain" in ids("Jag har ont i bröstet. " + filler)
    assert "chest.pain" in ids(filler + " Jag har ont i bröstet.")
