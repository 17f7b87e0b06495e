"""A bad mobile network between Chromium and the product: 400 kbit/s, 400 ms, 2 % of what is asked lost, half of it
before and half after the server has done it, and now and then no contact at all."""

import random
from contextlib import suppress
from dataclasses import dataclass, field

from playwright.sync_api import CDPSession, Error, Page, Route

KBIT, DELAY, ERRORS = 400, 400, 0.02
ASKED = ("document", "xhr", "fetch")


@dataclass
class Network:
    """`attach` to a page, then `off` and `on`. Chance comes from `seed`. Forced losses: `lose_next`."""

    seed: int = 1
    errors: float = ERRORS
    lost: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)  # noqa: S311 - repeatable, not secret
        self._session: CDPSession | None = None
        self.is_off = False
        self.cuts = 0
        self._forced: list[str] = []

    def attach(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)
        self._session.send("Network.enable")
        page.context.route("**/*", self._asked)
        self._set(offline=False)

    def off(self) -> None:
        self.is_off, self.cuts = True, self.cuts + 1
        self._set(offline=True)

    def on(self) -> None:
        self.is_off = False
        self._set(offline=False)

    def lose_next(self, stage: str) -> None:
        """The next form sent is lost for certain: "Request" before, "Response" after the server has done it."""
        self._forced.append(stage)

    def _set(self, *, offline: bool) -> None:
        assert self._session is not None
        speed = KBIT * 1000 / 8
        self._session.send(
            "Network.emulateNetworkConditions",
            {"offline": offline, "latency": DELAY, "downloadThroughput": speed, "uploadThroughput": speed},
        )

    def _asked(self, route: Route) -> None:
        request = route.request
        if self.is_off or request.resource_type not in ASKED:
            route.continue_()
            return
        stage = ""
        is_form = request.method == "POST" and (
            request.resource_type == "document" or request.headers.get("x-requested-with") == "form"
        )
        if is_form and self._forced:
            stage = self._forced.pop(0)
        elif self.rng.random() < self.errors:
            stage = self.rng.choice(("Request", "Response"))
        if not stage:
            route.continue_()
            return
        self.lost.append(f"{stage.lower()} {request.method} {request.url.split('/', 3)[-1]}")
        if stage == "Response":
            with suppress(Error):  # the page was left meanwhile
                route.fetch(max_redirects=0)
        route.abort("connectionreset")
