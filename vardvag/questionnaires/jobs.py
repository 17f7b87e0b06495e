"""The worker's task for drafts."""

from procrastinate.contrib.django import app

from vardvag.core.actor import SystemActor
from vardvag.core.clock import now
from vardvag.questionnaires import actions

ACTOR = SystemActor(job="drafts")


@app.periodic(cron="35 3 * * *", periodic_id="questionnaires.forget")
@app.task(name="questionnaires.forget", queue="questionnaires", queueing_lock="questionnaires.forget")
def forget(timestamp: int) -> None:
    """Nightly: what was begun and not touched for 30 days."""
    actions.discard_old_drafts(actor=ACTOR, now=now())
