"""What the openings taught: it orders, it is the same every time, and nothing known gives nothing."""

import gzip
import json
from dataclasses import replace

import pytest

from vardvag.services.triage.engine.load import library
from vardvag.services.triage.words import match
from vardvag.services.triage.words.facts import facts
from vardvag.services.triage.words.learned import Learned, features, learned
from vardvag.services.triage.words.watch import scan


def margins(text, lang="sv"):
    words = match.words_of(library())
    reading = words.read(text, lang)
    return words.taught.margins(reading, words.base.lexicons[reading.lang].little)


@pytest.mark.parametrize(
    ("text", "lang", "reason"),
    [
        ("Locket på syltburken går inte upp längre, tummen säger ifrån", "sv", "armbage_handsmarta"),
        ("Ringklockan hör jag inte och frun säger att teven står på för högt", "sv", "lock_for_orat"),
        (
            "the tablets for my blood pressure run out on Friday, could you send more to the chemist",
            "en",
            "receptfornyelse",
        ),
    ],
)
def test_what_is_told_without_its_name_is_among_the_first(text, lang, reason):
    found = margins(text, lang)
    assert reason in sorted(found, key=found.__getitem__, reverse=True)[:3]


def test_the_same_text_gives_the_same_and_nothing_known_gives_nothing():
    assert margins("ont i halsen sedan i går") == margins("ont i halsen sedan i går")
    assert margins("") == margins("qzxv wvvkq") == margins("12 345") == {}


def test_what_is_denied_is_another_feature():
    words = match.words_of(library())
    little = words.base.lexicons["sv"].little
    said, denied = (set(features(words.read(text, "sv"), little)) for text in ("feber", "ingen feber"))
    assert "c:fever_w" in said and "n:fever_w" in denied and "c:fever_w" not in denied


def test_urgency_does_not_read_it():
    """Without the ranker the order may change, and nothing else: facts and flags are the same."""
    text = "Trycker över bröstet sedan en timme, kallsvettig"
    whole = match.words_of(library())
    before = facts(text, lang="sv", library=library()), scan(text, lang="sv")
    match.use(library(), replace(whole, taught=Learned([], [], 1.0, {})))
    try:
        assert (facts(text, lang="sv", library=library()), scan(text, lang="sv")) == before
    finally:
        match.use(library(), whole)


def test_weights_are_read_as_they_were_written(tmp_path):
    file = tmp_path / "learned.json.gz"
    told = {
        "of": "",
        "reasons": ["hosta", "halsont"],
        "bias": [-1.0, -0.5],
        "step": 0.01,
        "features": {"s~host": "FADy"},
    }
    file.write_bytes(gzip.compress(json.dumps(told).encode()))
    words = match.words_of(library())
    found = learned(file).margins(words.read("hosta", "sv"), frozenset())
    assert found == {"hosta": pytest.approx(-1.0 + 0.01 * (0xF2 - 128)), "halsont": -0.5}
