"""The worker's second half: one delivery, one attempt at a time, each step committed before the next.

`claim` commits "an attempt begins" before anybody is called; `settle` writes how it went, and only for that
attempt. What lies between and is never settled (a crash) is found by `open_attempts`.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction

from vardvag.core.actor import SystemActor
from vardvag.inbox import rules
from vardvag.inbox.actions.laying import addresses, told_of_logins, wanted
from vardvag.inbox.actions.posting import defer
from vardvag.inbox.models import (
    Channel,
    ChannelHealth,
    ContactSettings,
    Delivery,
    DigestLine,
    InboxItem,
    StaffNotice,
    StaffNoticeSettings,
    VerificationCode,
)
from vardvag.inbox.rules import Verb

State = Delivery.State
_FINAL = {State.SENT, State.DELIVERED, State.FAILED, State.DEAD, State.DROPPED}
_SPREAD = random.SystemRandom()
CODES_PER_ADDRESS_AND_DAY = 10


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a client needs to send."""

    delivery_id: int
    id: UUID
    public_id: UUID
    channel: str
    address: str
    subject: str
    text: str
    language: str
    began_at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt went. `channel_down`: the fault was the channel's, not the message's."""

    verb: Verb  # TAKE | PUT_OFF | REFUSE | LOSE
    ref: str = ""
    detail: str = ""
    channel_down: bool = False


@transaction.atomic
def claim(*, actor: SystemActor, delivery_id: int, now: datetime) -> Attempt | None:
    """Begin an attempt if there is still something to send and it may go now; else put it in its place."""
    held = Delivery.objects.select_for_update(of=("self",))
    delivery = held.filter(pk=delivery_id, state=State.QUEUED).first()
    if delivery is None or delivery.next_at > now:
        return None
    if delivery.item_id is not None:  # fetched under the lock: laying changes which item an SMS speaks for
        delivery.item = InboxItem.objects.select_related("person", "patient").get(pk=delivery.item_id)
    if delivery.give_up_at <= now:
        move_on(delivery, Verb.EXPIRE)
        return None
    if not delivery.address and not _addressed(delivery, now):
        delivery.last_error = "no address"
        move_on(delivery, Verb.REFUSE, "last_error")
        return None
    if not _still_wanted(delivery, now):
        move_on(delivery, Verb.DROP)
        return None
    if (later := _not_before(delivery, now)) > now:
        _wait(delivery, later)
        return None
    delivery.attempt_id, delivery.attempt_at = uuid4(), now
    delivery.attempts += 1
    move_on(delivery, Verb.CLAIM, "attempt_id", "attempt_at", "attempts")
    return _attempt(delivery)


def _attempt(delivery: Delivery) -> Attempt:
    assert delivery.attempt_id and delivery.attempt_at
    return Attempt(
        delivery_id=delivery.pk,
        id=delivery.attempt_id,
        public_id=delivery.public_id,
        channel=delivery.channel,
        address=delivery.address,
        subject=delivery.subject,
        text=delivery.text,
        language=delivery.language,
        began_at=delivery.attempt_at,
    )


def _addressed(delivery: Delivery, now: datetime) -> bool:
    """One that a person sent again: it goes to the address that counts now."""
    found: str | None = None
    if delivery.item is not None:
        found = wanted(delivery.item, now)[1].get(delivery.channel)
    elif wishes := StaffNoticeSettings.objects.filter(pk=delivery.staff_id).first():
        found = addresses(wishes).get(delivery.channel)
    if not found:
        return False
    delivery.address = found
    delivery.save(update_fields=["address"])
    return True


def _still_wanted(delivery: Delivery, now: datetime) -> bool:
    if delivery.kind == "code":
        day = now - timedelta(days=1)
        same = Delivery.objects.filter(kind="code", address=delivery.address, sent_at__gte=day)
        return same.count() < CODES_PER_ADDRESS_AND_DAY
    if delivery.kind == "login":
        theirs = ContactSettings.objects.select_related("person").filter(pk=delivery.person_id).first()
        return theirs is not None and told_of_logins(theirs).get(delivery.channel) == delivery.address
    if delivery.item is not None:
        _wishes, places = wanted(delivery.item, now)
        return delivery.item.read_at is None and places.get(delivery.channel) == delivery.address
    wishes = StaffNoticeSettings.objects.filter(pk=delivery.staff_id).first()
    return wishes is not None and addresses(wishes).get(delivery.channel) == delivery.address


def _not_before(delivery: Delivery, now: datetime) -> datetime:
    """When this one may go at the earliest: quiet hours, the unit's number a day, a channel that is down."""
    earliest = now
    if delivery.channel == Channel.SMS and delivery.item is not None:
        wishes = ContactSettings.objects.get(pk=delivery.person_id)
        earliest = rules.after_quiet(now, wishes.quiet_from, wishes.quiet_until)
        sent_today = Delivery.objects.filter(
            channel=Channel.SMS, unit=delivery.unit, sent_at__gte=rules.day_began(now)
        )
        if sent_today.count() >= rules.SMS_PER_UNIT_AND_DAY:
            earliest = rules.next_morning(now, wishes.quiet_until)
    health = ChannelHealth.objects.filter(pk=delivery.channel).first()
    if health and health.open_until and health.open_until > earliest:
        earliest = health.open_until + timedelta(seconds=20 * _SPREAD.random())
    return earliest


def _wait(delivery: Delivery, until: datetime) -> None:
    delivery.next_at = until
    delivery.save(update_fields=["next_at"])
    defer("inbox.deliver", at=until, delivery_id=delivery.pk)


def move_on(delivery: Delivery, verb: Verb, *also: str) -> bool:
    state = rules.move(delivery.state, verb)
    if state is None:
        return False
    delivery.state = state
    if delivery.kind == "code" and state in _FINAL and delivery.text:
        delivery.text, also = "", (*also, "text")  # the code is not kept
    delivery.save(update_fields=["state", *also])
    return True


@transaction.atomic
def settle(*, actor: SystemActor, attempt: Attempt, outcome: Outcome, now: datetime) -> None:
    """How the attempt went. A receipt or a reconciliation may have been quicker; then the first word
    stands."""
    delivery = (
        Delivery.objects.select_for_update(of=("self",))
        .filter(pk=attempt.delivery_id, attempt_id=attempt.id)
        .first()
    )
    if delivery is None:
        return
    delivery.last_error = outcome.detail
    match outcome.verb:
        case Verb.TAKE:
            take(delivery, outcome.ref, now)
        case Verb.PUT_OFF:
            if move_on(delivery, Verb.PUT_OFF, "last_error"):
                _wait(delivery, now + rules.back_off(delivery.attempts, spread=_SPREAD.random()))
        case Verb.REFUSE:
            if move_on(delivery, Verb.REFUSE, "last_error"):
                address_is_bad(delivery, now)
        case _:
            move_on(delivery, Verb.LOSE, "last_error")
    note_health(delivery.channel, outcome, now)


def take(delivery: Delivery, ref: str, now: datetime) -> None:
    delivery.sent_at = delivery.sent_at or now
    delivery.provider_ref = delivery.provider_ref or ref
    if not move_on(delivery, Verb.TAKE, "sent_at", "provider_ref", "last_error"):
        delivery.save(update_fields=["sent_at", "provider_ref"])


def note_health(channel: str, outcome: Outcome, now: datetime) -> None:
    health, _made = ChannelHealth.objects.select_for_update().get_or_create(channel=channel)
    if outcome.verb in {Verb.TAKE, Verb.REFUSE} or (
        outcome.verb is Verb.PUT_OFF and not outcome.channel_down
    ):
        health.failures, health.down_since, health.open_until, health.last_ok_at = 0, None, None, now
    else:
        health.failures += 1
        health.last_error = outcome.detail
        if (pause := rules.pause(health.failures)) is not None:
            health.down_since = health.down_since or now
            health.open_until = now + pause
    health.save()


def address_is_bad(delivery: Delivery, now: datetime) -> None:
    """Refused for good: the address is not used again until it is verified anew. The settings page says
    so."""
    column = "mobile" if delivery.channel == Channel.SMS else "email"
    where = {column: delivery.address, f"{column}_bad_at": None}
    if delivery.person_id:
        ContactSettings.objects.filter(pk=delivery.person_id, **where).update(**{f"{column}_bad_at": now})
    elif delivery.staff_id:
        StaffNoticeSettings.objects.filter(pk=delivery.staff_id, **where).update(**{f"{column}_bad_at": now})


# --- what was never settled ---------------------------------------------------------------------------------


@transaction.atomic
def lose_mail(*, actor: SystemActor, now: datetime) -> int:
    """Mails whose worker died in the attempt: nobody can say whether they went. Shown, never sent again by
    itself."""
    lost = Delivery.objects.select_for_update(skip_locked=True).filter(
        channel=Channel.MAIL, state=State.SENDING, attempt_at__lt=now - rules.ATTEMPT_LOST
    )
    moved = 0
    for delivery in lost:
        delivery.last_error = "the worker ended in the attempt"
        moved += move_on(delivery, Verb.LOSE, "last_error")
    return moved


@transaction.atomic
def reconcile_sms(*, actor: SystemActor, attempt: Attempt, sent: list[tuple[str, str]], now: datetime) -> str:
    """`sent`: (id, text) of what the provider's list has for the number since the attempt, oldest first.
    Ours if the text is ours and no other delivery has that id. Returns the new state."""
    delivery = (
        Delivery.objects.select_for_update(of=("self",))
        .filter(pk=attempt.delivery_id, attempt_id=attempt.id, state__in=[State.SENDING, State.UNKNOWN])
        .first()
    )
    if delivery is None:
        return ""
    ids = [id for id, text in sent if text == delivery.text]
    known = set(Delivery.objects.filter(provider_ref__in=ids).values_list("provider_ref", flat=True))
    free = [id for id in ids if id not in known]
    if delivery.state == State.SENDING:
        move_on(delivery, Verb.LOSE)
    if free:
        take(delivery, free[0], now)
    elif move_on(delivery, Verb.REQUEUE):
        _wait(delivery, now)
    return delivery.state


def open_attempts(*, actor: SystemActor, now: datetime) -> list[Attempt]:
    """SMS attempts that nobody has settled and that are old enough to be over."""
    stuck = Delivery.objects.filter(
        channel=Channel.SMS,
        state__in=[State.SENDING, State.UNKNOWN],
        attempt_at__lt=now - rules.ATTEMPT_LOST,
        attempt_at__gt=now - rules.RECONCILE_FOR,
        attempt_id__isnull=False,
    ).order_by("attempt_at")
    return [_attempt(delivery) for delivery in stuck[:200]]


def overdue_work(*, actor: SystemActor, now: datetime) -> dict[str, tuple[str, list[int]]]:
    """What should have been done a minute ago and was not (its job was lost): job -> (its argument, ids)."""
    since = now - timedelta(minutes=1)
    queued = Delivery.objects.filter(state=State.QUEUED, next_at__lt=since)
    untold = InboxItem.objects.filter(told_at=None, at__lt=since)
    waiting = DigestLine.objects.filter(told_at=None, due_at__lt=since).order_by("staff_id")
    return {
        "inbox.deliver": ("delivery_id", list(queued.values_list("pk", flat=True)[:500])),
        "inbox.tell_resident": ("item_id", list(untold.values_list("pk", flat=True)[:500])),
        "inbox.digest": ("staff_id", list(waiting.values_list("staff_id", flat=True).distinct()[:500])),
    }


@transaction.atomic
def forget_old(*, actor: SystemActor, now: datetime) -> None:
    """Retention: addresses and texts 30 days, codes a day, staff notices 30 days."""
    old = now - rules.KEEP_ADDRESSES
    Delivery.objects.filter(made_at__lt=old).exclude(address="", text="").update(
        address="", text="", subject=""
    )
    Delivery.objects.filter(kind="code", give_up_at__lt=now - timedelta(hours=1)).exclude(text="").update(
        text=""
    )
    VerificationCode.objects.filter(made_at__lt=now - timedelta(days=1)).delete()
    StaffNotice.objects.filter(at__lt=old).delete()
