"""Every text that residents read is plain: LIX 35 at most, no word on the list, in both languages."""

import json
from collections.abc import Iterator

import pytest

from vardvag.catalogue.files import DATA, read
from vardvag.catalogue.rules import FILLED, unfilled
from vardvag.catalogue.tests.reading import forbidden, lix, pairs, words
from vardvag.questionnaires.definition import Definition
from vardvag.questionnaires.fhir_read import read as read_form

FILES = read(DATA)
FORMS = {key: read_form(raw) for key, raw in FILES.questionnaires.items()}
LANGUAGES = ("sv", "en")
INTERNAL = {"internal_name"}


def form_texts(form: Definition, language: str) -> Iterator[str]:
    yield form.title.said(language)
    for item in form.walk():
        yield item.text.said(language)
        if item.help:
            yield item.help.text.said(language)
        yield from (option.text.said(language) for option in item.options)


def texts(language: str) -> Iterator[tuple[str, list[str]]]:
    """(where, its texts)."""
    for key, raw in (*FILES.case_types.items(), *((f"terms {k}", raw) for k, raw in FILES.terms.items())):
        yield key, [pair[language] for pair in pairs(raw)]
    for key, form in FORMS.items():
        yield f"form {key}", list(form_texts(form, language))
    for raw in FILES.standard_texts:
        yield f".{raw['code']}", [raw["body"][language]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_easy_to_read(language):
    """A whole file's texts together, and each text of twenty words or more alone."""
    hard = [
        f"{where}: {lix(text):.0f} {text}"
        for where, said in texts(language)
        for text in ["\n".join(said), *said]
        if words(text) >= 20 and lix(text) > 35
    ]
    assert hard == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_we_do_not_use(language):
    found = [
        (where, word)
        for where, said in texts(language)
        for text in said
        for word in forbidden(text, language)
    ]
    assert found == []


def test_the_reading_test_finds_hard_texts_and_bad_words():
    hard = (
        "Vårdgivaren tillhandahåller information avseende personuppgiftsbehandlingen i enlighet med gällande "
        "dataskyddslagstiftning samt patientdatalagens bestämmelser om sammanhållen vårddokumentation."
    )
    assert lix(hard) > 60 and forbidden(hard, "sv") == ["avseende"]
    assert forbidden("Hör av dig till en handläggare, t.ex. i dag.", "sv") == ["handläggare", "t.ex."]


def test_every_text_of_a_form_is_translated():
    missing = [
        (key, text.source)
        for key, form in FORMS.items()
        for item in form.walk()
        for text in (
            item.text,
            *(option.text for option in item.options),
            *((item.help.text,) if item.help else ()),
        )
        if text and "en" not in dict(text.translations)
    ]
    assert missing == []


BASIC_RANGE = {
    "begar-intyg",
    "egen-remiss",
    "fraga-remiss",
    "fornya-recept",
    "fornya-hjalpmedel",
    "kontakta-mig-boka",
    "kontakta-mig-omboka",
    "avboka-omboka",
    "skicka-meddelande",
    "fraga-sjukskoterskan",
    "kontakta-mig",
    "synpunkter",
    "bestall-tid",
}


def test_the_basic_range_is_there_and_one_that_only_informs():
    kinds = {key: raw["kind"] for key, raw in FILES.case_types.items()}
    assert {key for key, kind in kinds.items() if kind == "case"} == BASIC_RANGE
    assert [key for key, kind in kinds.items() if kind == "information"] == ["avgifter"]


@pytest.mark.parametrize("key", sorted(BASIC_RANGE))
def test_a_form_begins_with_the_persons_own_words_and_is_short(key):
    """Free text first (but for cancelling, which begins with the time), twelve questions at most."""
    questions = list(FORMS[key].questions())
    assert len(questions) <= 12
    if key != "avboka-omboka":
        assert questions[0].kind.name == "TEXT" and questions[0].required
    conditional = [inner for item in FORMS[key].items if item.when for inner in (item, *item.items)]
    always = [item for item in questions if item.required and not item.when and item not in conditional]
    assert len(always) <= 4


@pytest.mark.parametrize("key", sorted(BASIC_RANGE))
def test_a_case_type_says_when_not_to_use_it_and_what_happens_next(key):
    raw = FILES.case_types[key]
    assert raw["what_happens_next"] and raw["if_worse"] and raw["terms"] == "arenden"
    assert "ing oss" in raw["not_for"]["sv"] and "all us" in raw["not_for"]["en"]
    assert "112" in raw["if_worse"]["sv"] and "1177" in raw["if_worse"]["sv"]


def test_files_are_asked_for_only_where_the_case_type_takes_them():
    for key in BASIC_RANGE:
        asks = [item for item in FORMS[key].questions() if item.kind.name == "FILE"]
        assert not asks or FILES.case_types[key]["attachments"] >= (asks[0].max_count or 0) > 0, key


def test_standard_texts_use_the_same_placeholders_in_both_languages():
    for raw in FILES.standard_texts:
        assert set(unfilled(raw["body"]["sv"])) == set(unfilled(raw["body"]["en"])), raw["code"]
        if raw["kind"] == "reply":
            assert raw["body"]["sv"].startswith("Hej {fornamn}!") and raw["body"]["sv"].endswith("{signatur}")
    assert len(FILES.standard_texts) >= 25
    assert {"fornamn", "telefon", "datum", "signatur", "mottagning"} == set(FILLED)


def test_no_real_person_or_brand():
    everything = json.dumps(
        [FILES.case_types, FILES.questionnaires, FILES.terms, FILES.standard_texts], ensure_ascii=False
    )
    for word in ("Levaxin", "Alvedon", "1177.se", "Kivra", "Västra Götaland", "@"):
        assert word not in everything, word
