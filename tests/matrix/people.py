"""Everybody who knocks: each role at the unit, at another of the same care provider, at another provider and in
another region; those whose assignment is over; residents, guardians in every state, and nobody.

What they may see follows from the facts that stand here (tests/matrix/reach.py), not from the product's own rules.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.test import Client

from tests import acting
from tests.cluster import as_system
from vardvag.core import clock
from vardvag.core.actor import Anonymous, Role
from vardvag.demo import cast
from vardvag.identity import actions
from vardvag.identity.models import Guardianship, Person, Session, Staff
from vardvag.organisation.models import Assignment, Group, Provider, Unit

HERE, NEXT, OTHER, FAR = "here", "next", "other provider", "other region"


@dataclass(frozen=True)
class Who:
    """`kind`: nobody, resident or staff, as the doors should see them now. `patient`: whom they act for now."""

    name: str
    kind: str
    key: str = ""
    person: int = 0
    patient: int = 0
    staff: int = 0
    unit: int = 0
    provider: int = 0
    roles: frozenset[str] = field(default_factory=frozenset)
    groups: frozenset[int] = field(default_factory=frozenset)

    def client(self) -> Client:
        client = acting.nobody()
        client.raise_request_exception = False
        if self.key:
            client.cookies[settings.SESSION_KEY_COOKIE] = self.key
        return client


def places() -> dict[str, Unit]:
    """The unit of the planted case, another of its provider, one of another, and one of another region."""
    with as_system():
        found = {
            HERE: Unit.objects.get(assignments__staff__hsa_id=cast.SARA.hsa_id),
            NEXT: Unit.objects.get(assignments__staff__hsa_id=cast.MIKAEL.hsa_id),
            OTHER: Unit.objects.get(assignments__staff__hsa_id=cast.FATIMA.hsa_id),
        }
        provider, _ = Provider.objects.get_or_create(
            hsa_id="SE2321000099-FAR", defaults={"name": "Region Fjärran", "kind": found[HERE].provider.kind}
        )
        far, made = Unit.objects.get_or_create(
            hsa_id="SE2321000099-FARU",
            defaults={
                "provider": provider, "name": "Fjärran", "public_name": "Fjärrans hälsocentral", "slug": "fjarran",
                "kind_of_care": "Hälsocentral",
            },
        )  # fmt: skip
        if made:
            Group.objects.create(unit=far, name="Mottagare", receivers=True)
        return {**found, FAR: far}


def _session(
    *, person: Person | None = None, staff: Staff | None = None, assignment: int | None = None
) -> str:
    with as_system():
        return actions.open_session(
            actor=Anonymous(), person=person, staff=staff, assignment_id=assignment,
            method="siths" if staff else "bankid", now=clock.now(),
        )  # fmt: skip


def _last() -> Any:
    return Session.objects.filter(pk=Session.objects.order_by("-pk").values("pk")[:1])


def _person(who: cast.Resident) -> Person:
    with as_system():
        return Person.objects.get(personal_number=who.number)


def resident(
    name: str,
    who: cast.Resident,
    patient: cast.Resident | None = None,
    *,
    valid: bool = True,
    dead: bool = False,
) -> Who:
    """`patient` stands in the session; not `valid`: the right to act for them is over or never was."""
    me = _person(who)
    key = _session(person=me)
    about = _person(patient) if patient else me
    with as_system():
        _last().update(acting_for=about if patient else None)
        if dead:
            _last().update(ended_at=clock.now(), ended_why="test")
    if dead:
        return Who(name, "nobody", key)
    return Who(name, "resident", key, person=me.pk, patient=about.pk if valid else me.pk)


def member(name: str, unit: Unit, roles: frozenset[str], number: int, **more: Any) -> Who:
    """A staff member made for the occasion, in one assignment."""
    with as_system():
        staff = Staff.objects.create(
            hsa_id=f"SE2321000000-X{number:03d}",
            given_name="Prov",
            surname=f"Person{number}",
            title="Prövare",
        )
        assignment = Assignment.objects.create(
            staff=staff, unit=unit, roles=sorted(roles), valid_from=clock.now().date() - timedelta(days=9)
        )
    key = _session(staff=staff, assignment=assignment.pk)
    over = bool(more.pop("over", False))
    with as_system():
        if gone := more.pop("gone", None):
            Staff.objects.filter(pk=staff.pk).update(gone_at=gone)
        if more:
            Assignment.objects.filter(pk=assignment.pk).update(**more)
    if over:
        return Who(name, "nobody", key)
    return Who(name, "staff", key, staff=staff.pk, unit=unit.pk, provider=unit.provider_id, roles=roles)


def employee(name: str, who: cast.Employee, unit: Unit) -> Who:
    with as_system():
        staff = Staff.objects.get(hsa_id=who.hsa_id)
        assignment = Assignment.objects.get(staff=staff, unit=unit)
        groups = frozenset(assignment.groups.values_list("pk", flat=True))
    key = _session(staff=staff, assignment=assignment.pk)
    return Who(name, "staff", key, staff=staff.pk, unit=unit.pk, provider=unit.provider_id,
               roles=frozenset(assignment.roles), groups=groups)  # fmt: skip


def custody(guardian: cast.Resident, child: cast.Resident, *, since: int, until: int | None) -> None:
    """Days from today."""
    today = clock.now().date()
    over = None if until is None else today + timedelta(days=until)
    with as_system():
        Guardianship.objects.update_or_create(
            guardian=_person(guardian), child=_person(child),
            defaults={"since": today + timedelta(days=since), "until": over},
        )  # fmt: skip


def everybody() -> list[Who]:
    units, now = places(), clock.now()
    found = [Who("nobody", "nobody"), Who("a made-up key", "nobody", "x" * 43)]
    number = 0
    for place, unit in units.items():
        for role in Role:
            number += 1
            found.append(member(f"{role}, {place}", unit, frozenset([role.value]), number))
        number += 1
        found.append(member(f"every role, {place}", unit, frozenset(r.value for r in Role), number))
    over: dict[str, dict[str, Any]] = {
        "ended": {"ended_at": now}, "paused": {"paused_at": now}, "gone": {"gone": now},
        "run out": {"valid_until": now.date() - timedelta(days=2)},
        "not begun": {"valid_from": now.date() + timedelta(days=2)},
    }  # fmt: skip
    for name, change in over.items():
        number += 1
        found.append(
            member(f"receiver, {name}", units[HERE], frozenset(["receiver"]), number, over=True, **change)
        )
    found += [
        employee("the nurse with the case", cast.SARA, units[HERE]),
        employee("physician without the case", cast.AMIR, units[HERE]),
        employee("receiver at the branch now", cast.ALI, _other_unit(cast.ALI, units[HERE])),
        employee("physician elsewhere now", cast.EVA, _other_unit(cast.EVA, units[HERE])),
        *_residents(),
    ]
    return found


def _other_unit(who: cast.Employee, here: Unit) -> Unit:
    with as_system():
        return Unit.objects.filter(assignments__staff__hsa_id=who.hsa_id).exclude(pk=here.pk)[0]


def _residents() -> list[Who]:
    custody(cast.PER, cast.ELSA, since=-900, until=0)
    custody(cast.MAREK, cast.ELSA, since=2, until=None)
    c = cast
    return [
        resident("guardian for her daughter", c.ANNA, c.ELSA),
        resident("guardian for herself", c.ANNA),
        resident("guardian for the brother", c.ANNA, c.NILS),
        resident("the other guardian", c.JOHAN, c.ELSA),
        resident("guardian until yesterday", c.PER, c.ELSA, valid=False),
        resident("guardian from the day after tomorrow", c.MAREK, c.ELSA, valid=False),
        resident("guardian of another child", c.SAMIRA, c.YASMIN),
        resident("never a guardian", c.EBBA, c.ELSA, valid=False),
        resident("guardian of one over 13", c.PETRA, c.MAJA, valid=False),
        resident("the one over 13", c.MAJA),
        resident("protected parent", c.LINNEA, c.VERA, valid=False),
        resident("parent of a protected child", c.SOFIA, c.MILO, valid=False),
        resident("protected, for herself", c.LINNEA),
        resident("patient of the closed and the moved", c.KARL_ERIK),
        resident("session that is over", c.ANNA, c.ELSA, dead=True),
    ]


Make = Callable[[], list[Who]]
