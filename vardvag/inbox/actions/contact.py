"""How people want to hear of news: addresses proven by a code, and what to send where.

Residents and staff have the same addresses and codes; only what they choose between differs.
"""

import secrets
from collections.abc import Collection
from datetime import datetime, time, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from vardvag.audit import actions as audit
from vardvag.core.actor import PersonActor, ResidentActor, StaffActor
from vardvag.inbox import notices, rules
from vardvag.inbox.actions.laying import enqueue
from vardvag.inbox.models import (
    Channel,
    ContactSettings,
    Delivery,
    Matter,
    StaffKind,
    StaffNoticeSettings,
    VerificationCode,
)
from vardvag.outside.sms import numbers

Wishes = ContactSettings | StaffNoticeSettings
_COLUMN = {Channel.SMS: "mobile", Channel.MAIL: "email"}


def _holder(actor: PersonActor) -> dict[str, int]:
    """Whose codes and deliveries: always one's own, also when acting for somebody else."""
    if isinstance(actor, StaffActor):
        return {"staff_id": actor.staff_id}
    return {"person_id": actor.me.person_id}


def _wishes(actor: PersonActor) -> Wishes:
    """The holder's row, locked."""
    if isinstance(actor, StaffActor):
        staff_row, _made = StaffNoticeSettings.objects.get_or_create(staff_id=actor.staff_id)
        return StaffNoticeSettings.objects.select_for_update().get(pk=staff_row.pk)
    row, _made = ContactSettings.objects.get_or_create(
        person_id=actor.me.person_id, defaults={"language": actor.language}
    )
    return ContactSettings.objects.select_for_update().get(pk=row.pk)


def address(channel: Channel, written: str) -> str:
    """As it is stored: E.164 or an e-mail address; NotAnAddress says what to write instead."""
    if channel == Channel.MAIL:
        return rules.mail_address(written)
    try:
        return numbers.normalise(written)
    except numbers.NotMobile:
        raise rules.NotAnAddress(
            _("Det är inte ett mobilnummer. Skriv ett nummer som kan ta emot sms.")
        ) from None
    except numbers.NotANumber:
        raise rules.NotAnAddress(
            _("Skriv ett mobilnummer, till exempel 070-174 06 05. Utländska nummer börjar med +.")
        ) from None


@transaction.atomic
def ask_for_code(*, actor: PersonActor, channel: Channel, written: str, now: datetime) -> VerificationCode:
    """Send six digits to the address. Nothing about the settings changes before they are typed in."""
    place = address(channel, written)
    holder = _holder(actor)
    wishes = _wishes(actor)  # locked: two windows cannot pass the limit together
    mine = VerificationCode.objects.filter(**holder, channel=channel, address=place, used_at=None)
    on_its_way = mine.filter(made_at__gt=now - rules.CODE_ON_ITS_WAY, attempts__lt=rules.CODE_ATTEMPTS)
    sent = on_its_way.order_by("pk").last()
    if sent is not None:  # the form came twice: its answer was lost on its way
        return sent
    recent = VerificationCode.objects.filter(**holder, made_at__gt=now - timedelta(hours=1)).count()
    if recent >= rules.CODES_PER_HOUR:
        raise rules.TooManyCodes
    digits = f"{secrets.randbelow(1_000_000):06d}"
    salt = secrets.token_bytes(16)
    provider_id = actor.provider_id if isinstance(actor, StaffActor) else None
    code = VerificationCode.objects.create(
        **holder,
        provider_id=provider_id,
        channel=channel,
        address=place,
        salt=salt,
        code_hash=rules.code_hash(digits, salt),
        made_at=now,
    )
    language = wishes.language if isinstance(wishes, ContactSettings) else actor.language
    text = notices.code(
        digits=digits,
        minutes=rules.CODE_MINUTES,
        language=language,
        service=notices.site(),
    )
    sms = channel == Channel.SMS
    delivery = Delivery.objects.create(
        key=f"code:{code.pk}",
        channel=channel,
        address=place,
        kind="code",
        language=language,
        subject="" if sms else text.subject,
        text=text.sms if sms else text.mail,
        **holder,
        provider_id=provider_id,
        next_at=now,
        give_up_at=rules.gives_up("code", now),
        made_at=now,
    )
    enqueue(delivery)
    return code


def confirm_code(*, actor: PersonActor, channel: Channel, written: str, now: datetime) -> Wishes:
    """The address is proven and from now on used. A wrong guess counts, also though it ends in an error, but once:
    the same one again is a form whose answer was lost on its way, and tells a guesser nothing new."""
    with transaction.atomic():
        code = (
            VerificationCode.objects.select_for_update()
            .filter(**_holder(actor), channel=channel, used_at=None)
            .order_by("-pk")
            .first()
        )
        if code is None:
            raise rules.CodeTooOld
        guess = rules.code_hash(rules.digits(written), bytes(code.salt))
        if guess != bytes(code.guess_hash):
            code.attempts += 1
            code.guess_hash = guess
            code.save(update_fields=["attempts", "guess_hash"])
    rules.check_code(
        guess,
        expected=bytes(code.code_hash),
        made_at=code.made_at,
        attempts=code.attempts - 1,
        now=now,
    )
    with transaction.atomic():
        code.used_at = now
        code.save(update_fields=["used_at"])
        wishes = _wishes(actor)
        column = _COLUMN[channel]
        first_time = not getattr(wishes, column)
        setattr(wishes, column, code.address)
        setattr(wishes, f"{column}_verified_at", now)
        setattr(wishes, f"{column}_bad_at", None)
        if first_time:
            _want_everything(wishes, channel)
        wishes.version += 1
        wishes.save()
        _log(actor, "verify_address", [column], now)
    return wishes


def _want_everything(wishes: Wishes, channel: Channel) -> None:
    """Who gives an address wants to be told there; each thing can be unticked."""
    everything = list(Matter.values) if isinstance(wishes, ContactSettings) else list(StaffKind.values)
    setattr(wishes, f"{'sms' if channel == Channel.SMS else 'mail'}_for", everything)


@transaction.atomic
def forget_address(*, actor: PersonActor, channel: Channel, now: datetime) -> Wishes:
    """Nothing more is sent there; what was waiting to go is dropped by the worker."""
    wishes = _wishes(actor)
    column = _COLUMN[channel]
    setattr(wishes, column, "")
    setattr(wishes, f"{column}_verified_at", None)
    setattr(wishes, f"{column}_bad_at", None)
    setattr(wishes, f"{'sms' if channel == Channel.SMS else 'mail'}_for", [])
    wishes.version += 1
    wishes.save()
    _log(actor, "forget_address", [column], now)
    return wishes


@transaction.atomic
def save_contact(
    *,
    actor: ResidentActor,
    version: int,
    sms_for: Collection[str],
    mail_for: Collection[str],
    quiet_from: time,
    quiet_until: time,
    language: str,
    name_unit: bool,
    when_protected: bool,
    told_of_logins: bool,
    now: datetime,
) -> ContactSettings:
    """A resident's wishes. `version`: of the settings the form was based on."""
    wishes = _wishes(actor)
    assert isinstance(wishes, ContactSettings)
    new = {
        "sms_for": rules.only_known(sms_for, Matter.values),
        "mail_for": rules.only_known(mail_for, Matter.values),
        "quiet_from": quiet_from,
        "quiet_until": quiet_until,
        "language": language if language in dict(settings.LANGUAGES) else "sv",
        "name_unit": name_unit,
        "when_protected": when_protected,
        "told_of_logins": told_of_logins,
    }
    _save(actor, wishes, new, version, now)
    return wishes


@transaction.atomic
def save_staff_notices(
    *,
    actor: StaffActor,
    version: int,
    sms_for: Collection[str],
    mail_for: Collection[str],
    digest_minutes: int,
    now: datetime,
) -> StaffNoticeSettings:
    wishes = _wishes(actor)
    assert isinstance(wishes, StaffNoticeSettings)
    new = {
        "sms_for": rules.only_known(sms_for, StaffKind.values),
        "mail_for": rules.only_known(mail_for, StaffKind.values),
        "digest_minutes": min(max(digest_minutes, 5), 240),
    }
    _save(actor, wishes, new, version, now)
    return wishes


def _save(actor: PersonActor, wishes: Wishes, new: dict[str, object], version: int, now: datetime) -> None:
    changed = [name for name, value in new.items() if getattr(wishes, name) != value]
    if not changed:
        return  # also the second of two clicks
    if wishes.version != version:
        raise rules.ChangedElsewhere
    for channel in Channel:
        chosen = "sms_for" if channel == Channel.SMS else "mail_for"
        if new[chosen] and getattr(wishes, f"{_COLUMN[channel]}_verified_at") is None:
            raise rules.NotVerified
    for name in changed:
        setattr(wishes, name, new[name])
    wishes.version += 1
    wishes.save(update_fields=[*changed, "version"])
    _log(actor, "save_notice_settings", changed, now)


def _log(actor: PersonActor, verb: str, details: list[str], now: datetime) -> None:
    me = actor.me.person_id if isinstance(actor, ResidentActor) else None
    audit.record(
        actor=actor, verb=verb, kind="contact_settings", at=now, patient_id=me, details=details, purpose="own"
    )
