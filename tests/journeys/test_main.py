"""The main job from end to end, in two browsers: a resident's case until it is answered, read and closed."""

import re

from playwright.sync_api import Page, expect

from tests.journeys.people import (
    PHONE,
    SLUG,
    log_in,
    log_in_staff,
    open_row,
    open_service,
    photo,
    press_slowly,
    ready,
    renewal,
    settled,
    told,
    until,
)
from vardvag.demo.cast import ANNA, SARA

NEWS_SHOWN = """() => {
    window.stayed = true;
    new MutationObserver(() => {
        const bar = document.querySelector("[data-news]");
        if (bar && !bar.hidden && !window.newsAt) window.newsAt = Date.now();
    }).observe(document.querySelector("[data-rows]"), { attributes: true, childList: true, subtree: true });
}"""
SENT = """() => {
    const [entry] = performance.getEntriesByType("navigation");
    return performance.timeOrigin + entry.redirectEnd;
}"""


def test_a_resident_sends_staff_see_it_at_once_ask_reply_and_close(product, new_page):
    anna, sara = new_page(), new_page()
    anna.set_viewport_size(PHONE)

    # Given Anna at home with her phone, and Sara with the clinic's queue in front of her.
    log_in(anna, product, ANNA)
    wants_sms_at_night(anna)
    log_in_staff(sara, product, SARA)
    ready(sara)
    sara.evaluate(NEWS_SHOWN)

    # When Anna sends Förnya recept with a photo of the package.
    open_service(anna, SLUG, "fornya-recept")
    renewal(anna, "Levaxin 75 mikrogram, en tablett varje morgon", picture=photo())
    expect(anna.locator("dl.check")).to_contain_text("1 fil")
    before = product.journal()[-1]["number"]
    anna.get_by_role("button", name="Skicka ärendet").click()

    # Then she gets a receipt, and Sara is told within a second, without reloading.
    anna.wait_for_url("**/skickat/")
    expect(anna.locator("h1")).to_have_text("Ditt ärende är skickat")
    number = anna.locator(".receipt strong").inner_text()
    sent = anna.evaluate(SENT)
    expect(sara.locator("[data-news]")).to_contain_text("nytt ärende")
    assert sara.evaluate("window.newsAt") - sent < 1000
    assert sara.evaluate("window.stayed") is True
    anna.get_by_role("link", name="Visa ärendet").click()
    thread = anna.url

    # When Sara opens it, takes it and asks back.
    sara.locator("[data-show-new]").click()
    open_row(sara, number)
    expect(sara.locator(".own-words")).to_contain_text("Levaxin 75 mikrogram")
    picture = sara.locator(".files img")
    expect(picture).to_be_visible()
    assert picture.evaluate("(i) => i.decode().then(() => i.naturalWidth)") > 0
    with sara.expect_navigation():
        sara.get_by_role("button", name="Ta ärendet").click()
    expect(sara.locator(".facts").first).to_contain_text("Du")
    sara.locator("#reply").fill("Hej Anna! Har du mätt blodtrycket i höst?")
    press_slowly(sara, sara.get_by_role("button", name="Fråga invånaren"))

    # Then Anna is told by SMS, without a word of what it is about, and answers.
    sms = told(product, "sms", ANNA.mobile, after=before)
    assert sms and not any(word in sms.lower() for word in ("recept", "levaxin", "blodtryck", "björkbacken"))
    until(anna, lambda: anna.get_by_text("Har du mätt blodtrycket i höst?").count())
    expect(anna.locator(".status strong")).to_contain_text("svar")
    anna.locator("#body").fill("Ja, 125/80 förra veckan.")
    press_slowly(anna, anna.get_by_role("button", name="Skicka", exact=True))
    expect(anna.locator(".thread")).to_contain_text("125/80")

    # And Sara sees the answer come in, without reloading.
    expect(sara.locator("[data-thread]")).to_contain_text("125/80")

    # When Sara replies, takes it back once, and replies again and closes.
    sara.locator("#reply").fill("Hej! Receptet är förnyat.")
    sara.get_by_role("button", name="Skicka", exact=True).click()
    expect(sara.locator("[data-undo]")).to_be_visible()
    sara.get_by_role("button", name="Ångra").click()
    expect(sara.locator("#reply")).to_have_value("Hej! Receptet är förnyat.")
    expect(sara.locator("[data-thread]")).not_to_contain_text("Receptet är förnyat.")
    sara.locator("#reply").fill("Hej! Receptet är förnyat och finns på apoteket i morgon.")
    sara.get_by_role("button", name="Skicka och avsluta").click()
    expect(sara.locator("[data-thread]")).to_contain_text("i morgon")

    # Then Anna reads it from her start page, and Sara sees that she has.
    news = f".ds-alert a[href^='{thread.removeprefix(product.url)}']"
    until(anna, lambda: anna.locator(news).count(), at="/")
    anna.locator(news).click()
    expect(anna.locator(".thread")).to_contain_text("finns på apoteket i morgon")
    expect(anna.locator(".thread")).not_to_contain_text("Receptet är förnyat.\n")
    expect(anna.locator(".message[data-side=me]").first).to_contain_text("Läst av mottagningen")
    expect(anna.locator("#status")).to_contain_text("Avslutat")
    expect(sara.locator(".message[data-side=staff]").last).to_contain_text(re.compile("Läst "))

    # And she can keep it as a PDF, and say what she thought.
    with anna.expect_download() as started:
        anna.get_by_role("link", name="Spara som PDF").click()
    assert started.value.path().read_bytes().startswith(b"%PDF-")
    anna.locator("input[name=score]").last.check()
    anna.locator("#comment").fill("Snabbt och tydligt.")
    anna.get_by_role("button", name="Skicka omdömet").click()
    expect(anna.locator("main")).to_contain_text("Tack, du har tyckt till")


def wants_sms_at_night(page: Page) -> None:
    """No quiet hours, so that the journey is the same at any time of the day."""
    page.goto("/installningar/")
    page.locator("#quiet-from").select_option("21:00")
    page.locator("#quiet-until").select_option("21:00")
    page.get_by_role("button", name="Spara", exact=True).click()
    settled(page)
