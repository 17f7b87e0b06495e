"""From an attempt to a client of the outside world and back: the only place that calls them."""

from datetime import timedelta

from django.conf import settings
from django.urls import reverse

from vardvag.inbox.actions.sending import Attempt, Outcome
from vardvag.inbox.models import Channel
from vardvag.inbox.rules import Verb
from vardvag.outside.failures import OutcomeUnknown, Refused, TryLater
from vardvag.outside.mail.client import MailClient
from vardvag.outside.sms.client import Sms, SmsClient

CLOCKS_MAY_DIFFER = timedelta(minutes=2)


def carry(attempt: Attempt) -> Outcome:
    """Send it. Never raises for what can go wrong outside; what else it raises leaves the attempt open, to be
    found out about later."""
    try:
        ref = _sms(attempt) if attempt.channel == Channel.SMS else _mail(attempt)
    except TryLater as failure:
        return Outcome(Verb.PUT_OFF, detail=failure.detail, channel_down=failure.channel_down)
    except Refused as failure:
        return Outcome(Verb.REFUSE, detail=failure.detail)
    except OutcomeUnknown as failure:
        return Outcome(Verb.LOSE, detail=failure.detail, channel_down=True)
    return Outcome(Verb.TAKE, ref=ref)


def _sms(attempt: Attempt) -> str:
    place = settings.OUTSIDE["sms"]
    if not place.get("url"):
        raise TryLater("SMS is not set up (SMS_URL)")
    path = reverse("inbox/public/receipt", args=[place["callback_token"], attempt.public_id])
    client = SmsClient(place)
    try:
        return client.send(to=attempt.address, text=attempt.text, callback=settings.PUBLIC_URL + path)
    finally:
        client.close()


def _mail(attempt: Attempt) -> str:
    place = settings.OUTSIDE["mail"]
    if not place.get("host"):
        raise TryLater("mail is not set up (MAIL_HOST)")
    return MailClient(place).send(
        to=attempt.address,
        subject=attempt.subject,
        text=attempt.text,
        language=attempt.language,
        key=str(attempt.public_id),
    )


def sent_since(attempt: Attempt) -> list[tuple[str, str]]:
    """(id, text) of what the provider has taken for the number since the attempt began, oldest first."""
    client = SmsClient(settings.OUTSIDE["sms"])
    try:
        found = client.recent(to=attempt.address, since=attempt.began_at - CLOCKS_MAY_DIFFER)
    finally:
        client.close()
    return [(sms.id, sms.text) for sms in reversed(found)]


def look_up(id: str) -> Sms | None:
    client = SmsClient(settings.OUTSIDE["sms"])
    try:
        return client.look_up(id)
    finally:
        client.close()
