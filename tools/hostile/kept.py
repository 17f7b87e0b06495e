"""What was typed stands in the form when it comes back, with a message: every form that a walk finds is filled with
words of its own, broken in one way at a time, and sent as the browser would."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from lxml import html

from tools.hostile.ask import Answer, Asked, Pages
from tools.hostile.routes import AWAY, Field, Form, Route, headers

TYPED = "Skrivet & <kvar> åäö \"%d\" 'så'"
URLENCODED = "application/x-www-form-urlencoded"
WORDS = ("text", "textarea", "search", "email", "tel", "number", "date", "time", "url")
MESSAGES = "//*[@role='alert' or @role='status' or contains(@class, 'ds-error-summary') or contains(@class, 'ds-validation-message')]"
# A search or a choice that shows its words somewhere else than in a field, or forgets them on purpose.
FORGETS = {
    "inbox/resident/code", "inbox/staff/code",  # a code is typed anew from the telephone
}  # fmt: skip


@dataclass
class Kept:
    tried: int = 0
    refused: int = 0  # answers that came back with a form or an error
    statuses: Counter[int] = field(default_factory=Counter)
    faults: dict[str, str] = field(default_factory=dict)


# Names the questions that a page showed; no page of ours sends another, and an answer to none has no place.
SHOWN = "visat"


def bad(form: Form) -> Iterator[tuple[str, list[tuple[str, str]], dict[str, str]]]:
    """(how it is broken, what is sent, what was typed by name)."""
    words = [f for f in form.fields if f.kind in WORDS]
    typed = {
        f.name: TYPED % n if f.kind in ("text", "textarea", "search") else f.value
        for n, f in enumerate(words)
    }
    whole = [(f.name, typed.get(f.name, f.value)) for f in form.fields if f.kind not in ("submit", "file")]
    yield "as typed", whole, typed
    for name in dict.fromkeys(name for name, _ in whole):
        usual = next(f for f in form.fields if f.name == name)
        for how, value in _broken(usual):
            sent = [(n, value if n == name else v) for n, v in whole]
            yield f"{name} {how}", sent, {**typed, name: value} if name in typed else typed
    for one in words:
        if one.kind == "textarea" or one.kind == "text":
            long = "Ö" * 30_000
            yield (
                f"{one.name} too long",
                [(n, long if n == one.name else v) for n, v in whole],
                {**typed, one.name: long},
            )


def _broken(one: Field) -> Iterator[tuple[str, str]]:
    if one.name == SHOWN:
        return
    if one.kind == "hidden":
        yield "is old", "0"
        yield "is rubbish", "rubbish"
    elif one.kind in WORDS:
        yield "is empty", ""
        yield "holds NUL", "före\x00efter"
        if one.kind in ("date", "time", "number"):
            yield "is no such thing", "31 februari"
    elif one.kind in ("select", "radio", "checkbox"):
        yield "is none of these", "rubbish"


class Forms:
    def __init__(self, pages: Pages, people: dict[str, dict[str, str]]) -> None:
        self.pages, self.people, self.kept = pages, people, Kept()

    def look(self, routes: dict[str, Route]) -> Kept:
        for route in routes.values():
            seen: set[tuple[str, ...]] = set()
            for form in route.forms:
                shape = tuple(sorted(f.name for f in form.fields))
                if form.method == "POST" and shape not in seen:
                    seen.add(shape)
                    self._look(route, form)
        return self.kept

    def _look(self, route: Route, form: Form) -> None:
        for how, sent, typed in bad(form):
            body = "&".join(f"{quote(n)}={quote(v)}" for n, v in sent).encode()
            who = self.people[route.door]
            ask = Asked(
                "POST",
                form.target.encode(),
                (*headers(who, URLENCODED), ("Referer", f"http://testserver{form.page}".encode())),
                body,
            )
            answer = self.pages.ask(ask)
            self.kept.tried += 1
            self.kept.statuses[answer.status] += 1
            if 300 <= answer.status < 400 or answer.status == 204:
                continue
            self.kept.refused += 1
            for fault in wrong(route, answer, typed):
                self.kept.faults.setdefault(
                    f"{route.name}: {how.partition(' ')[2] or how}: {fault}", f"{how}: {ask}"
                )


def wrong(route: Route, answer: Answer, typed: dict[str, str]) -> Iterator[str]:
    if answer.status == 503 and route.name in AWAY:
        return
    if answer.status >= 500 or not answer.html:
        yield f"{answer.status} {answer.header('Content-Type')}"
        return
    if answer.status == 404:
        return
    tree: Any = html.fromstring(answer.body, parser=html.HTMLParser(encoding="utf-8", huge_tree=True))
    said = " ".join(" ".join(e.text_content().split()) for e in tree.xpath(MESSAGES))
    if b"<html" not in answer.body:  # a fragment that a script puts where one looks
        said = " ".join(tree.text_content().split())
    if len(said) < 10:
        yield f"{answer.status} without a message"
    if route.name in FORGETS:
        return
    held = {e.get("value") or "" for e in tree.iter("input")}
    held |= {
        " ".join(e.text_content().split()) for e in tree.xpath("//main//*[not(*)]")
    }  # offered beside the other's
    held |= {(e.text or "").removeprefix("\n") for e in tree.iter("textarea")}
    held = {" ".join(one.split()) for one in held}
    for name, value in typed.items():
        if value.strip() and " ".join(value.replace("\x00", "").split()) not in {
            one.replace("\ufffd", "").replace("\x00", "") for one in held
        }:
            yield f"{answer.status}: what was typed in {name} is gone"
