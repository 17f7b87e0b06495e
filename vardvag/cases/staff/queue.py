"""The queue (S1) and search."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from vardvag.cases import queries
from vardvag.cases.rules import SEES_ALL, WORKS_WITH_CASES, TooShort
from vardvag.cases.staff.batches import just_done
from vardvag.cases.staff.forms import EndForm, QueueForm
from vardvag.cases.staff.rows import row
from vardvag.core import clock, doors
from vardvag.core.actor import StaffActor
from vardvag.core.doors import StaffRequest
from vardvag.core.facts import Fact
from vardvag.organisation.access import colleagues, groups_of


def _listing(request: StaffRequest) -> dict[str, Any]:
    actor, now = request.actor, clock.now()
    form = QueueForm(request.GET)
    view = form.view("new" if actor.has(*SEES_ALL) else "mine")
    page = queries.queue(actor=actor, view=view, filters=form.filters(), now=now, page=form.page())
    return {
        "view": view,
        "page": page,
        "pages": _pages(request, page),
        "rows": [row(c, staff_id=actor.staff_id, now=now, language=actor.language) for c in page.rows],
        "counts": queries.counts(actor=actor, now=now),
        "asked": request.GET,
        "calls": actor.has(*SEES_ALL),  # rings about answers nobody has opened
        "now": now,
    }


def _pages(request: StaffRequest, page: queries.Page) -> dict[str, str]:
    """Addresses of the pages beside this one, with the filters as they are."""
    found = {}
    for name, number, there in (
        ("before", page.number - 1, page.number > 1),
        ("after", page.number + 1, page.more),
    ):
        if there:
            asked = request.GET.copy()
            asked["vy"], asked["sida"] = page.view, str(number)
            found[name] = f"{reverse('cases/staff/queue')}?{asked.urlencode()}"
    return found


def _whom(actor: StaffActor) -> dict[str, Any]:
    """To whom marked cases may be given, and why they may be ended."""
    return {
        "end_form": EndForm(),
        "groups": groups_of(unit_id=actor.unit_id),
        "colleagues": colleagues(unit_id=actor.unit_id, at=clock.now()),
    }


@require_safe
@doors.staff(*WORKS_WITH_CASES)
def queue(request: StaffRequest) -> HttpResponse:
    types = queries.types_in_use(actor=request.actor)
    done = just_done(request.actor, request.GET.get("gjort", ""))
    return render(
        request,
        "cases/staff/queue.html",
        {**_listing(request), **_whom(request.actor), "types": types, "done": done},
    )


@require_safe
@doors.staff(*WORKS_WITH_CASES)
def rows(request: StaffRequest) -> HttpResponse:
    """The list alone, fetched when a live hint has come and the reader asks to see what is new."""
    return render(request, "cases/staff/_rows.html", {**_listing(request), **_whom(request.actor)})


@require_POST
@doors.staff(*WORKS_WITH_CASES)
def search(request: StaffRequest) -> HttpResponse:
    """A POST, so that no personal number stands in an address."""
    actor, now = request.actor, clock.now()
    words = request.POST.get("sok", "")
    problem, status = None, 200
    try:
        found = queries.search(actor=actor, words=words, now=now)
    except Fact as fact:
        found, problem, status = [], fact, 422 if isinstance(fact, TooShort) else 429
    return render(
        request,
        "cases/staff/search.html",
        {
            "rows": [row(c, staff_id=actor.staff_id, now=now, language=actor.language) for c in found],
            "words": words,
            "problem": problem,
        },
        status=status,
    )
