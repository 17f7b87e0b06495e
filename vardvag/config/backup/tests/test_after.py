"""What a restored database is told: nobody is logged in, nothing old is sent twice, nothing is lost in silence."""

from datetime import timedelta

import pytest

from vardvag.config.backup import after
from vardvag.core import clock
from vardvag.core.actor import Anonymous, SystemActor
from vardvag.files.models import File
from vardvag.identity import actions
from vardvag.identity.models import Person, Session
from vardvag.inbox.actions import sending
from vardvag.inbox.models import Delivery

ACTOR = SystemActor("test")


@pytest.fixture
def moment():
    """Of the backup: an hour ago."""
    return clock.now() - timedelta(hours=1)


def delivery(moment, key, *, state="queued", due=timedelta(minutes=-1), **more):
    return Delivery.objects.create(
        **{
            "key": key, "channel": "sms", "address": "+46700000001", "kind": "answer", "language": "sv",
            "text": f"Du har ett nytt svar. {key}", "state": state, "next_at": moment + due,
            "give_up_at": moment + timedelta(days=2), "made_at": moment, **more,
        }
    )  # fmt: skip


def settled(moment, gone=()):
    return after.settle(moment=moment, now=clock.now(), gone=list(gone))


def test_what_may_have_gone_out_is_looked_up_and_goes_once(world, system, moment):
    with system():
        sent, unsent = delivery(moment, "sent"), delivery(moment, "unsent")
        settled(moment)
        attempts = {a.delivery_id: a for a in sending.open_attempts(actor=ACTOR, now=clock.now())}
        for one in (sent, unsent):
            assert attempts[one.pk].began_at <= moment  # the provider's list is asked from the backup on
            assert sending.claim(actor=ACTOR, delivery_id=one.pk, now=clock.now()) is None
        has = [("provider-1", sent.text)]
        for one in (sent, unsent):
            sending.reconcile_sms(actor=ACTOR, attempt=attempts[one.pk], sent=has, now=clock.now())
        sent.refresh_from_db()
        unsent.refresh_from_db()
        assert (sent.state, unsent.state) == ("sent", "queued")


def test_mail_codes_and_what_is_not_due(world, system, moment):
    with system():
        mail = delivery(moment, "mail", channel="mail", address="a@example.se", state="sending")
        code = delivery(moment, "code", kind="code", text="Din kod är 123456")
        later = delivery(moment, "later", due=timedelta(hours=9))
        settled(moment)
        for one in (mail, code, later):
            one.refresh_from_db()
        assert (mail.state, code.state, later.state) == ("unknown", "dead", "queued")
        assert code.text == "" and mail.attempt_id


def test_nobody_is_logged_in(world, system, moment):
    with system():
        person = next(p for p in Person.objects.order_by("pk") if p.birth_date.year < 2000)
        actions.open_session(actor=Anonymous(), person=person, method="bankid", now=clock.now())
        ended, _ = settled(moment)
        assert ended >= 1 and not Session.objects.filter(ended_at=None).exists()


def test_a_file_destroyed_during_the_backup_stays_so(world, system, moment):
    with system():
        file = File.objects.create(
            patient_id=1, uploaded_by_kind="resident", uploaded_by_id=1, purpose="case", name="b.jpg", kind="image",
            content_type="image/jpeg", size=1, width=1, height=1, sha256="0" * 64, original_sha256="0" * 64,
            stored_as="f" * 32, wrapped_key="key", state="clean", created_at=moment, kept_at=moment,
        )  # fmt: skip
        settled(moment, gone=["f" * 32])
        file.refresh_from_db()
        assert file.wrapped_key == "" and file.deleted_at is not None
