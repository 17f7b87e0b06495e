"""Who works here and with what rights (A4): permission administrators, and the region's coordinators."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vardvag.core import clock, doors
from vardvag.core.doors import StaffRequest
from vardvag.core.facts import Fact
from vardvag.organisation import access, actions, queries
from vardvag.organisation.manage.forms import AddForm, GroupForm, ReasonForm, RolesForm
from vardvag.organisation.models import Assignment
from vardvag.organisation.staffing_rules import MANAGES_STAFF, ROLE_MEANS, ROLE_NAMES

LIST = "organisation/manage/staff"


def _list(request: StaffRequest, **more: Any) -> HttpResponse:
    now, actor = clock.now(), request.actor
    shown = {
        "people": queries.staff_of(unit_id=actor.unit_id, now=now),
        "groups": queries.groups_with_members(unit_id=actor.unit_id),
        "add_form": AddForm(actor=actor, initial={"valid_from": now.date().isoformat()}),
        "role_means": [(ROLE_NAMES[role], ROLE_MEANS[role]) for role in ROLE_NAMES],
        **more,
    }
    status = 422 if more else 200
    return render(request, "organisation/manage/staff.html", shown, status=status)


@require_safe
@doors.staff(*MANAGES_STAFF)
def staff(request: StaffRequest) -> HttpResponse:
    return _list(request)


@require_POST
@doors.staff(*MANAGES_STAFF)
def add(request: StaffRequest) -> HttpResponse:
    """Sent twice, the second is told that the person is already here."""
    actor, now = request.actor, clock.now()
    form = AddForm(request.POST, actor=actor)
    if not form.is_valid():
        return _list(request, add_form=form)
    given = form.cleaned_data
    try:
        actions.add_assignment(
            actor=actor, unit=access.own_unit(actor=actor), hsa_id=given["hsa_id"], roles=given["roles"],
            group_ids=given["groups"], valid_from=given["valid_from"], valid_until=given["valid_until"],
            reason=given["reason"], now=now,
        )  # fmt: skip
    except Fact as fact:
        return _list(request, add_form=form, problem=fact.message)
    return HttpResponseRedirect(reverse(LIST))


def _one(
    request: StaffRequest, one: Assignment, *, form: RolesForm | None = None, problem: object = ""
) -> HttpResponse:
    history = queries.staffing_history(assignment=one)
    one.refresh_from_db()  # what is shown is not older than the last change named in the form
    form = form or RolesForm(actor=request.actor, held=one, initial=RolesForm.initial_of(one))
    shown = {
        "one": one,
        "form": form,
        "problem": problem,
        "history": history,
        "seen": history[0].pk if history else 0,
        "reason_form": ReasonForm(),
        "myself": one.staff_id == request.actor.staff_id,
    }
    bad = problem or form.errors
    return render(request, "organisation/manage/assignment.html", shown, status=422 if bad else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@doors.staff(*MANAGES_STAFF)
def assignment(request: StaffRequest, assignment_id: int) -> HttpResponse:
    """One person's assignment: what it gives, its history, and changing it."""
    actor = request.actor
    one = access.assignment_to_manage(actor=actor, assignment_id=assignment_id)
    if request.method != "POST":
        return _one(request, one)
    form = RolesForm(request.POST, actor=actor, held=one)
    if not form.is_valid():
        return _one(request, one, form=form)
    given, seen = form.cleaned_data, _seen(request)
    if form.as_it_is(one) and _done(request, one, "change", given["reason"]):
        return HttpResponseRedirect(reverse(LIST))
    try:
        actions.change_assignment(
            actor=actor, assignment=one, roles=given["roles"], group_ids=given["groups"],
            valid_until=given["valid_until"], reason=given["reason"], now=clock.now(), seen=seen,
        )  # fmt: skip
    except Fact as fact:
        return _one(request, one, form=form, problem=fact.message)
    return HttpResponseRedirect(reverse(LIST))


def _seen(request: StaffRequest) -> int | None:
    """The last change that the form's page showed; None for a form that does not say."""
    said = request.POST.get("seen", "")
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 18 else None


def _done(request: StaffRequest, one: Assignment, verb: str, reason: str) -> bool:
    seen = _seen(request)
    return seen is not None and actions.done_since(
        actor=request.actor, assignment=one, seen=seen, verb=verb, reason=reason
    )


def _act(request: StaffRequest, assignment_id: int, verb: str, action: Any) -> HttpResponse:
    one = access.assignment_to_manage(actor=request.actor, assignment_id=assignment_id)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _one(request, one, problem=form.errors["reason"][0])
    reason = form.cleaned_data["reason"]
    if _done(request, one, verb, reason):
        return HttpResponseRedirect(reverse(LIST))
    try:
        action(actor=request.actor, assignment=one, reason=reason, now=clock.now(), seen=_seen(request))
    except Fact as fact:
        return _one(request, one, problem=fact.message)
    return HttpResponseRedirect(reverse(LIST))


@require_POST
@doors.staff(*MANAGES_STAFF)
def pause(request: StaffRequest, assignment_id: int) -> HttpResponse:
    return _act(request, assignment_id, "pause", actions.pause_assignment)


@require_POST
@doors.staff(*MANAGES_STAFF)
def resume(request: StaffRequest, assignment_id: int) -> HttpResponse:
    return _act(request, assignment_id, "resume", actions.resume_assignment)


@require_POST
@doors.staff(*MANAGES_STAFF)
def end(request: StaffRequest, assignment_id: int) -> HttpResponse:
    return _act(request, assignment_id, "end", actions.end_assignment)


@require_POST
@doors.staff(*MANAGES_STAFF)
def groups(request: StaffRequest) -> HttpResponse:
    """A new group."""
    form, typed = GroupForm(request.POST), (0, request.POST.get("name", ""))
    if not form.is_valid():
        return _list(request, problem=form.errors["name"][0], typed_group=typed)
    try:
        actions.add_group(
            actor=request.actor,
            unit_id=request.actor.unit_id,
            name=form.cleaned_data["name"],
            now=clock.now(),
        )
    except Fact as fact:
        return _list(request, problem=fact.message, typed_group=typed)
    return HttpResponseRedirect(reverse(LIST) + "#grupper")


@require_POST
@doors.staff(*MANAGES_STAFF)
def group(request: StaffRequest, group_id: int) -> HttpResponse:
    """Another name for a group, or away with it."""
    found = access.group_to_manage(actor=request.actor, group_id=group_id)
    typed = (found.pk, request.POST.get("name", found.name))
    try:
        if "ta-bort" in request.POST:
            actions.remove_group(actor=request.actor, group=found, now=clock.now())
        else:
            form = GroupForm(request.POST)
            if not form.is_valid():
                return _list(request, problem=form.errors["name"][0], typed_group=typed)
            actions.rename_group(
                actor=request.actor, group=found, name=form.cleaned_data["name"], now=clock.now()
            )
    except Fact as fact:
        return _list(request, problem=fact.message, typed_group=typed)
    return HttpResponseRedirect(reverse(LIST) + "#grupper")
