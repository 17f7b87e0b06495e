"""The worker's part: imports, and assignments whose last day has passed."""

from django.db import transaction
from procrastinate.contrib.django import app

from vardvag.core import clock
from vardvag.core.actor import SystemActor
from vardvag.organisation import actions


@app.task(name="organisation.apply_import", queue="organisation")
def apply_import(run_id: int, allow_gone: bool) -> None:
    actions.apply_import(
        actor=SystemActor("organisation.apply_import"), run_id=run_id, allow_gone=allow_gone, now=clock.now()
    )


@app.periodic(cron="1 * * * *")
@app.task(name="organisation.end_expired", queue="organisation", queueing_lock="organisation.end_expired")
def end_expired(timestamp: int) -> None:
    with transaction.atomic():
        actions.end_expired(actor=SystemActor("organisation.end_expired"), now=clock.now())
