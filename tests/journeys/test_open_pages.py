"""Pages left open: they come back by themselves without a storm, say what is true, and never take the place, the
words or the marks of whoever works in them."""

import json
import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from PIL import Image
from playwright.sync_api import Error, Page, Request, Route, WebSocketRoute, expect

from tests.journeys.people import SLUG, log_in, log_in_staff, open_service
from vardvag.demo.cast import ANNA, GRETA, SARA
from vardvag.demo.main_cases import case

ID = case("recept").public_id
HINT = "document.dispatchEvent(new CustomEvent('live:resync', { detail: {} })); null"
HIDE = (
    "Object.defineProperty(document, 'hidden', { configurable: true, get: () => true });"
    "document.dispatchEvent(new Event('visibilitychange')); null"
)
SHOW = "delete document.hidden; null"


@pytest.fixture
def sara(product: Any, new_page: Any) -> Page:
    page: Page = new_page()
    log_in_staff(page, product, SARA)
    return page


@pytest.fixture
def anna(product: Any, new_page: Any) -> Page:
    page: Page = new_page()
    log_in(page, product, ANNA)
    return page


@pytest.fixture
def greta(product: Any, new_page: Any) -> Page:
    page: Page = new_page()
    log_in(page, product, GRETA)
    return page


def granted(ws: WebSocketRoute, said: str | bytes, kind: str = "subscribed") -> None:
    asked = json.loads(said)
    if asked["do"] == "subscribe":
        ws.send(json.dumps({"kind": kind, "topic": asked["topic"], "quiet": 300}))


def by_itself(request: Request) -> bool:
    return request.headers.get("x-requested-with") in ("live", "background")


def test_a_live_connection_that_is_closed_at_once_is_tried_less_and_less(sara: Page) -> None:
    made: list[WebSocketRoute] = []

    def closed(ws: WebSocketRoute) -> None:
        made.append(ws)
        ws.on_message(lambda _said: ws.close(code=4429, reason="too many"))

    sara.add_init_script("Math.random = () => 0.5")
    sara.route_web_socket("**/live/", closed)
    sara.goto("/personal/")
    sara.wait_for_timeout(11_000)
    assert 2 <= len(made) <= 5


def test_a_live_connection_gone_silent_is_made_anew(sara: Page) -> None:
    made: list[WebSocketRoute] = []

    def silent(ws: WebSocketRoute) -> None:
        made.append(ws)
        ws.on_message(lambda said: granted(ws, said))

    sara.route_web_socket("**/live/", silent)
    sara.clock.install()
    sara.goto("/personal/")
    expect(sara.locator("[data-live-status][data-state=live]")).to_be_visible()
    sara.clock.pause_at(datetime.now(UTC) + timedelta(seconds=10))
    with sara.expect_request(by_itself):  # what was missed meanwhile is fetched
        for _ in range(12):
            sara.clock.run_for(10_000)
            sara.wait_for_timeout(100)
    assert len(made) > 1


def test_a_page_whose_topic_is_refused_as_it_opens_asks_whether_it_may_be_shown(sara: Page) -> None:
    sara.route_web_socket("**/live/", lambda ws: ws.on_message(lambda said: granted(ws, said, "refused")))
    with sara.expect_request(by_itself, timeout=8000):
        sara.goto(f"/personal/arenden/{ID}/")


@pytest.mark.parametrize("side", ["resident", "staff"])
def test_hints_during_a_disturbance_do_not_multiply_what_a_page_asks(side: str, product, new_page) -> None:
    page: Page = new_page()
    if side == "staff":
        log_in_staff(page, product, SARA)
        page.goto(f"/personal/arenden/{ID}/")
    else:
        log_in(page, product, ANNA)
    asked: list[str] = []

    def away(route: Route) -> None:
        if not by_itself(route.request):
            route.continue_()
            return
        asked.append(route.request.url)
        route.fulfill(status=503, body="")

    page.route("**/*", away)
    for _ in range(6):
        page.evaluate(HINT)
        page.wait_for_timeout(300)
    asked.clear()
    page.wait_for_timeout(6500)
    assert 2 <= len(asked) <= 5


def test_staying_logged_in_on_a_lost_net_loses_nothing(greta: Page) -> None:
    open_service(greta, SLUG, "fornya-recept")
    words = f"Behepan {uuid4().hex[:6]}"
    with greta.expect_response("**/spara/"):
        greta.locator("textarea[name=q-vilka]").fill(words)
    expect(greta.locator("[data-saved]")).to_contain_text(re.compile("^Sparat"))
    greta.evaluate("document.querySelector('[data-session-dialog]').showModal()")
    greta.context.set_offline(True)
    stay = greta.get_by_role("button", name="Fortsätt vara inloggad")
    stay.click()
    greta.wait_for_timeout(1000)
    expect(stay).to_be_visible()
    expect(greta.locator("textarea[name=q-vilka]")).to_have_value(words)
    greta.context.set_offline(False)
    greta.evaluate("document.querySelector('[data-stay]').click()")  # a saving may have closed it already
    expect(stay).to_be_hidden()
    expect(greta.locator("textarea[name=q-vilka]")).to_have_value(words)


def test_staying_logged_in_where_a_form_was_not_taken_leaves_the_page(sara: Page) -> None:
    sara.goto(f"/personal/arenden/{ID}/")
    sara.locator("#reply").fill("")
    sara.get_by_role("button", name="Skicka", exact=True).click()
    sara.wait_for_url("**/svara/")
    sara.evaluate("window.here = true; document.querySelector('[data-session-dialog]').showModal()")
    stay = sara.get_by_role("button", name="Fortsätt vara inloggad")
    stay.click()
    expect(stay).to_be_hidden()
    assert sara.evaluate("window.here === true")


def test_a_saving_that_failed_as_the_page_was_hidden_is_tried_again(greta: Page) -> None:
    open_service(greta, SLUG, "fornya-recept")
    greta.route("**/spara/", lambda route: route.abort())
    greta.locator("textarea[name=q-vilka]").fill(f"Behepan {uuid4().hex[:6]}")
    with greta.expect_event("requestfailed"):
        greta.evaluate(HIDE)
    expect(greta.locator("[data-saved]")).to_contain_text("försöker igen")
    greta.evaluate(SHOW)
    greta.unroute("**/spara/")
    with greta.expect_response("**/spara/", timeout=9000) as answer:
        pass
    assert answer.value.ok


def test_much_that_was_written_is_saved_as_the_page_is_hidden(anna: Page) -> None:
    """More than a browser sends on after its page (64 kB)."""
    anna.goto(f"/arenden/{ID}/")
    anna.locator("textarea[name=body]").fill("痛" * 7900)
    with anna.expect_response("**/utkast/", timeout=3500) as answer:
        anna.evaluate(HIDE)
    assert answer.value.ok
    anna.evaluate(SHOW)
    anna.locator("textarea[name=body]").fill("")
    with anna.expect_response("**/utkast/"):
        anna.locator("textarea[name=body]").blur()


@pytest.mark.parametrize(("status", "words"), [(409, "en annan"), (422, "Inte sparat")])
def test_what_is_refused_is_not_said_to_be_tried_again(greta: Page, status: int, words: str) -> None:
    open_service(greta, SLUG, "fornya-recept")
    asked: list[str] = []

    def refused(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=status, json={})

    greta.route("**/spara/", refused)
    greta.locator("textarea[name=q-vilka]").fill(f"Behepan {uuid4().hex[:6]}")
    saved = greta.locator("[data-saved]")
    expect(saved).to_contain_text(words)
    expect(saved).not_to_contain_text("igen")
    greta.wait_for_timeout(6000)
    assert len(asked) == 1
    greta.locator("textarea[name=q-vilka]").fill(f"Behepan 1 mg {uuid4().hex[:6]}")
    expect(saved).to_contain_text(words)
    greta.wait_for_timeout(2000)
    assert len(asked) == 2


def test_the_first_case_in_an_empty_queue_does_not_take_the_keyboard(product: Any, sara: Page) -> None:
    sara.goto("/personal/?vy=all&sida=90")
    empty = sara.locator("tr.row").count() == 0
    assert empty
    sara.route(
        "**/personal/ko/rader/**",
        lambda route: route.fulfill(response=route.fetch(url=product.url + "/personal/ko/rader/")),
    )
    sara.locator("#sok").press_sequentially("Ann")
    sara.evaluate(HINT)
    expect(sara.locator("tr.row").first).to_be_visible()
    expect(sara.locator("#sok")).to_be_focused()


def test_counters_are_renewed_under_the_keyboard(sara: Page) -> None:
    sara.goto("/personal/")
    sara.locator(".queue-views a").nth(1).focus()
    at = sara.evaluate("document.activeElement.dataset.view")
    with sara.expect_response("**/personal/ko/rader/**"):
        sara.evaluate(HINT)
    sara.wait_for_timeout(300)
    assert sara.evaluate("document.activeElement.dataset.view") == at


def test_marked_rows_stay_marked_when_the_new_are_shown(sara: Page) -> None:
    sara.goto("/personal/")
    boxes = sara.locator("[data-mark]")
    boxes.nth(0).check()
    boxes.nth(1).check()
    with sara.expect_response("**/personal/ko/rader/**"):
        sara.evaluate("document.querySelector('[data-show-new]').click()")
    sara.wait_for_timeout(300)
    expect(sara.locator("[data-mark]:checked")).to_have_count(2)
    expect(sara.locator("[data-marked-count]")).to_have_text("2 markerade")


def test_logging_out_in_one_tab_closes_what_the_others_show(greta: Page) -> None:
    open_service(greta, SLUG, "fornya-recept")
    other = greta.context.new_page()
    other.goto("/")
    other.locator(".menu summary").click()
    other.get_by_role("button", name="Logga ut").click()
    other.wait_for_url("**/utloggad/**")
    greta.wait_for_url("**/utloggad/**", timeout=5000)


def picture() -> dict[str, Any]:
    out = BytesIO()
    Image.new("RGB", (80, 60), "#884422").save(out, "JPEG")
    return {"name": "utslag.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def test_a_file_that_was_cancelled_as_it_arrived_is_not_attached(anna: Page) -> None:
    anna.goto(f"/arenden/{ID}/")
    with anna.expect_response("**/utkast/"):  # the files of a draft are shown again with it
        anna.locator("textarea[name=body]").fill(f"Bilden kommer {uuid4().hex[:6]}")

    def cancelled(route: Route) -> None:
        answer = route.fetch()
        assert answer.status == 200
        anna.get_by_role("button", name="Avbryt utslag.jpg").click()
        with suppress(Error):  # the browser may wait for it no longer
            route.fulfill(response=answer)

    address = anna.locator("[data-attach]").get_attribute("data-attach-upload")
    anna.route(f"**{address}", cancelled)
    anna.locator("input[type=file]").set_input_files(picture())
    expect(anna.locator("[data-attach-status]")).to_contain_text("Avbruten")
    anna.wait_for_timeout(1500)
    expect(anna.locator("[data-attach-list] li")).to_have_count(0)
    anna.reload()
    expect(anna.locator("[data-attach-list] li")).to_have_count(0)


def test_a_form_waiting_for_a_file_that_is_refused_is_not_sent_without_it(anna: Page) -> None:
    anna.goto(f"/arenden/{ID}/")
    anna.locator("textarea[name=body]").fill("Se bilden!")
    sent: list[str] = []
    anna.on("request", lambda one: sent.append(one.url) if re.search("/skriv/$", one.url) else None)

    def pressed(route: Route) -> None:
        anna.get_by_role("button", name="Skicka", exact=True).click()
        expect(anna.locator("[data-attach-status]")).to_contain_text("Väntar på filerna")
        route.continue_()

    address = anna.locator("[data-attach]").get_attribute("data-attach-upload")
    anna.route(f"**{address}", pressed)
    bad = {"name": "utslag.jpg", "mimeType": "image/jpeg", "buffer": b"this is no picture"}
    anna.locator("input[type=file]").set_input_files(bad)
    expect(anna.locator(".attached-why")).not_to_be_empty()
    anna.wait_for_timeout(1500)
    assert not sent
    expect(anna.locator("textarea[name=body]")).to_have_value("Se bilden!")

    # Pressed once more, knowing it, it goes.
    anna.unroute(f"**{address}")
    anna.get_by_role("button", name="Skicka", exact=True).click()
    expect(anna.locator(".thread")).to_contain_text("Se bilden!")
