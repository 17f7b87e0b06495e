"""Seeking care, in a real browser: from own words to what to do now, and the case that staff see."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.people import PHONE, SLUG, log_in, log_in_by_hand, log_in_staff, open_row, photo, settled
from vardvag.demo.cast import ALI, ANNA, ELSA, GRETA, LOVA, PRIYA


def begin(page: Page, words: str, *, english: bool = False) -> None:
    page.goto(f"/kontakta/{SLUG}/sok-vard/")
    if page.locator("#accept").count():
        page.locator("#accept").check()
    page.locator("form[action$='/borja/'] button").click()
    page.wait_for_url("**/rad/hos/**")
    for name in ("medication", "record"):
        page.locator(f"input[name={name}][value=yes]").check()
    page.locator("form.stack button:not([name])").last.click()
    page.wait_for_url("**/beratta/")
    page.locator("textarea[name=words]").fill(words)
    page.locator("form.stack .actions button:not([name])").last.click()
    page.wait_for_url("**/stammer-det/")


def go_on(page: Page) -> None:
    page.locator("form.stack .actions button:not([name])").last.click()


def answer_all(page: Page, **answers: Any) -> int:
    """To the result; how many questions. What is not mentioned is no, or not known."""
    for asked in range(20):
        page.wait_for_url(lambda url: "/fraga/" in url or "/resultat/" in url)
        if "/resultat/" in page.url:
            return asked
        question = page.locator("input[name=question]").input_value()
        boxes = page.locator("input[type=checkbox][name=answer]")
        if boxes.count():
            wanted = [
                boxes.nth(n) for n in range(boxes.count()) if answers.get(boxes.nth(n).get_attribute("value"))
            ]
            for box in wanted:
                box.check()
            page.locator("form.interview .one-tap button").nth(0 if wanted else 1).click()
        elif page.locator("form.interview button[name=answer]").count():
            said = answers.get(question)
            value = "yes" if said is True else "no" if said is None else said
            button = page.locator(f"form.interview button[name=answer][value='{value}']")
            (button if button.count() else page.locator("form.interview button[name=unknown]")).click()
        elif question in answers:
            number, _, unit = str(answers[question]).partition(" ")
            page.locator("#answer").fill(number)
            if unit:
                page.locator("select[name=unit]").select_option(unit)
            page.locator("form.interview .one-tap button").first.click()
        else:
            page.locator("form.interview button[name=unknown]").click()
        page.wait_for_function(
            "(q) => (document.querySelector('input[name=question]') || {}).value !== q", arg=question
        )
    raise AssertionError("more than twenty questions")


def test_a_sore_throat_ends_in_self_care(product, new_page, axe):
    # Given Anna with a sore throat since yesterday.
    anna = new_page()
    log_in(anna, product, ANNA)
    begin(anna, "Jag har ont i halsen och är snuvig sedan i går, ingen feber")
    axe(anna)

    # When she says yes to what was understood, and answers.
    expect(anna.locator("input[name=reason]").first).to_be_checked()
    go_on(anna)
    expect(anna.locator("h1")).to_contain_text("Stämmer något av det här")
    axe(anna)
    asked = answer_all(anna)

    # Then she is told what to do herself and when to seek again, and nothing is sent.
    expect(anna.locator(".care-card")).to_contain_text("själv")
    expect(anna.locator("main")).to_contain_text("Sök vård igen om")
    axe(anna)
    anna.get_by_role("button", name="Råden räcker").click()
    anna.wait_for_url(product.url + "/")
    assert asked <= 12


def test_chest_pressure_says_112_and_the_case_arrives_flagged(product, new_page, axe):
    # Given Greta with pressure over her chest, and Ali at the queue.
    greta, ali = new_page(), new_page()
    log_in(greta, product, GRETA)
    log_in_staff(ali, product, ALI)
    begin(greta, "Jag har ont i axeln och det trycker så konstigt")
    go_on(greta)
    answer_all(greta, s_chest=True)

    # Then one thing is to be done, and the case can still be sent.
    call = greta.locator(".care-card a[href='tel:112']")
    expect(call).to_be_visible()
    expect(greta.locator("main")).to_contain_text("Vi har sparat det du skrev")
    axe(greta)
    greta.get_by_role("button", name="Skicka det till mottagningen också").click()
    number = greta.locator(".receipt strong").inner_text()
    expect(greta.locator("main")).to_contain_text("Vänta inte på svar här")

    # And staff see it first in the queue, with why.
    expect(ali.locator("[data-news]")).to_contain_text("nytt ärende")
    ali.goto("/personal/")
    open_row(ali, number)
    expect(ali.locator(".triage-panel")).to_contain_text("112")
    expect(ali.locator(".case-meta")).to_contain_text("1")
    axe(ali)


def test_a_child_with_fever_through_a_guardian(product, new_page):
    anna = new_page()
    log_in(anna, product, ANNA)
    anna.goto("/byt-person/")
    anna.get_by_text(ELSA.given_name).first.click()
    anna.wait_for_url(lambda at: "/byt-person/" not in at)
    begin(anna, "Elsa har haft feber sedan i förrgår, hon är pigg och dricker")
    expect(anna.locator("main")).to_contain_text("feber", ignore_case=True)
    go_on(anna)
    answer_all(anna, feels_feverish=True, temp="38,9", child_plays=True, duration="2 d", fever_duration="2 d")
    expect(anna.locator(".care-card")).to_be_visible()
    anna.goto("/byt-person/")


def test_a_danger_sign_in_an_administrative_question_raises_it(product, new_page):
    anna, ali = new_page(), new_page()
    log_in(anna, product, ANNA)
    log_in_staff(ali, product, ALI)
    begin(anna, "Jag behöver ett intyg till jobbet. Har dessutom jätteont i bröstet sedan i morse.")
    for box in anna.locator("input[name=reason]:checked").all():
        box.uncheck()
    anna.locator("summary").filter(has_text="alla besvär").click()
    anna.locator("#other").select_option("sjukintyg")
    go_on(anna)
    answer_all(anna)
    expect(anna.locator(".care-card")).to_contain_text("i dag")
    anna.get_by_role("button", name="Skicka", exact=True).click()
    number = anna.locator(".receipt strong").inner_text()
    ali.goto("/personal/")
    open_row(ali, number)
    expect(ali.locator(".triage-panel")).to_contain_text("bröstet")


def test_a_fifteen_year_old_alone(product, new_page):
    """Lova is fourteen: she logs in herself, and nobody else sees it."""
    lova = new_page()
    log_in(lova, product, LOVA)
    begin(lova, "Har haft ont i huvudet varje dag en vecka, mest efter skolan")
    go_on(lova)
    answer_all(lova, duration="7 d", headache=True)
    expect(lova.locator(".care-card")).to_be_visible()


def test_waiting_says_where_one_stands_and_renews_itself(product, new_page, axe):
    # Given Lova, who has sent what she seeks care for, and Ali at the queue.
    lova, ali = new_page(), new_page()
    log_in(lova, product, LOVA)
    log_in_staff(ali, product, ALI)
    begin(lova, "Har ont i magen sedan i förrgår, behöver prata med någon")
    go_on(lova)
    answer_all(lova, duration="2 d")
    send = lova.locator("form[action$='/skicka/'] button")
    send.click()
    number = lova.locator(".receipt strong").inner_text()

    # Then the receipt says that she stands in a queue, that the page may be closed, and whom to ring.
    waiting = lova.locator("section.waiting")
    expect(waiting).to_contain_text("står i kö hos")
    expect(waiting).to_contain_text("Du kan stänga sidan.")
    expect(waiting.locator("a[href='tel:1177']")).to_be_visible()
    axe(lova)
    waiting.get_by_role("link", name="Lämna kön").click()
    expect(lova.get_by_role("button", name="Ta tillbaka ärendet")).to_be_visible()
    axe(lova)

    # When Ali takes it, the open page says so without being loaded anew.
    ali.goto("/personal/")
    open_row(ali, number)
    ali.locator("form[action$='/ta/'] button").click()
    expect(waiting).to_contain_text("arbetar med ditt ärende")
    expect(waiting).not_to_contain_text("i kö")
    expect(lova.locator("#status .status")).to_contain_text("arbetar med ditt ärende")
    axe(lova)


def test_in_english_on_a_phone(product, new_page):
    priya = new_page()
    priya.set_viewport_size(PHONE)
    log_in(priya, product, PRIYA)
    begin(priya, "I have an itchy rash on my arms since last week", english=True)
    go_on(priya)
    answer_all(priya, duration="7 d", rash=True)
    card = priya.locator("main")
    expect(card).to_contain_text("Why?")
    for swedish in ("Varför", "Sök vård", "Skicka", "Vet inte"):
        expect(card).not_to_contain_text(swedish)


def test_without_javascript(product, new_page):
    lova = new_page(java_script_enabled=False)
    log_in_by_hand(lova, product, LOVA)
    lova.goto(f"/kontakta/{SLUG}/sok-vard/")
    if lova.locator("#accept").count():
        lova.locator("#accept").check()
    lova.locator("form[action$='/borja/'] button").click()
    for name in ("medication", "record"):
        lova.locator(f"input[name={name}][value=no]").check()
    lova.locator("form.stack button:not([name])").last.click()
    lova.locator("textarea[name=words]").fill("Kliar i ögonen och nyser, pollen tror jag")
    lova.locator("summary").filter(has_text="Lägg till bilder").click()
    lova.locator("input[type=file]").set_input_files(
        {"name": "bild.heic", "mimeType": "image/heic", "buffer": photo()}
    )
    lova.locator("form.stack .actions button:not([name])").last.click()
    go_on(lova)
    for _n in range(20):
        if "/resultat/" in lova.url:
            break
        taps = lova.locator("form.interview .one-tap button")
        none = lova.locator("form.interview button[value=none]")
        no = lova.locator("form.interview button[value=no]")
        (none if none.count() else no if no.count() else taps.last).click()
    expect(lova.locator(".care-card")).to_be_visible()


@pytest.mark.parametrize("width", [360, 1440])
def test_back_and_change(product, new_page, width):
    anna = new_page()
    anna.set_viewport_size({"width": width, "height": 800})
    log_in(anna, product, ANNA)
    begin(anna, "Ont i knät sedan en vecka, ingen olycka")
    go_on(anna)
    anna.locator("form.interview button[value=none]").click()
    settled(anna)
    anna.get_by_role("link", name="Tillbaka").click()
    expect(anna.locator("h1")).to_contain_text("Stämmer något av det här")
    anna.locator("input[value=s_stroke]").check()
    anna.locator("form.interview .one-tap button").first.click()
    expect(anna.locator(".care-card")).to_contain_text("112")
    anna.get_by_role("link", name="Se och ändra dina svar").click()
    anna.get_by_role("link", name="Ändra").last.click()
    anna.locator("form.interview button[value=none]").click()
    anna.wait_for_url("**/fraga/")
