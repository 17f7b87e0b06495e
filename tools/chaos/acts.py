"""What people do in a run: residents send cases and write; staff take, answer, undo, close and reopen."""

import json
import random
import re
import struct
import zlib
from typing import Any

from lxml import html

from tools.chaos.client import Answer, Unknown
from tools.chaos.log import FAILED, OK
from tools.chaos.people import UNITS, Cases, Person

TYPE = "skicka-meddelande"


def picture(rng: random.Random) -> bytes:
    """A small PNG, different every time."""
    rows = b"".join(b"\0" + rng.randbytes(48) for _ in range(16))

    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 16, 16, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(rows)) + part(b"IEND", b"")
    )


def filled(body: bytes, words: str) -> dict[str, Any]:
    """Words in every text, the first of every choice, and what the page keeps hidden."""
    page: Any = html.fromstring(body.decode())
    (form,) = page.xpath(".//form[@data-autosave]")
    found: dict[str, Any] = {}
    for one in form.xpath(".//input | .//textarea"):
        name, kind = one.get("name", ""), one.get("type", "text")
        if not name or name == "csrfmiddlewaretoken" or kind == "file" or name.endswith("~annat"):
            continue
        if one.xpath("ancestor-or-self::*[@disabled]"):
            continue
        if kind == "hidden":
            found[name] = [*found.get(name, []), one.get("value", "")]
        elif name in found:
            continue
        elif one.tag == "textarea":
            found[name] = words
        elif kind in ("radio", "checkbox"):
            found[name] = one.get("value", "on")
        else:
            found[name] = "070-174 06 05" if kind == "tel" else "ett ord"
    return found


class Resident:
    """Acts in its own cases only; a slug is full when the day's cases there are sent."""

    def __init__(self, me: Person, cases: Cases) -> None:
        self.me, self.cases = me, cases
        self.units = list(UNITS)

    def step(self) -> None:
        mine, rng = self.cases.of(who=self.me.who), self.me.rng
        chance = rng.random()
        if self.units and (len(mine) < 2 or chance < 0.12):
            self.send_case()
        elif not mine:
            self.me.stop.wait(0.5)
        elif chance < 0.70:
            self.write(rng.choice(mine))
        elif chance < 0.80:
            self.draft(rng.choice(mine))
        else:
            self.me.read(rng.choice(mine))

    def send_case(self) -> None:
        me, rng = self.me, self.me.rng
        unit = rng.choice(self.units)
        token = me.token()
        try:
            draft, page = self._begin(unit, TYPE)
        except (Unknown, IndexError):
            return
        while "/fraga/" in page:
            shown = self._quietly(page)
            if shown is None or shown.status != 200:
                return
            answers = filled(shown.body, f"Hej, det gäller {token} och jag undrar.")
            saved = me.log.invoke("form", me.name, token=token, draft=draft)
            name = page.rstrip("/").rpartition("/")[2]
            kept = me.act(saved, f"/utkast/{draft}/spara/", {**answers, "page": name}, good=(200,))
            if kept is None or saved.state != OK:
                return
            answers["revision"] = str(json.loads(kept.body)["revision"])  # as the page's script does
            try:
                on = me.browser.post(page, answers)
                for _ in range(3):
                    if on.status == 422:  # the answers opened more questions
                        on = me.browser.post(
                            page, filled(on.body, f"Hej, det gäller {token} och jag undrar.")
                        )
            except Unknown:
                return
            if on.status != 303:
                me.log.wrong(f"the form's page {name} was not taken: {on.status}")
                return
            page = on.location
        op = me.log.invoke("send", me.name, token=token, draft=draft, unit=unit)
        answer = me.act(op, f"/utkast/{draft}/skicka/", {})
        if answer is None or op.state != OK:
            if answer is not None and op.state == FAILED and unit in self.units:
                self.units.remove(unit)  # ten cases a day
            return
        op.case = answer.location.rstrip("/").split("/")[-2]
        self.cases.add(op.case, unit, me.who)

    def _begin(self, unit: str, kind: str) -> tuple[str, str]:
        """The draft's id and its first page."""
        me, path = self.me, f"/kontakta/{unit}/{kind}/"
        about = me.browser.get(path)
        answer = me.browser.post(f"{path}borja/", {"accept": about.value("accept")})
        if answer.status != 303 or "/utkast/" not in answer.location:
            raise Unknown(f"no draft: {answer.status}")
        return answer.location.strip("/").split("/")[1], answer.location

    def _quietly(self, path: str) -> Answer | None:
        try:
            return self.me.browser.get(path)
        except Unknown:
            return None

    def write(self, case: str) -> None:
        me = self.me
        page = me.read(case)
        key = page.value("key", f"//form[contains(@action, '{case}/skriv/')]") if page else ""
        if not key:
            return
        token = me.token()
        op = me.log.invoke("write", me.name, case=case, token=token, key=key)
        files = [("files", "bild.png", picture(me.rng))] if me.rng.random() < 0.06 else None
        op.more["files"] = len(files or ())
        me.act(op, f"/arenden/{case}/skriv/", {"key": key, "body": f"Ett ord till: {token}"}, files=files)

    def draft(self, case: str) -> None:
        me = self.me
        page = me.read(case)
        form = f"//form[contains(@action, '{case}/skriv/')]"
        if page is None or not page.value("key", form):
            return
        op = me.log.invoke("draft", me.name, case=case, token=me.token(), form="message")
        me.act(op, f"/arenden/{case}/utkast/", {
            "key": page.value("key", form), "revision": page.value("revision", form), "body": f"Utkast {op.token}",
        }, good=(200,))  # fmt: skip


class Staff:
    def __init__(self, me: Person, cases: Cases) -> None:
        self.me, self.cases = me, cases

    def step(self) -> None:
        known, rng = self.cases.of(unit=self.me.unit), self.me.rng
        if not known:
            self.me.stop.wait(0.3)
            return
        case, chance = rng.choice(known), rng.random()
        if chance < 0.55:
            self.reply(case)
        elif chance < 0.72:
            self.own(case)
        elif chance < 0.80:
            self.end(case)
        elif chance < 0.87:
            self.draft(case)
        else:
            self.me.read(case)

    def reply(self, case: str) -> None:
        me = self.me
        page = me.read(case)
        form = f"//form[contains(@action, '{case}/svara/')]"
        if page is None or not page.value("key", form):
            return
        op = me.log.invoke("reply", me.name, case=case, token=me.token(), key=page.value("key", form))
        fields = {
            "key": op.more["key"], "seen_seq": page.value("seen_seq", form), "body": f"Svar {op.token}.",
            "verb": me.rng.choice(["reply", "reply", "partial", "ask"]), "promised": "",
        }  # fmt: skip
        answer = me.act(op, f"/personal/arenden/{case}/svara/", fields)
        if answer is not None and op.state == FAILED and answer.status == 409:
            self._told_why(answer, "reply")
        if op.state == OK and me.rng.random() < 0.12:
            self.undo(case, op.number)

    def undo(self, case: str, of: int) -> None:
        me = self.me
        page = me.read(case)
        event = page.value("event", "//form[@data-undo]") if page else ""
        if not event:
            return
        op = me.log.invoke("undo", me.name, case=case, of=of)
        me.act(op, f"/personal/arenden/{case}/angra/", {"event": event})

    def own(self, case: str) -> None:
        """Take, take over with a reason, hand over to a colleague, or give back."""
        me, chance = self.me, self.me.rng.random()
        if chance < 0.5:
            op = me.log.invoke("take", me.name, case=case)
            answer = me.act(op, f"/personal/arenden/{case}/ta/", {})
            if answer is not None and op.state == FAILED and answer.status == 409:
                self._told_why(answer, "take")
        elif chance < 0.65:
            op = me.log.invoke("takeover", me.name, case=case)
            me.act(op, f"/personal/arenden/{case}/ta/", {"reason": "kollegan har gått hem"})
        elif chance < 0.8:
            page = me.read(case)
            whom = page.page().xpath("//select[@name='to']//option/@value") if page else []
            whom = [one for one in whom if re.match(r"person:\d+$", one)]
            if whom:
                op = me.log.invoke("give", me.name, case=case)
                me.act(
                    op,
                    "/personal/fordela/",
                    {"to": me.rng.choice(whom), "cases": case, "fran": case, "reason": ""},
                )
        else:
            op = me.log.invoke("giveback", me.name, case=case)
            me.act(op, f"/personal/arenden/{case}/lamna-tillbaka/", {"reason": ""})

    def end(self, case: str) -> None:
        me = self.me
        page = me.read(case)
        if page is None:
            return
        if page.page().xpath(f"//form[contains(@action, '{case}/oppna-igen/')]"):
            op = me.log.invoke("reopen", me.name, case=case)
            me.act(op, f"/personal/arenden/{case}/oppna-igen/", {"reason": "mer att göra"})
        else:
            op = me.log.invoke("close", me.name, case=case)
            me.act(op, f"/personal/arenden/{case}/avsluta/", {})

    def draft(self, case: str) -> None:
        me = self.me
        page = me.read(case)
        form = f"//form[contains(@action, '{case}/svara/')]"
        if page is None or not page.value("key", form):
            return
        op = me.log.invoke("draft", me.name, case=case, token=me.token(), form="reply")
        me.act(op, f"/personal/arenden/{case}/utkast/", {
            "form": "reply", "key": page.value("key", form), "revision": page.value("revision", form),
            "body": f"Utkast {op.token}",
        }, good=(200,))  # fmt: skip

    def _told_why(self, answer: Answer, what: str) -> None:
        """Whoever lost must see who and what. Closed meanwhile is told in words of its own."""
        alert = " ".join(" ".join(answer.page().xpath("//*[@role='alert']//text()")).split())
        if not alert:
            self.me.log.wrong(f"{what}: {self.me.name} was refused without a word of why")
