"""Payloads in every text, before a real Chromium (docs/hostile.md): whole pages hold, and broken ones are found out."""

import logging
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from django.template import base

from tests.browser import launched
from tools.hostile import place
from tools.hostile.ask import Pages
from tools.hostile.routes import Route
from tools.hostile.scripts import AtHand, Views, acting
from tools.hostile.stored import Store, payloads, widen
from vardvag.config import pages as bridge

PATHS = {"resident": "/inkorg/", "staff": "/personal/", "public": "/logga-in/"}
MANY = 120


@pytest.fixture
def views(world: object) -> Iterator[Views]:
    """One page a door, every text of it full of payloads."""
    logging.disable(logging.CRITICAL)
    who = place.people()
    widen()
    Store(payloads(MANY, 1), MANY).fill(0)
    routes = {door: Route(door, door, path, (), paths=[path]) for door, path in PATHS.items()}
    yield Views(AtHand(Pages()), routes, who)
    logging.disable(logging.NOTSET)


def look(views: Views) -> dict[str, str]:
    chromium = launched()
    browser = views.pages.wait(chromium.__enter__)
    try:
        for policy in (False, True):
            views.pages.wait(views.look, browser, policy=policy)
    finally:
        views.pages.wait(chromium.__exit__, None, None, None)
    return views.shown.faults


def test_payloads_are_words_in_every_view(views: Views) -> None:
    assert not look(views)
    assert {name: len(found) for name, found in views.shown.by_view.items()} == dict.fromkeys(PATHS, MANY)


def test_a_page_that_trusts_what_was_written_is_found_out(
    views: Views, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "conditional_escape", str)
    found = " ".join(look(views))
    assert "ran" in found and "without policy" in found and "strange elements" in found
    assert "policy script-src" in found


@pytest.mark.parametrize(
    ("where", "what", "found"),
    [
        ("/OpenAction", {"/S": "/JavaScript", "/JS": "app.alert(1)"}, {"/OpenAction", "/JavaScript", "/JS"}),
        ("/AA", {"/WC": {"/S": "/URI", "/URI": "https://example.org"}}, {"/URI"}),
        ("/Title", "a /JS b", set()),
    ],
)
def test_a_pdf_that_acts_is_found_out(where: str, what: Any, found: set[str]) -> None:
    def made(value: Any) -> Any:
        if isinstance(value, dict):
            return pikepdf.Dictionary({k: made(v) for k, v in value.items()})
        return pikepdf.Name(value) if value.startswith("/") else pikepdf.String(value)

    paper = pikepdf.new()
    paper.add_blank_page()
    paper.Root[where] = made(what)
    kept = BytesIO()
    paper.save(kept)
    assert acting(kept.getvalue()) == found


def test_a_page_without_a_content_policy_is_found_out(views: Views, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = bridge.Pages._answer

    def bare(self: bridge.Pages, given: dict[str, object]) -> object:
        status, headers, pieces = answer(self, given)
        return status, [one for one in headers if one[0].lower() != b"content-security-policy"], pieces

    monkeypatch.setattr(bridge.Pages, "_answer", bare)
    assert {f"{door}: no content policy" for door in PATHS} <= set(look(views))
