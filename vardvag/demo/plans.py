"""What a telling of cases is made of: forms, places with their staff, the plan of one case, rows and ids."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from random import Random
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from vardvag.demo.people import Person
from vardvag.demo.staff import RECEIVERS, Member
from vardvag.demo.stories import Story
from vardvag.demo.units import UnitSpec
from vardvag.questionnaires.definition import Definition

Row = dict[str, Any]
GROUPS_OF = {  # case type -> groups that usually handle it
    "fornya-recept": ("Läkare", "Sjuksköterskor"),
    "begar-intyg": ("Läkare",),
    "egen-remiss": ("Läkare", "Rehab", "Behandlare"),
    "fraga-remiss": ("Sjuksköterskor", "Medicinska sekreterare"),
    "fornya-hjalpmedel": ("Hjälpmedel", "Sjuksköterskor", "Rehab"),
    "kontakta-mig-boka": ("Sjuksköterskor", "Medicinska sekreterare"),
    "kontakta-mig-omboka": ("Medicinska sekreterare", "Sjuksköterskor"),
    "avboka-omboka": ("Medicinska sekreterare", "Sjuksköterskor"),
    "bestall-tid": ("Sjuksköterskor", "Rehab", "Behandlare"),
}


def person_uuid(person: Person) -> UUID:
    return uuid5(NAMESPACE_URL, f"vardvag:person:{person.number}")


@dataclass(frozen=True, slots=True)
class Form:
    """The published version of a case type that residents filled in."""

    version_id: int
    questionnaire_version_id: int
    case_type_id: int
    definition: Definition
    title: str
    days: int | None  # own answer time in working days


@dataclass(slots=True)
class Place:
    """A unit with the ids of its rows and who works there."""

    spec: UnitSpec
    provider_id: int
    groups: dict[str, int]
    members: list[Member]
    assignments: dict[int, int]  # staff id -> assignment id

    def handlers(self, type_key: str, rng: Random) -> Member:
        """Somebody who handles such cases here."""
        for group in GROUPS_OF.get(type_key, ("Sjuksköterskor", "Behandlare", "Rehab")):
            found = [m for m in self.members if group in self._groups(m)]
            if found:
                return rng.choice(found)
        return self.receiver(rng)

    def receiver(self, rng: Random) -> Member:
        return rng.choice([m for m in self.members if RECEIVERS in self._groups(m)])

    def titled(self, word: str, rng: Random, *, besides: Member) -> Member | None:
        """A colleague with such a title."""
        found = [m for m in self.members if word in m.title.lower() and m is not besides]
        return rng.choice(found) if found else None

    def _groups(self, member: Member) -> tuple[str, ...]:
        post = member.at(self.spec.number)
        return post.groups if post else ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be told. `target`: a state, or how it was closed; `slow`: the deadline was missed."""

    story: Story
    place: Place
    patient: Person
    author: Person
    target: str
    arrived: datetime
    slow: bool = False
    name: str = ""  # of a main case: its public id comes from it
    owner: Member | None = None
    read: bool | None = None  # whether the resident has read the last reply; None: as it falls out
    picture: str = ""  # what a picture shows, where one is sent along (drawings.draw)


@dataclass(slots=True)
class Rows:
    """Rows by table, as dictionaries with the same keys in every row of a table."""

    tables: dict[str, list[Row]] = field(default_factory=dict)

    def add(self, table: str, **row: Any) -> Row:
        self.tables.setdefault(table, []).append(row)
        return row


class Ids:
    """Primary keys, counted from one table by table."""

    def __init__(self) -> None:
        self._counts: dict[str, Iterator[int]] = {}
        self.last: dict[str, int] = {}

    def next(self, table: str) -> int:
        self.last[table] = next(self._counts.setdefault(table, count(1)))
        return self.last[table]


@dataclass(slots=True)
class Pen:
    """What writes a whole world: one generator, one count of ids, one set of rows, one moment."""

    rng: Random
    ids: Ids
    rows: Rows
    now: datetime

    def uuid(self) -> UUID:
        return UUID(int=self.rng.getrandbits(128), version=4)
