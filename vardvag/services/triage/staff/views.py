"""Wrong triage from a case, and the content owners' pages: what there is, try it, propose, approve, take into use."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vardvag.cases.access import WORKS_WITH_CASES, ReasonFirst, case_for_staff
from vardvag.core import clock, doors
from vardvag.core.doors import StaffRequest
from vardvag.core.facts import Fact
from vardvag.services.triage import actions, owning
from vardvag.services.triage.access import interview_of, version_for_staff
from vardvag.services.triage.models import WrongTriage
from vardvag.services.triage.rules import KEEPS_CONTENT


@require_POST
@doors.staff(*WORKS_WITH_CASES)
def wrong(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Two clicks from the case: open, and say how. Where why the case is opened is to be said first, that is asked."""
    now = clock.now()
    try:
        case = case_for_staff(actor=request.actor, public_id=public_id, now=now)
    except ReasonFirst:
        return HttpResponseRedirect(reverse("cases/staff/reason", args=[public_id]), status=303)
    interview, how = interview_of(actor=request.actor, case=case), request.POST.get("how", "")
    if interview is None:
        raise Http404
    if how in WrongTriage.How.values:
        comment = request.POST.get("comment", "")
        actions.report(actor=request.actor, case=case, interview=interview, how=how, comment=comment, now=now)
    return HttpResponseRedirect(reverse("cases/staff/case", args=[public_id]) + "?rapporterat=1", status=303)


@require_safe
@doors.staff(*KEEPS_CONTENT)
def protocols(request: StaffRequest) -> HttpResponse:
    rows = owning.overview(language=request.actor.language)
    return render(
        request,
        "triage/staff/protocols.html",
        {"rows": rows, "unsigned": sum(not row.signed for row in rows)},
    )


@require_safe
@doors.staff(*KEEPS_CONTENT)
def reports(request: StaffRequest) -> HttpResponse:
    """What staff at the units of one's own care provider have reported as wrong."""
    rows, corrected = owning.reports(actor=request.actor), owning.corrected(actor=request.actor)
    return render(request, "triage/staff/reports.html", {"rows": rows, "corrected": corrected})


@require_safe
@doors.staff(*KEEPS_CONTENT)
def protocol(request: StaffRequest, protocol_id: str) -> HttpResponse:
    """Questions, rules, sources and golden cases as a clinician reads them, and every version."""
    return render(
        request, "triage/staff/protocol.html", owning.shown(protocol_id, language=request.actor.language)
    )


@require_safe
@doors.staff(*KEEPS_CONTENT)
def simulate(request: StaffRequest, protocol_id: str) -> HttpResponse:
    """The protocol with made-up answers: what would be decided and why, and what would have been asked."""
    shown = owning.simulated(protocol_id, request.GET, language=request.actor.language)
    return render(request, "triage/staff/simulate.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@doors.staff(*KEEPS_CONTENT)
def propose(request: StaffRequest, protocol_id: str) -> HttpResponse:
    """The protocol's text, to be changed and proposed."""
    content, why, problem = owning.text_of(protocol_id), "", None
    if request.method == "POST":
        content = request.POST.get("content", "").replace("\r\n", "\n")[:200_000]
        why = request.POST.get("why", "").replace("\x00", "").strip()
        try:
            made = actions.propose(
                actor=request.actor, protocol_id=protocol_id, content=content, why=why, now=clock.now()
            )
        except Fact as fact:
            problem = fact
        else:
            return HttpResponseRedirect(reverse("triage/staff/version", args=[made.pk]), status=303)
    context = {"protocol_id": protocol_id, "content": content, "why": why, "problem": problem}
    return render(request, "triage/staff/propose.html", context, status=422 if problem else 200)


@require_safe
@doors.staff(*KEEPS_CONTENT)
def version(request: StaffRequest, version_id: int) -> HttpResponse:
    return render(request, "triage/staff/version.html", _version(request, version_id))


def _version(request: StaffRequest, version_id: int, **extra: Any) -> dict[str, Any]:
    found = version_for_staff(actor=request.actor, version_id=version_id)
    return {**owning.version(found, actor=request.actor), **extra}


def _act(request: StaffRequest, version_id: int, act: Any, **more: Any) -> HttpResponse:
    found = version_for_staff(actor=request.actor, version_id=version_id)
    try:
        act(actor=request.actor, version=found, now=clock.now(), **more)
    except Fact as fact:
        return render(
            request, "triage/staff/version.html", _version(request, version_id, problem=fact), status=409
        )
    return HttpResponseRedirect(reverse("triage/staff/version", args=[version_id]), status=303)


@require_POST
@doors.staff(*KEEPS_CONTENT)
def approve(request: StaffRequest, version_id: int) -> HttpResponse:
    return _act(request, version_id, actions.approve)


@require_POST
@doors.staff(*KEEPS_CONTENT)
def activate(request: StaffRequest, version_id: int) -> HttpResponse:
    seen = request.POST.get("seen", "")
    compared = int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 10 else None
    return _act(request, version_id, actions.activate, seen=compared)


@require_POST
@doors.staff(*KEEPS_CONTENT)
def retire(request: StaffRequest, version_id: int) -> HttpResponse:
    return _act(request, version_id, actions.retire)
