"""The worker's part: seal, anchor, make months ahead."""

from procrastinate.contrib.django import app

from vardvag.audit import actions
from vardvag.core import clock
from vardvag.core.actor import SystemActor


@app.periodic(cron="* * * * * */2")  # seconds stand last
@app.task(name="audit.seal", queue="audit", queueing_lock="audit.seal")
def seal(timestamp: int) -> None:
    """Every two seconds; a run that is late or doubled does no harm."""
    actions.seal(actor=SystemActor("audit.seal"))


@app.periodic(cron="*/5 * * * *")
@app.task(name="audit.anchor", queue="audit", queueing_lock="audit.anchor")
def anchor(timestamp: int) -> None:
    actions.anchor(actor=SystemActor("audit.anchor"), now=clock.now())


@app.periodic(cron="17 3 * * *")
@app.task(name="audit.months", queue="audit", queueing_lock="audit.months")
def months(timestamp: int) -> None:
    actions.prepare_months(actor=SystemActor("audit.months"), today=clock.now().date())
