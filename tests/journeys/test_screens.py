"""Every screen with its empty and faulty states: no violation of WCAG, nothing wider than the window.

The screens one lives in are tried at three widths, light and dark; all others as a phone in light and a desktop in
dark, and their layout at every width.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.people import SLUG, go_on, log_in, log_in_staff, photo, ready, renewal
from vardvag.demo.cast import ALI, ANNA, EBBA, ELSA, INGRID, LENA, MARIA, SARA
from vardvag.demo.main_cases import case

WIDTHS = (320, 360, 768, 1440)
Look = Callable[..., None]


@pytest.fixture
def look(axe) -> Iterator[Look]:
    """`look(page, "where")` notes what is wrong there; all of it is told at the end of the test."""
    faults: list[str] = []

    def at(page: Page, where: str, *, main: bool = False, narrow: int = 320) -> None:
        for width, scheme in [] if main else [(360, "light"), (1440, "dark")]:
            with as_seen(page, width, scheme):
                note(page, f"{where} {width} {scheme}", everywhere=False)
        if main:
            note(page, where, everywhere=True)
        for width in WIDTHS:
            if width < narrow:
                continue
            with as_seen(page, width, "light"):
                over = page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
            if over > 0:
                faults.append(f"{where}: {over} px wider than {width} px")

    def note(page: Page, where: str, *, everywhere: bool) -> None:
        try:
            axe(page, where=where, everywhere=everywhere)
        except AssertionError as found:
            faults.append(str(found).split("\nassert ")[0])

    yield at
    assert not faults, f"{len(faults)} faults:\n" + "\n".join(faults)


@contextmanager
def as_seen(page: Page, width: int, scheme: str) -> Iterator[None]:
    before = page.viewport_size
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    yield
    if before:
        page.set_viewport_size(before)
    page.emulate_media(color_scheme="light")


def test_screens_for_everybody(product, new_page, look):
    page = new_page()
    page.goto("/logga-in/")
    look(page, "login", main=True)
    for path in ("/hjalp/", "/tillganglighet/", "/mottagningar/", f"/mottagningar/{SLUG}/",
                 "/mottagningar/?sok=qqq", "/personal/logga-in/", "/utloggad/", "/finns-inte/"):  # fmt: skip
        page.goto(path)
        look(page, path)
    page.goto("/logga-in/")
    page.locator("button[name=mode][value=qr]").click()
    expect(page.locator("[data-qr] svg")).to_be_visible()
    look(page, "login, QR code")
    product.control(system="bankid", do="refuse", personal_number=ANNA.number)
    expect(page.get_by_role("button", name="Försök igen")).to_be_visible()
    look(page, "login, refused")


def test_screens_of_a_resident(product, new_page, look):
    page = new_page()
    log_in(page, product, ANNA)
    look(page, "start", main=True)
    page.goto(f"/arenden/{case('svar').public_id}/")
    look(page, "thread, answered", main=True)
    for path in ("/arenden/", f"/arenden/{case('recept').public_id}/", f"/arenden/{case('avslutat').public_id}/",
                 f"/arenden/{case('recept').public_id}/skickat/", "/kontakta/", "/kontakta/?sok=b",
                 "/kontakta/?sok=qqq", f"/kontakta/{SLUG}/", f"/kontakta/{SLUG}/begar-intyg/", "/inkorg/",
                 "/installningar/", "/installningar/adress/sms/", "/vem-har-last/",
                 "/byt-person/", f"/arenden/{uuid4()}/"):  # fmt: skip
        page.goto(path)
        look(page, path)
    page.goto("/inkorg/?visa=alla")
    look(page, "inbox, all")
    page.locator("main a.link-row").first.click()
    look(page, "from the inbox")
    page.goto(f"/arenden/{case('recept').public_id}/")
    page.get_by_role("button", name="Skicka", exact=True).click()
    look(page, "thread, nothing written")
    page.locator(".menu summary").click()
    look(page, "menu open")
    page.goto("/byt-person/")
    page.get_by_role("button", name=ELSA.name).click()
    look(page, "start for a child")
    page.goto(f"/arenden/{case('feber').public_id}/")
    look(page, "thread for a child, waiting")


def test_screens_of_somebody_new_who_writes(product, new_page, look):
    page = new_page()
    log_in(page, product, EBBA)
    for path in ("/", "/arenden/", "/inkorg/", "/installningar/", "/vem-har-last/", "/kontakta/"):
        page.goto(path)
        look(page, f"nothing yet: {path}")
    page.goto(f"/kontakta/{SLUG}/fornya-recept/")
    look(page, "about a service, terms", main=True)
    page.locator("form[action$='/borja/'] button").click()
    look(page, "terms not accepted")
    page.locator("#accept").check()
    page.locator("form[action$='/borja/'] button").click()
    page.wait_for_url("**/fraga/**")
    look(page, "question", main=True)
    go_on(page)
    expect(page.locator(".ds-error-summary")).to_be_visible()
    look(page, "question, nothing answered")
    first = page.url
    renewal(page, "Ibuprofen 400 mg", picture=photo())
    look(page, "check", main=True)
    page.goto(first.replace("/fraga/lakemedel/", "/fraga/ovrigt-sida/"))
    page.locator("input[type=file]").set_input_files(
        {"name": "brev.docx", "mimeType": "application/msword", "buffer": b"PK not a picture"}
    )
    expect(page.locator(".attached-why")).to_be_visible()
    look(page, "a file that is refused")
    page.get_by_role("button", name="Spara och fortsätt senare").click()
    page.goto("/arenden/")
    look(page, "a draft among the cases")


def test_screens_of_staff(product, new_page, look):
    page = new_page()
    log_in_staff(page, product, SARA)
    ready(page)
    look(page, "queue", main=True)
    for view in ("mine", "groups", "all", "waiting", "late", "unbegun", "closed"):
        page.goto(f"/personal/?vy={view}")
        look(page, f"queue: {view}")
    page.goto("/personal/?vy=all&typ=synpunkter&bradska=1")
    look(page, "queue: nothing found")
    page.goto(f"/personal/arenden/{case('eksem').public_id}/")
    look(page, "workspace", main=True)
    for name in ("recept", "skyddad", "avslutat", "försenat", "engelska"):
        page.goto(f"/personal/arenden/{case(name).public_id}/")
        look(page, f"workspace: {name}")
    page.goto(f"/personal/arenden/{case('eksem').public_id}/")
    ready(page)
    page.evaluate("for (const one of document.querySelectorAll('main details')) one.open = true")
    page.locator("form[data-contact] button").click()
    expect(page.locator("[data-contact-shown] dl")).to_be_visible()
    page.locator("[data-phrases]").click()
    expect(page.locator("[data-palette]")).to_be_visible()
    look(page, "workspace, all open")
    page.locator("#reply").fill("")
    page.get_by_role("button", name="Skicka", exact=True).click()
    expect(page.locator(".ds-alert[role=alert]")).to_be_visible()
    look(page, "workspace, empty reply")
    for path in (f"/personal/arenden/{case('eksem').public_id}/historik/", "/personal/aviseringar/",
                 "/personal/aviseringar/adress/sms/", "/personal/uppdrag/", f"/personal/arenden/{uuid4()}/",
                 "/personal/bemanning/"):  # fmt: skip
        page.goto(path)
        look(page, path)
    for words in ("Bergström", "qqqqq"):
        page.goto("/personal/")
        page.locator("#sok").fill(words)
        page.keyboard.press("Enter")
        page.wait_for_url("**/sok/")
        look(page, f"search for {words}")
    page.goto("/personal/")
    ready(page)
    page.locator("[data-mark]").first.check()
    look(page, "queue, marked")
    page.keyboard.press("?")
    look(page, "keys")


def test_screens_of_administration(product, new_page, look):
    for who, paths in (
        (ALI, ("/personal/uppdrag/",)),
        (LENA, ("/personal/bemanning/", "/personal/bemanning/lagg-till/", "/personal/grupper/",
                "/personal/utskick/", "/personal/mottagningen/")),
        (MARIA, ("/personal/mottagningen/", "/personal/mottagningen/dagar/")),
        (INGRID, ("/personal/importer/", "/personal/bemanning/")),
    ):  # fmt: skip
        page = new_page()
        log_in_staff(page, product, who)
        for path in paths:
            answer = page.goto(path)
            assert answer and answer.status < 500, path
            look(page, f"{who.given_name}: {path}")
        if who is LENA:
            page.goto("/personal/bemanning/")
            page.locator("main a[href^='/personal/bemanning/']:not([href$='lagg-till/'])").first.click()
            look(page, "assignment")


def test_dark_is_chosen_by_a_cookie(product, new_page):
    page = new_page()
    page.goto("/logga-in/")
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.context.add_cookies([{"name": "theme", "value": "dark", "url": product.url}])
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-color-scheme", "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != before


def test_lighthouse_gives_resident_pages_full_marks(product, new_page, lighthouse):
    page = new_page()
    log_in(page, product, ANNA)
    for path in ("/", f"/kontakta/{SLUG}/", f"/arenden/{case('avslutat').public_id}/"):
        score, failed = lighthouse(product.url + path, cookies=page.context.cookies())
        assert score == 100, (path, failed)
