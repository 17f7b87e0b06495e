"""PROT-1: a protected person's case is opened with a reason, and the manager reviews the reasons."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from vardvag.cases import access, actions, queries
from vardvag.cases.rules import WORKS_WITH_CASES, ReasonFirst
from vardvag.cases.staff.forms import WHY, OpeningForm
from vardvag.core import clock, dates, doors
from vardvag.core.actor import Role
from vardvag.core.doors import StaffRequest
from vardvag.core.facts import Fact

P = ParamSpec("P")
View = Callable[Concatenate[StaffRequest, P], HttpResponseBase]


def asked_first(view: View[P]) -> View[P]:
    """Asks why before a protected person's case is shown or touched; a fetch by the page is told to reload."""

    @wraps(view)
    def asked(request: StaffRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except ReasonFirst:
            if request.headers.get("X-Requested-With") == "live" or "HX-Request" in request.headers:
                return HttpResponse(status=403)
            return to_reason(cast(UUID, kwargs["public_id"]))

    return asked


def to_reason(public_id: UUID, *, kept: bool = False) -> HttpResponse:
    """`kept`: what was typed lies in the draft."""
    page = reverse("cases/staff/reason", args=[public_id])
    return HttpResponseRedirect(f"{page}?sparat=1" if kept else page, status=303)


@require_http_methods(["GET", "HEAD", "POST"])
@doors.staff(*WORKS_WITH_CASES)
def reason(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Why the case is opened. Nothing of the person stands here."""
    actor, now, problem = request.actor, clock.now(), None
    found = access.case_to_open(actor=actor, public_id=public_id)
    form = OpeningForm(request.POST)
    if request.method == "POST":
        form.is_valid()
        why, words = form.cleaned_data.get("why", ""), form.cleaned_data.get("words", "")
        try:
            actions.open_protected(actor=actor, case=found, why=why, words=words, now=now)
        except Fact as fact:
            problem = fact
    if not problem and (
        not found.protected
        or request.method == "POST"
        or access.opening_of(actor=actor, case=found) is not None
    ):
        return HttpResponseRedirect(reverse("cases/staff/case", args=[public_id]), status=303)
    shown = {
        "case": found,
        "problem": problem,
        "why": WHY.items(),
        "typed": request.POST,
        "kept": "sparat" in request.GET,
    }
    return render(request, "cases/staff/reason.html", shown, status=422 if problem else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@doors.staff(Role.UNIT_MANAGER)
def openings(request: StaffRequest) -> HttpResponse:
    """Who has opened protected persons' cases, and why. The manager ticks them as reviewed."""
    actor, now = request.actor, clock.now()
    found = queries.openings(actor=actor)
    if request.method == "POST":
        seen = set(request.POST.getlist("sedd"))
        marked = [one for one in found if str(one.pk) in seen]
        actions.review_openings(actor=actor, openings=marked, now=now)
        return HttpResponseRedirect(reverse("cases/staff/openings"), status=303)
    rows = [
        {
            "id": one.pk,
            "when": dates.moment(one.at, now=now, language=actor.language),
            "who": one.staff_name,
            "number": one.case.number,
            "why": WHY[one.why],
            "words": one.words,
            "reviewed": dates.moment(one.reviewed_at, now=now, language=actor.language)
            if one.reviewed_at
            else "",
            "by": one.reviewed_by,
        }
        for one in found
    ]
    waiting = any(not row["reviewed"] for row in rows)
    return render(request, "cases/staff/openings.html", {"rows": rows, "waiting": waiting})
