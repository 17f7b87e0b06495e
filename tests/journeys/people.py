"""How people log in and write in the journeys: as they do it, through the product's and the stand-ins' pages."""

import re
import time
from collections.abc import Callable
from io import BytesIO
from urllib.parse import parse_qs, urlsplit

import pillow_heif
from PIL import Image, ImageDraw
from playwright.sync_api import Locator, Page, expect

from tests.product import Product
from vardvag.demo.cast import Employee, Resident

PHONE = {"width": 390, "height": 844}
CODE = "123456"
SLUG = "bjorkbackens-halsocentral"


def log_in(page: Page, product: Product, who: Resident) -> None:
    """A resident, by BankID on the same device; the phone is approved through the world's control."""
    page.goto("/logga-in/")
    page.locator("button[name=mode][value=same]").click()
    page.wait_for_url("**/telefon**")  # the script opens the app
    token = parse_qs(urlsplit(page.url).query)["token"][0]
    said = product.control(system="bankid", do="approve", personal_number=who.number, token=token, code=CODE)
    page.goto(said["return_url"])
    page.wait_for_url(product.url + "/")


def log_in_by_hand(page: Page, product: Product, who: Resident) -> None:
    """The same without JavaScript: every step is a link or a button."""
    page.goto("/logga-in/")
    page.locator("button[name=mode][value=same]").click()
    page.locator("[data-open-app]").click()
    page.locator("input[name=typed]").fill(who.number)
    page.locator("form:has(input[name=typed]) button").click()
    page.locator("input[name=code]").fill(CODE)
    page.get_by_role("button", name=re.compile("^(Legitimera|Identify)")).click()
    page.locator("[data-back] button").click()
    page.wait_for_url(product.url + "/")


def log_in_staff(page: Page, product: Product, who: Employee) -> None:
    """Staff, by the SITHS stand-in's list of people; the first assignment when there are several."""
    page.goto("/personal/logga-in/")
    page.locator("form[action$='siths/'] button").click()
    page.locator("input[name=hsa_id]").fill(who.hsa_id)
    page.locator("form:has(input[name=hsa_id]) button").last.click()
    page.wait_for_url(f"{product.url}/personal/**")
    if "/personal/uppdrag/" in page.url:
        page.locator("button.link-row").first.click()
    # Who may not see the queue is led to a first page of their own.
    page.wait_for_url(re.compile(f"^{re.escape(product.url)}/personal/(start/)?$"))


def photo() -> bytes:
    """A package of medicine as a phone takes it: HEIC, with a place in its EXIF."""
    picture = Image.new("RGB", (1200, 900), "#e8e2d6")
    paper = ImageDraw.Draw(picture)
    paper.rectangle((150, 180, 1050, 700), fill="#ffffff", outline="#1b5e63", width=12)
    paper.rectangle((150, 180, 1050, 300), fill="#1b5e63")
    for line in range(5):
        paper.rectangle((210, 360 + line * 60, 900 - line * 90, 385 + line * 60), fill="#55605e")
    exif = Image.Exif()
    exif[0x010F] = "Telefonen"
    exif.get_ifd(0x8825).update({1: "N", 2: (59.0, 20.0, 0.0), 3: "E", 4: (18.0, 3.0, 0.0)})
    out = BytesIO()
    pillow_heif.from_pillow(picture).save(out, exif=exif.tobytes(), quality=80)
    return out.getvalue()


def open_service(page: Page, slug: str, key: str) -> None:
    """From the list of services to the first question, terms accepted when they are asked for."""
    page.goto(f"/kontakta/{slug}/")
    page.locator(f"a.link-row[href$='/{key}/']").click()
    if page.locator("#accept").count():
        page.locator("#accept").check()
    page.locator("form[action$='/borja/'] button").click()
    page.wait_for_url("**/utkast/**")


def open_row(page: Page, number: str) -> None:
    """The case with that number, from the queue."""
    page.locator(f"tr.row:has([aria-label$=' {number}']) [data-open]").click()
    page.wait_for_url("**/personal/arenden/**")


def ready(page: Page) -> None:
    """The page's scripts run and it hears of what happens."""
    expect(page.locator("[data-live-status][data-state=live]")).to_be_visible()


def go_on(page: Page) -> None:
    page.locator("form.stack .actions button:not([name])").first.click()


def renewal(page: Page, medicine: str, *, picture: bytes | None = None, script: bool = True) -> None:
    """Answers Förnya recept up to the page where one checks and sends."""
    page.locator("textarea[name=q-vilka]").fill(medicine)
    page.locator("input[name=q-racker]").nth(1).check()
    go_on(page)
    page.locator("input[name=q-andrat]").first.check()
    go_on(page)
    page.locator("textarea[name=q-ovrigt]").wait_for()
    if picture:
        page.locator("input[type=file]").set_input_files(
            {"name": "IMG_0042.HEIC", "mimeType": "image/heic", "buffer": picture}
        )
        if script:
            page.locator("[data-attach-list] li:not([data-attach-pending])").wait_for()
    go_on(page)
    page.wait_for_url("**/kontrollera/")


def settled(page: Page) -> None:
    """A form that was pressed has been answered: forms go by script, and what is refused comes as a page after it."""
    page.locator("[data-sending]").wait_for(state="detached")
    page.wait_for_load_state()


def until(page: Page, there: Callable[[], object], *, at: str = "") -> None:
    """Load the page anew until it is there: a reply is held for ten seconds before the resident sees it."""
    over = time.monotonic() + 25
    while time.monotonic() < over:
        if at:
            page.goto(at)
        else:
            page.reload()
        if there():
            return
        page.wait_for_timeout(700)
    raise AssertionError(f"did not come at {page.url}:\n{page.locator('main').inner_text()}")


def told(product: Product, system: str, receiver: str, *, after: int = 0) -> str:
    """The texts that went out that way to somebody; waits for the first."""
    over = time.monotonic() + 25
    while time.monotonic() < over:
        sent = [e["data"] for e in product.journal() if e["number"] > after and e["system"] == system]
        texts = [str(one) for one in sent if receiver in str(one)]
        if texts:
            return "\n".join(texts)
        time.sleep(0.3)
    return ""


def press_slowly(page: Page, button: Locator) -> None:
    """Down at its upper edge, up after the draft has been saved: it must not have moved away meanwhile."""
    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 3)
    page.mouse.down()
    page.wait_for_timeout(500)
    after = button.bounding_box()
    assert after and abs(after["x"] - box["x"]) < 1 and abs(after["y"] - box["y"]) < 1, f"{box} {after}"
    page.mouse.up()
