"""Figures of operations: what waits in the outbox, and for how long."""

from collections.abc import Iterable

from django.db import connection

from vardvag.core import metrics
from vardvag.core.clock import now


def register() -> None:
    metrics.ask(outbox)


def outbox() -> Iterable[tuple[str, str, dict[str, str], float]]:
    """Deliveries not settled, by channel and state; the age counts from when the oldest was due."""
    with connection.cursor() as cursor:
        cursor.execute("select channel, state, count, oldest from inbox_outbox_figures(%s)", [now()])
        for channel, state, count, oldest in cursor.fetchall():
            labels = {"channel": channel, "state": state}
            yield "vardvag_outbox", "Deliveries not settled", labels, float(count)
            yield (
                "vardvag_outbox_oldest_seconds",
                "Overdue time of the oldest",
                labels,
                max(0.0, float(oldest)),
            )
