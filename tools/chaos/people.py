"""Who acts: a session that logs in again when it must, and repeats what it does not know the outcome of."""

import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Any

from tools.chaos.client import Answer, Browser, Refused, Unknown, World, log_in, log_in_staff, tokens
from tools.chaos.log import FAILED, OK, UNKNOWN, Log, Op, Read

UNITS = {
    "bjorkbackens-halsocentral": "Björkbackens hälsocentral",
    "hamnens-halsocentral": "Hamnens hälsocentral",
    "torgets-vardcentral": "Torgets vårdcentral",
}
STAFF = {  # unit: those who work with cases there
    "bjorkbackens-halsocentral": [
        f"SE2321009999-{code}" for code in ("SL01", "AM02", "AR03", "KH04", "JE05", "EN08")
    ],
    "hamnens-halsocentral": ["SE2321009999-MS09"],
    "torgets-vardcentral": ["SE5569999999-FA10"],
}
MANAGER = "SE2321009999-LO07"  # gives the staff of Björkbacken the receivers' sight, so that all may race
KEPT_PRIVATE = ("Skyddade", "skyddade", "Har aldrig skickat")


@dataclass
class Cases:
    """What the run knows: public id -> (unit's slug, the resident's number)."""

    known: dict[str, tuple[str, str]] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def add(self, case: str, unit: str, who: str) -> None:
        with self.lock:
            self.known[case] = (unit, who)

    def of(self, *, unit: str = "", who: str = "") -> list[str]:
        with self.lock:
            return [c for c, (u, w) in self.known.items() if unit in ("", u) and who in ("", w)]


@dataclass
class Person:
    """`who`: personal number or HSA-id. `patience`: seconds an unknown outcome is repeated for."""

    who: str
    side: str  # resident | staff
    unit: str
    url: str
    world: World
    log: Log
    stop: Event
    seed: int
    patience: float = 90.0
    session: int = 0
    lost: float = 0.04  # of the forms' answers

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)  # noqa: S311 - repeatable, not secret
        self.browser = Browser(self.url, self._told)

    @property
    def name(self) -> str:
        return f"{self.who}#{self.seed}.{self.session}"

    def token(self) -> str:
        return f"tk-{self.rng.getrandbits(64):016x}"

    def arrive(self) -> None:
        """Log in, again and again while the product is down."""
        until = time.monotonic() + self.patience
        while True:
            self.session += 1
            self.browser.close()
            self.browser = Browser(self.url, self._told)
            try:
                if self.side == "resident":
                    log_in(self.browser, self.world, self.who)
                else:
                    log_in_staff(self.browser, self.who, UNITS[self.unit])
                self.browser.loses = self._loses
                return
            except (Unknown, OSError):
                if time.monotonic() > until:
                    raise
                time.sleep(0.5 + self.rng.random())

    def read(self, case: str) -> Answer | None:
        """The case's page, as its log row and its order are checked; None when it could not be had."""
        began = self.log.now()
        path = f"/personal/arenden/{case}/" if self.side == "staff" else f"/arenden/{case}/"
        try:
            answer = self.browser.get(path)
        except Unknown:
            return None
        if answer.status in (302, 303) and "logga-in" in answer.location:
            self.arrive()
            return None
        if answer.status != 200:
            return None
        if not answer.body.rstrip().endswith(b"</html>"):
            return None
        self.log.read(Read(self.name, self.side, case, tuple(tokens(answer)), began, answer.request_id))
        return answer

    def act(
        self, op: Op, path: str, fields: dict[str, Any], *,
        files: list[tuple[str, str, bytes]] | None = None, good: tuple[int, ...] = (302, 303),
    ) -> Answer | None:  # fmt: skip
        """Send it; while the outcome is unknown, send the same again, as a browser does. The answer that settled it
        (ok or failed), or None when it stays unknown."""
        until, wait = time.monotonic() + self.patience, 0.2
        while True:
            op.tries += 1
            try:
                answer = self.browser.post(path, fields, files)
                if answer.status in (302, 303) and "logga-in" in answer.location:
                    self.arrive()
                    raise Unknown("logged out")
                self.log.done(op, OK if answer.status in good else FAILED, f"{answer.status}")
                if answer.status in good and op.kind not in ("draft",):
                    op.more["request"] = answer.request_id
                return answer
            except (Unknown, OSError) as problem:
                op.more["last"] = str(problem)[:200]
                if time.monotonic() > until or (self.stop.is_set() and op.tries > 60):
                    self.log.done(op, UNKNOWN, str(problem)[:200])
                    return None
                time.sleep(wait * (0.5 + self.rng.random()))
                wait = min(2.0, wait * 1.5)

    def _loses(self) -> float | None:
        return self.rng.random() * 0.3 if self.rng.random() < self.lost else None

    def _told(self, method: str, path: str, answer: Answer) -> None:
        self.log.answered(method, path, answer.status, answer.seconds)
        words_for_people(self.log, path, answer)


WORDS = ("örsök igen", "ing 1177", "ry again", "all 1177")


def words_for_people(log: Log, path: str, answer: Answer) -> None:
    """Whatever has failed: never a stack trace, never a bare status; and known to have failed, which is 503."""
    text = answer.body.decode("utf-8", "replace")
    if "Traceback" in text or (answer.status >= 500 and not any(w in text for w in WORDS)):
        log.wrong(f"unreadable: {path} {answer.status} {text[:80]!r}")
    if answer.status == 500:
        log.wrong(f"crashed: {path}")


def keep_trying(what: Callable[[], Any], *, patience: float = 60.0) -> Any:
    """For the preparations, which meet no faults but a slow machine."""
    until = time.monotonic() + patience
    while True:
        try:
            return what()
        except (Unknown, OSError):
            if time.monotonic() > until:
                raise
            time.sleep(0.5)


def everybody_sees_all(url: str) -> None:
    """The manager makes each of the unit's staff a receiver too, through the pages."""
    browser = Browser(url)
    with suppress(Refused):  # an administrator has no queue; the session is there
        log_in_staff(browser, MANAGER)
    listed = (
        browser.get("/personal/bemanning/").page().xpath("//a[contains(@href, '/personal/bemanning/')]/@href")
    )
    for path in dict.fromkeys(listed):
        answer = browser.get(path)
        page = answer.page()
        if path.count("/") != 4 or not any(
            code in answer.body.decode() for code in STAFF["bjorkbackens-halsocentral"]
        ):
            continue
        roles = page.xpath("//input[@name='roles'][@checked]/@value")
        groups = page.xpath("//input[@name='groups'][@checked]/@value")
        until = answer.value("valid_until")
        if roles:
            given = {"roles": [*dict.fromkeys([*roles, "receiver"])], "groups": groups, "valid_until": until}
            browser.post(path, {**given, "reason": "kvällens bemanning"})


def wants_notices(browser: Browser, number: str, outside: Any) -> None:
    """A resident chooses SMS and mail at every hour, with proven addresses, as on the pages of settings."""
    mail, sms = f"r{number}@brevlada.example", f"+467017406{5 + int(number[2:8]) % 95:02d}"
    for way, address, system in (("e-post", mail, "mail"), ("sms", sms, "sms")):
        after = max((e.number for e in outside.journal.entries(system)), default=0)
        browser.post(f"/installningar/adress/{way}/", {"address": address})
        code = _code(outside, system, address, after)
        browser.post(f"/installningar/kod/{way}/", {"code": code})
    form = browser.get("/installningar/")
    browser.post("/installningar/", {
        "version": form.value("version"), "sms_for": ["answers"], "mail_for": ["answers"], "quiet_from": "00:00",
        "quiet_until": "00:00", "language": "sv",
    })  # fmt: skip


def _code(outside: Any, system: str, address: str, after: int) -> str:
    import re  # noqa: PLC0415 - only here

    until = time.monotonic() + 30
    while time.monotonic() < until:
        for entry in outside.journal.entries(system, after=after):
            found = re.search(r"\b(\d{6})\b", str(entry.data.get("text", "")))
            if entry.data.get("to") == address and found:
                return found[1]
        time.sleep(0.1)
    raise Unknown("the code did not come")
