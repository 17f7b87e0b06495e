"""A form pressed while the network is gone: it stays, says so, and goes once when contact is back."""

from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import expect

from tests.journeys.people import CODE, PHONE, SLUG, log_in, log_in_staff, open_service, renewal
from vardvag.demo.cast import GRETA, KARIN


def test_a_case_sent_without_network_waits_on_the_page_and_becomes_one_case(product, new_page):
    # Given Greta about to send, and a network that is gone.
    greta = new_page()
    greta.set_viewport_size(PHONE)
    log_in(greta, product, GRETA)
    open_service(greta, SLUG, "fornya-recept")
    renewal(greta, "Kalcipos-D forte")
    check = greta.url
    greta.context.set_offline(True)

    # When she presses Send: the page stands, and says what happens.
    greta.get_by_role("button", name="Skicka ärendet").click()
    note = greta.locator("[data-held]")
    expect(note).to_contain_text("finns kvar här")
    assert greta.url == check

    # She may wait with it, and press again.
    note.get_by_role("button", name="Skicka inte än").click()
    expect(note).to_have_count(0)
    greta.get_by_role("button", name="Skicka ärendet").click()
    expect(note).to_be_visible()
    note.get_by_role("button", name="Försök nu").click()
    expect(note).to_be_visible()

    # Then it goes by itself when contact is back, once.
    greta.context.set_offline(False)
    greta.wait_for_url("**/skickat/")
    number = greta.locator(".receipt strong").inner_text()
    greta.go_back()
    expect(greta.locator(".receipt strong")).to_have_text(number)


def test_what_is_typed_without_network_is_saved_when_it_is_back(product, new_page):
    greta = new_page()
    log_in(greta, product, GRETA)
    open_service(greta, SLUG, "fornya-recept")
    greta.context.set_offline(True)
    greta.locator("textarea[name=q-vilka]").fill("Behepan, skrivet på tåget")
    greta.locator("input[name=q-racker]").nth(1).check()
    first = greta.url
    greta.get_by_role("button", name="Fortsätt", exact=True).click()
    expect(greta.locator("[data-held]")).to_be_visible()
    expect(greta.locator("textarea[name=q-vilka]")).to_have_value("Behepan, skrivet på tåget")
    greta.context.set_offline(False)
    greta.wait_for_url(lambda url: url != first and "/fraga/" in url)
    greta.go_back()
    expect(greta.locator("textarea[name=q-vilka]")).to_have_value("Behepan, skrivet på tåget")


def test_an_answer_lost_on_its_way_leaves_the_page_and_the_message_is_sent_once(product, new_page):
    # Given Greta, whose network breaks when the server has taken her message but before she hears of it.
    greta = new_page()
    greta.set_viewport_size(PHONE)
    log_in(greta, product, GRETA)
    open_service(greta, SLUG, "fornya-recept")
    renewal(greta, "Levaxin")
    lost: list[str] = []

    def lose_the_first_answer(route):
        if lost:
            route.fallback()
            return
        lost.append(route.fetch(max_redirects=0).headers.get("x-onward", ""))
        route.abort("connectionreset")

    greta.route("**/skicka/", lose_the_first_answer)
    check = greta.url

    # When she sends: the page stands, says that it is not known, and sends again by itself.
    greta.get_by_role("button", name="Skicka ärendet").click()
    note = greta.locator("[data-held]")
    expect(note).to_contain_text("Det kommer bara fram en gång")
    expect(note.get_by_role("button")).to_have_count(1)
    assert greta.url == check
    greta.wait_for_url("**/skickat/")

    # Then it is the same case that the first answer told of.
    assert lost == [urlsplit(greta.url).path]


def lose_first_answers(page, path):
    """Of forms sent to `path`; what was lost, as it happens."""
    lost: list[str] = []

    def lose(route):
        if lost:
            route.fallback()
            return
        kept = page.context.cookies()
        lost.append(route.fetch(max_redirects=0).headers.get("x-onward", ""))
        page.context.clear_cookies()  # the answer's are lost, too
        page.context.add_cookies(kept)
        route.abort("connectionreset")

    page.route(path, lose)
    return lost


def test_a_login_whose_answer_is_lost_goes_on_by_itself(product, new_page):
    # Given Greta, whose network breaks as she chooses BankID.
    greta = new_page()
    greta.set_viewport_size(PHONE)
    lost = lose_first_answers(greta, "**/logga-in/bankid/")
    greta.goto("/logga-in/")
    greta.locator("button[name=mode][value=same]").click()
    note = greta.locator("[data-held]")
    expect(note).to_contain_text("Vi försöker igen när kontakten")
    expect(note).not_to_contain_text("skrivit")

    # Then the app is opened all the same, for a new order; and when the last answer is lost, she is told what to do.
    greta.wait_for_url("**/telefon**")
    assert lost == ["/logga-in/vantar/"]
    token = parse_qs(urlsplit(greta.url).query)["token"][0]
    said = product.control(
        system="bankid", do="approve", personal_number=GRETA.number, token=token, code=CODE
    )
    lost = lose_first_answers(greta, "**/logga-in/klar/")
    greta.goto(said["return_url"])
    expect(greta.locator("[data-focus]")).to_contain_text("Logga in en gång till")
    assert lost == ["/"]
    log_in(greta, product, GRETA)


def test_staff_whose_login_breaks_come_to_their_provider(product, new_page):
    karin = new_page()
    lost = lose_first_answers(karin, "**/siths/")
    log_in_staff(karin, product, KARIN)
    assert len(lost) == 1


def test_what_is_refused_is_shown_as_a_page_of_its_own(product, new_page):
    greta = new_page()
    log_in(greta, product, GRETA)
    open_service(greta, SLUG, "fornya-recept")
    greta.get_by_role("button", name="Fortsätt", exact=True).click()
    expect(greta.locator(".ds-error-summary")).to_be_focused()


def test_a_link_pressed_while_a_form_is_on_its_way_wins(product, new_page):
    # Given Greta, whose "save" and whose next page are both slow.
    greta = new_page()
    log_in(greta, product, GRETA)
    open_service(greta, SLUG, "fornya-recept")
    slow = {"POST": [], "GET": []}
    for path in ("**/fraga/**", "**/arenden/"):
        greta.route(path, lambda route: slow[route.request.method].append(route))

    # When she saves, goes to her cases meanwhile, and the answer to "save" comes first.
    greta.get_by_role("button", name="Spara och fortsätt senare").click()
    greta.locator(".menu summary").click()
    greta.locator("a[href='/arenden/']:visible").first.click(no_wait_after=True)
    for asked in (slow["POST"], slow["GET"]):
        while not asked:
            greta.wait_for_timeout(50)
        asked[0].continue_()
        greta.wait_for_timeout(500)

    # Then her cases come, with what was saved among them.
    greta.wait_for_url("**/arenden/")
    expect(greta.locator("main")).to_contain_text("Förnya recept")


def test_what_is_being_sent_takes_no_more_words_until_it_is_known(product, new_page):
    # Given Greta, whose words are on their way for a long time.
    greta = new_page()
    log_in(greta, product, GRETA)
    open_service(greta, SLUG, "fornya-recept")
    field = greta.locator("textarea[name=q-vilka]")
    field.fill("Behepan")
    greta.locator("input[name=q-racker]").nth(1).check()
    under_way = []
    greta.route("**/fraga/**", lambda route: route.fallback() if under_way else under_way.append(route))
    greta.get_by_role("button", name="Fortsätt", exact=True).click()
    expect(greta.get_by_role("button", name="Skickar…")).to_be_visible()

    # Then what she would type now is not lost in silence: the field takes nothing.
    expect(field).not_to_be_editable()
    field.press_sequentially(" och Levaxin")
    expect(field).to_have_value("Behepan")

    # When it has failed she can write on, and all of it arrives.
    greta.context.set_offline(True)
    under_way[0].abort("connectionreset")
    expect(greta.locator("[data-held]")).to_be_visible()
    expect(field).to_be_editable()
    field.press_sequentially(" och Levaxin")
    first = greta.url
    greta.context.set_offline(False)
    greta.wait_for_url(lambda url: url != first and "/fraga/" in url)
    greta.go_back()
    expect(field).to_have_value("Behepan och Levaxin")
