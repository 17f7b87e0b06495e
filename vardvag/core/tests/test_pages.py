"""The house's own pages: help, accessibility, gallery, appearance, and what is said when something is wrong."""

import pytest
from django.core.exceptions import RequestDataTooBig
from django.http import HttpResponseNotAllowed
from django.test import Client, RequestFactory
from django.utils import translation

from vardvag.core import errors


@pytest.mark.parametrize("path", ["/hjalp/", "/tillganglighet/", "/galleri/", "/galleri/?fel=1"])
def test_pages_for_everybody_answer(db, path):
    answer = Client().get(path)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert 'href="#innehall"' in text and 'id="innehall"' in text
    assert "1177" in text and "/hjalp/" in text
    assert " style=" not in text and "<style" not in text and " onclick" not in text


def test_what_one_chooses_lasts_and_leads_back(db):
    browser = Client()
    answer = browser.post(
        "/utseende/", {"theme": "dark"}, headers={"Referer": "http://testserver/galleri/?fel=1"}
    )
    assert answer.status_code == 302 and answer["Location"] == "/galleri/?fel=1"
    page = browser.get("/hjalp/").content.decode()
    assert 'data-color-scheme="dark"' in page and 'value="dark" aria-pressed="true"' in page
    browser.post("/utseende/", {"language": "en"})
    assert '<html lang="en"' in browser.get("/hjalp/").content.decode()


@pytest.mark.parametrize(
    ("said", "back"),
    [
        ({"theme": "pink", "language": "xx"}, "http://testserver/hjalp/"),
        ({}, "https://evil.example/hjalp/"),
        ({}, "http://testserver//evil.example/"),
        ({}, "http://testserver/\\evil.example/"),
        ({}, "http://[testserver/"),
    ],
)
def test_only_known_choices_and_our_own_pages(db, said, back):
    answer = Client().post("/utseende/", said, headers={"Referer": back})
    assert not answer.cookies
    assert answer["Location"] in {"/hjalp/", "/"}


def test_the_missing_page_speaks_the_visitors_language_not_the_last_ones(db):
    translation.activate("en")
    try:
        assert "Sidan finns inte" in Client().get("/finns-inte/").content.decode()
    finally:
        translation.activate("sv")
    browser = Client()
    browser.cookies["lang"] = "en"
    assert '<html lang="en"' in browser.get("/finns-inte/").content.decode()


def test_an_address_only_forms_use_is_no_blank_page(db):
    answer = Client().get("/utseende/")
    assert answer.status_code == 405 and answer["Allow"] == "POST"
    assert "Inget har ändrats" in answer.content.decode()


def test_a_page_that_says_something_itself_is_left_alone():
    said = HttpResponseNotAllowed(["POST"], "egna ord")
    assert errors.in_words(lambda request: said)(RequestFactory().get("/x")) is said


def test_too_much_is_told_from_unreadable(db):
    request = RequestFactory().post("/x")
    assert errors.bad_request(request, RequestDataTooBig()).status_code == 413
    assert errors.bad_request(request).status_code == 400


def test_a_fault_of_ours_gives_a_number_and_no_more():
    page = errors.server_error(RequestFactory().get("/x"))
    text = page.content.decode()
    assert page.status_code == 500
    assert "utkast" in text and "112" in text and 'lang="en"' in text
