"""The tour: every main screen can be reached. With TOUR=1 the pictures of docs/tour.md are made anew."""

import os
from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.cluster import ROOT
from tests.journeys.people import PHONE, SLUG, log_in, log_in_staff, open_service, photo, ready, renewal
from tests.journeys.test_triage import answer_all, begin, go_on
from vardvag.demo.cast import ANNA, KARL_ERIK, SARA
from vardvag.demo.main_cases import case

PICTURES = ROOT / "docs" / "tour"
DESK = {"width": 1360, "height": 850}
AT_MOST = 120_000  # bytes a picture


@pytest.fixture
def picture() -> Callable[..., None]:
    """`picture(page, "name")`: what the window shows now, in few colours; nothing is written without TOUR=1."""

    def take(page: Page, name: str) -> None:
        expect(page.locator("h1").first).to_be_attached()
        if not os.environ.get("TOUR"):
            return
        page.wait_for_timeout(300)
        shot = Image.open(BytesIO(page.screenshot(animations="disabled", caret="hide"))).convert("RGB")
        small = shot.quantize(128, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        PICTURES.mkdir(parents=True, exist_ok=True)
        small.save(PICTURES / f"{name}.png", optimize=True)
        assert (PICTURES / f"{name}.png").stat().st_size < AT_MOST, name

    return take


def test_the_residents_screens(product, new_page, picture):
    page = new_page()
    page.set_viewport_size(PHONE)
    page.goto("/logga-in/")
    picture(page, "login")
    log_in(page, product, ANNA)
    picture(page, "start")
    page.goto(f"/arenden/{case('svar').public_id}/")
    page.locator(".message[data-side=care]").first.evaluate("(m) => scrollTo(0, m.offsetTop - 420)")
    picture(page, "thread")
    page.goto("/vem-har-last/")
    picture(page, "access-log")
    page.goto("/kontakta/?sok=hamn")
    picture(page, "choose")

    page = new_page()
    page.set_viewport_size(PHONE)
    log_in(page, product, KARL_ERIK)
    page.goto(f"/kontakta/{SLUG}/")
    picture(page, "services")
    open_service(page, SLUG, "fornya-recept")
    picture(page, "form")
    renewal(page, "Enalapril 10 mg, en tablett varje morgon", picture=photo())
    picture(page, "check")
    page.get_by_role("button", name="Skicka ärendet").click()
    page.wait_for_url("**/skickat/")
    picture(page, "receipt")


def test_seeking_care(product, new_page, picture):
    page = new_page()
    page.set_viewport_size(PHONE)
    log_in(page, product, KARL_ERIK)
    begin(page, "Jag har ont i halsen och är snuvig sedan i går")
    picture(page, "interview-understood")
    go_on(page)
    picture(page, "interview-question")
    answer_all(page)
    picture(page, "interview-result")


def test_the_staffs_screens(product, new_page, picture):
    page = new_page()
    page.set_viewport_size(DESK)
    log_in_staff(page, product, SARA)
    page.goto("/personal/?vy=all")
    ready(page)
    picture(page, "queue")
    page.goto(f"/personal/arenden/{case('eksem').public_id}/")
    ready(page)
    picture(page, "workspace")
    page.context.add_cookies([{"name": "theme", "value": "dark", "url": product.url}])
    page.reload()
    ready(page)
    picture(page, "dark")
    page.context.clear_cookies(name="theme")
    page.set_viewport_size(PHONE)
    page.goto("/personal/?vy=all")
    ready(page)
    picture(page, "staff-phone")
    page.set_viewport_size(DESK)
    page.goto(product.world)
    picture(page, "world")
