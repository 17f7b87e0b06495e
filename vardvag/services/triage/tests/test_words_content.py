"""The lexicon and the watch as data: nothing named that is not there, nothing missing."""

import re

import pytest

from vardvag.services.triage.engine.load import library
from vardvag.services.triage.words import load, pattern

LISTS = {name: data for name, data in load.lexicon_files().items() if name not in load.NOT_WORDS}
CONCEPTS = {concept for data in LISTS.values() for concept in data}
PAIRS = load.lexicon_files()["pairs"]
FAMILIES = load.lexicon_files()["families"]


def test_a_concept_stands_in_one_file():
    assert len(CONCEPTS) == sum(len(data) for data in LISTS.values())


def test_every_reason_or_its_adult_variant_has_words():
    assert set(library().reasons) == set(PAIRS) | set(FAMILIES["child_of"].values())


def test_pairs_name_concepts_that_exist():
    named = {
        (reason, name)
        for reason, pairs in PAIRS.items()
        for level in ("strong", "fair", "weak", "not")
        for pair in pairs.get(level, ())
        for name in pair.split()
    }
    assert [one for one in named if one[1] not in CONCEPTS] == []
    assert {key for pairs in PAIRS.values() for key in pairs} <= {"strong", "fair", "weak", "not", "sv", "en"}


def test_families_name_reasons_that_exist():
    named = {*FAMILIES["child_of"], *FAMILIES["child_of"].values(), *FAMILIES["female"], *FAMILIES["male"]}
    named |= {*FAMILIES["age"], *FAMILIES["sooner_for_child"], *FAMILIES["sooner_for_old"]}
    assert named <= set(library().reasons)


def test_concepts_that_a_denial_does_not_undo_exist():
    assert set(load.lexicon_files()["common"]["although_denied"]) <= CONCEPTS


FLAGS = {id: flag for data in load.watch_files().values() for id, flag in data.items()}


@pytest.mark.parametrize("id", sorted(FLAGS))
def test_a_flag_is_whole(id):
    flag = FLAGS[id]
    assert flag["urgency"] in (1, 2, 3)
    assert set(flag["because"]) == {"sv", "en"} and all(flag["because"].values())
    assert flag["sv"] and flag["en"]
    for lang in ("sv", "en"):
        for text in (*flag[lang], *flag["not"][lang]):
            assert pattern.parse(text, lang).runs
            named = re.findall(r"<([a-z_]+)>", text)
            assert [one for one in named if one not in CONCEPTS] == [], text


def test_a_pattern_does_not_break_an_alternative_at_a_space():
    """ "a|b c|d" means a or b, then c or d; an alternative of two words is tied with _."""
    for id, flag in FLAGS.items():
        for lang in ("sv", "en"):
            for text in (*flag[lang], *flag["not"][lang]):
                assert "| " not in text and " |" not in text, (id, text)
                assert "||" not in text, (id, text)
