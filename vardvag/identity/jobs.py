"""The worker's tasks: logins are forgotten, the register is read again."""

from procrastinate.contrib.django import app

from vardvag.core.actor import SystemActor
from vardvag.core.clock import now
from vardvag.identity import login, rereading


@app.periodic(cron="25 * * * *", periodic_id="identity.forget")
@app.task(name="identity.forget", queue="identity", queueing_lock="identity.forget")
def forget(timestamp: int) -> None:
    """Hourly: logins that began more than a day ago, finished or not."""
    login.forget_attempts(now=now())


@app.periodic(cron="* * * * *", periodic_id="identity.reread")
@app.task(name="identity.reread", queue="identity", queueing_lock="identity.reread")
def reread(timestamp: int) -> None:
    """Each minute: those logged in every five minutes, everybody a unit has a case with once a day."""
    rereading.reread(actor=SystemActor("identity.reread"), now=now())
