"""Reading the register again, so that a mark or a change of custody takes effect while cases are open (ID-5)."""

import logging
from datetime import datetime, timedelta

from django.db import DatabaseError
from django.db.models import Q

from vardvag.core.actor import SystemActor
from vardvag.core.facts import Fact
from vardvag.identity import register
from vardvag.identity.models import CareRelation, Person, Session
from vardvag.outside.population.port import PersonRecord, RegisterTrouble

_log = logging.getLogger(__name__)
LOGGED_IN = timedelta(minutes=5)  # how old the register's word may be for somebody who is logged in
KNOWN = timedelta(hours=24)  # and for everybody else a unit has had a case with
AT_ONCE = 50


def reread(*, actor: SystemActor, now: datetime) -> int:
    """A handful of those whose word is oldest; returns how many were read. A register that is down is asked
    again the next minute; until then what was last told holds."""
    people = _due(now)
    if not people:
        return 0
    try:
        told = register.service().persons(p.personal_number for p in people)
        numbers = {c.personal_number for one in told.values() for c in one.children}
        children = register.service().persons(numbers) if numbers else {}
    except RegisterTrouble:
        return 0
    for person in people:
        try:
            _take_in(person, told, children, now)
        except (Fact, DatabaseError):  # one person's odd record keeps nobody else's mark from us
            _log.exception("a record could not be taken in")
            register.asked_in_vain(person, now=now)
    return len(people)


def _take_in(
    person: Person, told: dict[str, PersonRecord], children: dict[str, PersonRecord], now: datetime
) -> None:
    record = told.get(person.personal_number)
    if record is None:
        register.asked_in_vain(person, now=now)
        return
    mine = {c.personal_number: children[c.personal_number] for c in record.children
            if c.personal_number in children}  # fmt: skip
    register.take_in(record=record, children=mine, now=now, proven=False)


def _due(now: datetime) -> list[Person]:
    here = Session.objects.filter(
        ended_at=None, person__isnull=False, seen_at__gt=now - timedelta(minutes=30)
    )
    logged_in = Q(pk__in=here.values("person_id")) | Q(pk__in=here.values("acting_for_id"))
    stale = Q(register_read_at=None) | Q(register_read_at__lt=now - LOGGED_IN)
    found = list(Person.objects.filter(logged_in, stale).order_by("register_read_at")[:AT_ONCE])
    if len(found) < AT_ONCE:
        old = Q(register_read_at=None) | Q(register_read_at__lt=now - KNOWN)
        rest = Person.objects.filter(old, pk__in=CareRelation.objects.values("patient_id"), deceased_on=None)
        found += rest.exclude(pk__in=[p.pk for p in found]).order_by("register_read_at")[
            : AT_ONCE - len(found)
        ]
    return found
