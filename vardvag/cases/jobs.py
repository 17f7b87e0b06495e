"""Jobs of the cases part (procrastinate; the worker is vardvag_system)."""

from django.db import transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from vardvag.cases import actions
from vardvag.core import clock
from vardvag.core.actor import SystemActor

AGAIN = RetryStrategy(max_attempts=10, exponential_wait=3)  # the last after some hours


@app.task(name="cases.release", queue="cases", retry=AGAIN)
def release(message_id: int) -> None:
    with transaction.atomic():
        actions.release(actor=SystemActor("cases.release"), message_id=message_id, now=clock.now())


@app.task(name="cases.tell", queue="cases", retry=AGAIN)
def tell(event_id: int) -> None:
    with transaction.atomic():
        actions.tell_of(actor=SystemActor("cases.tell"), event_id=event_id, now=clock.now())


@app.periodic(cron="* * * * *")
@app.task(name="cases.overdue", queue="cases", queueing_lock="cases.overdue")
def overdue(timestamp: int) -> None:
    with transaction.atomic():
        actions.overdue(actor=SystemActor("cases.overdue"), now=clock.now())


@app.periodic(cron="*/5 * * * *")
@app.task(name="cases.stranded", queue="cases", queueing_lock="cases.stranded")
def stranded(timestamp: int) -> None:
    with transaction.atomic():
        actions.stranded(actor=SystemActor("cases.stranded"), now=clock.now())


@app.task(name="cases.person_changed", queue="cases", retry=10)
def person_changed(person_id: int) -> None:
    with transaction.atomic():
        actions.patient_changed(
            actor=SystemActor("cases.person_changed"), patient_id=person_id, now=clock.now()
        )
