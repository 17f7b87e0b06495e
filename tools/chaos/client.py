"""A person's browser: cookies, forms, logins through the real stand-ins. Knows no JavaScript and no database."""

import http.client
import json
import re
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit
from uuid import uuid4

from lxml import html

PATIENCE = 25.0  # seconds a person waits; every answer later than `LATEST` is a violation
LATEST = 10.0
CSRF = "chaoschaoschaoschaoschaoschaos12"  # the same in cookie and form: what Django compares
CODE = "123456"
_PAGES = (200, 303, 302, 409, 422)


class Unknown(Exception):
    """No answer, half an answer, or one that says it failed (5xx): it may have been done or not."""


class Refused(Exception):
    """Clearly not done."""


@dataclass
class Answer:
    status: int
    body: bytes
    location: str
    request_id: str
    seconds: float
    _page: Any = None

    def page(self) -> Any:
        if self._page is None:
            self._page = html.fromstring(self.body.decode("utf-8", "replace") or "<html></html>")
        return self._page

    def value(self, name: str, inside: str = "") -> str:
        """Of the first field with that name."""
        found = self.page().xpath(f"{inside}//*[@name='{name}']/@value")
        return str(found[0]) if found else ""


@dataclass
class Browser:
    """One connection, kept alive. `told` hears of every answer (method, path, Answer). `loses`: seconds after which
    this form's answer is lost on its way, as on a train, or None."""

    url: str
    told: Callable[[str, str, Answer], None] = lambda method, path, answer: None
    loses: Callable[[], float | None] = lambda: None
    cookies: dict[str, str] = field(default_factory=lambda: {"csrf": CSRF})
    _line: http.client.HTTPConnection | None = None

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, None, "")

    def post(
        self, path: str, fields: dict[str, Any], files: list[tuple[str, str, bytes]] | None = None
    ) -> Answer:
        """`files`: (field, name, content), sent as a browser does."""
        sent = {"csrfmiddlewaretoken": CSRF, **fields}
        if files is None:
            return self._ask(
                "POST", path, urlencode(sent, doseq=True).encode(), "application/x-www-form-urlencoded"
            )
        edge = uuid4().hex
        parts = [
            f'--{edge}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in sent.items()
        ]
        body = "".join(parts).encode()
        for name, filename, content in files:
            head = f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
            body += head.encode() + b"Content-Type: application/octet-stream\r\n\r\n" + content + b"\r\n"
        return self._ask(
            "POST", path, body + f"--{edge}--\r\n".encode(), f"multipart/form-data; boundary={edge}"
        )

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None

    def _ask(self, method: str, path: str, body: bytes | None, kind: str) -> Answer:
        at = urlsplit(urljoin(self.url, path))
        origin = f"{at.scheme}://{at.netloc}"
        headers = {
            "Host": at.netloc,
            "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()),
            "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0",
            "Accept-Language": "sv",
        }
        if body is not None:
            headers |= {"Content-Type": kind, "Origin": origin, "Sec-Fetch-Site": "same-origin"}
        target = at.path + (f"?{at.query}" if at.query else "")
        own = origin == self.url
        began = time.monotonic()
        line = (
            self._line
            if own and self._line
            else http.client.HTTPConnection("127.0.0.1", at.port, timeout=PATIENCE)
        )
        try:
            line.request(method, target, body, headers)
            if own and body is not None and (lost := self.loses()) is not None:
                time.sleep(lost)
                raise ConnectionResetError("the answer was lost")
            got = line.getresponse()
            answer = Answer(
                got.status,
                got.read(),
                got.headers.get("Location", ""),
                got.headers.get("X-Request-ID", ""),
                0.0,
            )
        except (OSError, http.client.HTTPException) as problem:
            line.close()
            self._line = None if own else self._line
            taken = time.monotonic() - began
            if taken >= PATIENCE:
                self.told(method, target, Answer(0, b"", "", "", taken))
            raise Unknown(f"{type(problem).__name__}: {problem}") from None
        answer.seconds = time.monotonic() - began
        for one in got.headers.get_all("Set-Cookie") or ():
            name, _, rest = one.partition("=")
            value = rest.partition(";")[0]
            if name != "csrf":
                self.cookies[name] = value
        if own:
            self._line = line
            self.told(method, target, answer)
        else:
            line.close()
        if answer.status >= 500:
            raise Unknown(f"answer {answer.status}")
        return answer


class World:
    """The stand-ins' control (outside/world/control.py)."""

    def __init__(self, url: str) -> None:
        self.url = url

    def control(self, **order: Any) -> Any:
        body = json.dumps(order).encode()
        asked = urllib.request.Request(f"{self.url}/__control", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return json.load(answer)


def log_in(browser: Browser, world: World, number: str) -> None:
    """A resident with BankID on this device; the app's side is approved at the stand-in."""
    browser.post("/logga-in/bankid/", {"mode": "same"})
    opens = browser.get("/logga-in/vantar/").page().xpath("//a[@data-open-app]/@href")
    if not opens:
        raise Unknown("the login did not start")
    token = parse_qs(urlsplit(opens[0]).query)["autostarttoken"][0]
    try:
        said = world.control(system="bankid", do="approve", personal_number=number, token=token, code=CODE)
    except OSError as problem:
        raise Unknown(f"the stand-in of BankID: {problem}") from None
    back = browser.get(str(said["return_url"]))
    done = browser.post("/logga-in/klar/", {"nonce": back.value("nonce")})
    if done.status not in (302, 303) or "/logga-in/" in done.location:
        raise Unknown(f"not logged in: {done.status} {done.location}")


def log_in_staff(browser: Browser, hsa_id: str, unit: str = "") -> None:
    """By the stand-in's list of people; `unit`: the public name of where to work, else the first."""
    start = browser.post("/personal/logga-in/siths/", {})
    chooser = browser.get(start.location)
    hidden = {
        one.get("name"): one.get("value")
        for one in chooser.page().xpath("(//form[@method='post'])[1]//input[@type='hidden']")
    }
    at = urlsplit(start.location)
    told = browser.post(f"{at.scheme}://{at.netloc}/oidc/choose", {**hidden, "hsa_id": hsa_id})
    if not told.location:
        raise Refused(f"SITHS did not know {hsa_id}")
    browser.get(told.location)
    where = browser.get("/personal/")
    if "/personal/uppdrag/" in where.location:
        for form in browser.get("/personal/uppdrag/").page().xpath("//form[.//input[@name='uppdrag']]"):
            if unit in form.text_content():
                browser.post(
                    "/personal/uppdrag/", {"uppdrag": form.xpath(".//input[@name='uppdrag']/@value")[0]}
                )
                break
        where = browser.get("/personal/")
    if where.status != 200:
        raise Refused(f"{hsa_id} has no queue: {where.status}")


TOKEN = re.compile(rb"tk-[0-9a-f]{16}")


def tokens(answer: Answer) -> list[str]:
    """The unique tokens of the thread, in the order of the page, without what stands in the writing box."""
    body = re.sub(rb"<textarea.*?</textarea>", b"", answer.body, flags=re.S)
    thread = body.partition(b'<div class="thread"')[2].partition(b'class="composer')[0]
    return [sys.intern(one.decode()) for one in dict.fromkeys(TOKEN.findall(thread))]
