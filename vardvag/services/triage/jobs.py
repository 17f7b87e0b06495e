"""The worker's task for interviews."""

from procrastinate.contrib.django import app

from vardvag.core.actor import SystemActor
from vardvag.core.clock import now
from vardvag.services.triage import actions

ACTOR = SystemActor(job="triage")


@app.periodic(cron="45 3 * * *", periodic_id="triage.forget")
@app.task(name="triage.forget", queue="triage", queueing_lock="triage.forget")
def forget(timestamp: int) -> None:
    """Nightly: what was begun and not touched for thirty days."""
    actions.forget(actor=ACTOR, now=now())
