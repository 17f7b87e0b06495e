"""G22: payloads stored in every text of the database, and every page that shows one opened in a real Chromium.

The browser's requests are answered by the application in this process, headers and all. Texts are put straight into
the tables: whichever form they might have come by, and also what no form takes (names from registers, file names).
Twice: without the content policy nothing may run, so that escaping alone holds; with it nothing may even be tried.
"""

import random
import re
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.apps import apps
from django.db import Error, connection, models, transaction
from playwright.sync_api import Error as BrowserError

from tests.cluster import as_system
from tools.hostile import corpus
from tools.hostile.ask import Answer, Asked, Pages
from tools.hostile.routes import Route, headers

T = TypeVar("T")
# Words that steer: keys, states, what is looked up by. Everything else that is text is shown to somebody.
KEPT = re.compile(
    r"(^|_)(id|key|state|kind|code|slug|hsa|number|sha256|hash|mac|token|language|salt|reason_code|verb|door|role|roles|prefix"
    r"|stored|wrapped|type|address|channel|method|purpose|link|status|how|way|device|version|digest|color|icon)(_|$)|^id$|_id$"
)
SEALED = ("audit", "procrastinate")  # written once
BATCH = 500  # payloads in one long text
CALLS = re.compile(rb"%s\((\d+)" % corpus.BEACON.encode())
# What acts in a PDF; to open at a place, as our own do, is none of it.
ACTS = re.compile(rb"/JavaScript|/JS\b|/URI\b|/Launch|/OpenAction(?!\s*\[)|/EmbeddedFile")
INIT = """
  window.__seen = [];
  window.__ran = (n) => window.__seen.push("ran " + n);
  for (const name of ["alert", "prompt", "confirm"]) window[name] = () => window.__seen.push("ran " + name);
  document.addEventListener("securitypolicyviolation", (e) => window.__seen.push("policy " + e.violatedDirective + " " + e.blockedURI));
"""


def payloads(count: int, number: int) -> list[str]:
    """All of the corpus, then variants of it: other case, other white space, other quotes, encoded, joined."""
    chance = random.Random(number)  # noqa: S311 - to be repeated, not secret
    plain = corpus.markup()
    found = list(plain)
    while len(found) < count:
        one, two = chance.choice(plain), chance.choice(plain)
        match chance.randrange(9):
            case 0:
                one = "".join(c.upper() if chance.random() < 0.5 and c not in "_rany" else c for c in one)
            case 1:
                one = one.replace(" ", chance.choice(("/", "\t", "\n", "\x0c", "  ", "\xa0")))
            case 2:
                one = one.translate({34: 39, 39: 34})
            case 3:
                one = (
                    chance.choice(
                        (
                            '">',
                            "'>",
                            "-->",
                            "]]>",
                            "</div>",
                            "</p></main>",
                            "\\",
                            "&#34;>",
                            "&quot;>",
                            "\u2028",
                        )
                    )
                    + one
                )
            case 4:
                one = "".join(f"&#{ord(c)};" if chance.random() < 0.4 else c for c in one)
            case 5:
                one = one.replace("<", chance.choice(("<<", "<\u200b", "\uff1c<", "%3C<", "&lt<")))
            case 6:
                cut = chance.randrange(len(one))
                one = (
                    one[:cut] + chance.choice(("\u202e", "\u0300", "&", ";", '"', "'", "`", "=")) + one[cut:]
                )
            case 7:
                one = one + two
            case 8:
                one = f"https://x.example/{one} {chance.choice(('tel:', 'mailto:a@b.se?', '19121212-1212', '07017406'))}{two}"
        found.append(one.replace("\x00", ""))
    # Each calls by its own number, so that a page tells which of them it shows.
    return [
        one.replace(f"{corpus.BEACON}(1)", f"{corpus.BEACON}({n})") for n, one in enumerate(found[:count])
    ]


@dataclass
class Shown:
    rounds: int = 0
    pages: int = 0
    papers: int = 0  # PDFs
    columns: int = 0
    stored: int = 0
    by_view: defaultdict[str, set[bytes]] = field(
        default_factory=lambda: defaultdict(set)
    )  # numbers of payloads
    faults: dict[str, str] = field(default_factory=dict)
    outside: set[str] = field(default_factory=set)


class Store:
    """Puts payloads into every text column, in turn; call inside a transaction that is rolled back."""

    def __init__(self, given: list[str]) -> None:
        self._given, self._at = given, 0

    def fill(self) -> tuple[int, int]:
        """(columns, texts written)."""
        columns = texts = 0
        with as_system():
            for model in apps.get_models():
                if model._meta.app_label in SEALED or not model._meta.managed:
                    continue
                for one in model._meta.concrete_fields:
                    written = self._column(model, one)
                    columns, texts = columns + bool(written), texts + written
        return columns, texts

    def _column(self, model: type[models.Model], one: Any) -> int:
        prose = (
            isinstance(one, models.TextField | models.CharField) and not one.choices and not one.primary_key
        )
        if KEPT.search(one.name) or one.unique or not (prose or isinstance(one, models.JSONField)):
            return 0
        written = 0
        for pk, value in model._default_manager.order_by("pk").values_list("pk", one.name)[:60]:
            new = (
                self._json(value)
                if isinstance(one, models.JSONField)
                else self._text(one.max_length)
                if value
                else None
            )
            if new is None or new == value:
                continue
            try:
                with transaction.atomic():
                    written += model._default_manager.filter(pk=pk).update(**{one.name: new})
            except Error:  # a rule of the table's keeps it
                return written
        return written

    def _next(self) -> str:
        self._at += 1
        return self._given[(self._at - 1) % len(self._given)]

    def _text(self, longest: int | None) -> str:
        if longest is None:
            return "\n".join(self._next() for _ in range(BATCH))
        for _ in range(20):
            if len(one := self._next()) <= longest:
                return one
        return "<b onclick=__ran(1)><vvx>"[:longest]

    def _json(self, value: Any) -> Any:
        """Texts of more than one word; single words are codes."""
        if isinstance(value, str):
            return self._next() if " " in value.strip() else value
        if isinstance(value, list):
            return [self._json(one) for one in value]
        if isinstance(value, dict):
            return {key: self._json(one) for key, one in value.items()}
        return value


class Views:
    """A browser before the application. `policy`: with the content policy."""

    def __init__(self, pages: "AtHand", routes: dict[str, Route], people: dict[str, dict[str, str]]) -> None:
        self.pages, self.routes, self.people, self.shown = pages, routes, people, Shown()
        self._still: dict[str, dict[str, Any]] = {}  # static files

    def look(self, browser: Any, *, policy: bool, sample: int = 0) -> None:
        for door in ("resident", "staff", "public"):
            context = browser.new_context(bypass_csp=not policy, locale="sv-SE")
            context.add_init_script(INIT)
            page = context.new_page()
            page.set_default_timeout(30_000)
            page.route("**/*", self._answering(door))
            targets = [
                (r.name, p)
                for r in self.routes.values()
                if r.door == door
                for p in dict.fromkeys(r.paths[:3])
            ]
            for number, (name, path) in enumerate(targets):
                if not sample or number % max(1, len(targets) // sample) == 0:
                    self._open(page, name, path, door, policy)
            context.close()

    def _open(self, page: Any, name: str, path: str, door: str, policy: bool) -> None:
        first = self.pages.ask(Asked("GET", path.encode(), headers(self.people[door])))
        if first.status >= 500:
            self._wrong(f"{name}: {first.status} {first.troubles}", path)
        if not first.html or first.status >= 500 or not first.body.strip():
            self._other(name, path, first.header("Content-Type"), first.body)
            return
        try:
            page.goto(f"http://testserver{path}", wait_until="load")
        except BrowserError as problem:
            self._wrong(f"{name}: not opened: {str(problem)[:80]}", path)
            return
        page.evaluate(TOUCH)
        page.wait_for_timeout(50)
        self.shown.pages += 1
        self.shown.by_view[name] |= set(CALLS.findall(first.body))
        for one in page.evaluate("window.__seen"):
            self._wrong(f"{name}: {one} {'with' if policy else 'without'} policy", path)
        if found := page.evaluate("document.querySelectorAll('vvx, base, iframe, object, embed').length"):
            self._wrong(f"{name}: {found} strange elements in the page", path)

    def _other(self, name: str, path: str, kind: str, body: bytes) -> None:
        if kind.startswith("application/pdf"):
            self.shown.papers += 1
            for word in ACTS.findall(body):
                self._wrong(f"{name}: {word!r} in a PDF", path)

    def _answering(self, door: str) -> Callable[[Any], None]:
        """Of one argument: with two, also one that is given, Playwright would put the request in the second."""
        return lambda route: self._answer(route, door)

    def _answer(self, route: Any, door: str) -> None:
        request = route.request
        at = urlsplit(request.url)
        if at.netloc != "testserver":
            self.shown.outside.add(at.netloc)
            self._wrong(f"asked a foreign place: {at.netloc}", request.url[:200])
            route.abort()
            return
        target = at.path + (f"?{at.query}" if at.query else "")
        if target in self._still:
            route.fulfill(**self._still[target])
            return
        kind = request.headers.get("content-type", "")
        asked = Asked(
            request.method, target.encode(), headers(self.people[door], kind), request.post_data_buffer or b""
        )
        answer = self.pages.ask(asked)
        told = {k: v for k, v in answer.headers if k.lower() not in ("set-cookie", "content-length")}
        given = {"status": answer.status, "headers": told, "body": answer.body}
        if target.startswith("/static/") and answer.status == 200:
            self._still[target] = given
        route.fulfill(**given)

    def _wrong(self, what: str, where: str) -> None:
        self.shown.faults.setdefault(what, where)


# What a payload may wait for: everything folded out, pointed at, focused and touched, without leaving the page.
TOUCH = """() => {
  document.querySelectorAll("details").forEach((d) => { d.open = true; });
  for (const el of [...document.querySelectorAll("main *")].slice(0, 3000)) {
    for (const kind of ["mouseover", "pointerenter", "focus", "animationstart", "toggle"]) el.dispatchEvent(new Event(kind, { bubbles: false }));
    if (el.hasAttribute("onclick")) el.click();
  }
}"""


class AtHand:
    """The application for a browser in a thread of its own. Its requests are answered by the thread that waits for
    it: in an event loop, such as the browser's, Django has other connections, which do not see our transaction."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._asked: SimpleQueue[tuple[Asked, Future[Answer]] | None] = SimpleQueue()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="browser")

    def ask(self, asked: Asked) -> Answer:
        answer: Future[Answer] = Future()
        self._asked.put((asked, answer))
        return answer.result(120)

    def wait(self, do: Callable[..., T], *given: Any, **more: Any) -> T:
        """What `do` gives, done by the browser's thread."""
        done = self._thread.submit(do, *given, **more)
        done.add_done_callback(lambda _: self._asked.put(None))
        while (one := self._asked.get()) is not None:
            asked, answer = one
            try:
                answer.set_result(self._pages.ask(asked))
            except Exception as problem:
                answer.set_exception(problem)
        return done.result()


def attack(doors: Any, count: int, number: int, rounds: int, until: float = 0.0, *, sample: int = 0) -> Shown:
    """Each round fills all texts anew with the payloads that follow. `until`: monotonic seconds after which no round
    begins."""
    from tests.browser import launched  # noqa: PLC0415 - needs a browser

    given = payloads(count, number)
    at_hand = AtHand(doors.pages)
    store, views = Store(given), Views(at_hand, doors.routes, doors.people)
    chromium = launched()
    browser = at_hand.wait(chromium.__enter__)
    try:
        for turn in range(rounds):
            if until and time.monotonic() > until:
                break
            views.shown.rounds += 1
            with transaction.atomic():
                doors.people.update(doors.again())
                columns, texts = store.fill()
                views.shown.columns, views.shown.stored = columns, views.shown.stored + texts
                at_hand.wait(views.look, browser, policy=False, sample=sample)
                if turn == 0:
                    at_hand.wait(views.look, browser, policy=True, sample=sample)
                transaction.set_rollback(True)
        with transaction.atomic():  # in normal use nothing is stopped by the policy
            doors.people.update(doors.again())
            at_hand.wait(views.look, browser, policy=True, sample=sample)
            transaction.set_rollback(True)
    finally:
        at_hand.wait(chromium.__exit__, None, None, None)
    connection.close()
    return views.shown
