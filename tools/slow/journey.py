"""A resident does their tasks while the network breaks: sends a case with two photos, answers a question, changes how
they want to hear of news. At every break what has been typed is on the page or in the database, and in the end there
is exactly one case, one message, one of each."""

import random
import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Error, Page, ViewportSize

from tests.browser import new_context
from tools.attacks.endings import person_id
from tools.attacks.stage import SESSION, Failed, Stage
from tools.slow.network import Network
from vardvag.demo import cast
from vardvag.demo.main_cases import case

SLUG = "bjorkbackens-halsocentral"
PATIENCE = 150.0  # seconds for one step, losses included
PHONE = ViewportSize(width=390, height=844)
TEXTS = ("questionnaires_", "cases_", "inbox_")  # beginnings of the tables where typed words may lie
WORDS = (
    "ont",
    "trött",
    "yrsel",
    "varje",
    "morgon",
    "tablett",
    "i",
    "måndags",
    "när",
    "jag",
    "vaknar",
    "upp",
    "för",
    "å",
)


def photo(rng: random.Random, side: int = 1100) -> bytes:
    """As from a phone that scales: grainy, so that it goes in more than one piece."""
    small = Image.frombytes("RGB", (side // 4, side // 4), rng.randbytes((side // 4) ** 2 * 3))
    out = BytesIO()
    small.resize((side, side), Image.Resampling.BICUBIC).save(out, "JPEG", quality=88)
    return out.getvalue()


@dataclass
class Person:
    """`typed`: texts that must never be lost, each with a token that exists nowhere else."""

    s: Stage
    page: Page
    net: Network
    rng: random.Random
    cuts: int  # forced disconnects for each task
    typed: list[str] = field(default_factory=list)
    found: list[str] = field(default_factory=list)

    # -- looking

    def lies(self, text: str) -> int:
        """In how many rows of the database the text lies."""
        return sum(_rows(self.s, table, column, text) for table, column in _columns(self.s))

    def on_the_page(self, text: str) -> bool:
        try:
            return bool(self.page.evaluate(
                "(t) => [...document.querySelectorAll('textarea, input')].some((x) => x.value.includes(t))", text
            ))  # fmt: skip
        except Error:
            return False

    def look(self, when: str) -> None:
        """Whether all that was typed is somewhere."""
        for text in self.typed:
            if not (self.on_the_page(text) or self.lies(text)):
                self.found.append(f"lost: {when}: “{text[:40]}…” is neither on the page nor in the database")

    # -- doing

    def words(self, number: int) -> str:
        return " ".join([f"tk{self.rng.getrandbits(48):012x}", *self.rng.choices(WORDS, k=number)])

    def type(self, selector: str, text: str, *, cut: bool = False) -> None:
        """In pieces, as one types; without contact in the middle if `cut`."""
        box = self.page.locator(selector)
        box.fill("")
        box.focus()
        for n, piece in enumerate(re.findall(r"\S+\s*", text)):
            if cut and n == 3:
                self.net.off()
            self.page.keyboard.insert_text(piece)
            self.page.wait_for_timeout(self.rng.randint(5, 40))
        self.typed.append(text)
        if cut:
            self.page.wait_for_timeout(self.rng.randint(300, 1800))
            self.look("typed without contact")
            self.net.on()

    def go(self, path: str) -> None:
        try:
            self.page.goto(path, wait_until="domcontentloaded")
        except Error:
            self.arrive(lambda: path.partition("?")[0] in self.page.url)

    def press(self, button: str, there: Callable[[], bool], *, cut: bool = False, lose: str = "") -> None:
        """Press and come to where it leads. `cut`: without contact at that moment. `lose`: this very form is lost on
        its way ("Request") or its answer is ("Response")."""
        if lose:
            self.net.lose_next(lose)
        if cut:
            self.net.off()
        self.page.locator(button).first.click()
        if cut or lose:
            self.page.wait_for_timeout(self.rng.randint(500, 2500))
            self.look("pressed without contact" if cut else f"the {lose.lower()} was lost")
        if cut:
            self.net.on()
        self.arrive(there)

    def arrive(self, there: Callable[[], bool]) -> None:
        """Wait, and load anew a page that did not come, as one does."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            self.page.wait_for_timeout(150)
            if not self._stands_still():
                continue
            if self.page.url.startswith("chrome-error:") or not self._sees("document.querySelector('main')"):
                self.look("a page did not come")
                with suppress(Error):
                    self.page.reload(wait_until="domcontentloaded")
            elif there():
                return
        raise Failed(f"did not come further than {self.page.url}")

    def _stands_still(self) -> bool:
        return self._sees("['interactive', 'complete'].includes(document.readyState)")

    def _sees(self, what: str) -> bool:
        try:
            return bool(self.page.evaluate(f"Boolean({what})"))
        except Error:  # the page is on its way to another
            return False

    def at(self, part: str) -> Callable[[], bool]:
        return lambda: part in self.page.url


def send_a_case(me: Person) -> None:
    """Förnya recept with two photos."""
    cuts = {
        "type": me.cuts >= 1,
        "upload": me.cuts >= 2,
        "next": me.cuts >= 3,
        "send": me.cuts >= 4,
        "back": me.cuts >= 5,
    }
    medicine, more = me.words(25), me.words(40)
    me.go(f"/kontakta/{SLUG}/fornya-recept/")
    if me.page.locator("#accept").count():
        me.page.locator("#accept").check()
    me.press("form[action$='/borja/'] button", me.at("/fraga/"), lose="Response")
    me.type("textarea[name=q-vilka]", medicine, cut=cuts["type"])
    me.page.locator("input[name=q-racker]").nth(1).check()
    first = me.page.url
    me.press("form.stack .actions button:not([name])", lambda: me.page.url != first, cut=cuts["next"])
    me.page.locator("input[name=q-andrat]").first.check()
    second = me.page.url
    me.press("form.stack .actions button:not([name])", lambda: me.page.url != second, lose="Request")
    me.type("textarea[name=q-ovrigt]", more, cut=cuts["back"])
    third = me.page.url
    for n in range(2):
        me.page.locator("input[type=file]").set_input_files(
            {"name": f"bild{n}.jpg", "mimeType": "image/jpeg", "buffer": photo(me.rng)}
        )
    if cuts["upload"]:
        me.page.wait_for_timeout(me.rng.randint(1500, 5000))
        me.net.off()
        me.page.wait_for_timeout(me.rng.randint(500, 3000))
        me.look("uploading")
        me.net.on()
    _wait(me, lambda: me.page.locator("[data-attach-list] li:not([data-attach-pending])").count() == 2)
    me.press("form.stack .actions button:not([name])", lambda: me.page.url != third)
    me.arrive(me.at("/kontrollera/"))
    me.press("form[action$='/skicka/'] button", me.at("/skickat/"), cut=cuts["send"], lose="Response")
    for text in (medicine, more):
        times = _rows(me.s, "questionnaires_response", "answers", text)
        if times != 1:
            me.found.append(f"double or gone: what was answered is in {times} cases")
    row = me.s.db.execute(
        "select count(distinct c.id), count(a.id) from cases_case c left join cases_attachment a on a.case_id = c.id"
        " where c.public_id = %s", [re.search(r"[0-9a-f-]{36}", me.page.url)[0]],  # type: ignore[index]
    ).fetchone()  # fmt: skip
    if row != (1, 2):
        me.found.append(f"a case with two photos is {row}")


def answer_a_question(me: Person) -> None:
    """A question about the child that is acted for."""
    answer = me.words(60)
    me.go(f"/arenden/{case('feber').public_id}/")
    me.arrive(lambda: me.page.locator("#body").count() == 1)
    me.type("#body", answer, cut=me.cuts >= 1)
    sent = "form[action$='/skriv/'] .actions button:not([name])"
    me.press(
        sent,
        lambda: me.page.locator(f".thread :text('{answer[:14]}')").count() > 0,
        cut=me.cuts >= 2,
        lose="Response",
    )
    row = me.s.db.execute("select count(*) from cases_message where body = %s", [answer]).fetchone()
    if row != (1,):
        me.found.append(f"double or gone: an answer is there {row} times, or not as it was typed")


def change_contact_settings(me: Person) -> None:
    address = f"tk{me.rng.getrandbits(48):012x}@brevlada.example"
    me.go("/installningar/adress/e-post/")
    me.arrive(lambda: me.page.locator("#address").count() == 1)
    me.type("#address", address)
    me.press("form.wishes button", me.at("/kod/"), cut=me.cuts >= 1, lose="Request")
    code = _code(me.s, address)
    me.type("#code", code)
    me.typed.remove(code)  # is used up
    me.press("form.wishes button", me.at("klart=adress"), lose="Response" if me.cuts >= 2 else "")
    me.go("/installningar/")
    me.arrive(lambda: me.page.locator("#quiet-from").count() == 1)
    me.page.locator("#quiet-from").select_option("22:00")
    me.press(
        "form[action$='/installningar/'] button", me.at("klart=sparat"), cut=me.cuts >= 3, lose="Response"
    )
    row = me.s.db.execute(
        "select c.email, c.quiet_from::text from inbox_contactsettings c where c.email = %s", [address]
    ).fetchone()
    if row != (address, "22:00:00"):
        me.found.append(f"contact settings are {row}")


TASKS = (send_a_case, answer_a_question, change_contact_settings)


def journey(
    s: Stage, browser: Browser, *, seed: int, cuts: int, errors: float = 0.02
) -> tuple[list[str], dict[str, Any]]:
    """All tasks once: what was wrong, and the figures."""
    began = time.monotonic()
    net = Network(seed, errors)
    context = new_context(browser, s.url)
    context.set_default_timeout(PATIENCE * 1000)
    try:
        who = s.in_by_bankid(cast.ANNA.number)
        context.add_cookies(
            [{"name": SESSION, "value": who.key, "url": s.url, "httpOnly": True, "sameSite": "Lax"}]
        )
        page = context.new_page()
        page.set_viewport_size(PHONE)
        net.attach(page)
        me = Person(s, page, net, random.Random(seed), cuts)  # noqa: S311 - repeatable, not secret
        # An hour has only so many codes, a day so many cases: the last journeys' were long ago.
        s.db.execute("delete from inbox_verificationcode")
        s.db.execute(
            "update cases_case set arrived_at = arrived_at - interval '2 days' where patient_id = %s",
            [person_id(s, cast.ANNA)],
        )
        for task in TASKS:
            child = task is answer_a_question
            who.post("/byt-person/", {"person": str(person_id(s, cast.ELSA if child else cast.ANNA))})
            task(me)
            me.typed.clear()
        return me.found, {
            "tasks": len(TASKS), "disconnects": net.cuts, "lost_requests": len(net.lost),
            "seconds": round(time.monotonic() - began, 1),
        }  # fmt: skip
    finally:
        context.unroute_all(behavior="ignoreErrors")
        context.close()


def _wait(me: Person, there: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not there():
        if time.monotonic() > until:
            raise Failed(f"waited in vain at {me.page.url}")
        me.page.wait_for_timeout(200)


def _code(s: Stage, address: str) -> str:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        for entry in reversed(s.outside.journal.entries("mail")):
            found = re.search(r"\b(\d{6})\b", str(entry.data.get("text", "")))
            if entry.data.get("to") == address and found:
                return found[1]
        time.sleep(0.1)
    raise Failed("the code did not come")


def _columns(s: Stage) -> list[tuple[str, str]]:
    rows = s.db.execute(
        "select table_name, column_name from information_schema.columns where table_schema = 'public' and data_type in"
        " ('text', 'character varying', 'jsonb') and column_name in"
        " ('body', 'other_body', 'answers', 'email', 'address')"
    ).fetchall()
    return [(table, column) for table, column in rows if table.startswith(TEXTS)]


def _rows(s: Stage, table: str, column: str, text: str) -> int:
    row = s.db.execute(
        f'select count(*) from "{table}" where "{column}"::text like %s', [f"%{text}%"]
    ).fetchone()  # noqa: S608
    return int(row[0]) if row else 0
