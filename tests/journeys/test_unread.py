"""Open pages follow what comes without a reload, also what came while they were opening."""

from datetime import UTC, datetime, timedelta

from playwright.sync_api import expect

from tests.journeys.people import SLUG, log_in, log_in_staff, open_row, open_service, renewal
from vardvag.demo.cast import KARL_ERIK, SARA


def test_the_menu_follows_what_comes(product, new_page):
    # Given Karl-Erik, who has sent a case and waits on the start page, with nothing unread but what was.
    karl_erik, sara = new_page(), new_page()
    log_in(karl_erik, product, KARL_ERIK)
    open_service(karl_erik, SLUG, "fornya-recept")
    renewal(karl_erik, "Enalapril 10 mg")
    karl_erik.get_by_role("button", name="Skicka ärendet").click()
    number = karl_erik.locator(".receipt strong").inner_text()
    karl_erik.goto("/")
    menu = karl_erik.locator(".menu summary")
    badge = menu.locator("[data-count]")
    before = int(badge.get_attribute("data-count") or 0) if badge.count() else 0

    # When Sara answers.
    log_in_staff(sara, product, SARA)
    open_row(sara, number)
    sara.locator("#reply").fill("Receptet är förnyat.")
    sara.get_by_role("button", name="Skicka", exact=True).click()

    # Then the menu counts one more, in words too, and he is told and led there.
    more = before + 1
    expect(badge).to_have_attribute("data-count", str(more))
    menu.click()
    row = karl_erik.get_by_role("link", name=f"Inkorg , {more} oläst")
    expect(row.first).to_be_visible()
    karl_erik.locator(".toast button").click()
    karl_erik.wait_for_url("**/arenden/**")
    expect(karl_erik.locator(".thread")).to_contain_text("Receptet är förnyat.")

    # And what he has read is not counted on the page where he reads it.
    if before:
        expect(badge).to_have_attribute("data-count", str(before))
    else:
        expect(badge).to_have_count(0)


def test_what_comes_while_the_queue_opens_is_shown(product, new_page):
    # Given Sara, whose queue has been made and whose scripts are still on their way.
    karl_erik, sara = new_page(), new_page()
    log_in(karl_erik, product, KARL_ERIK)
    open_service(karl_erik, SLUG, "fornya-recept")
    renewal(karl_erik, "Enalapril 20 mg")
    log_in_staff(sara, product, SARA)
    waiting = []
    sara.route("**/core/live*.js", lambda route: waiting.append(route))
    sara.goto("/personal/", wait_until="commit")
    expect(sara.locator("[data-queue]")).to_be_attached()

    # When a case comes now, before her page listens.
    karl_erik.get_by_role("button", name="Skicka ärendet").click()
    expect(karl_erik.locator(".receipt strong")).to_be_visible()
    sara.wait_for_timeout(1500)
    for route in waiting:
        route.continue_()

    # Then it is announced all the same.
    expect(sara.locator("[data-news]")).to_contain_text("nytt ärende")


def test_a_string_of_hints_does_not_put_the_queue_off(product, new_page):
    # Given Sara's open queue.
    sara = new_page()
    log_in_staff(sara, product, SARA)
    sara.goto("/personal/")
    expect(sara.locator("[data-queue]")).to_be_visible()

    # When hints keep coming, the queue is fetched while they do.
    with sara.expect_response("**/personal/ko/rader/**"):
        sara.evaluate(
            "setInterval(() => document.dispatchEvent(new CustomEvent('live:case', { detail: {} })), 40)"
        )

    # And once more, after the first has answered.
    with sara.expect_response("**/personal/ko/rader/**"):
        pass


def test_a_queue_that_is_answered_late_asks_less(product, new_page):
    # Given Sara's open queue, whose clock is the test's and whose rows take a second to come.
    sara = new_page()
    log_in_staff(sara, product, SARA)
    sara.clock.install()
    sara.goto("/personal/")
    expect(sara.locator("[data-queue]")).to_be_visible()
    sara.clock.pause_at(datetime.now(UTC) + timedelta(minutes=1))
    sara.evaluate(
        "const real = fetch; window.asked = [];"
        "window.fetch = (...all) => { asked.push(performance.now());"
        " return new Promise((come) => setTimeout(() => come(real(...all)), 1000)); }; null"
    )

    # When hints come all the time, until it has asked twice.
    for _ in range(200):
        sara.evaluate("document.dispatchEvent(new CustomEvent('live:case', { detail: {} }))")
        sara.clock.run_for(100)
        if len(asked := sara.evaluate("asked")) > 1:
            break

    # Then the second came five seconds after the first was answered.
    assert asked[1] - asked[0] >= 6000
