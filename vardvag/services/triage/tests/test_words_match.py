"""The resident's own words to reasons for contact. Figures: python -m vardvag.services.triage.tests.words_table."""

import pytest

from vardvag.services.triage.engine.load import library
from vardvag.services.triage.tests.words_table import hits, sentences
from vardvag.services.triage.words.match import match


def first(text, age=40, sex="F", lang="sv", most=1):
    return [one.id for one in match(text, lang=lang, library=library(), age=age, sex=sex)][:most]


@pytest.mark.parametrize(
    ("name", "lang", "noise", "least_first", "least_three"),
    [
        ("reasons_dev", "sv", False, 0.95, 0.98),
        ("reasons_dev", "en", False, 0.95, 0.98),
        ("reasons_dev", "sv", True, 0.90, 0.95),
        ("reasons_fresh", "sv", False, 0.88, 0.97),
        ("reasons_fresh", "sv", True, 0.85, 0.94),
        ("reasons_fresh", "en", False, 0.90, 0.97),
        ("reasons_held", "sv", False, 0.80, 0.95),
        ("reasons_held", "sv", True, 0.75, 0.92),
        ("reasons_held", "en", False, 0.80, 0.95),
        ("reasons_held", "en", True, 0.75, 0.92),
    ],
)
def test_the_right_reason_is_found(name, lang, noise, least_first, least_three):
    one, three, _ = hits(sentences(name, lang), lang, noise)
    assert (one >= least_first, three >= least_three) == (True, True), (one, three)


def test_every_reason_has_a_development_sentence_in_swedish():
    assert set().union(*(one.reasons for one in sentences("reasons_dev", "sv"))) == set(library().reasons)


@pytest.mark.parametrize(
    "text",
    [
        "ont i magen",
        "mag ont",
        "magont",
        "ONT I MAGEN!!!",
        "ont i maagen",
        "har såååå ont i magen",
        "ont i ma\u00adgen",
    ],
)
def test_spelling_case_and_split_compounds_do_not_matter(text):
    assert first(text) == ["buksmarta"]


def test_dots_and_rings_may_be_lost():
    assert first("har sa ont i orat sen i gar") == ["oronvark"]
    assert first("blodtrycket ar for lagt") == ["lagt_blodtryck"]


def test_age_and_sex_choose_the_variant():
    assert first("svider när jag kissar", 30, "F") == ["urinvagsbesvar_kvinna"]
    assert first("svider när jag kissar", 50, "M") == ["urinvagsbesvar_man"]
    assert first("svider när hon kissar", 5, "F") == ["urinvagsbesvar_barn"]
    assert first("hosta i tre veckor", 7, "M") == ["hosta_barn"]
    assert set(first("ont i magen", 15, "F", most=2)) == {"buksmarta", "buksmarta_barn"}


def test_a_parent_who_logs_in_as_themselves_writes_about_the_child():
    assert first("min 3-åring hostar på nätterna", 35, "F") == ["hosta_barn"]
    assert first("Min son på 4 år har feber", 35, "F") == ["feber_barn"]


def test_reasons_of_the_other_sex_are_not_offered_first():
    assert "testikelbesvar" not in first("knöl i pungen", 40, "F", most=3)
    assert first("knöl i pungen", 40, "M") == ["testikelbesvar"]


def test_several_reasons_in_one_text_all_get_a_place():
    assert set(first("Behöver förnya recept på Levaxin och har ont i knät", most=2)) == {
        "receptfornyelse",
        "knabesvar",
    }
    assert {"ryggsmarta", "stress", "somnbesvar"} == set(
        first("ont i ryggen, sover dåligt och är stressad", most=3)
    )


def test_what_is_denied_is_not_suggested():
    assert "feber_vuxen" not in first("Ont i halsen, ingen feber och ingen hosta", most=3)
    assert "gravid_smarta" not in first("Jag är inte gravid men har ont i magen", most=3)


def test_a_week_of_pregnancy_is_understood():
    assert first("vecka 31 och huvudvärk, ser prickar", 30) == ["gravid_huvudvark_svullnad"]
    assert first("sen en vecka ont i knät", 30) == ["knabesvar"]


@pytest.mark.parametrize("text", ["", " ", "hej", "???", "\n\n", "12", "😀", "asdf qwer zxcv"])
def test_nothing_said_gives_nothing_or_little(text):
    assert all(one.score < 0.3 for one in match(text, lang="sv", library=library()))


def test_the_title_is_in_the_language_asked_for():
    assert match("sore throat", lang="en", library=library())[0].title == "Sore throat"
    assert match("ont i halsen", lang="sv", library=library())[0].title == "Halsont"


def test_swedish_is_understood_where_english_was_set_and_the_other_way():
    assert first("Jag har ont i halsen och svårt att svälja", lang="en") == ["halsont"]
    assert first("I have a sore throat and it hurts to swallow", lang="sv") == ["halsont"]


def test_scores_fall_and_stay_between_nought_and_one():
    scores = [one.score for one in match("ont i ryggen, yr och hostar", lang="sv", library=library())]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score < 1 for score in scores)
