"""The worker's first half: from "there is news" to deliveries laid in the outbox, as each reader wishes
just now."""

from collections import Counter
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from vardvag.core import dates
from vardvag.core.actor import Role, SystemActor
from vardvag.core.live import tell
from vardvag.identity.access import readers_of
from vardvag.identity.models import Session
from vardvag.inbox import notices, rules
from vardvag.inbox.actions.posting import defer
from vardvag.inbox.models import (
    Channel,
    ContactSettings,
    Delivery,
    DigestLine,
    InboxItem,
    StaffKind,
    StaffNotice,
    StaffNoticeSettings,
)
from vardvag.organisation import queries
from vardvag.organisation.models import Assignment

AT_ONCE = 500  # items or notices of one transaction


def enqueue(delivery: Delivery) -> None:
    later = delivery.next_at > delivery.made_at
    defer("inbox.deliver", at=delivery.next_at if later else None, delivery_id=delivery.pk)


def addresses(wishes: ContactSettings | StaffNoticeSettings) -> dict[str, str]:
    """Usable addresses by channel."""
    found = {}
    if rules.usable(verified_at=wishes.mobile_verified_at, bad_at=wishes.mobile_bad_at):
        found[Channel.SMS.value] = wishes.mobile
    if rules.usable(verified_at=wishes.email_verified_at, bad_at=wishes.email_bad_at):
        found[Channel.MAIL.value] = wishes.email
    return {channel: address for channel, address in found.items() if address}


def wanted(item: InboxItem, now: datetime) -> tuple[ContactSettings | None, dict[str, str]]:
    """The reader's wishes and where this item is to be told now; nowhere is a good answer."""
    wishes = ContactSettings.objects.filter(pk=item.person_id).first()
    if wishes is None:
        return None, {}
    person, patient = item.person, item.patient
    if person != patient and person.pk not in readers_of(patient.pk, now=now):
        return wishes, {}  # custody is gone, or the child has come of age for it
    if not rules.may_notify(
        protected=person.protected or patient.protected,
        when_protected=wishes.when_protected,
        deceased=person.deceased_on is not None or patient.deceased_on is not None,
    ):
        return wishes, {}
    matter = notices.MATTERS[item.kind]
    chosen = {Channel.SMS.value: wishes.sms_for, Channel.MAIL.value: wishes.mail_for}
    return wishes, {c: a for c, a in addresses(wishes).items() if matter in chosen[c]}


@transaction.atomic
def lay_for_resident(*, actor: SystemActor, item_id: int, now: datetime) -> None:
    """Deliveries for one inbox item. Done once, however often the job comes."""
    item = (
        InboxItem.objects.select_for_update(of=("self",))
        .select_related("person", "patient", "unit")
        .filter(pk=item_id, told_at=None, at__lte=now)
        .first()
    )
    if item is None:
        return
    item.told_at = now
    item.save(update_fields=["told_at"])
    _lay(item, now)


@transaction.atomic
def lay_waiting(*, actor: SystemActor, now: datetime) -> int:
    """The same for all that wait, oldest first, at most `AT_ONCE`. Returns how many."""
    waiting = list(
        InboxItem.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("person", "patient", "unit")
        .filter(told_at=None, at__lte=now)
        .order_by("at")[:AT_ONCE]
    )
    InboxItem.objects.filter(pk__in=[one.pk for one in waiting]).update(told_at=now)
    heard = set(
        ContactSettings.objects.filter(pk__in={one.person_id for one in waiting}).values_list("pk", flat=True)
    )
    for item in waiting:
        _lay(item, now, has_wishes=item.person_id in heard)
    return len(waiting)


def _lay(item: InboxItem, now: datetime, *, has_wishes: bool = True) -> None:
    tell(f"person:{item.person_id}", "inbox")
    wishes, places = wanted(item, now) if has_wishes and item.read_at is None else (None, {})
    if wishes is None:
        return
    unit = item.unit.public_name if wishes.name_unit else ""
    notice = notices.resident(kind=item.kind, language=wishes.language, site=notices.site(), unit=unit)
    for channel, address in places.items():
        sms = channel == Channel.SMS
        next_at = _sms_time(item, wishes, now) if sms else now
        if next_at is None:
            continue
        delivery, made = Delivery.objects.get_or_create(
            key=f"item:{item.public_id}:{channel}",
            defaults={
                "channel": channel,
                "address": address,
                "kind": item.kind,
                "language": wishes.language,
                "subject": "" if sms else notice.subject,
                "text": notice.sms if sms else notice.mail,
                "person_id": item.person_id,
                "patient_id": item.patient_id,
                "provider_id": item.provider_id,
                "unit_id": item.unit_id,
                "object_id": item.object_id,
                "item": item,
                "next_at": next_at,
                "give_up_at": rules.gives_up(item.kind, next_at),
                "made_at": now,
            },
        )
        if made:
            enqueue(delivery)


def _sms_time(item: InboxItem, wishes: ContactSettings, now: datetime) -> datetime | None:
    """When the SMS may go: after the quiet hours, next morning when the day's number is reached; None when
    one already waits for the same case (it then speaks for this item too)."""
    same = Delivery.objects.filter(
        person_id=item.person_id, object_id=item.object_id, channel=Channel.SMS, item__isnull=False
    )
    held = same.select_for_update(of=("self",)).filter(state=Delivery.State.QUEUED, attempts=0)
    waiting = held.order_by("id").last()
    if waiting is not None:
        waiting.item = item
        waiting.save(update_fields=["item"])
        return None
    today = same.filter(made_at__gte=rules.day_began(now)).exclude(state=Delivery.State.DROPPED).count()
    if today >= rules.SMS_PER_CASE_AND_DAY:
        return rules.next_morning(now, wishes.quiet_until)
    return rules.after_quiet(now, wishes.quiet_from, wishes.quiet_until)


def told_of_logins(wishes: ContactSettings) -> dict[str, str]:
    """Where a person hears of a login that somebody else may have begun: by mail, else by SMS, whatever they have
    chosen for other news; nowhere when they have said no."""
    person = wishes.person
    quiet = not rules.may_notify(
        protected=person.protected,
        when_protected=wishes.when_protected,
        deceased=person.deceased_on is not None,
    )
    if quiet or not wishes.told_of_logins:
        return {}
    places = addresses(wishes)
    channel = Channel.MAIL.value if Channel.MAIL in places else Channel.SMS.value
    return {channel: places[channel]} if channel in places else {}


@transaction.atomic
def lay_for_login(*, actor: SystemActor, session_id: int, now: datetime) -> None:
    """One delivery for one login, at once and at any hour: whoever was deceived has the more time. Done once."""
    session = Session.objects.filter(pk=session_id, person__isnull=False).first()
    wishes = ContactSettings.objects.select_related("person").filter(person__sessions=session_id).first()
    if session is None or wishes is None:
        return
    region = queries.region()
    notice = notices.login(
        when=dates.full(session.created_at, language=wishes.language),
        browser=session.browser,
        phone=region.support_phone,
        language=wishes.language,
        site=notices.site(),
    )
    for channel, address in told_of_logins(wishes).items():
        sms = channel == Channel.SMS
        delivery, made = Delivery.objects.get_or_create(
            key=f"login:{session.pk}",
            defaults={
                "channel": channel,
                "address": address,
                "kind": "login",
                "language": wishes.language,
                "subject": "" if sms else notice.subject,
                "text": notice.sms if sms else notice.mail,
                "person_id": wishes.person_id,
                "patient_id": wishes.person_id,
                "next_at": now,
                "give_up_at": rules.gives_up("login", now),
                "made_at": now,
            },
        )
        if made:
            enqueue(delivery)


# --- staff --------------------------------------------------------------------------------------------------


@transaction.atomic
def spread(*, actor: SystemActor, notice_id: int, now: datetime) -> None:
    """Lines in the digests of those a staff notice concerns and who want to hear of its kind."""
    notice = StaffNotice.objects.select_for_update(of=("self",)).filter(pk=notice_id, spread_at=None).first()
    if notice is None:
        return
    notice.spread_at = now
    notice.save(update_fields=["spread_at"])
    _lines(notice, _listening(notice, now), now)


@transaction.atomic
def spread_waiting(*, actor: SystemActor, now: datetime) -> int:
    """The same for all that wait, oldest first, at most `AT_ONCE`. Returns how many."""
    waiting = list(
        StaffNotice.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(spread_at=None)
        .order_by("at")[:AT_ONCE]
    )
    listening: dict[tuple[int | str | None, ...], list[StaffNoticeSettings]] = {}
    for notice in waiting:
        whom = (notice.unit_id, notice.staff_id, notice.group_id, notice.by_staff_id, notice.kind)
        if whom not in listening:
            listening[whom] = _listening(notice, now)
        _lines(notice, listening[whom], now)
    StaffNotice.objects.filter(pk__in=[one.pk for one in waiting]).update(spread_at=now)
    return len(waiting)


def _listening(notice: StaffNotice, now: datetime) -> list[StaffNoticeSettings]:
    """The wishes of those it concerns who want to hear of its kind."""
    concerned = StaffNoticeSettings.objects.filter(staff_id__in=_concerned(notice, now))
    return list(concerned.filter(Q(sms_for__contains=[notice.kind]) | Q(mail_for__contains=[notice.kind])))


def _lines(notice: StaffNotice, listening: list[StaffNoticeSettings], now: datetime) -> None:
    for wishes in listening:
        due = rules.digest_due(notice.at, urgency=notice.urgency, minutes=wishes.digest_minutes)
        # The job of one that is due before tells of this one, too; were it just gone, the sweep finds this line.
        waiting = DigestLine.objects.filter(staff_id=wishes.staff_id, told_at=None, due_at__lte=due).exists()
        _line, made = DigestLine.objects.get_or_create(
            staff_id=wishes.staff_id, notice=notice, defaults={"due_at": due}
        )
        if made and not waiting:
            defer("inbox.digest", at=due if due > now else None, staff_id=wishes.staff_id)


def _concerned(notice: StaffNotice, now: datetime) -> set[int]:
    """Staff with a valid assignment at the unit; never the one who did it."""
    today = now.astimezone(rules.LOCAL).date()
    there = Assignment.objects.filter(
        Q(valid_until=None) | Q(valid_until__gte=today),
        unit_id=notice.unit_id,
        valid_from__lte=today,
        paused_at=None,
        ended_at=None,
        staff__gone_at=None,
    )
    if notice.staff_id:
        there = there.filter(staff_id=notice.staff_id)
    elif notice.group_id:
        there = there.filter(groups=notice.group_id)
    else:
        there = there.filter(roles__contains=[Role.RECEIVER.value])
    return set(there.values_list("staff_id", flat=True)) - {notice.by_staff_id}


@transaction.atomic
def lay_digest(*, actor: SystemActor, staff_id: int, now: datetime) -> None:
    """One message per channel for everything that waits for a staff member, if anything of it is due."""
    wishes = (
        StaffNoticeSettings.objects.select_for_update(of=("self",))
        .select_related("staff")
        .filter(pk=staff_id)
        .first()
    )
    if wishes is None:
        return
    lines = list(
        DigestLine.objects.filter(staff_id=staff_id, told_at=None)
        .select_related("notice__unit")
        .order_by("id")
    )
    if not lines or min(line.due_at for line in lines) > now:
        return
    DigestLine.objects.filter(pk__in=[line.pk for line in lines]).update(told_at=now)
    if wishes.staff.gone_at is not None:
        return
    chosen = {Channel.SMS.value: wishes.sms_for, Channel.MAIL.value: wishes.mail_for}
    for channel, address in addresses(wishes).items():
        told = [line.notice for line in lines if line.notice.kind in chosen[channel]]
        if told:
            _lay_digest(wishes, channel, address, told, key=f"digest:{lines[0].pk}:{channel}", now=now)


def _lay_digest(
    wishes: StaffNoticeSettings,
    channel: str,
    address: str,
    told: list[StaffNotice],
    *,
    key: str,
    now: datetime,
) -> None:
    cases: dict[str, set[UUID]] = {kind: {n.object_id for n in told if n.kind == kind} for kind in StaffKind}
    text = notices.digest(
        counts=Counter({kind: len(ids) for kind, ids in cases.items()}),
        units=[n.unit.public_name for n in told],
        urgent=any(n.urgency is not None and n.urgency <= rules.URGENT for n in told),
        language=wishes.staff.language,
        site=notices.site(),
    )
    delivery, made = Delivery.objects.get_or_create(
        key=key,
        defaults={
            "channel": channel,
            "address": address,
            "kind": "digest",
            "language": wishes.staff.language,
            "subject": "" if channel == Channel.SMS else text.subject,
            "text": text.sms if channel == Channel.SMS else text.mail,
            "staff_id": wishes.staff_id,
            "provider_id": told[0].provider_id,
            "unit_id": told[0].unit_id,
            "next_at": now,
            "give_up_at": rules.gives_up("digest", now),
            "made_at": now,
        },
    )
    if made:
        enqueue(delivery)
