"""A reply does not go over words its writer had not seen when Send was pressed, however the net behaves; and what a
page saves says in which order."""

import re
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, Route, expect

from tests.journeys.people import log_in, log_in_staff
from vardvag.demo.cast import ANNA, SARA
from vardvag.demo.main_cases import case

ID = case("recept").public_id


def said(posted: str | None, name: str) -> str:
    """The value of a field in a body as sent, whether encoded or in parts."""
    found = re.search(rf'(?:^|&){name}=([^&]*)|name="{name}"\r\n\r\n([^\r]*)', posted or "")
    assert found, name
    return found[1] or found[2] or ""


@pytest.fixture
def both(product: Any, new_page: Any) -> tuple[Page, Page, str]:
    """Sara with an answer written, Anna with a message; neither sent. And Anna's words."""
    sara, anna = new_page(), new_page()
    log_in_staff(sara, product, SARA)
    log_in(anna, product, ANNA)
    sara.goto(f"/personal/arenden/{ID}/")
    anna.goto(f"/arenden/{ID}/")
    sara.locator("#reply").fill("Ta en tablett till.")
    words = f"Jag har utslag i hela ansiktet av tabletten! ({uuid4().hex[:6]})"
    anna.locator("textarea[name=body]").fill(words)
    return sara, anna, words


def send(page: Page) -> None:
    page.get_by_role("button", name="Skicka", exact=True).click()


def stopped(sara: Page, words: str) -> None:
    """She is shown what has come, keeps what she wrote, and nothing was sent."""
    expect(sara.locator("[role=alert]").filter(has_text="har ändrats medan du skrev").first).to_be_visible(
        timeout=15_000
    )
    expect(sara.locator("[data-thread]")).to_contain_text(words)
    expect(sara.locator("#reply")).to_have_value("Ta en tablett till.")
    expect(sara.locator("[data-thread]")).not_to_contain_text("Ta en tablett till.")


def test_one_that_is_sent_again_after_a_lost_try(both: tuple[Page, Page, str]) -> None:
    sara, anna, words = both
    seen: list[str] = []

    def lost_once(route: Route) -> None:
        seen.append(said(route.request.post_data, "seen_seq"))
        if len(seen) > 1:
            route.continue_()
            return
        send(anna)  # meanwhile
        expect(anna.locator("main")).to_contain_text(words)
        route.abort()

    sara.route("**/svara/**", lost_once)
    send(sara)
    stopped(sara, words)
    assert set(seen) == {seen[0]}


def test_one_that_was_refused_while_the_page_was_told(both: tuple[Page, Page, str]) -> None:
    sara, anna, words = both
    seen: list[str] = []

    def slow_once(route: Route) -> None:
        seen.append(said(route.request.post_data, "seen_seq"))
        if len(seen) == 1:
            send(anna)
            expect(anna.locator("main")).to_contain_text(words)
            answer = route.fetch(max_redirects=0)
            assert answer.status == 409
            expect(sara.locator("[data-thread]")).to_contain_text(words)  # the page has heard of it
            route.fulfill(response=answer)
        else:
            route.continue_()

    sara.route("**/svara/**", slow_once)
    send(sara)
    stopped(sara, words)
    assert set(seen) == {seen[0]}


def test_what_a_page_saves_and_sends_has_one_name_and_rising_numbers(both: tuple[Page, Page, str]) -> None:
    _sara, anna, _words = both
    posts: list[str | None] = []
    anna.on("request", lambda one: posts.append(one.post_data) if one.method == "POST" else None)
    area = anna.locator("textarea[name=body]")
    with anna.expect_response("**/utkast/"):
        area.press_sequentially(" Vad ska jag göra?")
    with anna.expect_response("**/utkast/"):
        area.press_sequentially(" Tack.")
    send(anna)
    expect(anna.locator("main")).to_contain_text("Tack.")
    sent = [one for one in posts if one and "sheet" in one]
    assert len(sent) >= 3
    assert len({said(one, "sheet") for one in sent}) == 1
    numbers = [int(said(one, "nth")) for one in sent]
    assert numbers == sorted(set(numbers))
