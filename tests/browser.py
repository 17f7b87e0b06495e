"""A real browser for journeys, and what is asked of every page in it."""

import json
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, Playwright, expect, sync_playwright

from tools import node

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
NAMES = ("chromium", "chromium-browser", "google-chrome")
MISSING = "A Chromium browser is needed: run `apt-get install chromium`, or set CHROMIUM=/path/to/chromium."
WIDTHS = (360, 768, 1440)
Look = tuple[int, Literal["light", "dark"] | None]
LOOKS: list[Look] = [
    *((width, "light") for width in WIDTHS), (WIDTHS[0], "dark"), (WIDTHS[-1], "dark"),
]  # fmt: skip
TAGS = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
COLOURS = {
    "type": "rule",
    "values": ["color-contrast", "link-in-text-block"],
}  # what dark can break by itself


def chromium() -> str:
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        pytest.fail(MISSING, pytrace=False)
    return found


class Browsers:
    """One browser for all tests; another when it was ended because it did not answer."""

    def __init__(self, playwright: Playwright) -> None:
        self.playwright = playwright
        self.one: Browser | None = None

    def get(self) -> Browser:
        if self.one is None or not self.one.is_connected():
            self.one = self.playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        return self.one


@contextmanager
def browsers() -> Iterator[Browsers]:
    with sync_playwright() as playwright:
        made = Browsers(playwright)
        yield made
        if made.one:
            made.one.close()


@contextmanager
def launched() -> Iterator[Browser]:
    with browsers() as made:
        yield made.get()


def close(contexts: Sequence[BrowserContext]) -> None:
    """Closing has once waited for ever, with the browser well and the test over: after a minute the browser is ended,
    and the next test gets another."""
    watch = threading.Timer(60, _end_browsers)
    watch.start()
    try:
        for context in contexts:
            context.close()
    except Error:  # of a browser that was ended
        if watch.is_alive():
            raise
    finally:
        watch.cancel()


def _end_browsers() -> None:
    """Those that this process started, through the driver."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            name, _, rest = stat.read_text().partition(") ")
            parents[int(stat.parent.name)] = (int(rest.split()[1]), name.partition("(")[2])
    mine = {os.getpid()}
    while more := {pid for pid, (parent, _) in parents.items() if parent in mine} - mine:
        mine |= more
    for pid in mine:
        if "chrom" in parents.get(pid, (0, ""))[1]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def new_context(browser: Browser, base_url: str, **more: Any) -> BrowserContext:
    """A fresh person at a fresh browser: Swedish, in Sweden, no cookies."""
    settings: dict[str, Any] = {"locale": "sv-SE", "timezone_id": "Europe/Stockholm", **more}
    context = browser.new_context(base_url=base_url, viewport={"width": 1280, "height": 900}, **settings)
    expect.set_options(timeout=20_000)
    context.set_default_timeout(30_000)  # a busy machine is no fault of the product
    return context


def axe(page: Page, *, where: str = "", everywhere: bool = True, only: str | None = None) -> None:
    """No violation on the page: at three widths, light and dark (or only as it is now), without loading it anew. The
    dark changes colours and nothing else: there the rules of colour are enough, narrowest and widest."""
    node.install()
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate((node.MODULES / "axe-core" / "axe.min.js").read_text())
    before = page.viewport_size or {"width": 1280, "height": 900}
    faults: list[str] = []
    looks: list[Look] = LOOKS if everywhere else [(before["width"], None)]
    for width, scheme in looks:
        if scheme:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found = page.evaluate(
            "([only, tags]) => axe.run(only || document, {runOnly: tags, resultTypes: ['violations']})",
            [only, COLOURS if scheme == "dark" else TAGS],
        )
        for violation in found["violations"]:
            spots = "; ".join(
                f"{' '.join(n['target'])}: {n['failureSummary']}" for n in violation["nodes"][:3]
            )
            faults.append(f"{width} {scheme or ''} {violation['id']} ({violation['help']}): {spots}")
    page.set_viewport_size(before)
    page.emulate_media(color_scheme="light")
    assert not faults, f"{where or page.url}\n" + "\n".join(faults)


def too_wide(page: Page, *, widths: Sequence[int]) -> list[str]:
    """At which widths the page scrolls sideways."""
    before = page.viewport_size or {"width": 1280, "height": 900}
    faults = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        over = page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
        if over > 0:
            faults.append(f"{over} px wider than {width} px")
    page.set_viewport_size(before)
    return faults


IN_FORCED_COLOURS = """() => {
  const seen = new Set(), faults = [];
  const words = (el) => (el.innerText || el.name || "").trim().slice(0, 30);
  const name = (el) => `${el.tagName.toLowerCase()}.${el.className} "${words(el)}"`;
  const at = document.activeElement;
  const bare = (style) => style.borderTopStyle === "none" || parseFloat(style.borderTopWidth) < 1;
  for (const el of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")) {
    const like = [el.tagName, el.className, el.type, el.dataset.variant, el.parentElement.className].join(" ");
    if (seen.has(like) || el.disabled || !el.checkVisibility({ visibilityProperty: true })) continue;
    seen.add(like);
    const field = el.matches("input:not([type=checkbox], [type=radio], [type=file]), select, textarea");
    if ((field || el.matches(".ds-button")) && bare(getComputedStyle(el))) faults.push(`no border: ${name(el)}`);
    el.focus({ preventScroll: true });
    if (document.activeElement !== el) continue; // behind an open dialog
    const ring = getComputedStyle(el);
    if (ring.outlineStyle === "none" || parseFloat(ring.outlineWidth) < 2) faults.push(`no ring: ${name(el)}`);
  }
  at?.focus({ preventScroll: true });
  return faults;
}"""


def in_forced_colours(page: Page) -> list[str]:
    """With the system's own colours: buttons and fields without an edge, and whatever shows no ring when it has the
    keyboard's focus. One of each kind is looked at."""
    page.emulate_media(forced_colors="active")
    page.keyboard.press("Shift")  # what follows counts as done by keyboard
    faults: list[str] = page.evaluate(IN_FORCED_COLOURS)
    page.emulate_media(forced_colors="none")
    return faults


def lighthouse(
    urls: Sequence[str], *, cookies: Sequence[dict[str, Any]] = ()
) -> dict[str, tuple[int, list[str]]]:
    """Accessibility of each page, in one browser: score, 0 to 100, and the titles of what failed."""
    node.install()
    order = {
        "modules": str(node.MODULES),
        "urls": list(urls),
        "flags": ["--headless=new", *ARGUMENTS],
        "cookies": [{"name": one["name"], "value": one["value"], "url": urls[0]} for one in cookies],
    }
    done = subprocess.run(
        [*node.node(), str(node.SOURCE / "lighthouse.mjs")],
        input=json.dumps(order), env={**node.environment(), "CHROME_PATH": chromium()},
        capture_output=True, text=True, timeout=60 + 30 * len(urls), check=False,
    )  # fmt: skip
    if done.returncode:
        pytest.fail(f"Lighthouse failed: {done.stderr[-1000:]}", pytrace=False)
    return {url: (score, failed) for url, score, failed in map(json.loads, done.stdout.splitlines())}
