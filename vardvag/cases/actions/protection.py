"""PROT-1: why a protected person's case is opened, and the manager's review of it."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from vardvag.audit.actions import record
from vardvag.cases.models import Case, ProtectedOpening
from vardvag.cases.rules import SayWhy
from vardvag.core.actor import StaffActor


@transaction.atomic
def open_protected(
    *, actor: StaffActor, case: Case, why: str, words: str, now: datetime
) -> ProtectedOpening | None:
    """Asked once per case and login; said twice, the first stands. None for a case that is not protected.
    Raises SayWhy."""
    words = " ".join(words.replace("\x00", "").split())[:200]
    if why not in ProtectedOpening.Why.values or (why == ProtectedOpening.Why.OTHER and not words):
        raise SayWhy()
    if not case.protected:
        return None
    opening, new = ProtectedOpening.objects.get_or_create(
        case=case,
        session_id=actor.session_id,
        defaults={
            "provider_id": case.provider_id,
            "unit_id": case.unit_id,
            "staff_id": actor.staff_id,
            "staff_name": actor.name,
            "why": why,
            "words": words,
            "at": now,
        },
    )
    if new:
        record(
            actor=actor,
            verb="open_protected",
            kind="case",
            at=now,
            object_id=case.pk,
            patient_id=case.patient_id,
            provider_id=case.provider_id,
            unit_id=case.unit_id,
            ground=f"protected:{why}",
        )
    return opening


@transaction.atomic
def review_openings(*, actor: StaffActor, openings: Iterable[ProtectedOpening], now: datetime) -> int:
    """The manager has looked at them. Done twice, the first stands."""
    done = 0
    for opening in openings:
        if opening.reviewed_at is None:
            opening.reviewed_at, opening.reviewed_by = now, actor.name
            opening.save(update_fields=["reviewed_at", "reviewed_by"])
            done += 1
    if done:
        record(actor=actor, verb="review_openings", kind="protected_opening", at=now, purpose="review")
    return done
