"""Every screen with its empty and faulty states: no violation of WCAG at three widths, light and dark; nothing wider
than the window; with the system's own colours every button has an edge and the focus a ring.

A screen is opened once and then looked at in every way, without loading it anew.
"""

from collections.abc import Callable, Iterator
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser import in_forced_colours, too_wide
from tests.journeys.people import SLUG, go_on, log_in, log_in_staff, photo, ready, renewal, settled
from vardvag.demo.cast import ALI, ANNA, EBBA, ELSA, INGRID, LENA, MARIA, SARA
from vardvag.demo.main_cases import case

WIDTHS = (320, 360, 768, 1440)
Look = Callable[..., None]


@pytest.fixture
def look(axe) -> Iterator[Look]:
    """`look(page, "where")` notes what is wrong there; all of it is told at the end of the test."""
    faults: list[str] = []

    def at(page: Page, where: str, *, only: str | None = None) -> None:
        settled(page)
        try:
            axe(page, where=where, only=only)
        except AssertionError as found:
            faults.append(str(found).split("\nassert ")[0])
        faults.extend(f"{where}: {fault}" for fault in too_wide(page, widths=WIDTHS))
        faults.extend(f"{where}, forced colours: {fault}" for fault in in_forced_colours(page))

    yield at
    assert not faults, f"{len(faults)} faults:\n" + "\n".join(faults)


def test_screens_for_everybody(product, new_page, look):
    page = new_page()
    page.goto("/logga-in/")
    look(page, "login")
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
    look(page, "start")
    page.goto(f"/arenden/{case('svar').public_id}/")
    look(page, "thread, answered")
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
    page.goto(f"/arenden/{case('recept').public_id}/")
    page.evaluate("for (const one of document.querySelectorAll('main details')) one.open = true")
    page.locator("#body").fill("Jag glömde säga")
    expect(page.locator("[data-saved]")).to_contain_text("Sparat")
    look(page, "thread, a draft, all open")
    page.reload()
    look(page, "thread, the draft is back")
    page.goto(f"/arenden/{case('avslutat').public_id}/")
    page.locator("form[action$='/tyck-till/'] button").click()
    look(page, "closed, no grade chosen")
    page.goto("/installningar/adress/sms/")
    page.locator("form.wishes button").click()
    look(page, "no number typed")
    page.locator("#address").fill("070-174 06 42")
    page.locator("form.wishes button").click()
    page.wait_for_url("**/kod/sms/")
    look(page, "code")
    page.locator("form.wishes button").click()
    look(page, "no code typed")
    page.goto("/inloggningar/")
    look(page, "logins")
    page.goto("/personal/")
    look(page, "the staff's door")
    page.goto("/byt-person/")
    page.get_by_role("button", name=ELSA.name).click()
    page.wait_for_url(product.url + "/")
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
    look(page, "about a service, terms")
    page.locator("form[action$='/borja/'] button").click()
    look(page, "terms not accepted")
    page.locator("#accept").check()
    page.locator("form[action$='/borja/'] button").click()
    page.wait_for_url("**/fraga/**")
    look(page, "question")
    go_on(page)
    expect(page.locator(".ds-error-summary")).to_be_visible()
    look(page, "question, nothing answered")
    first = page.url
    renewal(page, "Ibuprofen 400 mg", picture=photo())
    look(page, "check")
    page.goto(first.replace("/fraga/lakemedel/", "/fraga/ovrigt-sida/"))
    page.locator("input[type=file]").set_input_files(
        {"name": "brev.docx", "mimeType": "application/msword", "buffer": b"PK not a picture"}
    )
    expect(page.locator(".attached-why")).to_be_visible()
    look(page, "a file that is refused")
    page.get_by_role("button", name="Spara och fortsätt senare").click()
    settled(page)
    page.goto("/arenden/")
    look(page, "a draft among the cases")
    page.goto("/")
    look(page, "a draft to go on with")


def test_a_dialog_a_band_and_a_toast(product, new_page, look):
    page = new_page()
    log_in(page, product, ANNA)
    page.goto("/inkorg/?visa=alla")
    page.get_by_role("button", name="Markera som oläst").first.click()
    settled(page)
    page.clock.install()
    page.goto("/inkorg/")
    page.clock.fast_forward(28 * 60_000 + 10_000)
    expect(page.locator("[data-session-dialog]")).to_be_visible()
    page.clock.resume()
    look(page, "two minutes before the logout")
    page.get_by_role("button", name="Fortsätt vara inloggad").click()
    page.evaluate("document.querySelector('[data-offline]').hidden = false")
    page.evaluate(
        "document.querySelectorAll('[data-inbox-unread]').forEach((one) => one.replaceChildren());"
        "document.dispatchEvent(new CustomEvent('live:inbox'))"  # as if one more had come
    )
    expect(page.locator(".toast")).to_be_visible()
    look(page, "offline, and a toast")


def test_screens_of_staff(product, new_page, look):
    page = new_page()
    log_in_staff(page, product, SARA)
    ready(page)
    look(page, "queue")
    for view in ("mine", "groups", "all", "waiting", "late", "unbegun", "closed"):
        page.goto(f"/personal/?vy={view}")
        look(page, f"queue: {view}")
    page.goto("/personal/?vy=all&typ=synpunkter&bradska=1")
    look(page, "queue: nothing found")
    page.goto(f"/personal/arenden/{case('eksem').public_id}/")
    look(page, "workspace")
    for name in ("recept", "skyddad", "avslutat", "försenat", "engelska"):
        page.goto(f"/personal/arenden/{case(name).public_id}/")
        look(page, f"workspace: {name}")
        if page.url.endswith("/skal/"):  # a protected person's case asks why first
            page.get_by_role("button", name="Öppna ärendet").click()
            settled(page)
            page.get_by_label("Annat", exact=True).check()
            page.get_by_role("button", name="Öppna ärendet").click()
            look(page, f"workspace: {name}, no reason")
            page.get_by_label("Jag ska besvara ärendet").check()
            page.get_by_role("button", name="Öppna ärendet").click()
            look(page, f"workspace: {name}, opened")
    for where in ("massatgarder/", "fraser/", "fraser/ny/", f"arenden/{case('recept').public_id}/varfor/"):
        page.goto(f"/personal/{where}")
        look(page, where)
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
    page.locator("details.menu summary").click()
    look(page, "the staff's menu open", only=".staff-head")  # it lies over what is behind
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
    named = UUID(page.locator("[data-marked-batch]").input_value())  # so that it is done once
    page.locator("[data-mark]").nth(1).check()
    assert UUID(page.locator("[data-marked-batch]").input_value()) != named
    look(page, "queue, marked")
    page.evaluate("for (const one of document.querySelectorAll('main details')) one.open = true")
    look(page, "queue, marked, all open")
    page.keyboard.press("?")
    look(page, "keys")


def test_screens_of_two_in_one_case(product, new_page, look):
    page, other = new_page(), new_page()
    address = f"/personal/arenden/{case('synpunkt').public_id}/"
    for one, who in ((page, SARA), (other, ALI)):
        log_in_staff(one, product, who)
        one.goto(address)
        ready(one)
    other.locator("#reply").fill("Jag svarar nu")
    expect(page.locator(".case-head .presence[data-writing]")).to_be_visible()
    look(page, "workspace, somebody else writes")
    page.locator("#reply").fill("Tack, vi tar det vidare.")
    other.route("**/trad/**", lambda route: route.abort())
    page.get_by_role("button", name="Skicka", exact=True).click()
    expect(page.locator("[data-undo]")).to_be_visible()
    look(page, "workspace, reply held")
    other.get_by_role("button", name="Skicka", exact=True).click()
    expect(other.locator(".ds-alert[role=alert]")).to_contain_text(SARA.name)
    look(other, "workspace, somebody else was first")


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
