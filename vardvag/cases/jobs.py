"""Jobs of the cases part (procrastinate; the worker is vardvag_system)."""

from django.db import transaction
from procrastinate.contrib.django import app

from vardvag.cases import actions
from vardvag.core import clock
from vardvag.core.actor import SystemActor


@app.task(name="cases.release", queue="cases", retry=10)
def release(message_id: int) -> None:
    with transaction.atomic():
        actions.release(actor=SystemActor("cases.release"), message_id=message_id, now=clock.now())


@app.periodic(cron="* * * * *")
@app.task(name="cases.overdue", queue="cases", queueing_lock="cases.overdue")
def overdue(timestamp: int) -> None:
    with transaction.atomic():
        actions.overdue(actor=SystemActor("cases.overdue"), now=clock.now())
