"""What a restored database must be told before anybody is let in. Runs as a process of its own, as vardvag_system.

Decision 0014 (docs/decisions): sessions and logins under way are over; a notice whose fate is unknown is looked up
at the provider instead of sent again; a stored file that was destroyed during the backup is destroyed here, too.
First the log of who saw what is checked, as of the moment of the backup. Prints what was done; 1: it is not whole.
"""

import json
import os
import sys
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import django

from vardvag.core.actor import SystemActor


def main(words: list[str]) -> int:
    task = json.loads(Path(words[0]).read_text())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vardvag.config.settings")
    django.setup()

    from vardvag.audit import actions  # noqa: PLC0415 - models need Django set up
    from vardvag.audit.checking import verify_database  # noqa: PLC0415
    from vardvag.core import clock  # noqa: PLC0415

    now, moment = clock.now(), datetime.fromisoformat(task["made_at"])
    report = verify_database(now=moment)
    unsealed = report.unsealed
    if report.wrong and all("has no seal" in line for line in report.wrong):
        actions.seal(
            actor=SystemActor("restore")
        )  # the worker stood still when the backup was made: told below
        report = verify_database(now=moment)
    if not report.sound:
        print("\n".join(report.lines()))
        return 1
    if wrong := _other_heads(task["anchors"]):
        print(f"WRONG  {wrong}")
        return 1
    ended, asked = settle(moment=moment, now=now, gone=task["gone"])
    print(f"The log of who saw what is whole: {report.entries} entries, {report.anchors} signed heads.")
    if unsealed:
        print(f"{unsealed} of them had no seal yet when the backup was made.")
    print(f"{ended} sessions ended; {asked} notices will be looked up at the provider, not sent blindly.")
    if task["gone"]:
        print(f"{len(task['gone'])} stored files were destroyed during the backup and stay so.")
    if task["lost"]:
        print(f"{len(task['lost'])} stored files were missing on the disk when the backup was made.")
    return 0


def _other_heads(anchors: list[tuple[int, int, str]]) -> str:
    """The log must reach the heads that the backup's manifest names."""
    from vardvag.audit.models import Seal  # noqa: PLC0415

    for chain, seq, head in anchors:
        seal = Seal.objects.filter(provider_id=chain, seq=seq).first()
        if seal is None or bytes(seal.hash).hex() != head:
            return f"chain {chain} of the log does not have the head {seq} that was signed before the backup"
    return ""


def settle(*, moment: datetime, now: datetime, gone: list[str]) -> tuple[int, int]:
    """(sessions ended, notices to be looked up). `moment`: what the database knows ends there."""
    from django.db import transaction  # noqa: PLC0415

    from vardvag.audit import actions as audit  # noqa: PLC0415
    from vardvag.files.models import File  # noqa: PLC0415
    from vardvag.identity.models import LoginAttempt, Session  # noqa: PLC0415

    actor = SystemActor("restore")
    _lay_everything(actor, now)
    with transaction.atomic():
        ended = Session.objects.filter(ended_at=None).update(ended_at=now, ended_why="restored")
        LoginAttempt.objects.filter(state__in=["pending", "proven"]).update(state="cancelled")
        asked = _doubt(moment, now)
        File.objects.filter(stored_as__in=gone).update(wrapped_key="", deleted_at=now)
        audit.record(actor=actor, verb="restore", kind="database", at=now, details=[moment.isoformat()])
    return ended, asked


def _lay_everything(actor: SystemActor, now: datetime) -> None:
    """What was to be told and had not become deliveries yet becomes them now, under the keys it had before."""
    from vardvag.cases import actions as cases  # noqa: PLC0415 - models need Django set up
    from vardvag.inbox.actions import laying  # noqa: PLC0415
    from vardvag.inbox.models import DigestLine  # noqa: PLC0415

    while due := cases.due_replies(now=now, at_most=200):
        cases.release(actor=actor, case_ids=due, now=now)
    while laying.lay_waiting(actor=actor, now=now):
        pass
    while laying.spread_waiting(actor=actor, now=now):
        pass
    lines = DigestLine.objects.filter(told_at=None, due_at__lte=now)
    for pk in lines.values_list("staff_id", flat=True).distinct().order_by("staff_id"):
        laying.lay_digest(actor=actor, staff_id=pk, now=now)


def _doubt(moment: datetime, now: datetime) -> int:
    """Due deliveries may have gone out after the moment. An SMS is looked up in the provider's list within a day;
    a mail (and what is older) is shown to the clinic, who may send it again; a code is of no use any more."""
    from django.db.models import Q  # noqa: PLC0415

    from vardvag.inbox.models import Delivery  # noqa: PLC0415

    state = Delivery.State
    doubtful = Delivery.objects.filter(Q(state=state.QUEUED, next_at__lte=now) | Q(state=state.SENDING))
    doubtful.filter(kind="code").update(state=state.DEAD, text="", last_error="restored from a backup")
    count = 0
    for delivery in doubtful.exclude(kind="code"):
        if delivery.state == state.QUEUED or delivery.attempt_id is None:
            delivery.attempt_id = uuid4()
            delivery.attempt_at = min(moment, max(delivery.next_at, moment - timedelta(hours=1)))
        delivery.state, delivery.last_error = state.UNKNOWN, "restored from a backup"
        delivery.save(update_fields=["state", "last_error", "attempt_id", "attempt_at"])
        count += 1
    return count


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
