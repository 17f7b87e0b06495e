"""From a page to a row of the inbox: within the actor's reach, else 404."""

from datetime import datetime
from uuid import UUID

from django.http import Http404

from vardvag.core.actor import ResidentActor, Role, StaffActor
from vardvag.inbox.models import Delivery, InboxItem

CALLERS = (Role.RECEIVER, Role.NURSE)  # see all of the unit's cases, so also what nobody has opened
MENDERS = (Role.LOCAL_ADMIN, Role.SYSTEM_COORDINATOR)  # see what did not arrive


def item_for_resident(*, actor: ResidentActor, public_id: UUID, now: datetime) -> InboxItem:
    """Addressed to the one logged in, about the one whose matters are on screen."""
    item = (
        InboxItem.objects.select_related("unit")
        .filter(
            public_id=public_id,
            person_id=actor.me.person_id,
            patient_id=actor.patient.person_id,
            at__lte=now,
        )
        .first()
    )
    if item is None:
        raise Http404
    return item


def delivery_for_staff(*, actor: StaffActor, public_id: UUID) -> Delivery:
    """Of the unit worked for; a system coordinator's reach is the care provider."""
    found = Delivery.objects.filter(public_id=public_id, provider_id=actor.provider_id).exclude(kind="code")
    if not actor.has(Role.SYSTEM_COORDINATOR):
        found = found.filter(unit_id=actor.unit_id)
    delivery = found.first() if actor.has(*MENDERS) else None
    if delivery is None:
        raise Http404
    return delivery


def unopened_for_staff(*, actor: StaffActor, public_id: UUID) -> InboxItem:
    """Something of the unit worked for that its reader has not opened."""
    found = InboxItem.objects.filter(public_id=public_id, unit_id=actor.unit_id)
    item = found.first() if actor.has(*CALLERS) else None
    if item is None:
        raise Http404
    return item
