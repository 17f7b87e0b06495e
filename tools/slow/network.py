"""A bad mobile network between Chromium and the product: 400 kbit/s, 400 ms, 2 % of what is asked lost, half of it
before and half after the server has done it, and now and then no contact at all."""

import random
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import CDPSession, Page

KBIT, DELAY, ERRORS = 400, 400, 0.02


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
        self._session.on("Fetch.requestPaused", self._paused)
        kinds = ("Document", "XHR", "Fetch")
        patterns = [
            {"resourceType": kind, "requestStage": stage}
            for kind in kinds
            for stage in ("Request", "Response")
        ]
        self._session.send("Network.enable")
        self._session.send("Fetch.enable", {"patterns": patterns})
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

    def _paused(self, event: dict[str, Any]) -> None:
        assert self._session is not None
        answered = "responseStatusCode" in event or "responseErrorReason" in event
        stage = "Response" if answered else "Request"
        method = event["request"]["method"]
        forced = method == "POST" and self._forced[:1] == [stage]
        if forced:
            self._forced.pop(0)
        # Half before, half after: together one in fifty.
        if forced or self.rng.random() < self.errors / 2:
            self.lost.append(f"{stage.lower()} {method} {event['request']['url'].split('/', 3)[-1]}")
            self._session.send(
                "Fetch.failRequest", {"requestId": event["requestId"], "errorReason": "ConnectionReset"}
            )
        else:
            self._session.send("Fetch.continueRequest", {"requestId": event["requestId"]})
