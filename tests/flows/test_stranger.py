"""Whoever has nothing to do with a case learns nothing from any address, not even that it exists.

Every address that takes an object is tried on a real one and on one that does not exist, by GET and POST, by
everybody it does not belong to: the two answers are the same. A new address fails the first test until
tests/secret.py says whose its object is.
"""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests import acting, secret
from tests.cluster import as_system
from vardvag.core import border, clock
from vardvag.core.actor import Anonymous
from vardvag.core.live import topics
from vardvag.demo import cast
from vardvag.identity import actions
from vardvag.identity.models import Person, Staff
from vardvag.organisation.keeper import actor_of_key
from vardvag.organisation.models import Unit

Make = Callable[[], Client]


def resident(who: cast.Resident, child: cast.Resident | None = None) -> Make:
    def make() -> Client:
        client = acting.resident(who.number)
        if child is not None:
            with as_system():
                chosen = Person.objects.get(personal_number=child.number).pk
            assert client.post("/byt-person/", {"person": chosen}).status_code == 303
        return client

    return make


def staff(who: cast.Employee, place: int = 0) -> Make:
    """In their first assignment, or the one at `place`."""

    def make() -> Client:
        with as_system():
            there = Unit.objects.filter(assignments__staff__hsa_id=who.hsa_id).order_by("pk")
            hsa_ids = list(there.values_list("hsa_id", flat=True))
        return acting.staff(who.hsa_id, unit=hsa_ids[place])

    return make


def without_assignment(who: cast.Employee) -> Make:
    """Logged in, but the assignment has ended or is paused."""

    def make() -> Client:
        client = acting.nobody()
        with as_system():
            key = actions.open_session(
                actor=Anonymous(), staff=Staff.objects.get(hsa_id=who.hsa_id), method="siths", now=clock.now()
            )
        client.cookies[settings.SESSION_KEY_COOKIE] = key
        return client

    return make


# Nobody of these may come near anything of the planted case.
STRANGERS: dict[str, Make] = {
    "nobody": acting.nobody,
    "another resident": resident(cast.PER),
    "guardian of another child": resident(cast.SAMIRA, cast.YASMIN),
    "her mother for herself": resident(cast.ANNA),
    "her mother for the brother": resident(cast.ANNA, cast.NILS),
    "teenager": resident(cast.MAJA),
    "protected": resident(cast.LINNEA),
    "every role, another unit": staff(cast.MIKAEL),
    "every role, another provider": staff(cast.FATIMA),
    "physician, another provider": staff(cast.HENRIK),
    "receiver here, at the branch now": staff(cast.ALI, 1),
    "physician here, at another unit now": staff(cast.EVA, 1),
    "assignment ended": without_assignment(cast.GUNILLA),
    "assignment paused": without_assignment(cast.TOVE),
}
# Who works at the unit without having the case (and may see only what is named).
COLLEAGUES: dict[str, tuple[Make, set[str]]] = {
    "physician without the case": (staff(cast.AMIR), set()),
    "physiotherapist without the case": (staff(cast.JONAS), set()),
    "secretary without the case": (staff(cast.KARIN), set()),
    "manager": (staff(cast.MARIA), set()),
    "support": (staff(cast.OSKAR), set()),
    "administrator": (staff(cast.LENA), {"assignment", "group", "delivery"}),
    "regional administrator": (staff(cast.INGRID), {"assignment", "group", "delivery", "run"}),
    "nurse with the case": (
        staff(cast.SARA),
        {"case", "case file", "item", "batch", "text", "staff's file"},
    ),
    "receiver": (staff(cast.ALI), {"case", "case file", "item", "batch"}),
    "the other guardian": (resident(cast.JOHAN, cast.ELSA), {"case", "case file"}),
}
ATTACKED = {
    "case", "case file", "draft", "resident's file", "staff's file", "item", "delivery", "batch", "text",
    "assignment", "group", "run", "interview",
}  # fmt: skip
SEARCHED = {"cases/staff/search", "cases/staff/queue", "cases/staff/rows"}
# These lead to outside systems, or out.
ELSEWHERE = {
    "identity/public/bankid", "identity/public/eid", "identity/public/eid_back", "identity/public/siths",
    "identity/public/siths_back", "identity/public/logout", "identity/public/sessions",
}  # fmt: skip
GET_TOO = {"q": secret.WORD, "vy": "all", "sida": "1"}


def everybody() -> list[Any]:
    return [
        *(pytest.param(make, set(), id=name) for name, make in STRANGERS.items()),
        *(pytest.param(make, may, id=name) for name, (make, may) in COLLEAGUES.items()),
    ]


def said(answer: Any) -> tuple[str, str]:
    """Body and headers as text."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    headers = "\n".join(
        f"{name}: {value}" for name, value in sorted(answer.headers.items()) if name != "X-Request-ID"
    )
    cookies = ",".join(sorted(answer.cookies))
    return body.decode(errors="replace"), f"{headers}\n{cookies}"


def form(planted: secret.Planted) -> dict[str, str]:
    """A form whose fields suit every page, so that nothing else than "not yours" stops it."""
    version = str(planted.rows["case"].version)
    return {
        "body": "En främlings text", "text": "En främlings text", "version": version, "key": str(uuid4()),
        "reason": "främling", "how": "duplicate", "seq": "1", "urgency": "1", "score": "1", "kind": "reply",
        "form": "message", "revision": "0", "group": "", "name": "En främlings namn", "roles": "nurse",
        "cases": str(planted.rows["case"].public_id), "reached": "call",
    }  # fmt: skip


def test_every_address_with_an_object_has_a_case_here() -> None:
    known = {a.name for a in secret.addresses() if a.captures}
    assert known >= secret.NOBODYS
    kinds = {secret.kind(a) for a in secret.addresses() if a.captures and a.name not in secret.NOBODYS}
    assert kinds == ATTACKED


@pytest.mark.parametrize(("make", "may"), everybody())
def test_not_yours_is_like_what_does_not_exist(world: object, make: Make, may: set[str]) -> None:
    planted = secret.plant()
    client = make()
    client.raise_request_exception = False
    before, faults = planted.state(), []
    for address in secret.addresses():
        if not address.captures or address.name in secret.NOBODYS or secret.kind(address) in may:
            continue
        path, other = planted.path(address), secret.invented(address)
        for method in ("get", "post"):
            given = form(planted) if method == "post" else {}
            one, two = getattr(client, method)(path, given), getattr(client, method)(other, given)
            (body, headers), (body2, headers2) = said(one), said(two)
            why = f"{method} {address.name}"
            if one.status_code != two.status_code or one.status_code == 200 or one.status_code >= 500:
                faults.append(f"{why}: {one.status_code}, of nothing {two.status_code}")
            if secret.neutral(body, path) != secret.neutral(body2, other):
                faults.append(f"{why}: another body")
            if secret.neutral(headers, path) != secret.neutral(headers2, other):
                faults.append(f"{why}: other headers: {headers}\n{headers2}")
            words = [secret.WORD, secret.FILE, planted.number]
            faults += [f"{why}: says {word}" for word in words if word in body + headers]
    assert not faults, "\n".join(faults)
    assert planted.state() == before


@pytest.mark.parametrize("make", [pytest.param(make, id=name) for name, make in STRANGERS.items()])
def test_no_list_search_or_form_names_it(world: object, make: Make) -> None:
    planted = secret.plant()
    client, before, faults = make(), planted.state(), []
    case = planted.rows["case"]
    filled = form(planted) | {"fran": str(case.public_id), "q": planted.number}
    asked = (planted.number, planted.number[2:], case.number, str(case.public_id))
    for address in secret.addresses():
        if address.captures or address.door == "machine" or address.name in ELSEWHERE:
            continue
        tries = [("get", GET_TOO), ("post", filled)]
        if address.name in SEARCHED:
            tries += [("get", {"q": a, "vy": "all"}) for a in asked] + [("post", {"sok": a}) for a in asked]
        for method, given in tries:
            answer = getattr(client, method)(reverse(address.name), given)
            body, headers = said(answer)
            for told in given.values():  # what one asked for may be said back
                body, headers = body.replace(told, ""), headers.replace(told, "")
            words = [w for w in planted.words if w in body + headers]
            faults += [f"{method} {address.name}: {word}" for word in words]
            assert answer.status_code < 500, address
    assert not faults, "\n".join(faults)
    assert planted.state() == before


@pytest.mark.parametrize(
    ("make", "door", "kinds"),
    [
        (resident(cast.ANNA, cast.ELSA), "resident", {"case", "draft", "item", "interview"}),
        (staff(cast.SARA), "staff", {"case"}),
        (staff(cast.LENA), "staff", {"assignment", "group"}),
        (staff(cast.INGRID), "staff", {"run"}),
    ],
    ids=["her mother for her", "the nurse", "administrator", "regional"],
)
def test_those_it_belongs_to_get_in(world: object, make: Make, door: str, kinds: set[str]) -> None:
    """Else the tests above would pass on a product that shows nothing to anybody."""
    planted = secret.plant()
    for address in secret.addresses():
        if not address.captures or address.door != door or address.name in secret.NOBODYS:
            continue
        if secret.kind(address) not in kinds:
            continue
        client = make()
        path, other = planted.path(address), secret.invented(address)
        assert client.get(other).status_code in (404, 405)
        statuses = client.get(path).status_code, client.post(path, {}).status_code
        assert statuses not in ((404, 404), (404, 405), (405, 404)), address.name


def test_every_live_topic_has_a_case_here() -> None:
    assert set(topics._rules) == {"case", "unit"}


@pytest.mark.parametrize(("make", "may"), everybody())
def test_live_topics_are_deaf_to_strangers(world: object, make: Make, may: set[str]) -> None:
    planted = secret.plant()
    key = make().cookies.get(settings.SESSION_KEY_COOKIE)
    actor = actor_of_key(key.value) if key else Anonymous()
    border.enter(actor)
    case = planted.rows["case"]
    assert topics.allowed(actor, f"case:{case.public_id}") == ("case" in may)
    assert not topics.allowed(actor, f"case:{uuid4()}")
    here = getattr(actor, "unit_id", 0) == case.unit_id
    assert here or not topics.allowed(actor, f"unit:{case.unit_id}")
    for other in (
        "case:",
        "case:1",
        f"case:{case.pk}",
        "person:1",
        "staff:1",
        "session:1",
        f"unit:{case.provider_id}x",
    ):
        assert not topics.allowed(actor, other), other
