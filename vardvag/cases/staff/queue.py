"""The queue (S1) and search."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from vardvag.cases import lists
from vardvag.cases.rules import SEES_ALL, WORKS_WITH_CASES, TooShort
from vardvag.cases.staff.batches import just_done
from vardvag.cases.staff.forms import CLOSES, QueueForm
from vardvag.cases.staff.looks import table, views
from vardvag.core import clock, doors
from vardvag.core.addresses import address
from vardvag.core.doors import StaffRequest
from vardvag.core.facts import Fact
from vardvag.organisation.queries.whom import whom_at


def _listing(request: StaffRequest) -> dict[str, Any]:
    """The views with their counters, and a page of one of them."""
    actor, now = request.actor, clock.now()
    form = QueueForm(request.GET)
    view = form.view("new" if actor.has(*SEES_ALL) else "mine")
    page = lists.queue(actor=actor, view=view, filters=form.filters(), now=now, page=form.page())
    figures = lists.figures(actor=actor, now=now)
    whom = whom_at(unit_id=actor.unit_id, at=now)
    return {
        "view": view,
        "views": views(view, figures.counts, calls=actor.has(*SEES_ALL)),  # who rings about unopened answers
        "page": page,
        "pages": _pages(request, page),
        "table": table(page.rows, actor=actor, now=now, label=_("Ärenden")),
        "counts": figures.counts,
        "types": figures.types,
        "asked": request.GET,
        "groups": whom.groups,
        "colleagues": whom.people,
        "to": whom.to,
        "end": CLOSES,
    }


def _pages(request: StaffRequest, page: lists.Page) -> dict[str, str]:
    """Addresses of the pages beside this one, with the filters as they are."""
    found = {}
    for name, number, there in (
        ("before", page.number - 1, page.number > 1),
        ("after", page.number + 1, page.more),
    ):
        if there:
            asked = request.GET.copy()
            asked["vy"], asked["sida"] = page.view, str(number)
            found[name] = f"{address('cases/staff/queue')}?{asked.urlencode()}"
    return found


@require_safe
@doors.staff(*WORKS_WITH_CASES)
def queue(request: StaffRequest) -> HttpResponse:
    done = just_done(request.actor, request.GET.get("gjort", ""))
    return render(request, "cases/staff/queue.html", {**_listing(request), "done": done})


@require_safe
@doors.staff(*WORKS_WITH_CASES)
def rows(request: StaffRequest) -> HttpResponse:
    """The list alone, fetched when a live hint has come and the reader asks to see what is new."""
    return render(request, "cases/staff/_rows.html", _listing(request))


@require_POST
@doors.staff(*WORKS_WITH_CASES)
def search(request: StaffRequest) -> HttpResponse:
    """A POST, so that no personal number stands in an address."""
    actor, now = request.actor, clock.now()
    words = request.POST.get("sok", "")
    problem, status = None, 200
    try:
        found = lists.search(actor=actor, words=words, now=now)
    except Fact as fact:
        found, problem, status = [], fact, 422 if isinstance(fact, TooShort) else 429
    return render(
        request,
        "cases/staff/search.html",
        {
            "found": len(found),
            "table": table(found, actor=actor, now=now, label=_("Träffar")),
            "words": words,
            "problem": problem,
        },
        status=status,
    )
