"""What was done with many cases at once during the last day, and undoing it whole."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from vardvag.cases import access, actions, queries
from vardvag.cases.queries import Batch
from vardvag.cases.rules import WORKS_WITH_CASES, Verb, may_see
from vardvag.core import clock, dates, doors
from vardvag.core.actor import StaffActor
from vardvag.core.doors import StaffRequest
from vardvag.core.facts import Fact


def told(actor: StaffActor, batch: Batch) -> dict[str, Any]:
    """One batch in words; a case out of reach is named by its number only."""
    now = clock.now()
    if batch.verb == Verb.DISTRIBUTE:
        what = ngettext("%(n)s ärende fördelat", "%(n)s ärenden fördelade", batch.cases)
    else:
        what = ngettext("%(n)s ärende avslutat utan svar", "%(n)s ärenden avslutade utan svar", batch.cases)
    return {
        "id": batch.id,
        "what": what % {"n": batch.cases},
        "when": dates.moment(batch.at, now=now, language=actor.language),
        "who": batch.who,
        "reason": batch.reason,
        "stands": batch.stands,
        "undone": batch.undone,
        "left": [
            {
                "number": case.number,
                "id": case.public_id
                if may_see(actor=actor, unit_id=case.unit_id, owner_id=case.owner_id, group_id=case.group_id)
                else None,
            }
            for case in batch.left
        ],
    }


def just_done(actor: StaffActor, said: str) -> dict[str, Any] | None:
    """The batch the queue's address names, for the bar with Undo above it."""
    try:
        wanted = UUID(said)
    except ValueError:
        return None
    found = [one for one in queries.batches(actor=actor, now=clock.now()) if one.id == wanted]
    return told(actor, found[0]) if found else None


def _page(request: StaffRequest, problem: Fact | None = None) -> HttpResponse:
    found = [told(request.actor, one) for one in queries.batches(actor=request.actor, now=clock.now())]
    shown = {"batches": found, "problem": problem}
    return render(request, "cases/staff/batches.html", shown, status=409 if problem else 200)


@require_safe
@doors.staff(*WORKS_WITH_CASES)
def batches(request: StaffRequest) -> HttpResponse:
    return _page(request)


@require_POST
@doors.staff(*WORKS_WITH_CASES)
def undo_batch(request: StaffRequest, batch: UUID) -> HttpResponse:
    """Cases somebody has acted in since are left alone, and named on the page."""
    actor = request.actor
    acts = access.batch_to_undo(actor=actor, batch=batch, now=clock.now())
    try:
        actions.undo_batch(actor=actor, acts=acts, now=clock.now())  # as it is when the cases are held
    except Fact as fact:
        return _page(request, fact)
    return HttpResponseRedirect(f"{reverse('cases/staff/batches')}#b-{batch}", status=303)
