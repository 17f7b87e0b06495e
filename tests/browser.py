"""A real browser for journeys, and what is asked of every page in it."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tools import node

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
NAMES = ("chromium", "chromium-browser", "google-chrome")
MISSING = "A Chromium browser is needed: run `apt-get install chromium`, or set CHROMIUM=/path/to/chromium."
WIDTHS = (360, 768, 1440)
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def chromium() -> str:
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        pytest.fail(MISSING, pytrace=False)
    return found


@contextmanager
def launched() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield browser
        browser.close()


def new_context(browser: Browser, base_url: str, **more: Any) -> BrowserContext:
    """A fresh person at a fresh browser: Swedish, in Sweden, no cookies."""
    settings: dict[str, Any] = {"locale": "sv-SE", "timezone_id": "Europe/Stockholm", **more}
    context = browser.new_context(base_url=base_url, viewport={"width": 1280, "height": 900}, **settings)
    expect.set_options(timeout=20_000)
    context.set_default_timeout(30_000)  # a busy machine is no fault of the product
    return context


def axe(page: Page, *, where: str = "", everywhere: bool = True, only: str | None = None) -> None:
    """No violation on the page as it is now: at three widths, light and dark (or only as it is)."""
    node.install()
    source = (node.MODULES / "axe-core" / "axe.min.js").read_text()
    page.evaluate(source)
    before = page.viewport_size or {"width": 1280, "height": 900}
    faults: list[str] = []
    for width in WIDTHS if everywhere else [before["width"]]:
        for scheme in ("light", "dark") if everywhere else [None]:
            if everywhere:
                page.set_viewport_size({"width": width, "height": 900})
                page.emulate_media(color_scheme=scheme)
            found = page.evaluate(
                "([only, tags]) => axe.run(only || document, {runOnly: tags, resultTypes: ['violations']})",
                [only, TAGS],
            )
            for violation in found["violations"]:
                spots = "; ".join(
                    f"{' '.join(n['target'])}: {n['failureSummary']}" for n in violation["nodes"][:3]
                )
                faults.append(f"{width} {scheme or ''} {violation['id']} ({violation['help']}): {spots}")
            too_wide = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            if too_wide > 0:
                faults.append(f"{width} the page scrolls sideways by {too_wide} px")
    page.set_viewport_size(before)
    page.emulate_media(color_scheme="light")
    assert not faults, f"{where or page.url}\n" + "\n".join(faults)


def lighthouse(url: str, *, cookies: Sequence[dict[str, Any]] = ()) -> tuple[int, list[str]]:
    """Accessibility score of a page, 0 to 100, and the titles of what failed."""
    node.install()
    command = [
        *node.node(), str(node.MODULES / "lighthouse" / "cli" / "index.js"), url, "--quiet", "--output=json",
        "--only-categories=accessibility", f"--chrome-flags=--headless=new {' '.join(ARGUMENTS)}",
    ]  # fmt: skip
    if cookies:
        text = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in cookies)
        command += ["--extra-headers", json.dumps({"Cookie": text})]
    environment = {**node.environment(), "CHROME_PATH": chromium()}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        pytest.fail(f"Lighthouse failed: {done.stderr[-1000:]}", pytrace=False)
    report = json.loads(done.stdout)
    failed = [audit["title"] for audit in report["audits"].values() if audit.get("score") == 0]
    return round(report["categories"]["accessibility"]["score"] * 100), failed
