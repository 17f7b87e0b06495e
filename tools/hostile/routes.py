"""The addresses of the product, from its own list, with living examples of each: found by walking the pages as
somebody who may, else from what the stranger matrix plants (tests/secret.py)."""

import re
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve
from lxml import html

from tools.hostile.ask import CSRF, Asked, Pages
from tools.hostile.learning import Learnt

EXAMPLES = 3  # living addresses kept of each route
PAGES = 500  # walked per person
PLACES = {"uuid": "6f9f1b0e-3c0b-4b57-9a3e-0f3b3a1d0c11", "int": "1", "slug": "a", "str": "a"}
WHOLE = "http://testserver"
# Unreachable outside systems are told as such: there are none in this place.
AWAY = {"core/ready", "identity/public/bankid", "identity/public/eid", "identity/public/siths"}


@dataclass
class Field:
    name: str
    kind: str  # of the input; textarea, select
    value: str


@dataclass
class Form:
    target: str  # path and query
    method: str
    fields: list[Field]
    page: str  # where it stands


@dataclass
class Route:
    name: str
    door: str
    pattern: str
    captures: tuple[str, ...]
    paths: list[str] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    fields: set[str] = field(default_factory=set)
    shut: set[str] = field(default_factory=set)  # methods that it answers 405

    def blank(self) -> str:
        return re.sub(r"<(\w+):\w+>", lambda m: PLACES[m[1]], self.pattern)


def routes(resolver: Any = None, before: str = "/") -> list[Route]:
    found: list[Route] = []
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            found += routes(entry, before + str(entry.pattern))
        elif isinstance(entry, URLPattern):
            door = getattr(entry.callback, "door", "")
            found.append(
                Route(str(entry.name), door, before + str(entry.pattern), tuple(entry.pattern.converters))
            )
    return found


def headers(cookies: dict[str, str], kind: str = "") -> tuple[tuple[str, bytes], ...]:
    """As our own page in a browser sends them."""
    jar = "; ".join(f"{name}={value}" for name, value in cookies.items())
    made = [
        ("Cookie", jar.encode()), ("Origin", WHOLE.encode()), ("Sec-Fetch-Site", b"same-origin"),
        ("X-CSRFToken", CSRF.encode()), ("Accept-Language", b"sv"),
    ]  # fmt: skip
    return (*made, ("Content-Type", kind.encode())) if kind else tuple(made)


def forms_of(body: bytes, page: str) -> list[Form]:
    """Every form on a page with what it holds, fields that belong to it from elsewhere included."""
    tree = html.fromstring(body, parser=html.HTMLParser(encoding="utf-8"))
    found = []
    for element in tree.iter("form"):
        inside = list(element.iter("input", "select", "textarea", "button"))
        if identity := element.get("id"):
            inside += tree.xpath("//*[@form=$at]", at=identity)  # type: ignore[arg-type]
        fields = [one for e in inside if (one := _field(e)) is not None]
        target = urlsplit(urljoin(WHOLE + page, element.get("action") or page))
        if target.netloc == "testserver":
            whole = target.path + (f"?{target.query}" if target.query else "")
            found.append(Form(whole, (element.get("method") or "get").upper(), fields, page))
    return found


def _field(element: Any) -> Field | None:
    name, tag = element.get("name"), element.tag
    if not name or name == "csrfmiddlewaretoken":
        return None
    if tag == "textarea":
        return Field(name, "textarea", (element.text or "").removeprefix("\n"))
    if tag == "select":
        options = element.xpath(".//option")
        chosen = [o for o in options if o.get("selected") is not None] or [
            o for o in options if o.get("value")
        ]
        return Field(name, "select", (chosen[0].get("value") or "") if chosen else "")
    return Field(
        name, element.get("type") or ("submit" if tag == "button" else "text"), element.get("value") or ""
    )


class Walk:
    """From the addresses without objects on through links and forms, as everybody who may pass a door."""

    def __init__(self, pages: Pages, people: dict[str, dict[str, str]]) -> None:
        self.pages, self.people = pages, people
        self.routes = {route.name: route for route in routes()}
        self.faults: list[str] = []

    def route_of(self, path: str) -> Route | None:
        try:
            return self.routes.get(resolve(path).view_name)
        except Resolver404:
            return None

    def walk(self, learnt: Learnt) -> dict[str, Route]:
        for route in self.routes.values():
            if not route.captures:
                route.paths.append(route.blank())
        self._planted()
        self.tickets()
        for who in ("resident", "staff", "public"):
            self._as(who, learnt)
        for route in self.routes.values():
            route.paths = route.paths or [route.blank()]
            self._learn(route, learnt)
            route.fields = learnt.fields[route.name] - {"csrfmiddlewaretoken"}
        return self.routes

    def briefly(self, learnt: Learnt) -> None:
        """Planted objects and the pages without one, each opened once: enough for a test."""
        for route in self.routes.values():
            if not route.captures:
                route.paths.append(route.blank())
        self._planted()
        for route in self.routes.values():
            route.paths = route.paths or [route.blank()]
            who = self.people[route.door]
            for method in ("GET", "POST"):
                learnt.route = route.name
                kind = "application/x-www-form-urlencoded" if method == "POST" else ""
                answer = self.pages.ask(Asked(method, route.paths[0].encode(), headers(who, kind)))
                if method == "GET" and answer.status == 200 and answer.html and answer.body.strip():
                    self._forms(answer.body, route.paths[0])
            route.fields = learnt.fields[route.name] - {"csrfmiddlewaretoken"}

    def _forms(self, body: bytes, page: str) -> None:
        for form in forms_of(body, page):
            owner = self.route_of(urlsplit(form.target).path)
            if owner is not None and len(owner.forms) < EXAMPLES * 3:
                owner.forms.append(form)
                self._keep(owner, form.target)

    def _as(self, who: str, learnt: Learnt) -> None:
        starts = [path for r in self.routes.values() if r.door in (who, "public") for path in r.paths]
        ahead, seen, walked = deque(starts), set(starts), 0
        taken: defaultdict[str, int] = defaultdict(int)
        while ahead and walked < PAGES:
            target = ahead.popleft()
            route = self.route_of(urlsplit(target).path)
            if route is None or taken[route.name] >= EXAMPLES * 2:
                continue
            taken[route.name] += 1
            walked += 1
            learnt.route = route.name
            answer = self.pages.ask(Asked("GET", target.encode(), headers(self.people[who])))
            if answer.status >= 500 and route.name not in AWAY:
                self.faults.append(f"GET {target}: {answer.troubles}")
            if answer.status != 200 or not answer.html or not answer.body.strip():
                continue
            self._forms(answer.body, target)
            tree = html.fromstring(answer.body, parser=html.HTMLParser(encoding="utf-8"))
            for link in tree.xpath("//@href | //@src | //@hx-get | //@hx-post | //@data-url"):  # type: ignore[union-attr]
                at = urlsplit(urljoin(WHOLE + target, str(link)))
                path = at.path + (f"?{at.query}" if at.query else "")
                owner = self.route_of(at.path) if at.netloc == "testserver" else None
                if owner is not None and path not in seen:
                    seen.add(path)
                    self._keep(owner, path)
                    ahead.append(path)

    def _keep(self, route: Route, path: str) -> None:
        if path not in route.paths and len(route.paths) < EXAMPLES:
            route.paths.append(path)

    def _planted(self) -> None:
        from tests import secret  # noqa: PLC0415 - needs Django

        planted = secret.plant()
        for address in secret.addresses():
            route = self.routes[address.name]
            if address.captures and address.name not in secret.NOBODYS:
                route.paths.append(planted.path(address))

    def tickets(self) -> None:
        """Where files go piece by piece a form would have a ticket: one of a living session, and a first piece."""
        from uuid import uuid4  # noqa: PLC0415

        from django.conf import settings  # noqa: PLC0415
        from django.db import transaction  # noqa: PLC0415

        from vardvag.core.actor import ResidentActor, StaffActor  # noqa: PLC0415
        from vardvag.files import tickets  # noqa: PLC0415
        from vardvag.organisation.keeper import actor_of_key  # noqa: PLC0415

        for side in ("resident", "staff"):
            with transaction.atomic():
                actor = actor_of_key(self.people[side][settings.SESSION_KEY_COOKIE])
            assert isinstance(actor, ResidentActor | StaffActor)
            patient = actor.patient.person_id if isinstance(actor, ResidentActor) else 1
            ticket = tickets.write(actor=actor, patient_id=patient, draft_key=uuid4(), at_most=5)
            said = {
                "ticket": ticket,
                "digest": "0" * 64,
                "size": "1000000",
                "offset": "0",
                "name": "bild.png",
            }
            for page in ("upload", "piece"):
                route = self.routes[f"files/{side}/{page}"]
                fields = [Field(name, "hidden", value) for name, value in said.items()]
                route.forms = [Form(route.blank(), "POST", fields, "/")]

    def _learn(self, route: Route, learnt: Learnt) -> None:
        """An empty form, then one with every name asked for so far: what is asked for next is learnt, too."""
        who = self.people[route.door]
        for path in route.paths[:2]:
            self._try(route, learnt, "GET", path, who, "")
            for _ in range(3):
                names = learnt.fields[route.name] | {f.name for form in route.forms for f in form.fields}
                filled = {f.name: f.value for form in route.forms for f in form.fields}
                said = "&".join(f"{n}={filled.get(n) or 1}" for n in sorted(names))
                self._try(route, learnt, "POST", path, who, said)

    def _try(
        self, route: Route, learnt: Learnt, method: str, path: str, who: dict[str, str], said: str
    ) -> None:
        learnt.route = route.name
        kind = "application/x-www-form-urlencoded" if method == "POST" else ""
        answer = self.pages.ask(Asked(method, path.encode(), headers(who, kind), said.encode()))
        if answer.status == 405:
            route.shut.add(method)
        if answer.status >= 500 and not (answer.status == 503 and route.name in AWAY):
            self.faults.append(f"{method} {path} {said[:200]}: {answer.status} {answer.troubles}")
