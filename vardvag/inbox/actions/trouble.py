"""What comes back (receipts, bounces), and what people do about messages that did not arrive."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from vardvag.audit import actions as audit
from vardvag.core.actor import Actor, StaffActor, SystemActor
from vardvag.inbox import rules
from vardvag.inbox.actions.laying import enqueue
from vardvag.inbox.actions.posting import defer
from vardvag.inbox.actions.sending import address_is_bad, move_on, take
from vardvag.inbox.models import Channel, Delivery
from vardvag.inbox.rules import Verb
from vardvag.outside.mail.bounce import read_bounce


def receive_receipt(*, actor: Actor, id: str, public_id: UUID) -> None:
    """Somebody who knows our secret path says how it went with a message: the worker will ask the
    provider."""
    defer("inbox.receipt", id=id, public_id=str(public_id))


@transaction.atomic
def take_receipt(
    *, actor: SystemActor, public_id: str, ref: str, to: str, state: str, now: datetime
) -> str | None:
    """A receipt whose id has been looked up at the provider: `to` and `state` are what the provider said.
    Returns the delivery's state, None when it is not about one of ours."""
    delivery = (
        Delivery.objects.select_for_update(of=("self",))
        .filter(public_id=public_id, channel=Channel.SMS, address=to)
        .first()
    )
    if delivery is None or delivery.provider_ref not in {None, ref}:
        return None
    if delivery.provider_ref is None:
        if Delivery.objects.filter(provider_ref=ref).exists():
            return None
        delivery.provider_ref = ref
        delivery.save(update_fields=["provider_ref"])
    delivery.sent_at = delivery.sent_at or now
    delivery.receipt_at = now
    match state:
        case "delivered":
            move_on(delivery, Verb.ARRIVE, "sent_at", "receipt_at")
        case "failed":
            delivery.last_error = "the operator could not deliver it"
            move_on(delivery, Verb.RETURN, "sent_at", "receipt_at", "last_error")
        case "sent":
            take(delivery, ref, now)
    return delivery.state


@transaction.atomic
def take_bounce(*, actor: SystemActor, raw: bytes, now: datetime) -> Delivery | None:
    """A mail that came back to `bounces+<id>@...`; None when it is not about one of ours."""
    bounce = read_bounce(raw)
    if bounce is None or bounce.action != "failed":
        return None
    try:
        public_id = UUID(bounce.key)
    except ValueError:  # anybody may write to bounces+anything
        return None
    delivery = (
        Delivery.objects.select_for_update(of=("self",))
        .filter(public_id=public_id, channel=Channel.MAIL)
        .first()
    )
    if delivery is None:
        return None
    delivery.receipt_at, delivery.last_error = now, f"came back: {bounce.status}"
    if move_on(delivery, Verb.RETURN, "receipt_at", "last_error") and bounce.hard:
        address_is_bad(delivery, now)
    return delivery


@transaction.atomic
def send_again(*, actor: StaffActor, delivery: Delivery, now: datetime) -> Delivery:
    """A person has decided that this one is to go again. The worker fills in the address that counts then
    (the pages may not read a resident's). Once per delivery: what came of it can be sent again in its
    turn."""
    delivery = Delivery.objects.select_for_update(of=("self",)).get(pk=delivery.pk)
    if (
        delivery.state not in rules.AGAIN
        or not delivery.text
        or Delivery.objects.filter(again_of=delivery).exists()
    ):
        raise rules.NotSentAgain
    again = Delivery.objects.create(
        key=f"{delivery.key}:again",
        channel=delivery.channel,
        kind=delivery.kind,
        language=delivery.language,
        subject=delivery.subject,
        text=delivery.text,
        person_id=delivery.person_id,
        staff_id=delivery.staff_id,
        patient_id=delivery.patient_id,
        provider_id=delivery.provider_id,
        unit_id=delivery.unit_id,
        object_id=delivery.object_id,
        item_id=delivery.item_id,
        next_at=now,
        give_up_at=rules.gives_up(delivery.kind, now),
        made_at=now,
        again_of=delivery,
    )
    enqueue(again)
    audit.record(
        actor=actor,
        verb="send_again",
        kind="delivery",
        at=now,
        object_id=again.pk,
        patient_id=delivery.patient_id,
        details=[delivery.channel, delivery.kind],
        purpose="administration",
    )
    return again
