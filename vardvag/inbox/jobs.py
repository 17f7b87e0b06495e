"""The worker's tasks. Each may come twice or late: the rows, not the jobs, say what is left to do."""

import logging
from datetime import datetime, timedelta
from typing import Any

from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

from vardvag.core.actor import SystemActor
from vardvag.core.clock import now
from vardvag.inbox import carrier
from vardvag.inbox.actions import laying, sending, trouble
from vardvag.inbox.actions.posting import defer
from vardvag.outside.failures import TryLater

log = logging.getLogger("vardvag.inbox")
ACTOR = SystemActor(job="inbox")
QUEUE = "notices"
AGAIN = RetryStrategy(max_attempts=8, exponential_wait=4)


@app.task(name="inbox.tell_resident", queue=QUEUE, retry=AGAIN)
def tell_resident(*, item_id: int) -> None:
    laying.lay_for_resident(actor=ACTOR, item_id=item_id, now=now())


@app.periodic(cron="* * * * * */4", periodic_id="inbox.lay_waiting")
@app.task(name="inbox.lay_waiting", queue=QUEUE, queueing_lock="inbox.lay_waiting")
def lay_waiting(timestamp: int) -> None:
    laying.lay_waiting(actor=ACTOR, now=now())


@app.task(name="inbox.tell_login", queue=QUEUE, retry=AGAIN)
def tell_login(*, session_id: int) -> None:
    laying.lay_for_login(actor=ACTOR, session_id=session_id, now=now())


@app.task(name="inbox.spread", queue=QUEUE, retry=AGAIN)
def spread(*, notice_id: int) -> None:
    laying.spread(actor=ACTOR, notice_id=notice_id, now=now())


@app.periodic(cron="* * * * * */4", periodic_id="inbox.spread_waiting")
@app.task(name="inbox.spread_waiting", queue=QUEUE, queueing_lock="inbox.spread_waiting")
def spread_waiting(timestamp: int) -> None:
    laying.spread_waiting(actor=ACTOR, now=now())


@app.task(name="inbox.digest", queue=QUEUE, retry=AGAIN)
def digest(*, staff_id: int) -> None:
    laying.lay_digest(actor=ACTOR, staff_id=staff_id, now=now())


@app.task(name="inbox.deliver", queue=QUEUE)
def deliver(*, delivery_id: int) -> None:
    """No retry by the queue: an attempt that ends in the middle must be found out about, not repeated."""
    attempt = sending.claim(actor=ACTOR, delivery_id=delivery_id, now=now())
    if attempt is None:
        return
    outcome = carrier.carry(attempt)
    sending.settle(actor=ACTOR, attempt=attempt, outcome=outcome, now=now())


@app.task(name="inbox.receipt", queue=QUEUE, retry=AGAIN)
def receipt(*, id: str, public_id: str) -> None:
    """Anybody may have posted the receipt: what counts is what the provider says of the id."""
    found = carrier.look_up(id)
    if found is None:
        log.warning("a receipt named a message that the provider does not know")
        return
    trouble.take_receipt(
        actor=ACTOR, public_id=public_id, ref=found.id, to=found.to, state=found.state, now=now()
    )


@app.periodic(cron="* * * * *", periodic_id="inbox.sweep")
@app.task(name="inbox.sweep", queue=QUEUE, queueing_lock="inbox.sweep")
def sweep(timestamp: int) -> None:
    """Once a minute: what was lost is put in its place."""
    sending.lose_mail(actor=ACTOR, now=now())
    reconcile(now())
    for job, (argument, ids) in sending.overdue_work(actor=ACTOR, now=now()).items():
        for id in ids:
            what: dict[str, Any] = {argument: id}
            defer(job, **what)


def reconcile(at: datetime) -> None:
    """SMS attempts nobody settled: ask the provider what it has. If it does not answer, next minute again."""
    for attempt in sending.open_attempts(actor=ACTOR, now=at):
        try:
            found = carrier.sent_since(attempt)
        except TryLater as failure:
            log.warning("SMS cannot be reconciled now: %s", failure.detail)
            return
        sending.reconcile_sms(actor=ACTOR, attempt=attempt, sent=found, now=at)


@app.periodic(cron="40 3 * * *", periodic_id="inbox.forget")
@app.task(name="inbox.forget", queue=QUEUE, queueing_lock="inbox.forget")
def forget(timestamp: int) -> None:
    sending.forget_old(actor=ACTOR, now=now())


@app.periodic(cron="* * * * *", periodic_id="jobs.rescue")
@app.task(name="jobs.rescue", queue="rescue", queueing_lock="jobs.rescue", pass_context=True)
async def rescue(context: JobContext, timestamp: int) -> None:
    """Jobs of every part whose worker died: back to the queue. procrastinate does not do this by itself; no
    `lock` here, or a rescuer that died would stop all others."""
    manager: Any = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=30):
        log.warning("a stalled job is put back", extra={"job": job.task_name})
        try:
            await manager.retry_job(job, retry_at=now() + timedelta(seconds=1))
        except UniqueViolation:  # of those that run by the clock one waits at most, and the next does already
            await manager.finish_job(job, status=Status.ABORTED, delete_job=True)
