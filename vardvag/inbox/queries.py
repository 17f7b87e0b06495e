"""What the inbox's pages show, and what other parts may ask."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet

from vardvag.core.actor import PersonActor, ResidentActor, Role, StaffActor
from vardvag.inbox.models import (
    Channel,
    ChannelHealth,
    ContactSettings,
    Delivery,
    InboxItem,
    StaffNoticeSettings,
    VerificationCode,
)
from vardvag.inbox.rules import AGAIN

PAGE = 20


def _mine(actor: ResidentActor, now: datetime) -> QuerySet[InboxItem]:
    return InboxItem.objects.filter(person_id=actor.me.person_id, at__lte=now)


def items(
    *, actor: ResidentActor, unread: bool, now: datetime, page: int = 1
) -> tuple[list[InboxItem], bool]:
    """About the one on screen, newest first, and whether there are older ones."""
    rows = _mine(actor, now).filter(patient_id=actor.patient.person_id).select_related("unit").order_by("-id")
    if unread:
        rows = rows.filter(read_at=None)
    start = (page - 1) * PAGE
    found = list(rows[start : start + PAGE + 1])
    return found[:PAGE], len(found) > PAGE


def unread_count(*, actor: ResidentActor, now: datetime) -> int:
    """About the one whose matters are on screen; for the menu."""
    return _mine(actor, now).filter(patient_id=actor.patient.person_id, read_at=None).count()


def unread_for_others(*, actor: ResidentActor, now: datetime) -> list[tuple[str, int]]:
    """(name, number) for each other person the reader may act for: what they would miss by not changing."""
    names = {s.person_id: s.given_name for s in (actor.me, *actor.may_act_for)}
    names.pop(actor.patient.person_id, None)
    counted = (
        _mine(actor, now)
        .filter(read_at=None, patient_id__in=names)
        .values_list("patient_id")
        .annotate(number=Count("id"))
    )
    return [(names[person], number) for person, number in counted]


def contact(*, actor: ResidentActor) -> ContactSettings:
    """The saved wishes, or unsaved defaults."""
    found = ContactSettings.objects.filter(pk=actor.me.person_id).first()
    return found or ContactSettings(person_id=actor.me.person_id, language=actor.language)


def staff_notices(*, actor: StaffActor) -> StaffNoticeSettings:
    found = StaffNoticeSettings.objects.filter(pk=actor.staff_id).first()
    return found or StaffNoticeSettings(staff_id=actor.staff_id)


def waiting_code(*, actor: PersonActor, channel: Channel) -> VerificationCode | None:
    """The newest code that has not been typed in."""
    mine = (
        {"staff_id": actor.staff_id} if isinstance(actor, StaffActor) else {"person_id": actor.me.person_id}
    )
    return VerificationCode.objects.filter(**mine, channel=channel, used_at=None).order_by("-pk").first()


@dataclass(frozen=True, slots=True)
class Troubles:
    """What did not arrive, newest first, and channels that are down just now."""

    deliveries: list[Delivery]
    more: bool
    down: list[ChannelHealth]


def troubles(*, actor: StaffActor, now: datetime, page: int = 1) -> Troubles:
    rows = (
        Delivery.objects.filter(provider_id=actor.provider_id, state__in=AGAIN, again=None)
        .exclude(kind="code")
        .select_related("unit", "staff")
        .order_by("-id")
    )
    if not actor.has(Role.SYSTEM_COORDINATOR):
        rows = rows.filter(unit_id=actor.unit_id)
    start = (page - 1) * PAGE
    found = list(rows[start : start + PAGE + 1])
    down = ChannelHealth.objects.filter(down_since__isnull=False)
    return Troubles(found[:PAGE], len(found) > PAGE, list(down))
