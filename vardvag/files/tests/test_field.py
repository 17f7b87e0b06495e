"""The field in a real browser: each file by itself, refusals in place, a lost connection, sending too early."""

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import launched, new_context
from vardvag.core import doors
from vardvag.files.rules import PIECE
from vardvag.files.sandbox import run
from vardvag.files.sandbox.rebuilt import Limits, Rebuilt
from vardvag.files.tests import corpus, field_urls
from vardvag.files.tests.people import resident
from vardvag.files.tests.test_pages import TestKeeper

UPLOAD = re.compile(r"/bilagor/$")
PIECE_SENT = re.compile(r"/bilagor/del/$")


@pytest.fixture
def page(transactional_db, live_server, settings) -> Iterator[Page]:
    settings.ROOT_URLCONF = "vardvag.files.tests.field_urls"
    settings.DOOR_KEEPER = "vardvag.files.tests.test_pages.TestKeeper"
    doors.keeper.cache_clear()
    TestKeeper.who = resident()
    field_urls.POSTED.clear()
    with launched() as browser:
        page = new_context(browser, live_server.url).new_page()
        page.problems = []  # type: ignore[attr-defined]
        page.on("pageerror", lambda error: page.problems.append(str(error)))  # type: ignore[attr-defined]
        page.goto("/form/")
        yield page
        assert page.problems == []  # type: ignore[attr-defined]
    doors.keeper.cache_clear()


def files(tmp_path: Path) -> dict[str, Path]:
    made = {
        "stor.jpg": corpus.encoded(corpus.photo(3000, 1500), "JPEG", exif=corpus.gps()),
        "remiss.pdf": corpus.pdf(pages=2),
        "brev.docx": corpus.DOCX,
        "bild.heic": corpus.encoded(corpus.photo(), "HEIF"),
    }
    for name, data in made.items():
        (tmp_path / name).write_bytes(data)
    return {name: tmp_path / name for name in made}


def choose(page: Page, *paths: Path) -> None:
    page.get_by_label("Välj filer").set_input_files(paths)


def test_files_are_sent_as_they_are_chosen(page: Page, tmp_path: Path) -> None:
    chosen = files(tmp_path)
    choose(page, *chosen.values())
    rows = page.locator(".attached-file")
    expect(rows).to_have_count(4)
    expect(page.get_by_role("button", name="Ta bort")).to_have_count(3)
    expect(rows.nth(1)).to_contain_text("2 sidor")
    expect(rows.nth(2)).to_contain_text("Spara det som pdf och välj pdf-filen.")
    size = page.evaluate("(async () => { const i = new Image(); i.src = document.querySelector('.attached a').href;"
                         " await i.decode(); return [i.naturalWidth, i.naturalHeight]; })()")  # fmt: skip
    assert size == [2048, 1024]  # made smaller in the browser
    page.get_by_role("button", name="Bifoga inte").click()
    expect(rows).to_have_count(3)
    page.get_by_role("button", name="Ta bort remiss.pdf").click()
    expect(rows).to_have_count(2)
    expect(page.locator("[data-attach-status]")).to_have_text("Borttagen.")
    expect(page.get_by_label("Välj filer")).to_be_focused()
    choose(page, chosen["bild.heic"])  # the same once more
    expect(page.locator("progress")).to_have_count(0)
    expect(rows).to_have_count(2)
    page.reload()
    expect(page.locator(".attached-file")).to_have_count(2)
    page.get_by_role("button", name="Skicka").click()
    expect(page.get_by_role("heading", name="Skickat")).to_be_visible()
    assert field_urls.POSTED[0]["verb"] == "send" and field_urls.POSTED[0]["files"] == 0


def test_a_lost_connection_loses_no_file(page: Page, tmp_path: Path) -> None:
    chosen = files(tmp_path)
    page.route(UPLOAD, lambda route: route.abort())
    choose(page, chosen["remiss.pdf"])
    expect(page.locator(".attached-why")).to_contain_text("Kontrollera anslutningen")
    page.get_by_role("button", name="Skicka").click()
    expect(page.get_by_role("button", name="Försök igen")).to_be_focused()
    assert field_urls.POSTED == []
    page.unroute(UPLOAD)
    page.get_by_role("button", name="Försök igen").click()
    expect(page.get_by_role("button", name="Ta bort remiss.pdf")).to_be_visible()


def noise(folder: Path) -> Path:
    """Some pieces long, and no smaller as a JPEG."""
    path = folder / "stor.pdf"
    path.write_bytes(corpus.pdf_with_photo(side=1400))
    assert 2 * PIECE < path.stat().st_size < 12 * PIECE
    return path


def test_a_large_file_goes_on_where_the_line_broke(page: Page, tmp_path: Path) -> None:
    offsets: list[int] = []

    def line(route: Route) -> None:
        offset = int(
            (route.request.post_data_buffer or b"").split(b'name="offset"\r\n\r\n')[1].split(b"\r\n")[0]
        )
        offsets.append(offset)
        broken = offsets.count(PIECE) == 1 and offset == PIECE
        lost_answer = offsets.count(2 * PIECE) == 1 and offset == 2 * PIECE
        if broken:
            route.abort("internetdisconnected")
            return
        if lost_answer:
            route.fetch()
            route.abort("connectionreset")
            return
        route.continue_()

    page.route(PIECE_SENT, line)
    choose(page, noise(tmp_path))
    expect(page.locator(".attached-why")).to_contain_text("fortsätter av sig själv")
    page.locator("textarea").fill("Under tiden går det att skriva.")
    expect(page.get_by_role("button", name="Ta bort stor.pdf")).to_be_visible(timeout=30_000)
    assert offsets[:3] == [0, PIECE, PIECE] and offsets.count(0) == 1 and offsets.count(2 * PIECE) == 2
    assert page.locator("textarea").input_value() == "Under tiden går det att skriva."


def test_a_file_chosen_again_goes_on_and_one_cancelled_is_dropped(page: Page, tmp_path: Path) -> None:
    offsets: list[str] = []
    held: list[Route] = []

    def line(route: Route) -> None:
        sent = route.request.post_data_buffer or b""
        if b'name="cancel"' in sent:
            offsets.append("cancel")
            route.continue_()
            return
        offsets.append(sent.split(b'name="offset"\r\n\r\n')[1].split(b"\r\n")[0].decode())
        if len(offsets) == 2:
            held.append(route)  # the page is left in the middle
        else:
            route.continue_()

    page.route(PIECE_SENT, line)
    choose(page, noise(tmp_path))
    while not held:
        page.wait_for_timeout(50)
    assert len(held) == 1
    page.reload()
    choose(page, tmp_path / "stor.pdf")
    expect(page.get_by_role("button", name="Ta bort stor.pdf")).to_be_visible(timeout=30_000)
    assert offsets[:4] == ["0", str(PIECE), "0", str(PIECE)]  # what had come was not sent again
    offsets.clear()
    (tmp_path / "annan.pdf").write_bytes(corpus.pdf_with_photo(side=1300))
    choose(page, tmp_path / "annan.pdf")
    page.get_by_role("button", name="Avbryt annan.pdf").click()
    expect(page.locator(".attached-file")).to_have_count(1)
    expect(page.locator("[data-attach-status]")).to_contain_text("Avbruten.")
    page.get_by_role("button", name="Skicka").click()
    expect(page.get_by_role("heading", name="Skickat")).to_be_visible()


def test_a_file_waits_for_its_turn_by_itself(page: Page, tmp_path: Path) -> None:
    answers = iter([503, 503])

    def busy(route: Route) -> None:
        status = next(answers, None)
        if status:
            route.fulfill(status=status, body="<li>Många skickar filer just nu.</li>")
        else:
            route.continue_()

    page.route(UPLOAD, busy)
    choose(page, files(tmp_path)["remiss.pdf"])
    expect(page.get_by_role("button", name="Ta bort remiss.pdf")).to_be_visible(timeout=15_000)
    expect(page.locator(".attached-why")).to_have_count(0)


def test_sending_waits_for_the_files(page: Page, tmp_path: Path) -> None:
    held: list[Route] = []
    page.route(UPLOAD, lambda route: held.append(route))
    choose(page, files(tmp_path)["remiss.pdf"])
    expect(page.locator("progress")).to_be_visible()
    page.get_by_role("button", name="Skicka").click()
    expect(page.locator("[data-attach-status]")).to_contain_text("Väntar på filerna")
    assert field_urls.POSTED == []
    held[0].continue_()
    expect(page.get_by_role("heading", name="Skickat")).to_be_visible()
    assert field_urls.POSTED[0]["verb"] == "send" and field_urls.POSTED[0]["files"] == 0


def test_without_script_the_files_travel_with_the_form(page: Page, tmp_path: Path) -> None:
    chosen = files(tmp_path)
    assert page.context.browser
    plain = new_context(page.context.browser, page.url.removesuffix("/form/"), java_script_enabled=False)
    bare = plain.new_page()
    bare.goto("/form/")
    choose(bare, chosen["remiss.pdf"], chosen["bild.heic"])
    bare.get_by_role("button", name="Skicka").click()
    expect(bare.get_by_role("heading", name="Skickat")).to_be_visible()
    assert field_urls.POSTED[0]["files"] == 2


def test_what_is_refused_while_the_form_waits_keeps_it_here(page: Page, tmp_path: Path) -> None:
    """It would go without the file, and nobody would see why."""
    held: list[Route] = []
    page.route(UPLOAD, lambda route: held.append(route))
    choose(page, files(tmp_path)["brev.docx"])
    expect(page.locator("progress")).to_be_visible()
    page.get_by_role("button", name="Skicka").click()
    expect(page.locator("[data-attach-status]")).to_contain_text("Väntar på filerna")
    held[0].continue_()
    expect(page.locator("[data-attach-status]")).to_contain_text("Formuläret är inte skickat.")
    expect(page.locator(".attached-why")).to_contain_text("Spara det som pdf")
    expect(page.get_by_role("button", name="Bifoga inte")).to_be_focused()
    assert field_urls.POSTED == []
    page.get_by_role("button", name="Skicka").click()
    expect(page.get_by_role("heading", name="Skickat")).to_be_visible()


@pytest.fixture
def opening(monkeypatch: pytest.MonkeyPatch) -> tuple[threading.Event, threading.Event]:
    """Set when a file is being opened; to be set when it may go on."""
    begun, may_go_on, rebuild = threading.Event(), threading.Event(), run.rebuild

    def slowly(data: bytes, limits: Limits) -> Rebuilt:
        begun.set()
        may_go_on.wait(10)
        return rebuild(data, limits)

    monkeypatch.setattr(run, "rebuild", slowly)
    return begun, may_go_on


@pytest.mark.parametrize("large", [False, True])
def test_a_file_cancelled_while_it_is_opened_is_not_sent(
    page: Page, tmp_path: Path, opening: tuple[threading.Event, threading.Event], large: bool
) -> None:
    """All of it had come: it became part of the draft unseen, and went to the clinic."""
    begun, may_go_on = opening
    choose(page, noise(tmp_path) if large else files(tmp_path)["remiss.pdf"])
    while not begun.is_set():
        page.wait_for_timeout(50)
    page.get_by_role("button", name="Avbryt").click()
    expect(page.locator(".attached-why")).to_contain_text("Avbryter")
    may_go_on.set()
    expect(page.locator("[data-attach-status]")).to_contain_text("Avbruten.")
    expect(page.locator(".attached-file")).to_have_count(0)
    page.reload()
    expect(page.locator(".attached-file")).to_have_count(0)


def test_a_file_left_out_because_its_answer_was_lost_is_not_sent(
    page: Page, tmp_path: Path, opening: tuple[threading.Event, threading.Event]
) -> None:
    _, may_go_on = opening
    page.evaluate("() => { const kept = Object.getOwnPropertyDescriptor(XMLHttpRequest.prototype, 'timeout');"
                  " Object.defineProperty(XMLHttpRequest.prototype, 'timeout',"
                  " { set() { kept.set.call(this, 700); } }); }")  # fmt: skip
    choose(page, files(tmp_path)["remiss.pdf"])
    expect(page.locator(".attached-why")).to_contain_text("Kontrollera anslutningen")
    may_go_on.set()
    page.wait_for_timeout(1500)  # now it is part of the draft
    page.get_by_role("button", name="Bifoga inte").click()
    expect(page.locator(".attached-file")).to_have_count(0)
    page.reload()
    expect(page.locator(".attached-file")).to_have_count(0)
