"""Turns of phrase, and what is said again and again."""

import pytest

from vardvag.services.triage.words.normal import WATCH_READS, plain
from vardvag.services.triage.words.turns import Turns
from vardvag.services.triage.words.watch import scan


def said(text):
    return [word.text for word in plain(text, WATCH_READS).words]


def test_the_same_sentence_is_read_twice_and_no_more():
    assert said("Ont i magen. " * 5) == ["ont", "i", "magen"] * 2
    assert said("Ont! Feber. Ont. Hosta. Ont? Yr") == ["ont", "feber", "ont", "hosta", "yr"]


def test_what_is_dropped_parts_what_stands_on_either_side():
    words = plain("Ont. Ont. Inte. Ont. Feber.", WATCH_READS).words
    assert [word.text for word in words] == ["ont", "ont", "inte", "feber"]
    assert len({word.sentence for word in words[2:]}) == 2


def test_a_danger_is_seen_behind_what_is_said_a_hundred_times():
    assert [one.id for one in scan("Hjälp mig. " * 100 + "Jag vill inte leva längre.", lang="sv")] == [
        "suicide"
    ]


@pytest.mark.parametrize(
    ("span", "hits"),
    [
        ("för tre år sedan", [(0, 4)]),
        ("för år sedan", []),
        ("opererad 1987", [(1, 2)]),
        ("opererad 1787", []),
        ("förra veckan", [(0, 2)]),
        ("förra gången", []),
        ("barndomen var bra", [(0, 1)]),
        ("en lycklig barndom", [(2, 3)]),
    ],
)
def test_where_a_turn_stands(span, hits):
    turns = Turns(["för * år sedan", "19??", "förra veckan|året", "barndom*"])
    assert turns.hits(span.split()) == hits


def test_nothing_is_found_where_there_are_no_turns():
    assert Turns([]).hits(["ont", "i", "magen"]) == []


def test_a_turn_of_open_words_alone_is_refused():
    with pytest.raises(ValueError, match=r"'för\* 19\?\?' has no whole word"):
        Turns(["för* 19??"])
