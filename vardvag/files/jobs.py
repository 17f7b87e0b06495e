"""The worker's tasks for files. Each may come twice or late: the rows and the disk say what is left to do."""

from procrastinate.contrib.django import app

from vardvag.core.actor import SystemActor
from vardvag.core.clock import now
from vardvag.files import actions

ACTOR = SystemActor(job="files")


@app.periodic(cron="* * * * *", periodic_id="files.scan")
@app.task(name="files.scan", queue="files", queueing_lock="files.scan")
def scan(timestamp: int) -> None:
    actions.scan_waiting(actor=ACTOR, now=now())


@app.periodic(cron="20 * * * *", periodic_id="files.forget")
@app.task(name="files.forget", queue="files", queueing_lock="files.forget")
def forget(timestamp: int) -> None:
    actions.forget(actor=ACTOR, now=now())
    actions.forget_pieces(actor=ACTOR, now=now())


@app.periodic(cron="50 3 * * *", periodic_id="files.sweep")
@app.task(name="files.sweep", queue="files", queueing_lock="files.sweep")
def sweep(timestamp: int) -> None:
    actions.sweep(actor=ACTOR)


@app.periodic(cron="*/10 * * * *", periodic_id="files.rewrap")
@app.task(name="files.rewrap", queue="files", queueing_lock="files.rewrap")
def rewrap(timestamp: int) -> None:
    """Does nothing until a new master key has been put first in the secret `files`."""
    actions.rewrap(actor=ACTOR)
