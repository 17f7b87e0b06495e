"""Two of the clinic's staff in one case: they see each other, nobody's words are lost, nobody answers twice."""

from playwright.sync_api import expect

from tests.journeys.people import log_in_staff
from vardvag.demo.cast import ALI, SARA
from vardvag.demo.main_cases import case

TOLK = f"/personal/arenden/{case('tolk').public_id}/"


def test_two_in_one_case_see_each_other_and_the_second_sender_is_stopped(product, new_page):
    # Given Sara and Ali, who have opened the same case.
    sara, ali = new_page(), new_page()
    log_in_staff(sara, product, SARA)
    log_in_staff(ali, product, ALI)
    sara.goto(TOLK)
    ali.goto(TOLK)
    expect(sara.locator(".case-head .presence")).to_contain_text(f"{ALI.name} läser")

    # When Ali writes, Sara sees that he does.
    ali.locator("#reply").press_sequentially("Please call us")
    expect(sara.locator(".case-head .presence[data-writing]")).to_contain_text(f"{ALI.name} skriver ett svar")

    # And when Sara has answered, Ali's answer is stopped: his words stay, hers are shown.
    sara.locator("#reply").fill("Come on Monday at nine.")
    ali.evaluate("window.WebSocket = null")  # his screen does not hear of it in time
    ali.route("**/trad/**", lambda route: route.abort())
    sara.get_by_role("button", name="Skicka", exact=True).click()
    expect(sara.locator("[data-undo]")).to_be_visible()
    ali.get_by_role("button", name="Skicka", exact=True).click()
    told = ali.locator(".ds-alert[role=alert]")
    expect(told).to_contain_text(SARA.name)
    expect(ali.locator("#reply")).to_have_value("Please call us")
    expect(ali.locator("[data-thread] .message[data-side=staff]")).to_have_count(1)


def test_what_is_typed_survives_reload_and_logout(product, new_page):
    # Given Sara, who has begun a reply and a note.
    sara = new_page()
    log_in_staff(sara, product, SARA)
    address = f"/personal/arenden/{case('försenat').public_id}/"
    sara.goto(address)
    sara.locator("#reply").fill("Hej Greta, vi ser att du")
    expect(sara.locator(".reply-form [data-saved]")).to_contain_text("Sparat")

    # When she reloads, and when she logs out and in again.
    sara.reload()
    expect(sara.locator("#reply")).to_have_value("Hej Greta, vi ser att du")
    sara.locator("details.menu summary").click()
    sara.get_by_role("button", name="Logga ut").click()
    expect(sara.locator("h1")).to_contain_text("utloggad")
    log_in_staff(sara, product, SARA)
    sara.goto(address)

    # Then it is there, and only there: the case is still unanswered.
    expect(sara.locator("#reply")).to_have_value("Hej Greta, vi ser att du")
    expect(sara.locator("[data-thread]")).not_to_contain_text("vi ser att du")
