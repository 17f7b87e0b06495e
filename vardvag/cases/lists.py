"""The unit's lists of cases: the queue with its counters, and what a search found. One statement each.

Written out, since every staff page begins here: put together by the ORM they cost more than the database took.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from django.db import connection

from vardvag.audit.actions import record
from vardvag.cases.models import PersonalNumberLookup
from vardvag.cases.rules import SEARCH_LETTERS, SEES_ALL, WORKS_WITH_CASES, TooManyLookups, TooShort
from vardvag.core.actor import StaffActor
from vardvag.core.compiled import fetch
from vardvag.core.facts import Fact
from vardvag.core.personal_number import parse
from vardvag.identity.access import person_of_number

PAGE = 50
LOOKUPS_AN_HOUR = 60
MATCHES = 60  # newest of the unit's, of which the fifty that the searcher may see are shown
BEGIN_WITHIN = timedelta(hours=24)
OPEN = "state <> 'closed'"
ORDER = "urgency, due_at, id"  # of what is not closed; cases_standing (migration 0007) counts places by it


class Listed(NamedTuple):
    """A case as lists show it; columns of `cases_case`."""

    id: int
    public_id: UUID
    number: str
    title: str
    type_key: str
    state: str
    urgency: int | None
    patient_name: str
    patient_born: date
    protected: bool
    represented: bool
    excerpt: str
    language: str
    owner_id: int | None
    owner_name: str
    group_name: str
    arrived_at: datetime
    waiting_since: datetime
    due_at: datetime | None
    amber_at: datetime | None
    unread_by_staff: bool
    closed_at: datetime | None
    closed_how: str

    @property
    def pk(self) -> int:
        return self.id


SELECT = f"select {', '.join(Listed._fields)} from cases_case where "  # noqa: S608 - our own names


Part = tuple[str, list[Any]]  # of a statement, with the values for its places


class Numbered(Protocol):
    @property
    def pk(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Filters:
    type_key: str = ""
    group_id: int | None = None
    owner_id: int | None = None
    urgency: int | None = None
    older_than_days: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Listed]
    number: int
    more: bool
    view: str


@dataclass(frozen=True, slots=True)
class Figures:
    """Of the open cases: how many in each view but the closed, urgent ones (1-2) too, and the (key, name) of
    their types by name."""

    counts: dict[str, int]
    types: list[tuple[str, str]]


def _scope(actor: StaffActor) -> Part:
    """As `access.cases_of_unit`: what this staff member may see in lists at the unit they work for."""
    if actor.has(*SEES_ALL):
        return "unit_id = %s", [actor.unit_id]
    if actor.has(*WORKS_WITH_CASES):
        values = [actor.unit_id, actor.staff_id, sorted(actor.group_ids)]
        return "unit_id = %s and (owner_id = %s or group_id = any (%s))", values
    return "false", []


def _views(actor: StaffActor, now: datetime) -> dict[str, Part]:
    """The queue's views. `new` lies with no person; `late` has passed its time."""
    return {
        "new": (f"{OPEN} and owner_id is null and state not in ('waiting', 'answered')", []),
        "mine": (f"{OPEN} and owner_id = %s", [actor.staff_id]),
        "groups": (f"{OPEN} and group_id = any (%s)", [sorted(actor.group_ids)]),
        "all": (OPEN, []),
        "waiting": ("state = 'waiting'", []),
        "late": (f"{OPEN} and due_at < %s", [now]),
        "unbegun": ("state in ('new', 'distributed') and arrived_at < %s", [now - BEGIN_WITHIN]),
        "closed": ("state = 'closed'", []),
    }


VIEWS = ("new", "mine", "groups", "all", "waiting", "late", "unbegun", "closed")


def _filters(filters: Filters, now: datetime) -> list[Part]:
    found: list[Part] = []
    if filters.type_key:
        found.append(("type_key = %s", [filters.type_key]))
    if filters.group_id:
        found.append(("group_id = %s", [filters.group_id]))
    if filters.owner_id:
        found.append(("owner_id = %s", [filters.owner_id]))
    if filters.urgency:
        found.append(("urgency = %s", [filters.urgency]))
    if filters.older_than_days:
        found.append(("arrived_at < %s", [now - timedelta(days=filters.older_than_days)]))
    return found


def _all_of(*parts: Part) -> Part:
    return " and ".join(f"({said})" for said, _ in parts), [value for _, values in parts for value in values]


def _fetch(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def queue(
    *, actor: StaffActor, view: str, filters: Filters, now: datetime, page: int = 1, log: bool = True
) -> Page:
    """Fifty rows by urgency, deadline and age; closed ones newest first. The showing is one row in the log,
    with the cases' ids."""
    where, values = _all_of(_scope(actor), _views(actor, now)[view], *_filters(filters, now))
    order = "closed_at desc, id desc" if view == "closed" else ORDER
    found = _fetch(
        f"{SELECT}{where} order by {order} limit %s offset %s", [*values, PAGE + 1, (page - 1) * PAGE]
    )
    shown = [Listed._make(row) for row in found[:PAGE]]
    if log:
        log_list(actor=actor, verb="list", rows=shown, now=now)
    return Page(rows=shown, number=page, more=len(found) > PAGE, view=view)


def figures(*, actor: StaffActor, now: datetime) -> Figures:
    asked = {name: part for name, part in _views(actor, now).items() if name != "closed"}
    asked["urgent"] = (f"{OPEN} and urgency <= 2", [])
    counted, values = "", []
    for said, given in asked.values():
        counted += f", count(*) filter (where {said})"
        values += given
    where, given = _all_of(_scope(actor), (OPEN, []))
    rows = _fetch(
        f"select type_key, title{counted} from cases_case where {where} group by type_key, title",  # noqa: S608
        [*values, *given],
    )
    numbers = [sum(column) for column in list(zip(*rows, strict=True))[2:]] or [0] * len(asked)
    return Figures(
        counts=dict(zip(asked, numbers, strict=True)),
        types=sorted(((row[0], row[1]) for row in rows), key=lambda kind: kind[1]),
    )


def search(*, actor: StaffActor, words: str, now: datetime) -> list[Listed]:
    """By case number, personal number, name or text, in the unit; newest first. Personal numbers are counted and
    logged. Protected persons are found by their whole personal number or the case's, never by name or text (PROT-1).
    Raises TooShort, TooManyLookups."""
    words = " ".join(words.replace("\x00", "").split())[:200]
    if not words:
        return []
    if sum(letter.isalnum() for letter in words) < SEARCH_LETTERS:
        raise TooShort()
    try:
        number = parse(words, today=now.date())
    except Fact:
        number = None
    if number is not None:
        _count_lookup(actor, now)
        person = person_of_number(number.digits)  # by a number the patient had before, too
        whose = ("patient_number = %s or patient_id = %s", [number.digits, person.pk if person else 0])
        found = _newest(actor, whose)
    else:
        found = _newest(actor, ("number = %s", [words.removeprefix("#")])) if _NUMBER.search(words) else []
        found = found or _newest(actor, (_WORDS, [actor.unit_id, words, MATCHES]))
    log_list(actor=actor, verb="search", rows=found, now=now)
    return found


_NUMBER = re.compile(r"^#?\d\d-\d{1,9}$")  # see actions.opening
_WORDS = "not protected and id = any (array(select case_id from cases_search(%s, %s, %s::int)))"


def _newest(actor: StaffActor, what: Part) -> list[Listed]:
    where, values = _all_of(_scope(actor), what)
    rows = fetch(f"{SELECT}{where} order by id desc limit %s", [*values, PAGE])
    return [Listed._make(row) for row in rows]


def _count_lookup(actor: StaffActor, now: datetime) -> None:
    recent = PersonalNumberLookup.objects.filter(staff_id=actor.staff_id, at__gt=now - timedelta(hours=1))
    if recent.count() >= LOOKUPS_AN_HOUR:
        raise TooManyLookups()
    PersonalNumberLookup.objects.create(staff_id=actor.staff_id, unit_id=actor.unit_id, at=now)
    record(actor=actor, verb="lookup", kind="personal_number", at=now)


def log_list(*, actor: StaffActor, rows: Sequence[Numbered], now: datetime, verb: str = "list") -> None:
    """That these cases' rows were shown, in the queue or beside another case: one row in the log."""
    if rows:
        record(
            actor=actor,
            verb=verb,
            kind="queue",
            at=now,
            details=[str(case.pk) for case in rows],
            purpose="care",
        )
