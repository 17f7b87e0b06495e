"""Anything may be written: no exception, the same answer twice."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vardvag.services.triage.engine.load import library
from vardvag.services.triage.tests.words_table import harmless
from vardvag.services.triage.words.facts import facts
from vardvag.services.triage.words.match import match
from vardvag.services.triage.words.watch import scan

SWEDISH = sorted({word for line in harmless(False)[:400] for word in line.split()})
WORDS = st.sampled_from(
    [
        *SWEDISH,
        "inte",
        "ingen",
        "ont",
        "feber",
        "39,6",
        "v",
        "30",
        "v30",
        "8/10",
        "sedan",
        "i",
        "år",
        ",",
        ".",
        "-",
        "men",
    ]
)
TEXTS = st.one_of(
    st.text(max_size=300),
    st.lists(WORDS, max_size=60).map(" ".join),
    st.lists(st.one_of(WORDS, st.text(max_size=5)), max_size=40).map("".join),
    st.lists(st.one_of(WORDS, st.text("0123456789²³٣.,:/ ", max_size=12)), max_size=40).map(" ".join),
    st.builds(lambda text, times: text * times, st.text(min_size=1, max_size=20), st.integers(1, 5000)),
)


@settings(max_examples=300, deadline=None)
@given(
    TEXTS,
    st.sampled_from(["sv", "en", None]),
    st.one_of(st.none(), st.floats(0, 120)),
    st.sampled_from([None, "F", "M"]),
)
def test_anything_may_be_written(text, lang, age, sex):
    found = match(text, lang=lang, library=library(), age=age, sex=sex)
    assert found == match(text, lang=lang, library=library(), age=age, sex=sex)
    assert all(0 < one.score < 1 and one.title for one in found)
    for fact in facts(text, lang=lang, library=library()):
        assert fact.words
    for flag in scan(text, lang=lang):
        assert flag.words and flag.urgency in (1, 2, 3)


@pytest.mark.parametrize(
    "text",
    [
        "0" * 4_301,
        "9" * 400 + " dagar",
        "² 3 dagar med feber",
        "feber ³ ² dagar",
        "gravid vecka " + "3" * 5_000,
        "blodtryck 000000000000180/90",
        "8/" + "1" * 5_000,
        "hon är " + "7" * 400 + " år",
    ],
)
@pytest.mark.parametrize("lang", ["sv", "en"])
def test_rows_of_figures(text, lang):
    match(text, lang=lang, library=library())
    scan(text, lang=lang)
    for fact in facts(text, lang=lang, library=library()):
        assert isinstance(fact.value, bool) or abs(fact.value) < 1_000_000


def test_a_hundred_kilobytes():
    for text in (
        "ont i bröstet " * 7200,
        "\x00\x1b" * 50_000,
        "😀" * 100_000,
        "a" * 100_000,
        "inte " * 20_000,
        "gravid v 30" * 8_000,
        "ont i bröstet feber 39,6 sedan i fredags " * 2_000,
    ):
        match(text, lang="sv", library=library())
        facts(text, lang="sv", library=library())
        scan(text)
