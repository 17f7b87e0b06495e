"""The outbox shows its age to operations, and nothing else."""

from datetime import timedelta

from vardvag.core.clock import now
from vardvag.inbox.figures import outbox
from vardvag.inbox.models import Delivery


def test_what_waits_is_counted_without_being_seen(db, system):
    with system():
        for number, minutes in ((1, 30), (2, 5)):
            Delivery.objects.create(
                key=f"k{number}", channel="sms", address="+46701740605", kind="message", language="sv",
                text="x", state="queued", give_up_at=now(), next_at=now() - timedelta(minutes=minutes), made_at=now(),
            )  # fmt: skip
    assert not Delivery.objects.exists()  # the pages' role sees none
    found = {
        name: value for name, _, labels, value in outbox() if labels == {"channel": "sms", "state": "queued"}
    }
    assert found["vardvag_outbox"] == 2
    assert 1795 < found["vardvag_outbox_oldest_seconds"] < 1860
