"""The main job in other ways: without JavaScript, by keyboard alone, in English, for a child."""

import re

from playwright.sync_api import Page, expect

from tests.journeys.people import (
    PHONE,
    SLUG,
    log_in,
    log_in_by_hand,
    log_in_staff,
    open_row,
    open_service,
    photo,
    ready,
    renewal,
    settled,
    until,
)
from vardvag.demo.cast import ALI, ANNA, ELSA, GRETA, LOVA, PRIYA, SARA

NAMES = (
    "Vårdväg", "Omvärlden", "Björkbackens hälsocentral", "Fågelsången", "Lindqvist", "Region Solberga",
    "distriktssköterska",  # as the staff register has it
)  # fmt: skip


def test_everything_a_resident_does_works_without_javascript(product, new_page):
    # Given Lova in a browser without JavaScript.
    lova, ali = new_page(java_script_enabled=False), new_page()
    log_in_by_hand(lova, product, LOVA)

    # When she sends Förnya recept with a photo; one answer is forgotten at first.
    open_service(lova, SLUG, "fornya-recept")
    lova.locator("textarea[name=q-vilka]").fill("Aerius 5 mg")
    lova.get_by_role("button", name="Fortsätt", exact=True).click()
    expect(lova.locator(".ds-error-summary")).to_contain_text("1 sak att rätta")
    expect(lova.locator("textarea[name=q-vilka]")).to_have_value("Aerius 5 mg")
    renewal(lova, "Aerius 5 mg, en om dagen", picture=photo(), script=False)
    lova.get_by_role("button", name="Skicka ärendet").click()
    number = lova.locator(".receipt strong").inner_text()
    lova.get_by_role("link", name="Visa ärendet").click()
    expect(lova.locator(".files img")).to_be_visible()

    # And staff ask back.
    log_in_staff(ali, product, ALI)
    open_row(ali, number)
    with ali.expect_navigation():
        ali.get_by_role("button", name="Ta ärendet").click()
    ali.locator("#reply").fill("Har du astma också?")
    ali.get_by_role("button", name="Fråga invånaren").click()

    # Then she can read, save a draft, add a picture, answer, and say that she needs no more.
    until(lova, lambda: lova.get_by_text("Har du astma också?").count())
    lova.locator("#body").fill("Nej, bara")
    lova.get_by_role("button", name="Spara utkast").click()
    settled(lova)
    expect(lova.locator("#body")).to_have_value("Nej, bara")
    lova.locator("#body").fill("Nej, bara pollenallergi.")
    lova.locator("input[type=file]").set_input_files(
        {"name": "bild.heic", "mimeType": "image/heic", "buffer": photo()}
    )
    lova.get_by_role("button", name="Skicka", exact=True).click()
    expect(lova.locator(".thread")).to_contain_text("pollenallergi")
    expect(lova.locator(".message").last.locator("img")).to_be_visible()
    expect(ali.locator("[data-thread]")).to_contain_text("pollenallergi")
    lova.locator("details", has_text="Jag behöver inte längre svar").locator("summary").click()
    lova.get_by_role("button", name="Säg att jag inte behöver svar").click()
    settled(lova)
    expect(lova.locator("main")).to_contain_text("behöver inte", ignore_case=True)
    lova.locator(".menu summary").click()
    lova.get_by_role("button", name="Logga ut").click()
    expect(lova.locator("h1")).to_contain_text("utloggad")


def test_staff_work_by_keyboard_alone(product, new_page):
    # Given a new case from Greta, and Sara with her hands on the keyboard.
    greta, sara = new_page(), new_page()
    log_in(greta, product, GRETA)
    log_in_staff(sara, product, SARA)
    ready(sara)
    open_service(greta, SLUG, "fornya-recept")
    renewal(greta, "Alvedon 665 mg")
    greta.get_by_role("button", name="Skicka ärendet").click()
    number = greta.locator(".receipt strong").inner_text()
    greta.get_by_role("link", name="Visa ärendet").click()
    keys = sara.keyboard

    # When she shows what is new (.), walks to it (J, K) and opens it (Enter).
    expect(sara.locator("[data-news]")).to_contain_text("nytt ärende")
    keys.press(".")
    expect(sara.locator(f"[aria-label$=' {number}']")).to_be_visible()
    walk_to(sara, number)
    keys.press("k")
    keys.press("j")
    assert at_row(sara) == number
    keys.press("Enter")
    sara.wait_for_url("**/personal/arenden/**")

    # And takes it (T), writes (R), inserts a phrase (F), and asks by Tab and Enter.
    ready(sara)
    keys.press("t")
    expect(sara.locator("form[action$='/lamna-tillbaka/']")).to_be_visible()
    ready(sara)
    keys.press("r")
    expect(sara.locator("#reply")).to_be_focused()
    keys.type("Hej Greta! Hur ofta tar du den?")
    while sara.evaluate("document.activeElement.value") != "ask":
        keys.press("Tab")
    keys.press("Enter")
    expect(sara.locator("[data-undo]")).to_be_visible()
    ready(sara)
    until(greta, lambda: greta.get_by_text("Hur ofta tar du den?").count())
    greta.locator("#body").fill("Tre gånger om dagen.")
    greta.get_by_role("button", name="Skicka", exact=True).click()
    expect(sara.locator("[data-thread]")).to_contain_text("Tre gånger om dagen.")

    # And replies (Control+Enter), takes it back (Control+Z), sends again and closes (A).
    keys.press("r")
    keys.type("Receptet är klart.")
    keys.press("Control+Enter")
    expect(sara.locator("[data-undo]")).to_be_visible()
    ready(sara)
    keys.press("Control+z")
    expect(sara.locator("#reply")).to_have_value("Receptet är klart.")
    ready(sara)
    keys.press("r")
    keys.press("Control+End")
    keys.type(" Hälsningar Sara")
    keys.press("Control+Enter")
    expect(sara.locator("[data-thread]")).to_contain_text("Hälsningar Sara")
    ready(sara)
    keys.press("a")
    expect(sara.locator("form[action$='/oppna-igen/']")).to_be_visible()
    ready(sara)
    until(greta, lambda: greta.get_by_text("Hälsningar Sara").count())
    expect(greta.locator("#status")).to_contain_text("Avslutat")

    # And ? lists the keys, Escape leads back to the queue.
    keys.press("?")
    expect(sara.locator("[data-keys-dialog]")).to_be_visible()
    keys.press("Escape")
    keys.press("Escape")
    sara.wait_for_url(product.url + "/personal/")


def walk_to(page: Page, number: str) -> None:
    for _ in range(60):
        if at_row(page) == number:
            return
        page.keyboard.press("j")
    raise AssertionError(f"J does not come to {number}")


def at_row(page: Page) -> str:
    said = page.evaluate(
        "document.activeElement.closest('tr.row')?.querySelector('[data-mark]').getAttribute('aria-label') || ''"
    )
    return str(said).rsplit(" ", 1)[-1]


def test_a_resident_who_reads_english(product, new_page):
    # Given Priya with an English browser, and Ali.
    priya, ali = new_page(locale="en-GB"), new_page()
    priya.set_viewport_size(PHONE)
    log_in(priya, product, PRIYA)
    if priya.locator("html").get_attribute("lang") != "en":
        priya.locator(".menu summary").click()
        priya.get_by_role("button", name="English").click()
    english(priya)

    # When she renews a prescription, everything on the way is in English.
    priya.goto(f"/kontakta/{SLUG}/")
    english(priya)
    open_service(priya, SLUG, "fornya-recept")
    english(priya)
    renewal(priya, "Sertraline 50 mg, one a day")
    english(priya)
    priya.locator("form[action$='/skicka/'] button").click()
    priya.wait_for_url("**/skickat/")
    english(priya)
    number = priya.locator(".receipt strong").inner_text()
    priya.locator("main .actions a").first.click()
    english(priya)

    # Then staff see that she writes English, and close with a reply she can read.
    log_in_staff(ali, product, ALI)
    open_row(ali, number)
    expect(ali.locator("[data-facts]")).to_contain_text("engelska")
    expect(ali.locator("#reply")).to_have_attribute("lang", "en")
    with ali.expect_navigation():
        ali.get_by_role("button", name="Ta ärendet").click()
    ali.locator("#reply").fill("Done. You can collect it tomorrow.")
    ali.get_by_role("button", name="Skicka och avsluta").click()
    until(priya, lambda: priya.get_by_text("collect it tomorrow").count())
    english(priya)
    for path in ("/", "/arenden/", "/inkorg/", "/installningar/", "/vem-har-last/"):
        priya.goto(path)
        english(priya)


def english(page: Page) -> None:
    """No Swedish letter is left on the page, but in names."""
    expect(page.locator("html")).to_have_attribute("lang", "en")
    text = page.locator("body").inner_text()
    for name in NAMES:
        text = text.replace(name, "")
    left = re.findall(r".*\b\w*[åäöÅÄÖ]\w*.*", text)
    assert not left, f"{page.url}: {left}"


def test_a_guardian_writes_for_a_child(product, new_page):
    # Given Anna, who chooses Elsa.
    anna, sara = new_page(), new_page()
    log_in(anna, product, ANNA)
    anna.goto("/byt-person/")
    anna.get_by_role("button", name=ELSA.name).click()

    # When she sends a case for her, every page says whose matters are on screen.
    band(anna)
    for path in ("/arenden/", "/inkorg/", "/kontakta/", "/vem-har-last/"):
        anna.goto(path)
        band(anna)
    open_service(anna, SLUG, "fornya-recept")
    band(anna)
    renewal(anna, "Desloratadin oral lösning")
    band(anna)
    expect(anna.locator("dl.check")).to_contain_text(ELSA.name)
    anna.get_by_role("button", name="Skicka ärendet").click()
    number = anna.locator(".receipt strong").inner_text()
    band(anna)
    anna.get_by_role("link", name="Visa ärendet").click()
    band(anna)

    # Then both names stand in the thread, at both sides.
    expect(anna.locator(".message-head").first).to_contain_text(f"Du för {ELSA.name}")
    log_in_staff(sara, product, SARA)
    open_row(sara, number)
    expect(sara.locator(".banner-represented")).to_have_text(f"{ANNA.name} skriver för {ELSA.name}")
    expect(sara.locator(".case-head")).to_contain_text(ELSA.name)
    expect(sara.locator("[data-thread] .message-head").first).to_contain_text(ANNA.name)

    # And when Anna is herself again the band is gone, and Elsa's case is not among hers.
    thread = anna.url
    anna.goto("/byt-person/")
    anna.get_by_role("button", name=ANNA.name).click()
    expect(anna.locator(".acting-band")).to_have_count(0)
    anna.goto("/arenden/")
    assert anna.locator(f"a[href='{thread.removeprefix(product.url)}']").count() == 0


def band(page: Page) -> None:
    expect(page.locator(".acting-band")).to_contain_text("Elsa")
