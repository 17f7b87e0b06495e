"""Jobs of the cases part (procrastinate; the worker is vardvag_system)."""

import logging
from datetime import datetime

from django.db import OperationalError, transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from vardvag.cases import actions
from vardvag.core import clock
from vardvag.core.actor import SystemActor

log = logging.getLogger("vardvag.cases")
AT_ONCE = 200  # cases of one transaction
AGAIN = RetryStrategy(max_attempts=10, exponential_wait=3)  # the last after some hours


@app.periodic(cron="* * * * * */2", periodic_id="cases.release_due")
@app.task(name="cases.release_due", queue="cases", queueing_lock="cases.release_due")
def release_due(timestamp: int) -> None:
    """All that are due together: a job for each took the worker longer than the reply had taken the page. What cannot
    be told keeps nobody else waiting."""
    now = clock.now()
    while cases := actions.due_replies(now=now, at_most=AT_ONCE):
        if not _released(cases, now) or len(cases) < AT_ONCE:
            return


def _released(cases: list[int], now: datetime) -> bool:
    """Whether all went well together."""
    actor = SystemActor("cases.release")
    try:
        actions.release(actor=actor, case_ids=cases, now=now)
    except OperationalError:
        raise
    except Exception:
        log.exception("replies cannot be told of together; each is tried alone")
        for case_id in cases:
            try:
                actions.release(actor=actor, case_ids=[case_id], now=now)
            except Exception:
                log.exception("a reply cannot be told of", extra={"case": case_id})
        return False
    return True


@app.task(name="cases.release", queue="cases", retry=AGAIN)
def release(message_id: int) -> None:
    """Laid by the version before."""
    actions.hold(actor=SystemActor("cases.release"), message_id=message_id)


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
