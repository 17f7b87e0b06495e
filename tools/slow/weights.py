"""What a first view weighs over the wire: all that an empty browser fetches, as it was sent (screens.md 5.7)."""

from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser

from tests.browser import new_context

RESIDENT, STAFF, PICTURE = 100_000, 250_000, 30_000  # bytes


@dataclass
class Weight:
    """Bytes over the wire, headers included; of small pictures the heaviest, and how many."""

    path: str
    side: str
    bytes: int = 0
    elsewhere: list[str] = field(default_factory=list)  # requests to other hosts
    pictures: list[int] = field(default_factory=list)

    @property
    def most(self) -> int:
        return STAFF if self.side == "staff" else RESIDENT

    def faults(self) -> list[str]:
        found = []
        if self.bytes > self.most:
            found.append(f"{self.path} weighs {self.bytes} bytes, more than {self.most}")
        found += [f"{self.path}: a small picture of {one} bytes" for one in self.pictures if one > PICTURE]
        found += [f"{self.path} asks {one}" for one in self.elsewhere]
        return found


class Scale:
    """A browser that keeps nothing: each page is fetched whole, as by somebody who comes for the first time. Small
    pictures are weighed for themselves: they come when they are scrolled to, and there may be any number of them."""

    def __init__(self, browser: Browser, url: str, cookies: list[Any]) -> None:
        self._url = url
        self._context = new_context(browser, url)
        if cookies:
            self._context.add_cookies(cookies)
        self._page = self._context.new_page()
        self._urls: dict[str, str] = {}
        self._weight = Weight("", "")
        session = self._context.new_cdp_session(self._page)
        session.on("Network.requestWillBeSent", self._asked)
        session.on("Network.loadingFinished", self._came)
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})

    def weigh(self, path: str, *, side: str) -> Weight:
        self._page.goto("about:blank")
        self._weight = Weight(path, side)
        self._page.goto(path, wait_until="load")
        self._page.wait_for_timeout(250)
        return self._weight

    def close(self) -> None:
        self._context.close()

    def _asked(self, event: dict[str, Any]) -> None:
        at = event["request"]["url"]
        self._urls[event["requestId"]] = at
        if not at.startswith((self._url, "data:", "blob:", "about:")):
            self._weight.elsewhere.append(at)

    def _came(self, event: dict[str, Any]) -> None:
        size = int(event["encodedDataLength"])
        if "?liten" in self._urls.get(event["requestId"], ""):
            self._weight.pictures.append(size)
        else:
            self._weight.bytes += size
