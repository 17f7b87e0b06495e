"""The worker's task for logins."""

from procrastinate.contrib.django import app

from vardvag.core.clock import now
from vardvag.identity import login


@app.periodic(cron="25 * * * *", periodic_id="identity.forget")
@app.task(name="identity.forget", queue="identity", queueing_lock="identity.forget")
def forget(timestamp: int) -> None:
    """Hourly: logins that began more than a day ago, finished or not."""
    login.forget_attempts(now=now())
