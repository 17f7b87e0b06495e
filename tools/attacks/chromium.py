"""What only a real browser can do with a session that is over: the back button, a second tab, an open live page,
storage and caches, a page without JavaScript, and the next person at the same computer."""

import time
from typing import Any

from playwright.sync_api import BrowserContext, Error, Page

from tests.browser import launched, new_context
from tools.attacks.endings import Ending, Held
from tools.attacks.stage import SESSION, Browser, Failed, Stage
from vardvag.demo import cast

GONE = 5.0  # seconds until an open live page shows nothing more
STORAGE = """async () => {
  const found = [];
  if (localStorage.length) found.push(`localStorage: ${Object.keys(localStorage)}`);
  if (sessionStorage.length) found.push(`sessionStorage: ${Object.keys(sessionStorage)}`);
  for (const one of await indexedDB.databases()) found.push(`indexedDB: ${one.name}`);
  if (window.caches) for (const name of await caches.keys()) found.push(`cache: ${name}`);
  if ((await navigator.serviceWorker?.getRegistrations() ?? []).length) found.push("service worker");
  return found;
}"""
CACHED = """async (path) => {
  try { return (await fetch(path, { cache: "only-if-cached", mode: "same-origin" })).status; } catch { return 0; }
}"""
OUT = "document.querySelector(`form[action$='/logga-ut/']`).requestSubmit()"


def words_of(page: Page) -> str:
    """A run of the case's own words that stands on no page for others."""
    said = page.locator(".message, .own-words, .thread").first.inner_text()
    found = max((line.strip() for line in said.splitlines()), key=len)
    if len(found) < 15:
        raise Failed(f"no words to look for in {said[:80]!r}")
    return found


def shows(page: Page, words: str) -> bool:
    try:
        return bool(page.evaluate("(w) => !document.documentElement.classList.contains('blanked') &&"
                                  " document.body.innerText.includes(w)", words))  # fmt: skip
    except Error:  # it is on its way to another page
        return False


def opened(context: BrowserContext, s: Stage, key: str, base: str) -> tuple[Page, Page, Page, str]:
    """An open live page; one that went on from the case to another page; a second tab; and the case's words."""
    context.add_cookies([{"name": SESSION, "value": key, "url": s.url, "httpOnly": True, "sameSite": "Lax"}])
    live, back, second = context.new_page(), context.new_page(), context.new_page()
    frames: list[str] = []
    live.on("websocket", lambda socket: socket.on("framereceived", lambda text: frames.append(str(text))))
    live.goto(base)
    until = time.monotonic() + 30
    while not any('"subscribed"' in one for one in frames):
        if time.monotonic() > until:
            raise Failed("the page hears of nothing")
        live.wait_for_timeout(50)
    words = words_of(live)
    back.goto(base)
    back.goto("/hjalp/")
    second.goto(base)
    return live, back, second, words


def one_ending(s: Stage, context: BrowserContext, ending: Ending, found: list[str]) -> float:
    """How long the live page went on showing the case. Adds to `found`."""
    (held,) = ending.hold(s, 1)
    base = f"/personal/arenden/{held.case}/" if held.side == "staff" else f"/arenden/{held.case}/"
    try:
        live, back, second, words = opened(context, s, held.key, base)
        by_hand = ending.name in ("resident logs out", "staff log out")
        picture = live.locator("img[src*='?liten']")
        small = str(picture.first.get_attribute("src")) if picture.count() else ""
        other = context.new_page()
        if by_hand:  # as one does it: the answer empties the browser
            other.goto("/hjalp/")
            other.evaluate(OUT) if other.locator("form[action$='/logga-ut/']").count() else second.evaluate(
                OUT
            )
            other.wait_for_timeout(300)
        else:
            ending.end(s, [held])
        began = time.monotonic()
        while shows(live, words) and time.monotonic() - began < 4 * GONE:
            live.wait_for_timeout(50)
        took = time.monotonic() - began
        if took > GONE:
            found.append(f"{ending.name}: the open live page showed the case for more than {GONE:.0f} s")
        back.go_back(wait_until="commit")
        until = time.monotonic() + 1.0
        while time.monotonic() < until:
            if shows(back, words):
                found.append(f"{ending.name}: the back button showed the case")
                break
            back.wait_for_timeout(50)
        if not by_hand:
            second.reload()
        else:
            second.goto(base)
        if shows(second, words):
            found.append(f"{ending.name}: the second tab showed the case")
        for path in (base, small):
            if path and second.evaluate(CACHED, path) not in (0, 504):
                found.append(
                    f"{ending.name}: the browser's cache had {path.partition('/filer/')[1] or 'the case'}"
                )
        if by_hand:
            found += [f"{ending.name}: left in the browser: {one}" for one in second.evaluate(STORAGE)]
            if any(one["name"] == SESSION for one in context.cookies()):
                found.append(f"{ending.name}: the session's cookie was left in the browser")
            found += _the_next_person(s, context, held, words, base)
        return took
    finally:
        ending.undo(s)


def _the_next_person(s: Stage, context: BrowserContext, held: Held, words: str, base: str) -> list[str]:
    """Somebody else logs in at the same computer and looks at everything that was open."""
    next_one: Browser = s.in_by_bankid(cast.PER.number)
    context.add_cookies(
        [{"name": SESSION, "value": next_one.key, "url": s.url, "httpOnly": True, "sameSite": "Lax"}]
    )
    found = []
    for page in context.pages:
        page.goto("/")
        for _ in range(5):
            try:
                page.go_back(wait_until="commit", timeout=3000)
            except Error:
                break
            page.wait_for_timeout(150)
            if shows(page, words):
                found.append("the next person at the computer saw the case")
        page.goto(base)
        if shows(page, words):
            found.append("the next person at the computer opened the case")
    return found


def without_script(s: Stage, context: BrowserContext, ending: Ending) -> list[str]:
    (held,) = ending.hold(s, 1)
    base = f"/personal/arenden/{held.case}/" if held.side == "staff" else f"/arenden/{held.case}/"
    context.add_cookies(
        [{"name": SESSION, "value": held.key, "url": s.url, "httpOnly": True, "sameSite": "Lax"}]
    )
    found = []
    try:
        page = context.new_page()
        page.goto(base)
        said = max((line.strip() for line in page.locator("main").inner_text().splitlines()), key=len)
        page.goto("/hjalp/")
        ending.end(s, [held])
        page.go_back()
        if said in page.locator("body").inner_text():
            found.append(f"{ending.name}: the back button showed the case without JavaScript")
        page.goto(base)
        if said in page.locator("body").inner_text():
            found.append(f"{ending.name}: the page without JavaScript showed the case")
    finally:
        ending.undo(s)
    return found


def campaign(s: Stage, endings: list[Ending], found: list[str]) -> dict[str, Any]:
    """Adds to `found`; returns the figures."""
    took: list[float] = []
    with launched() as browser:
        for ending in endings:
            for script in (True, False):
                context = new_context(browser, s.url, java_script_enabled=script)
                try:
                    if script:
                        took.append(one_ending(s, context, ending, found))
                    else:
                        found += without_script(s, context, ending)
                except Error as problem:
                    raise Failed(f"{ending.name} in Chromium: {problem}") from problem
                finally:
                    context.close()
    took.sort()
    return {"in_chromium": len(took), "page_median_s": round(took[len(took) // 2], 2) if took else None,
            "page_slowest_s": round(took[-1], 2) if took else None}  # fmt: skip
