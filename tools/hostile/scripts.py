"""G22: payloads stored in every text of the database, and every page that shows one opened in a real Chromium.

The browser's requests are answered by the application in this process, headers and all. Texts are put straight into
the tables: whichever form they might have come by, and also what no form takes (names from registers, file names).
Twice: without the content policy nothing may run, so that escaping alone holds; with it nothing may even be tried.
"""

import re
import time
from collections import defaultdict
from collections.abc import Callable, Collection
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from io import BytesIO
from queue import SimpleQueue
from typing import Any, TypeVar
from urllib.parse import urlsplit

import pikepdf
from django.db import connection, transaction
from playwright.sync_api import Error as BrowserError

from tools.hostile.ask import Answer, Asked, Pages
from tools.hostile.routes import Route, headers
from tools.hostile.stored import Store, payloads, widen

T = TypeVar("T")
MARKS = re.compile(rb"#(\d+)#")
ACTS = {
    "/JavaScript",
    "/JS",
    "/URI",
    "/Launch",
    "/EmbeddedFile",
    "/EmbeddedFiles",
}  # names in a PDF that acts
INIT = """
  window.__seen = [];
  window.__ran = (n) => window.__seen.push("ran " + n);
  for (const name of ["alert", "prompt", "confirm"]) window[name] = () => window.__seen.push("ran " + name);
  document.addEventListener("securitypolicyviolation", (e) => window.__seen.push("policy " + e.violatedDirective + " " + e.blockedURI));
"""


@dataclass
class Shown:
    rounds: int = 0
    pages: int = 0
    papers: int = 0  # PDFs
    columns: int = 0
    widened: int = 0  # columns that held short texts
    stored: int = 0
    by_view: defaultdict[str, set[bytes]] = field(
        default_factory=lambda: defaultdict(set)
    )  # numbers of payloads
    faults: dict[str, str] = field(default_factory=dict)
    outside: set[str] = field(default_factory=set)


class Views:
    """A browser before the application. `policy`: with the content policy."""

    def __init__(self, pages: "AtHand", routes: dict[str, Route], people: dict[str, dict[str, str]]) -> None:
        self.pages, self.routes, self.people, self.shown = pages, routes, people, Shown()
        self._still: dict[str, dict[str, Any]] = {}  # static files
        self._said_no: set[tuple[str, bool, int]] = set()
        self._first: dict[str, Answer] = {}  # what the browser is about to open

    def look(self, browser: Any, *, policy: bool, only: Collection[str] = (), until: float = 0.0) -> None:
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
                if not only or r.name in only
            ]
            for name, path in targets:
                if until and time.monotonic() > until:
                    break
                self._open(page, name, path, door, policy)
            context.close()

    def _open(self, page: Any, name: str, path: str, door: str, policy: bool) -> None:
        first = self.pages.ask(Asked("GET", path.encode(), headers(self.people[door])))
        if first.status >= 500:
            self._wrong(f"{name}: {first.status} {first.troubles}", path)
        if not first.html or first.status >= 500 or not first.body.strip():
            self._other(name, path, first.header("Content-Type"), first.body)
            return
        if not first.header("Content-Security-Policy"):
            self._wrong(f"{name}: no content policy", path)
        if first.status >= 400:  # pages that say no are alike: one a door and answer
            name = f"{door} {first.status}"
            if (name, policy, self.shown.rounds) in self._said_no:
                return
            self._said_no.add((name, policy, self.shown.rounds))
        self._first = {path: first}
        try:
            page.goto(f"http://testserver{path}", wait_until="load")
        except BrowserError as problem:
            self._wrong(f"{name}: not opened: {str(problem)[:80]}", path)
            return
        for _ in range(3):
            try:
                seen, strange = self._touched(page)
                break
            except (
                BrowserError
            ):  # a page that sends its form by itself has led on; what it led to is looked at
                page.wait_for_load_state("load")
        else:
            self._wrong(f"{name}: led on and on", path)
            return
        self.shown.pages += 1
        self.shown.by_view[name] |= set(MARKS.findall(first.body))
        for one in seen:
            self._wrong(f"{name}: {one} {'with' if policy else 'without'} policy", path)
        if strange:
            self._wrong(f"{name}: {strange} strange elements in the page", path)

    @staticmethod
    def _touched(page: Any) -> tuple[list[str], int]:
        """What ran or was tried, and how many elements stand there that are none of ours."""
        page.evaluate(TOUCH)
        page.wait_for_timeout(50)
        strange = "document.querySelectorAll('vvx, base, iframe, object, embed').length"
        return page.evaluate("window.__seen"), page.evaluate(strange)

    def _other(self, name: str, path: str, kind: str, body: bytes) -> None:
        if kind.startswith("application/pdf"):
            self.shown.papers += 1
            for word in acting(body):
                self._wrong(f"{name}: {word} in a PDF", path)

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
        opened = self._first.pop(target, None) if request.is_navigation_request() else None
        answer = opened or self.pages.ask(asked)
        told = {k: v for k, v in answer.headers if k.lower() not in ("set-cookie", "content-length")}
        given = {"status": answer.status, "headers": told, "body": answer.body}
        if target.startswith("/static/") and answer.status == 200:
            self._still[target] = given
        route.fulfill(**given)

    def _wrong(self, what: str, where: str) -> None:
        self.shown.faults.setdefault(what, where)


def acting(paper: bytes) -> set[str]:
    """What acts in a PDF, read as its structure: in compressed bytes any three letters stand somewhere. To open at a
    place, as our own do, is none of it."""
    found: set[str] = set()
    with pikepdf.open(BytesIO(paper)) as pdf:
        waiting: list[Any] = [*pdf.objects, pdf.Root]
        while waiting:
            one = waiting.pop()
            if isinstance(one, pikepdf.Name):
                found |= ACTS & {str(one)}
            elif isinstance(one, pikepdf.Array):
                waiting += [part for part in one if not getattr(part, "is_indirect", False)]
            elif isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
                found |= ACTS & set(one.keys())
                action = one.get("/OpenAction")
                found |= {"/OpenAction"} if isinstance(action, pikepdf.Dictionary) else set()
                waiting += [part for part in one.values() if not getattr(part, "is_indirect", False)]
    return found


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


def attack(
    doors: Any, count: int, number: int, rounds: int, until: float = 0.0, *, only: Collection[str] = ()
) -> Shown:
    """Each round fills all texts anew with the payloads that follow. `until`: monotonic seconds after which no page
    is opened."""
    from tests.browser import launched  # noqa: PLC0415 - needs a browser

    given = payloads(count, number)
    at_hand = AtHand(doors.pages)
    store, views = Store(given, -(-len(given) // rounds)), Views(at_hand, doors.routes, doors.people)
    chromium = launched()
    browser = at_hand.wait(chromium.__enter__)
    views.shown.widened = widen()
    try:
        with transaction.atomic():  # in normal use nothing is stopped by the policy
            doors.people.update(doors.again())
            at_hand.wait(views.look, browser, policy=True, only=only)
            transaction.set_rollback(True)
        for turn in range(rounds):
            if until and time.monotonic() > until:
                break
            views.shown.rounds += 1
            with transaction.atomic():
                doors.people.update(doors.again())
                columns, texts = store.fill(turn)
                views.shown.columns, views.shown.stored = columns, views.shown.stored + texts
                for policy in (False, True) if turn == 0 else (False,):
                    at_hand.wait(views.look, browser, policy=policy, only=only, until=until)
                transaction.set_rollback(True)
    finally:
        at_hand.wait(chromium.__exit__, None, None, None)
    connection.close()
    return views.shown
