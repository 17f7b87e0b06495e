"""Reads for pages: where somebody is logged in."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from vardvag.core.actor import PersonActor, ResidentActor
from vardvag.identity import access, rules
from vardvag.identity.models import Session


@dataclass(frozen=True, slots=True)
class Login:
    """One browser somebody is logged in with."""

    session_id: int
    browser: str
    method: str
    since: datetime
    seen: datetime
    here: bool


def logins(*, actor: PersonActor, now: datetime) -> list[Login]:
    """The actor's own living sessions, this browser's first, then the latest used."""
    rows = Session.objects.filter(ended_at=None)
    if isinstance(actor, ResidentActor):
        rows = rows.filter(person_id=actor.me.person_id)
    else:
        rows = rows.filter(staff_id=actor.staff_id)
    found = [
        Login(row.pk, row.browser, row.method, row.created_at, row.seen_at, row.pk == actor.session_id)
        for row in rows.order_by("-seen_at")
        if not rules.has_expired(
            created=row.created_at, seen=row.seen_at, now=now, patience=access.patience(row.kind)
        )
    ]
    return sorted(found, key=lambda login: not login.here)


def protected_actors(person_ids: Collection[int]) -> frozenset[int]:
    """Of the people in the patient's log, those whose names are not shown in it."""
    if not person_ids:
        return frozenset()
    with connection.cursor() as cursor:
        cursor.execute("select * from identity_protected_actors(%s)", [list(person_ids)])
        return frozenset(row[0] for row in cursor.fetchall())
