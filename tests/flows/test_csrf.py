"""Nothing is changed by a request that does not come from one of our own pages (G23).

Everything here is generated from the list of addresses, with living objects where an address takes one: a new
address is tried by itself.
"""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests import acting, secret
from tools.hostile import place
from vardvag.demo import cast

PLACES = {"uuid": "6f9f1b0e-3c0b-4b57-9a3e-0f3b3a1d0c11", "int": "1", "slug": "a", "str": "a"}
# Machines outside prove themselves with a secret of their own in the address.
MACHINES = {"inbox/public/receipt"}


def addresses(resolver: Any = None, before: str = "/") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            found += addresses(entry, before + str(entry.pattern))
        elif isinstance(entry, URLPattern):
            found.append((re.sub(r"<(\w+):\w+>", lambda m: PLACES[m[1]], before + str(entry.pattern)), entry))
    return found


def strict(who: Client) -> Client:
    """The same browser, with the check for the form's token on (the test client leaves it out)."""
    client = Client(enforce_csrf_checks=True)
    client.cookies = who.cookies
    client.raise_request_exception = False
    return client


def token(client: Client, headers: dict[str, str]) -> str:
    found = re.search(
        r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get("/logga-in/").content.decode()
    )
    assert found
    return found[1]


OWN = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
FOREIGN = {
    "no token": OWN,
    "foreign origin": {"Origin": "https://angripare.example", "Sec-Fetch-Site": "same-origin"},
    "no origin told": {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
    "our name under theirs": {"Origin": "http://testserver.angripare.example"},
    "cross-site": {"Origin": "http://testserver", "Sec-Fetch-Site": "cross-site"},
    "same-site": {"Origin": "http://testserver", "Sec-Fetch-Site": "same-site"},
    "typed or bookmarked": {"Sec-Fetch-Site": "none"},
}


@pytest.mark.parametrize("how", FOREIGN)
@pytest.mark.parametrize("who", ["resident", "staff", "nobody"])
def test_every_post_comes_from_our_own_page(world: object, how: str, who: str) -> None:
    came = {
        "resident": lambda: acting.resident(cast.ANNA.number),
        "staff": lambda: acting.staff(cast.SARA.hsa_id),
        "nobody": acting.nobody,
    }[who]()
    client, headers = strict(came), FOREIGN[how]
    given = {} if how == "no token" else {"csrfmiddlewaretoken": token(client, OWN)}
    others = ("put", "patch", "delete") if how in ("no token", "cross-site") else ()
    passed = []
    for path, entry in addresses():
        if entry.callback.door == "machine" or entry.name in MACHINES:
            continue
        for method in ("post", *others):
            sent: Any = given if method == "post" else "x"
            more = {} if method == "post" else {"content_type": "text/plain"}
            answer = getattr(client, method)(path, sent, headers=headers, **more)
            if answer.status_code != 403 and not (method != "post" and answer.status_code == 405):
                passed.append(f"{method} {path}: {answer.status_code}")
    assert not passed, "\n".join(passed)


def test_with_token_and_from_our_own_page_it_goes(world: object) -> None:
    client = strict(acting.resident(cast.ANNA.number))
    given = {"csrfmiddlewaretoken": token(client, OWN)}
    assert client.post("/inloggningar/", given | {"session": "1"}, headers=OWN).status_code == 303


def test_another_browsers_token_is_refused(world: object) -> None:
    mine, theirs = strict(acting.resident(cast.ANNA.number)), strict(acting.resident(cast.PER.number))
    stolen = token(theirs, OWN)
    assert mine.get("/").status_code == 200
    token(mine, OWN)
    assert mine.post("/inloggningar/", {"csrfmiddlewaretoken": stolen}, headers=OWN).status_code == 403


def living() -> tuple[secret.Planted, dict[str, tuple[str, str]]]:
    """By name: door, and the address of an object that somebody of `place.people` may reach."""
    planted = secret.plant()
    known = {address.name: address for address in secret.addresses()}
    found = {}
    for path, entry in addresses():
        address = known[str(entry.name)]
        own = address.captures and address.name not in secret.NOBODYS
        found[address.name] = (address.door, planted.path(address) if own else path)
    return planted, found


def browsers() -> dict[str, Client]:
    """By door: somebody who may pass, with the check for the form's token on."""
    found = {}
    for door, cookies in place.people().items():
        found[door] = strict(acting.nobody())
        for name, value in cookies.items():
            found[door].cookies[name] = value
    return found


# As a form would fill them, so that nothing but where the request comes from stops it.
FILLED = {
    "body": "Hej", "text": "Hej", "reason": "skäl", "how": "duplicate", "kind": "reply", "form": "message", "name": "Namn",
    "roles": "nurse", "key": "6f9f1b0e-3c0b-4b57-9a3e-0f3b3a1d0c11", "verb": "reply", "seen_seq": "99", "urgency": "1",
    "version": "1", "revision": "0", "title": "Rubrik", "vart": "up", "seq": "1", "score": "5", "theme": "dark", "accept": "1",
}  # fmt: skip


def test_another_browsers_token_is_refused_at_every_address(world: object) -> None:
    planted, paths = living()
    here, there = browsers(), strict(acting.nobody())
    stolen, before, passed = token(there, OWN), planted.state(), []
    for name, (door, path) in paths.items():
        if door == "machine" or name in MACHINES:
            continue
        for sent in ({"csrfmiddlewaretoken": stolen}, {"csrfmiddlewaretoken": stolen[:32]}):
            answer = here[door].post(path, FILLED | sent, headers=OWN)
            if answer.status_code != 403:
                passed.append(f"{path}: {answer.status_code}")
        answer = here[door].post(path, FILLED, headers={**OWN, "X-CSRFToken": stolen})
        if answer.status_code != 403:
            passed.append(f"{path}, in the header: {answer.status_code}")
    assert not passed, "\n".join(passed)
    assert planted.state() == before


OVERRIDES = ({}, {"_method": "POST"}, {"_METHOD": "DELETE"}, {"X-HTTP-Method-Override": "POST"}, {"X-HTTP-Method": "PUT"},
             {"X-Method-Override": "DELETE"})  # fmt: skip
# What a GET writes: that something was read, and that its session is awake.
READING = {"audit_entry", "identity_session"}
# The receipt that a resident has read, which is part of reading.
RECEIPTS = {
    ("cases/resident/case", "cases_case"), ("cases/resident/case", "cases_message"), ("cases/resident/case", "inbox_inboxitem"),
    ("inbox/resident/item", "inbox_inboxitem"),
}  # fmt: skip


def test_no_get_changes_anything_whatever_it_calls_itself(world: object) -> None:
    paths = living()[1]
    here, wrote, now_at = browsers(), set(), ""

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if changed := re.match(r"\s*(?:insert into|update|delete from)\s+\"?(\w+)", sql, re.IGNORECASE):
            wrote.add((now_at, changed[1]))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        for name, (door, path) in paths.items():
            now_at = name
            for more in OVERRIDES:
                headers = {k: v for k, v in more.items() if k.startswith("X")}
                answer = here[door].get(path, FILLED | more, headers=headers)
                assert answer.status_code < 500 or name == "core/ready", name
    assert not {(name, table) for name, table in wrote if table not in READING} - RECEIPTS
    assert any(table == "audit_entry" for _, table in wrote)  # else nothing was looked at


@pytest.mark.parametrize("name", ["_method", "_METHOD", "X-HTTP-Method-Override", "X-HTTP-Method"])
def test_a_get_does_not_become_a_post(world: object, name: str) -> None:
    client = strict(acting.resident(cast.ANNA.number))
    for path in ("/logga-ut/", "/logga-in/bankid/", "/logga-in/klar/", "/logga-in/lage/"):
        headers = {name: "POST"} if name.startswith("X") else {}
        assert client.get(path, {name: "POST"}, headers=headers).status_code == 405, path
