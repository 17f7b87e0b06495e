"""Telling residents and staff that there is something to read, in the transaction of what happened.

Here only the fact is written. Who wants it how, in which language and when, and whether the person is
protected or dead, is found out by the worker just before it leaves: then the newest answer counts, and the
pages' role need not see anybody's telephone number.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from vardvag.audit import actions as audit
from vardvag.core import compiled
from vardvag.core.actor import Actor, ResidentActor, StaffActor
from vardvag.core.live import tell
from vardvag.inbox import rules
from vardvag.inbox.actions.posting import defer
from vardvag.inbox.models import DigestLine, InboxItem, ItemKind, Reached, StaffKind, StaffNotice
from vardvag.organisation.models import Unit


@transaction.atomic(savepoint=False)  # inside the act it tells of
def tell_resident(
    *,
    actor: Actor,
    patient_id: int,
    recipients: Iterable[int],
    kind: ItemKind,
    unit: Unit,
    link: str,
    object_id: UUID,
    key: str,
    now: datetime,
    about: str = "",
    visible_at: datetime | None = None,
    read_at: datetime | None = None,
) -> None:
    """An item in each reader's inbox, and a notice as each has chosen: the worker looks for those that wait
    every few seconds (laying.lay_waiting), one job for all of them.

    `recipients`: ids of identity.Person (the patient, or those who act for a child).
    `link`: name of the resident's page; `object_id`: the public id it takes as its only argument.
    `key`: names the act ("message:<uuid>"); the same key tells the same reader once.
    `about`: the case type's public name, shown in the inbox only.
    `visible_at`: when the reader can see it (a held reply); nothing is shown or sent before.
    `read_at`: when the reader has read it already; then no notice is sent.
    """
    at = max(now, visible_at or now)
    for person_id in dict.fromkeys(recipients):
        item = InboxItem(
            key=key,
            person_id=person_id,
            patient_id=patient_id,
            provider_id=unit.provider_id,
            unit=unit,
            kind=kind,
            about=about,
            link=link,
            object_id=object_id,
            at=at,
            read_at=read_at,
        )
        if compiled.insert_once(item) and at <= now:
            tell(f"person:{person_id}", "inbox")


@transaction.atomic
def take_back_from_staff(*, actor: Actor, key: str) -> bool:
    """The act was undone: whoever has not been told of it yet is not told. True where that was everybody."""
    notice = StaffNotice.objects.select_for_update(of=("self",)).filter(key=key).first()
    if notice is None:
        return False
    lines = DigestLine.objects.filter(notice=notice)
    lines.filter(told_at=None).delete()
    if lines.exists():
        return False
    notice.delete()
    return True


@transaction.atomic(savepoint=False)  # inside the act it tells of
def tell_staff(
    *,
    actor: Actor,
    unit: Unit,
    kind: StaffKind,
    object_id: UUID,
    patient_id: int | None,
    key: str,
    now: datetime,
    urgency: int | None = None,
    staff_id: int | None = None,
    group_id: int | None = None,
) -> None:
    """A line in the next digest of those concerned: `staff_id`, else the members of `group_id`, else the
    unit's receivers. Urgency 1 and 2 go at once. `key` names the act; the staff member who did it is not
    told. The worker looks for the others every few seconds (laying.spread_waiting): one job for all of them."""
    notice = StaffNotice(
        key=key,
        kind=kind,
        provider_id=unit.provider_id,
        unit=unit,
        patient_id=patient_id,
        object_id=object_id,
        urgency=urgency,
        staff_id=staff_id,
        group_id=group_id,
        by_staff_id=actor.staff_id if isinstance(actor, StaffActor) else None,
        at=now,
    )
    if compiled.insert_once(notice) and rules.at_once(urgency):
        defer("inbox.spread", notice_id=notice.pk)


@transaction.atomic
def read_items(*, actor: ResidentActor, object_id: UUID, now: datetime) -> int:
    """The reader has opened the case: their items about it are read. Returns how many were unread."""
    return compiled.act(
        "update inbox_inboxitem set read_at = %s where person_id = %s and patient_id = %s and object_id = %s"
        " and read_at is null and at <= %s",
        [now, actor.me.person_id, actor.patient.person_id, object_id, now],
    )


@transaction.atomic
def mark_read(*, actor: ResidentActor, item: InboxItem, now: datetime) -> InboxItem:
    return _mark(actor, item, now, now)


@transaction.atomic
def mark_unread(*, actor: ResidentActor, item: InboxItem, now: datetime) -> InboxItem:
    return _mark(actor, item, None, now)


@transaction.atomic
def mark_reached(*, actor: StaffActor, item: InboxItem, how: Reached, now: datetime) -> int:
    """Staff have called or written about what was not opened in the case; it is listed no more. Done twice, the
    first stands. Returns how many items."""
    waiting = InboxItem.objects.filter(
        unit_id=item.unit_id, object_id=item.object_id, read_at=None, reached_at=None, at__lte=now
    )
    number = waiting.update(reached_at=now, reached_how=how)
    if number:
        audit.record(
            actor=actor,
            verb="mark_reached",
            kind="inbox_item",
            at=now,
            object_id=item.pk,
            patient_id=item.patient_id,
            details=[how],
        )
    return number


def _mark(actor: ResidentActor, item: InboxItem, read_at: datetime | None, now: datetime) -> InboxItem:
    if (item.read_at is None) != (read_at is None):
        item.read_at = read_at
        item.save(update_fields=["read_at"])
        audit.record(
            actor=actor,
            verb="mark_read" if read_at else "mark_unread",
            kind="inbox_item",
            at=now,
            object_id=item.pk,
            patient_id=item.patient_id,
            provider_id=item.provider_id,
            unit_id=item.unit_id,
        )
    return item
