"""The looks: every component is accessible, pages stay light, what one chooses works without JavaScript."""

from playwright.sync_api import expect

from tests.journeys.people import log_in
from vardvag.demo.cast import ANNA

MINUTE = 60_000
RESIDENT = 100  # KB over the wire at the first view


def test_every_component_in_every_state_is_accessible(product, page, axe):
    page.goto("/galleri/?fel=1")
    axe(page)
    page.goto("/galleri/")
    axe(page)


def test_appearance_and_language_are_chosen_without_javascript(product, new_page):
    page = new_page(java_script_enabled=False)
    page.goto("/hjalp/")
    page.get_by_role("button", name="Mörkt").click()
    assert page.url.endswith("/hjalp/")
    assert page.locator("html").get_attribute("data-color-scheme") == "dark"
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == "rgb(16, 24, 26)"
    page.get_by_role("button", name="English").click()
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.get_by_role("heading", level=1).inner_text() == "Help and phone"
    page.get_by_role("button", name="As the device").click()
    assert page.locator("html").get_attribute("data-color-scheme") == "auto"


def test_the_first_view_is_light(product, page):
    sizes = []
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/logga-in/", wait_until="networkidle")
    assert sum(sizes) < RESIDENT * 1024, f"{sum(sizes) / 1024:.0f} KB"
    assert all(url.startswith(product.url) for url in asked), "something is fetched from elsewhere"


def test_the_skip_link_and_the_ring_are_there(product, page):
    page.goto("/hjalp/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Hoppa till innehållet"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "innehall"
    page.keyboard.press("Tab")
    ring = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert ring == "3px"


def test_large_text_and_a_small_screen_never_scroll_sideways(product, page):
    page.set_viewport_size({"width": 320, "height": 640})
    for path in ("/logga-in/", "/hjalp/", "/galleri/?fel=1", "/mottagningar/", "/finns-inte"):
        page.goto(path)
        too_wide = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert too_wide <= 0, path


def test_a_warning_comes_two_minutes_before_the_logout(product, new_page):
    page = new_page()
    log_in(page, product, ANNA)
    page.clock.install()
    page.goto("/inkorg/")
    dialog = page.locator("[data-session-dialog]")
    page.clock.fast_forward(27 * MINUTE)
    expect(dialog).to_be_hidden()
    page.clock.fast_forward(1 * MINUTE + 10_000)
    expect(dialog).to_be_visible()
    page.get_by_role("button", name="Fortsätt vara inloggad").click()
    expect(dialog).to_be_hidden()
    assert page.url.endswith("/inkorg/")

    # Work in another tab keeps this one awake.
    page.clock.fast_forward(28 * MINUTE + 10_000)
    expect(dialog).to_be_visible()
    other = page.context.new_page()
    other.goto("/")
    expect(dialog).to_be_hidden()
