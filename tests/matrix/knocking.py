"""Cells of the matrix and what is looked at in each: somebody asks for something by some way.

Of what is not theirs, the answer is the one that a made-up address gets: status, headers, body, to the byte but for
what differs between any two answers. And no answer, whatever was asked, has a word of somebody else's in it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.test import Client
from django.urls import reverse

from tests import secret
from tests.matrix import size
from tests.matrix.people import Who
from tests.matrix.things import PROTOCOL, TOLD, VERSION, Thing
from tests.secret import Address

METHODS = ("get", "post", "head", "put", "patch", "delete", "options")
# These lead to outside systems, or out; their own tests attack them (tests/flows/test_login_attacks.py, G25, G26).
ELSEWHERE = {
    "identity/public/bankid", "identity/public/eid", "identity/public/eid_back", "identity/public/siths",
    "identity/public/siths_back", "identity/public/logout", "identity/public/sessions", "identity/public/waiting",
    "identity/public/state", "identity/public/back", "identity/public/done", "identity/public/cancel",
}  # fmt: skip
# For what takes nobody's object: a value that is there.
NOBODYS = {
    "slug": "", "key": "fornya-recept", "number": 1, "way": "sms", "kind": "digital", "token": "x" * 20,
    "public_id": "00000000-0000-4000-8000-000000000000", "protocol_id": PROTOCOL, "version_id": VERSION,
}  # fmt: skip
# What a page takes where a field of the same name means something else to the others.
FORMS = {
    "triage/staff/wrong": {"how": "too_low", "comment": "En främlings text"},
    "triage/resident/reasons": {"reason": PROTOCOL},
    "triage/resident/begin": {"medication": "yes", "record": "no"},
    "triage/resident/consent": {"kind": "medication"},
    "triage/staff/propose": {"content": "id: främling"},
}
FIELDS = ("q", "sok", "fran", "person", "uppdrag", "kod", "sida", "mottagning")


@dataclass(frozen=True)
class Cell:
    who: Who
    address: Address
    method: str
    thing: Thing | None = None  # None: a page that takes no object
    asked: str = ""

    @property
    def why(self) -> str:
        what = self.thing.name if self.thing else repr(self.asked)
        return f"{self.who.name}: {self.method} {self.address.name} of {what}"


def cells(people: list[Who], things: list[Thing], slug: str) -> list[Cell]:
    found = []
    searched = [asked for thing in things for asked in thing.asked]
    for address in secret.addresses():
        if address.name in ELSEWHERE:
            continue
        own = address.captures and address.name not in secret.NOBODYS
        fitting = [thing for thing in things if thing.kind == secret.kind(address)] if own else []
        for who in people:
            for method in METHODS:
                found += [Cell(who, address, method, thing) for thing in fitting]
                if not own:
                    asked = (
                        searched
                        if method in ("get", "post") and "staff/" in address.name
                        else ["", searched[0]]
                    )
                    found += [Cell(who, address, method, None, one) for one in dict.fromkeys(asked)]
    return found


def fits(cells_: list[Cell]) -> set[tuple[str, str]]:
    """Which addresses take which methods at all: those are asked more."""
    found, client = set(), Who("nobody", "nobody").client()
    for cell in {(c.address.name, c.method): c for c in cells_}.values():
        if (
            cell.thing is None
            or getattr(client, cell.method)(secret.invented(cell.address)).status_code != 405
        ):
            found.add((cell.address.name, cell.method))
    return found


def chosen(all_cells: list[Cell], requests: int, dice: Random) -> list[Cell]:
    """Every address at least once by every kind of way, then at random; a cell of an object is two requests."""
    taken_in = fits(all_cells)
    mixed = sorted(
        all_cells,
        key=lambda c: dice.random() * _dull(c) * (1 if (c.address.name, c.method) in taken_in else 20),
    )
    first: dict[tuple[str, str], Cell] = {}
    for cell in mixed:
        first.setdefault((cell.address.name, cell.method if requests > 5000 else ""), cell)
    taken, left = list(first.values()), requests
    left -= sum(2 if cell.thing else 1 for cell in taken)
    known = set(map(id, taken))
    for cell in mixed:
        if left <= 0:
            break
        if id(cell) not in known:
            taken.append(cell)
            left -= 2 if cell.thing else 1
    return sorted(taken, key=lambda cell: cell.who.name)


def _dull(cell: Cell) -> float:
    """More of what gets past the door: the usual methods, at the side of the house where one belongs."""
    usual = cell.method in ("get", "post")
    right = cell.address.door in ("public", cell.who.kind)
    return (1 if usual else 12) * (1 if right else 4) * (1 if cell.thing else 2)


@contextmanager
def undone(client: Client) -> Iterator[None]:
    """Nothing of what was done stays, in the database or in the browser."""
    cookies = client.cookies.copy()
    with transaction.atomic():
        try:
            yield
        finally:
            transaction.set_rollback(True)
    client.cookies = cookies  # type: ignore[assignment]


def said(answer: Any) -> tuple[str, str]:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    headers = "\n".join(f"{k}: {v}" for k, v in sorted(answer.headers.items()) if k != "X-Request-ID")
    return body.decode(errors="replace"), f"{headers}\n{','.join(sorted(answer.cookies))}"


class Knocking:
    """Goes through cells; `faults` are leaks, `opened` how many doors let somebody in whose it is."""

    def __init__(self, things: list[Thing], slug: str, *, database_alone: bool = False) -> None:
        self.things, self.slug, self.database_alone = things, slug, database_alone
        self.faults: list[str] = []
        self.requests = self.opened = 0
        self.statuses: dict[int, int] = {}

    def go(self, cells_: list[Cell]) -> None:
        clients: dict[str, Client] = {}
        for cell in cells_:
            client = clients.setdefault(cell.who.name, cell.who.client())
            known = len(self.faults)
            with undone(client):
                self._cell(cell, client)
            if size.REQUESTS:  # a long campaign says at once what it finds
                print(*self.faults[known:], sep="\n", end="\n" if self.faults[known:] else "", flush=True)

    def ask(self, client: Client, method: str, path: str, given: dict[str, str]) -> Any:
        self.requests += 1
        if method in ("put", "patch", "delete"):
            answer = getattr(client, method)(path, "x=1", content_type="application/x-www-form-urlencoded")
        else:
            answer = getattr(client, method)(path, given)
        self.statuses[answer.status_code] = self.statuses.get(answer.status_code, 0) + 1
        return answer

    def _whole(self, cell: Cell, answer: Any) -> None:
        """Nobody's request breaks a page; where a check was left out, a crash refuses too."""
        if answer.status_code >= 500 and not self.database_alone:
            self.faults.append(f"{cell.why}: {answer.status_code}")

    def _cell(self, cell: Cell, client: Client) -> None:
        thing = cell.thing
        if thing is None:
            values = [self.slug if c == "slug" else NOBODYS[c] for c in cell.address.captures]
            path = reverse(cell.address.name, args=values)
            given = {**dict.fromkeys(FIELDS, cell.asked), "vy": "all"} if cell.asked else {}
            if cell.method == "post":
                given = self._form(cell) | given
            answer = self.ask(client, cell.method, path, given)
            body, headers = said(answer)
            self._words(cell, body + headers)
            self._whole(cell, answer)
            return
        path, other = thing.path(cell.address), secret.invented(cell.address)
        theirs = thing.opens(cell.who)
        before = None if theirs else thing.state()
        given = self._form(cell) if cell.method == "post" else {}
        answer = self.ask(client, cell.method, path, given)
        body, headers = said(answer)
        self._words(cell, body + headers)
        self._whole(cell, answer)
        if theirs:
            self.opened += answer.status_code in (200, 302, 303, 204, 409, 422)
            return
        if answer.status_code == 200 and cell.method != "options":
            self.faults.append(f"{cell.why}: 200")
        if thing.state() != before:
            self.faults.append(f"{cell.why}: changed it")
        if self.database_alone:
            return
        nothing = self.ask(client, cell.method, other, given)
        body2, headers2 = said(nothing)
        if answer.status_code != nothing.status_code or answer.status_code >= 500:
            self.faults.append(f"{cell.why}: {answer.status_code}, of nothing {nothing.status_code}")
        elif secret.neutral(body, path) != secret.neutral(body2, other):
            self.faults.append(f"{cell.why}: another body")
        elif secret.neutral(headers, path) != secret.neutral(headers2, other):
            self.faults.append(f"{cell.why}: other headers")

    def _form(self, cell: Cell) -> dict[str, str]:
        return form(self.things) | FORMS.get(cell.address.name, {})

    def _words(self, cell: Cell, text: str) -> None:
        if "Hemlig" not in text:
            return
        for thing in self.things:
            if thing.word and thing.word in text and not thing.tells(cell.who):
                self.faults.append(f"{cell.why}: says {thing.word} of the {thing.name}")


def form(things: list[Thing]) -> dict[str, str]:
    """Fields that suit every page, so that nothing but "not yours" stops it."""
    case = things[0].rows[0]
    return {
        "body": "En främlings text", "text": "En främlings text", "version": str(case.version), "key": str(uuid4()),
        "reason": "främling", "how": "duplicate", "seq": "1", "urgency": "1", "score": "1", "kind": "reply",
        "form": "message", "revision": "0", "group": "", "name": "En främlings namn", "roles": "nurse",
        "cases": str(case.public_id), "reached": "call", "person": str(case.patient_id), "why": "care", "words": "x",
        "unit_id": str(case.unit_id), "event": "1", "answer": "yes", "question": TOLD,
        "sedd": "1", "digest": "ab" * 32, "size": "300000", "offset": "0",
    }  # fmt: skip
