"""Takes a bounced mail on standard input, as a mail server's pipe delivers it."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from vardvag.core.actor import SystemActor
from vardvag.core.clock import now
from vardvag.inbox.actions import take_bounce
from vardvag.outside.mail.bounce import MAX_BYTES


class Command(BaseCommand):
    help = "Read a bounced mail from standard input and mark its delivery as failed."

    def handle(self, *args: Any, **options: Any) -> None:
        raw = sys.stdin.buffer.read(MAX_BYTES)
        delivery = take_bounce(actor=SystemActor(job="bounce"), raw=raw, now=now())
        self.stdout.write("marked" if delivery else "not a bounce of ours; nothing changed")
