"""How staff hear of cases (CASE-19); what residents have not opened (CASE-20); what did not arrive (API-4)."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vardvag.core import clock, dates, doors
from vardvag.core.doors import StaffRequest
from vardvag.core.facts import Fact
from vardvag.inbox import access, actions, proving, queries, wording
from vardvag.inbox.forms import MINUTES, StaffNoticesForm, chosen
from vardvag.inbox.models import ItemKind, Reached
from vardvag.organisation.queries import region


@require_http_methods(["GET", "HEAD", "POST"])
@doors.staff()
def notices(request: StaffRequest) -> HttpResponse:
    actor = request.actor
    wishes = queries.staff_notices(actor=actor)
    form = StaffNoticesForm(request.POST or None, initial=StaffNoticesForm.initial_of(wishes))
    refused: Any = ""
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_staff_notices(actor=actor, now=clock.now(), **form.cleaned_data)
            return HttpResponseRedirect(reverse("inbox/staff/notices") + "?klart=sparat")
        except Fact as fact:
            refused = fact.message
    return render(
        request,
        "inbox/staff/notices.html",
        {
            "wishes": wishes,
            "places": queries.places(wishes),
            "matters": wording.STAFF_KINDS.items(),
            "minutes": MINUTES,
            "chosen": chosen(form),
            "done": request.GET.get("klart", ""),
            "refused": refused,
        },
        status=422 if form.is_bound else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@doors.staff()
def address(request: StaffRequest, way: str) -> HttpResponse:
    return proving.give(request, way, side="staff")


@require_http_methods(["GET", "HEAD", "POST"])
@doors.staff()
def code(request: StaffRequest, way: str) -> HttpResponse:
    return proving.prove(request, way, side="staff")


@require_POST
@doors.staff()
def forget(request: StaffRequest, way: str) -> HttpResponse:
    return proving.remove(request, way, side="staff")


@require_safe
@doors.staff(*access.CALLERS)
def unopened(request: StaffRequest) -> HttpResponse:
    """Whom to call or write to. No names: the case tells whom it concerns, and logs it."""
    now, language = clock.now(), request.actor.language
    rows = [
        {
            "item": item,
            "what": wording.SENT[ItemKind(item.kind)],
            "since": dates.since(item.at, now=now, language=language),
            "when": dates.moment(item.at, now=now, language=language),
        }
        for item in queries.unopened(actor=request.actor)
    ]
    days = region().unread_reply_days
    shown = {"rows": rows, "days": days, "done": request.GET.get("klart", "")}
    return render(request, "inbox/staff/unopened.html", shown)


@require_POST
@doors.staff(*access.CALLERS)
def reached(request: StaffRequest, public_id: UUID) -> HttpResponse:
    item = access.unopened_for_staff(actor=request.actor, public_id=public_id)
    how = Reached.LETTER if request.POST.get("how") == Reached.LETTER else Reached.PHONE
    actions.mark_reached(actor=request.actor, item=item, how=how, now=clock.now())
    return HttpResponseRedirect(reverse("inbox/staff/unopened") + "?klart=avklarat")


@require_safe
@doors.staff(*access.MENDERS)
def deliveries(request: StaffRequest) -> HttpResponse:
    """Notices that did not arrive and what to do. No names: the case tells whom it concerns, and logs it."""
    return _deliveries(request)


def _deliveries(request: StaffRequest, refused: Any = "", status: int = 200) -> HttpResponse:
    actor, now = request.actor, clock.now()
    page = queries.page_number(request.GET.get("sida", ""))
    found = queries.troubles(actor=actor, page=page)
    rows = [
        {
            "delivery": one,
            "way": wording.CHANNELS[one.channel],  # type: ignore[index]
            "address": queries.masked_address(one.channel, one.address),
            "state": wording.state(one),
            "cure": wording.cure(one),
            "when": dates.moment(one.made_at, now=now, language=actor.language),
        }
        for one in found.deliveries
    ]
    down = [
        {
            "way": wording.CHANNELS[channel.channel],  # type: ignore[index]
            "since": dates.moment(channel.down_since, now=now, language=actor.language),
        }
        for channel in found.down
        if channel.down_since
    ]
    return render(
        request,
        "inbox/staff/deliveries.html",
        {
            "rows": rows,
            "down": down,
            "newer": page - 1,
            "older": page + 1 if found.more else 0,
            "done": request.GET.get("klart", ""),
            "refused": refused,
        },
        status=status,
    )


@require_POST
@doors.staff(*access.MENDERS)
def again(request: StaffRequest, public_id: UUID) -> HttpResponse:
    delivery = access.delivery_for_staff(actor=request.actor, public_id=public_id)
    try:
        actions.send_again(actor=request.actor, delivery=delivery, now=clock.now())
    except Fact as fact:
        return _deliveries(request, refused=fact.message, status=409)
    return HttpResponseRedirect(reverse("inbox/staff/deliveries") + "?klart=igen")
