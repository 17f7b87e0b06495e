"""Standard texts (A6): one's own, and the unit's for those who keep them."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vardvag.catalogue import access, actions, queries
from vardvag.catalogue.models import StandardText
from vardvag.catalogue.staff.forms import TextForm
from vardvag.core import clock, doors
from vardvag.core.doors import StaffRequest
from vardvag.core.facts import Fact

OPEN_TO = (*access.WRITES, *access.KEEPS_UNITS)


def _to_list() -> HttpResponse:
    return HttpResponseRedirect(reverse("catalogue/staff/texts"), status=303)


@require_safe
@doors.staff(*OPEN_TO)
def texts(request: StaffRequest) -> HttpResponse:
    return render(request, "catalogue/staff/texts.html", {"lists": queries.texts(actor=request.actor)})


def _form(request: StaffRequest, form: TextForm, text: StandardText | None, **more: Any) -> HttpResponse:
    """The page of one text. Asked for a preview, it shows what is typed as it would stand in a case."""
    example = None
    if "forhandsvisa" in request.POST and not form.errors:
        written = form.written()
        example = queries.example(
            actor=request.actor, body=written.body, language=written.language, now=clock.now()
        )
    shown = {
        "form": form,
        "text": text,
        "example": example,
        "keeps_units": request.actor.has(*access.KEEPS_UNITS),
        **more,
    }
    status = 409 if more else 422 if form.errors else 200
    return render(request, "catalogue/staff/text.html", shown, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@doors.staff(*OPEN_TO)
def new(request: StaffRequest) -> HttpResponse:
    if request.method != "POST":
        return _form(request, TextForm(initial={"unit": "mottagning" in request.GET}), None)
    form = TextForm(request.POST)
    if not form.is_valid() or "forhandsvisa" in request.POST:
        return _form(request, form, None)
    try:
        actions.make_text(
            actor=request.actor,
            written=form.written(),
            for_unit=form.cleaned_data["unit"],
            now=clock.now(),
        )
    except Fact as fact:
        return _form(request, form, None, problem=fact)
    return _to_list()


@require_http_methods(["GET", "HEAD", "POST"])
@doors.staff(*OPEN_TO)
def text(request: StaffRequest, text_id: int) -> HttpResponse:
    found = access.text_to_keep(actor=request.actor, text_id=text_id)
    if request.method != "POST":
        return _form(request, TextForm(initial=TextForm.initial_of(found)), found)
    form = TextForm(request.POST)
    if not form.is_valid() or "forhandsvisa" in request.POST:
        return _form(request, form, found)
    try:
        actions.change_text(
            actor=request.actor,
            text=found,
            written=form.written(),
            version=form.cleaned_data["version"] or 0,
            now=clock.now(),
        )
    except actions.ChangedElsewhere as fact:
        return _form(request, form, found, problem=fact, now=found)
    except Fact as fact:
        return _form(request, form, found, problem=fact)
    return _to_list()


@require_POST
@doors.staff(*OPEN_TO)
def place(request: StaffRequest, text_id: int) -> HttpResponse:
    found = access.text_to_keep(actor=request.actor, text_id=text_id)
    actions.place_text(actor=request.actor, text=found, where=request.POST.get("vart", ""), now=clock.now())
    return _to_list()


@require_POST
@doors.staff(*OPEN_TO)
def put_away(request: StaffRequest, text_id: int) -> HttpResponse:
    found = access.text_to_keep(actor=request.actor, text_id=text_id)
    actions.put_away_text(actor=request.actor, text=found, now=clock.now())
    return _to_list()


@require_POST
@doors.staff(*OPEN_TO)
def used(request: StaffRequest, text_id: int) -> HttpResponse:
    """The palette has put it into a reply."""
    found = access.text_in_reach(actor=request.actor, text_id=text_id)
    actions.count_use(actor=request.actor, text=found)
    return HttpResponse(status=204)
