"""The product in a place of its own, with BankID, SITHS and two other e-ids standing in this process, and browsers."""

import hashlib
import random
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import psycopg
from lxml import html

from tools.chaos.product import ROOT, Outside, Product, fresh
from vardvag.outside.bankid.orders import Started, Timing
from vardvag.outside.bankid.standin import StandIn as BankId
from vardvag.outside.eid.standin import StandIn as Eid
from vardvag.outside.journal import Journal
from vardvag.outside.oidc.standin import Told
from vardvag.outside.siths.standin import StandIn as Siths

CSRF = "attackattackattackattackattack12"  # the same in cookie and form: what Django compares
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SESSION, LOGIN, STAFF_LOGIN = "sid", "login", "staff-login"  # cookies, as on plain http


class Failed(Exception):
    """The attack or its control did not take place as it must: nothing is proven by it."""


class Exposed(Exception):
    """Something is shown or kept that lets somebody else in: found, and said in the message."""


class Browser:
    """Cookies and an address of its own; one connection pool for all of them."""

    def __init__(self, url: str, line: httpx.Client, address: str) -> None:
        self.url, self._line, self._address = url, line, address
        self.cookies: dict[str, str] = {"csrf": CSRF}

    @property
    def key(self) -> str:
        return self.cookies.get(SESSION, "")

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self._ask("GET", path, None, headers)

    def post(self, path: str, fields: dict[str, Any] | None = None, **headers: str) -> httpx.Response:
        own = {"Origin": self.url, "Sec-Fetch-Site": "same-origin"}
        return self._ask("POST", path, {"csrfmiddlewaretoken": CSRF, **(fields or {})}, own | headers)

    def upload(self, path: str, fields: dict[str, Any], name: str, file: tuple[str, bytes]) -> httpx.Response:
        own = {"Origin": self.url, "Sec-Fetch-Site": "same-origin"}
        sent = {"csrfmiddlewaretoken": CSRF, **fields}
        return self._ask("POST", path, sent, own, files={name: file})

    def with_key(self, key: str) -> "Browser":
        """Another browser at the same place, holding a copied session cookie."""
        other = Browser(self.url, self._line, self._address)
        other.cookies[SESSION] = key
        return other

    def _ask(self, method: str, path: str, data: Any, headers: dict[str, str], **more: Any) -> httpx.Response:
        sent = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "User-Agent": AGENT, "Accept-Language": "sv", "X-Forwarded-For": self._address,
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }  # fmt: skip
        self._line.cookies.clear()
        answer = self._line.request(method, self.url + path, data=data, headers=sent, **more)
        if answer.status_code >= 500 and answer.status_code != 503:
            raise Failed(f"{method} {path} answered {answer.status_code}")
        for one in answer.headers.get_list("set-cookie"):
            name, _, rest = one.partition("=")
            value = rest.partition(";")[0].strip('"')
            if name != "csrf":
                self.cookies[name] = value
                if not value:
                    del self.cookies[name]
        return answer


@dataclass
class Stage:
    """`source`: the checkout to run (a broken copy, to see the checks fail). `close` takes back whatever has begun."""

    seed: int = 1
    source: Path = ROOT
    kept_of: Path | None = None
    outside: Outside = field(default_factory=Outside)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)  # noqa: S311 - repeatable, not secret
        self._ends = ExitStack()
        self._ends.callback(self.outside.stop)
        certificates = Path(tempfile.mkdtemp(prefix="vardvag-attacks-"))
        self._ends.callback(shutil.rmtree, certificates, ignore_errors=True)
        self.journal = Journal()
        self.bankid = BankId(self.journal, certificates, timing=Timing(between_collects=0))
        self.siths, self.freja = Siths(self.journal), Eid(self.journal, name="Freja+")
        self.koppling = Eid(self.journal, name="Kopplingen")
        for one in (self.bankid, self.siths, self.freja, self.koppling):
            one.start()
            self._ends.callback(one.stop)
        self._addresses = 0

    def _environment(self) -> dict[str, str]:
        told = self.outside.environment() | {"BEHIND_PROXY": "1", "EID_PROVIDERS": "freja koppling"}
        for system, place in (("BANKID", self.bankid.place()), ("SITHS", self.siths.place())):
            told |= {f"{system}_{name}".upper(): value for name, value in place.items()}
        for name, one in (("freja", self.freja), ("koppling", self.koppling)):
            told |= {f"EID_{name}_{part}".upper(): value for part, value in one.place().items()}
            told[f"EID_{name}_NAME".upper()] = one.name
        return told

    def start(self) -> None:
        self.folder = fresh(self.kept_of or self.source)
        self._ends.callback(shutil.rmtree, self.folder, ignore_errors=True)
        with (self.folder / "pg18" / "postgresql.auto.conf").open("a") as settings:
            settings.write("track_commit_timestamp = on\n")  # endings.committed asks
        self.product = Product(self.folder, self.source, self._environment())
        self._ends.callback(self.product.stop)
        self.url = self.product.url
        self.line = self._ends.enter_context(httpx.Client(timeout=25, trust_env=False))
        self.product.start()
        self.db: psycopg.Connection[Any] = self.product.database()
        self._ends.callback(self.db.close)

    def close(self) -> None:
        self._ends.close()

    # -- people

    def browser(self) -> Browser:
        """A new one, each at an address of its own: what counts tries by address counts each for itself."""
        self._addresses += 1
        n = self._addresses
        return Browser(self.url, self.line, f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}")

    def is_in(self, browser: Browser) -> bool:
        return any(browser.get(path).status_code == 200 for path in ("/installningar/", "/personal/start/"))

    def began(self, mode: str, browser: Browser | None = None) -> Browser:
        browser = browser or self.browser()
        answer = browser.post("/logga-in/bankid/", {"mode": mode})
        if answer.status_code != 303:
            raise Failed(f"a login began with {answer.status_code}")
        return browser

    def order(self, browser: Browser) -> Started:
        """The order behind a browser's login, as the provider knows it."""
        row = self.db.execute("select order_ref from identity_loginattempt where key_hash = %s",
                              [hashlib.sha256(browser.cookies[LOGIN].encode()).digest()]).fetchone()  # fmt: skip
        if row is None:
            raise Failed("no login under way")
        return self.bankid.orders._find(row[0])

    def proves(self, browser: Browser, number: str) -> str:
        """The person uses the order; returns the nonce of the address the app goes back to. The product asks about it
        again at once: else an attack that has asked already is over before the product knows."""
        order = self.order(browser)
        self.bankid.orders.take(order.ref, number)
        self.bankid.orders.approve(order.ref)
        self.db.execute(
            "update identity_loginattempt set collected_at = null where order_ref = %s", [order.ref]
        )
        return order.return_url.rstrip("/").rsplit("/", 1)[-1] if order.return_url else ""

    def in_by_bankid(self, number: str, mode: str = "same", browser: Browser | None = None) -> Browser:
        browser = self.began(mode, browser)
        nonce = self.proves(browser, number)
        return self.must(browser, browser.post("/logga-in/klar/", {"nonce": nonce}))

    def eid_began(self, key: str = "freja", browser: Browser | None = None) -> tuple[Browser, dict[str, str]]:
        browser = browser or self.browser()
        return browser, _asked(browser.post("/logga-in/e-legitimation/", {"eid": key}))

    def staff_began(self, browser: Browser | None = None) -> tuple[Browser, dict[str, str]]:
        browser = browser or self.browser()
        return browser, _asked(browser.post("/personal/logga-in/siths/"))

    def in_as_staff(self, hsa_id: str, browser: Browser | None = None) -> Browser:
        browser, query = self.staff_began(browser)
        return self.must(browser, browser.get(back(self.siths, query, hsa_id)))

    def must(self, browser: Browser, answer: httpx.Response) -> Browser:
        """The control: the right browser gets in."""
        if answer.status_code not in (302, 303) or not browser.key:
            raise Failed(f"the right browser was not let in: {answer.status_code}")
        return browser

    def keys_since(self, mark: int) -> list[bytes]:
        """Hashes of the living sessions opened after this one."""
        rows = self.db.execute(
            "select key_hash from identity_session where id > %s and ended_at is null", [mark]
        )
        return [bytes(row[0]) for row in rows.fetchall()]

    def last_session(self) -> int:
        row = self.db.execute("select coalesce(max(id), 0) from identity_session").fetchone()
        return int(row[0]) if row else 0


def hashed(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def _asked(answer: httpx.Response) -> dict[str, str]:
    if answer.status_code != 303:
        raise Failed(f"a login began with {answer.status_code}")
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))


def back(provider: Siths | Eid, query: dict[str, str], who: str) -> str:
    """The path and question of the provider's answer."""
    return urlsplit(provider.sign_in(who, query))._replace(scheme="", netloc="").geturl()


def page(answer: httpx.Response) -> Any:
    return html.fromstring(answer.text or "<html></html>")


def honest(provider: Siths | Eid) -> None:
    provider.told = Told()


def wait_until(there: Callable[[], bool], seconds: float) -> float | None:
    """Seconds it took, None when it did not come."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if there():
            return time.monotonic() - began
        time.sleep(0.05)
    return None
