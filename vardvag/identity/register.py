"""The population register's word on a person and their children, taken into our own rows."""

import logging
from datetime import date, datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from vardvag.core import border
from vardvag.core.actor import SystemActor
from vardvag.core.personal_number import SWEDEN, NotAPersonalNumber, PersonalNumber, parse
from vardvag.identity.actions import change_number, on_person_changed
from vardvag.identity.models import FormerNumber, Guardianship, Person
from vardvag.outside.population.client import TIMEOUT, PopulationRegister
from vardvag.outside.population.port import PersonRecord

_log = logging.getLogger(__name__)
LONG_AGO = date(1900, 1, 1)
AT_LOGIN = 4.0  # seconds for an answer: a login asks twice, and a page comes within ten


@cache
def service(seconds: float = TIMEOUT) -> PopulationRegister:
    return PopulationRegister(settings.OUTSIDE["population"], timeout=seconds)


def ask(number: str, *, now: datetime) -> tuple[PersonRecord | None, dict[str, PersonRecord]]:
    """The person and the children they have custody of today. Raises the register's Unavailable."""
    at_login = service(AT_LOGIN)
    record = at_login.person(number)
    today = now.astimezone(SWEDEN).date()
    numbers = [c.personal_number for c in record.children if c.holds(today)] if record else []
    return record, at_login.persons(numbers) if numbers else {}


def known_person(number: str) -> Person | None:
    """By the number, or one they had. Inside `border.enter_proven(number)`; leaves a border that opens the person."""
    former = FormerNumber.objects.filter(number=number).first()
    if former is not None:
        border.enter_person(former.person_id)
        return Person.objects.get(pk=former.person_id)
    return Person.objects.filter(personal_number=number).first()


@transaction.atomic
def take_in(
    *, record: PersonRecord, children: dict[str, PersonRecord], now: datetime, proven: bool = True
) -> Person:
    """Make or change the rows of the person, the children and the custody. `proven`: called at login, where the
    border opens just these numbers; jobs see everything. `now`: when the register was asked; where somebody who asked
    later has come first (a login and the worker at once), what they were told stands."""
    if proven:
        theirs = [one.numbers for one in (record, *children.values())]
        border.enter_proven(*children, *(number for numbers in theirs for number in numbers))
    person, newest = _row(record, now)
    if not newest:
        return person
    today = now.astimezone(SWEDEN).date()
    # Of several times with one child (lost and won again) the one that counts today is the last here.
    told = {c.personal_number: c for c in sorted(record.children, key=lambda one: one.holds(today))}
    current = []
    for number, child_record in children.items():
        try:
            child, _newest = _row(child_record, now)
        except NotAPersonalNumber:
            _log.exception("a child's number could not be read")  # its guardian still comes in
            continue
        custody = told[number]
        Guardianship.objects.update_or_create(
            guardian=person,
            child=child,
            defaults={"since": custody.since or LONG_AGO, "until": custody.until},
        )
        current.append(child.pk)
    ended = Guardianship.objects.filter(Q(until=None) | Q(until__gt=today), guardian=person)
    ended.exclude(child_id__in=current).update(until=today)
    return person


def asked_in_vain(person: Person, *, now: datetime) -> None:
    """The register does not know the number: what we have stays, and is not asked for again today."""
    person.register_read_at = now
    person.save(update_fields=["register_read_at"])


def _row(record: PersonRecord, now: datetime) -> tuple[Person, bool]:
    """The row, and whether this is the newest word on it."""
    number = parse(record.personal_number, today=now.astimezone(SWEDEN).date())
    address = record.address
    values: dict[str, Any] = {
        "kind": number.kind.value,
        "given_name": record.given_name or record.first_names or "–",
        "surname": " ".join(part for part in (record.middle_name, record.surname) if part) or "–",
        "protected": record.protected,
        "deceased_on": record.deceased_on or (now.astimezone(SWEDEN).date() if record.deceased else None),
        "street": ", ".join(address.lines) if address else "",
        "postal_code": address.postal_code if address else "",
        "city": address.city if address else "",
        "register_read_at": now,
    }
    values = {name: _fitting(name, value) for name, value in values.items()}
    if number.birth is not None:
        values["birth_date"] = number.birth
    person = _known_row(record, number, now)
    if person is None:
        made = {"personal_number": number.digits, "birth_date": LONG_AGO, **values}
        return Person.objects.create(**made), True
    person = Person.objects.select_for_update(of=("self",), no_key=True).get(pk=person.pk)
    if person.register_read_at is not None and person.register_read_at > now:
        return person, False
    if record.deceased_on is None and person.deceased_on is not None and record.deceased:
        values["deceased_on"] = person.deceased_on  # the day that we heard of it
    shown = (person.name, person.protected)
    if person.personal_number != number.digits:  # a withdrawn number's kind and date are not the person's
        values = {name: value for name, value in values.items() if name not in ("kind", "birth_date")}
    for name, value in values.items():
        setattr(person, name, value)
    person.save(update_fields=list(values))
    if shown != (person.name, person.protected):
        for tell in on_person_changed:
            tell(person.pk)
    return person, True


def _fitting(name: str, value: Any) -> Any:
    """A name that is longer than the column would keep its bearer out. Both names are shown as one of 200 letters."""
    longest = getattr(Person._meta.get_field(name), "max_length", None)
    return value[: longest - (name == "surname")] if longest and isinstance(value, str) else value


def _known_row(record: PersonRecord, number: PersonalNumber, now: datetime) -> Person | None:
    """The person's row, by this number or by another of theirs. One that the register only refers to has got a new
    number, and takes it; a number they had once is never taken back."""
    person = Person.objects.filter(personal_number=number.digits).first()
    if person is not None:
        return person
    former = FormerNumber.objects.filter(number=number.digits).first()
    if former is not None:
        return Person.objects.filter(pk=former.person_id).first()
    theirs = Person.objects.filter(personal_number__in=record.numbers).order_by("pk")
    person = theirs.select_for_update().first() or theirs.first()  # another login may just have changed it
    if person is None or person.personal_number == number.digits:
        return person
    return change_number(actor=SystemActor("identity.register"), person=person, number=number, now=now)
