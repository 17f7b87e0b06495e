"""Who may use a case type, how a standard text is filled, and what is said of a bad file."""

import json
import shutil

import pytest

from vardvag.catalogue import rules
from vardvag.catalogue.definition import BadFiles, Content, Words, content_of
from vardvag.catalogue.files import DATA, read
from vardvag.catalogue.rules import NotByGuardian, NotForThisAge, fill, unfilled


def content(**more):
    words = Words("sv", "en")
    return Content("k", "Intern", "tider", words, words, words, **more)


@pytest.mark.parametrize(("age", "fits"), [(12, False), (13, True), (64, True), (65, False)])
def test_age_limits_include_both_ends(age, fits):
    assert rules.fits_age(content(min_age=13, max_age=64), age) is fits


def test_what_may_not_be_sent_says_so():
    with pytest.raises(NotForThisAge):
        rules.check_person(content(min_age=18), age=17, represented=False)
    with pytest.raises(NotByGuardian):
        rules.check_person(content(guardians_allowed=False), age=4, represented=True)
    rules.check_person(content(), age=4, represented=True)


def test_what_is_known_is_filled_and_the_rest_is_told():
    told = fill(
        "Hej {fornamn}! {läkemedel} finns {dag}. {fornamn} {dag}", {"fornamn": "Anna", "telefon": "010"}
    )
    assert told.text == "Hej Anna! {läkemedel} finns {dag}. Anna {dag}"
    assert told.unfilled == ("läkemedel", "dag")
    assert unfilled(told.text) == ("läkemedel", "dag") and unfilled("Hej Anna!") == ()


def test_an_empty_value_counts_as_missing():
    assert fill("Ring {telefon}.", {"telefon": ""}).unfilled == ("telefon",)


def test_a_name_with_braces_is_not_filled_again():
    assert fill("Hej {fornamn}", {"fornamn": "{telefon}", "telefon": "010"}).text == "Hej {telefon}"


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(DATA, tmp_path / "data")
    return tmp_path / "data"


def change(folder, file, /, **values):
    path = folder / file
    raw = json.loads(path.read_text())
    raw.update(values)
    path.write_text(json.dumps(raw))


RECEPT = "case_types/fornya-recept.json"


@pytest.mark.parametrize(
    ("file", "values", "path", "cure"),
    [
        (RECEPT, {"name": {"sv": "Bara svenska"}}, "name", '"en"'),
        (RECEPT, {"short": {"sv": "Ja", "en": " "}}, "short.en", "Skriv den"),
        (RECEPT, {"category": "finns-inte"}, "category", "recept-hjalpmedel"),
        (RECEPT, {"questionnaire": "finns-inte"}, "questionnaire", "fornya-recept"),
        (RECEPT, {"questionnaire": None}, "questionnaire", "information"),
        (RECEPT, {"min_age": 20, "max_age": 10}, "min_age", "Byt plats"),
        (RECEPT, {"attachments": "många"}, "attachments", "Skriv till exempel 2"),
        (RECEPT, {"kind": "annat"}, "kind", "case / information"),
        (RECEPT, {"hittepå": 1}, "hittepå", "answerable"),
        (RECEPT, {"key": "annan"}, "key", "fornya-recept"),
        ("case_types/avgifter.json", {"links": [{"text": {"sv": "a", "en": "b"}, "url": "javascript:x"}]},
         "links[0].url", "https"),
        ("questionnaires/fornya-recept.json", {"language": "fi"}, "language", "sv"),
        ("questionnaires/fornya-recept.json", {"id": "annat"}, "id", "fornya-recept"),
        ("terms/arenden.json", {"sections": []}, "sections", "minst ett stycke"),
        ("terms/arenden.json", {"sections": 3}, "sections", "[{...}]"),
        ("case_types/avgifter.json", {"links": None}, "links", "[{...}]"),
        ("case_types/avgifter.json", {"links": ["https://x.example"]}, "links", "[{...}]"),
        (RECEPT, {"position": None}, "position", "Skriv till exempel 2"),
        (RECEPT, {"attachments": None}, "attachments", "Skriv till exempel 2"),
        (RECEPT, {"internal_name": "a" * 121}, "internal_name", "120"),
        (RECEPT, {"category": ["tider"]}, "category", "text"),
        (RECEPT, {"questionnaire": {}}, "questionnaire", "text"),
        (RECEPT, {"short": {"sv": "Ja\x00", "en": "Yes"}}, "short.sv", "osynliga"),
    ],
)  # fmt: skip
def test_a_bad_file_is_told_by_name_place_and_cure(folder, file, values, path, cure):
    change(folder, file, **values)
    with pytest.raises(BadFiles) as told:
        read(folder)
    name = file.rsplit("/", 1)[-1]
    found = [one for one in told.value.problems if one.file == name and one.path == path and cure in one.cure]
    assert found, str(told.value)


@pytest.mark.parametrize(
    ("file", "values", "path"),
    [
        ("categories.json", {"key": 3}, "[0].key"),
        ("categories.json", {"key": "a" * 41}, "[0].key"),
        ("standard_texts.json", {"code": ["hej"]}, "[0].code"),
        ("standard_texts.json", {"code": "Å ä"}, "[0].code"),
        ("standard_texts.json", {"title": {"sv": "a" * 121, "en": "b"}}, "[0].title.sv"),
        ("standard_texts.json", {"case_type": ["x"]}, "[0].case_type"),
    ],
)
def test_a_bad_row_of_a_list_is_told(folder, file, values, path):
    rows = json.loads((folder / file).read_text())
    rows[0].update(values)
    (folder / file).write_text(json.dumps(rows))
    with pytest.raises(BadFiles) as told:
        read(folder)
    assert path in [one.path for one in told.value.problems if one.file == file], str(told.value)


def test_a_key_that_no_address_can_have_is_told(folder):
    change(folder, RECEPT, key="förnya")
    (folder / RECEPT).rename(folder / "case_types" / "förnya.json")
    with pytest.raises(BadFiles) as told:
        read(folder)
    assert "key" in [one.path for one in told.value.problems if one.file == "förnya.json"]


def test_broken_json_is_told_by_line(folder):
    (folder / RECEPT).write_text('{\n  "key": "x",\n  oj\n}')
    with pytest.raises(BadFiles, match=r"fornya-recept\.json, rad 3, kolumn 3"):
        read(folder)


@pytest.mark.parametrize("junk", ["[]", "3", '"x"', "null", "{}", "[3]"])
@pytest.mark.parametrize("file", [RECEPT, "terms/arenden.json", "categories.json", "standard_texts.json"])
def test_any_junk_for_a_file_is_refused_in_words(folder, file, junk):
    if junk == "[]" and file == "standard_texts.json":
        return  # no standard texts is a choice
    (folder / file).write_text(junk)
    with pytest.raises(BadFiles) as told:
        read(folder)
    assert all(one.what and one.cure for one in told.value.problems)


def test_stored_content_reads_back():
    raw = json.loads((DATA / RECEPT).read_text())
    stored = content_of(raw)
    assert stored.name.said("en") == "Renew a prescription" and stored.attachments == 5
