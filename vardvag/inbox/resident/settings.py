"""How a resident wants to hear of news (CASE-6): proven addresses, channels, quiet hours, language."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from vardvag.core import clock, doors
from vardvag.core.doors import ResidentRequest
from vardvag.core.facts import Fact
from vardvag.inbox import actions, proving, queries, wording
from vardvag.inbox.forms import HOURS, LANGUAGES, ContactForm, chosen


@require_http_methods(["GET", "HEAD", "POST"])
@doors.resident
def settings(request: ResidentRequest) -> HttpResponse:
    actor = request.actor
    wishes = queries.contact(actor=actor)
    form = ContactForm(request.POST or None, initial=ContactForm.initial_of(wishes))
    refused: Any = ""
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_contact(actor=actor, now=clock.now(), **form.cleaned_data)
            return HttpResponseRedirect(reverse("inbox/resident/settings") + "?klart=sparat")
        except Fact as fact:
            refused = fact.message
    return render(
        request,
        "inbox/resident/settings.html",
        {
            "wishes": wishes,
            "form": form,
            "chosen": chosen(form),
            "places": queries.places(wishes),
            "matters": wording.MATTERS.items(),
            "hours": HOURS,
            "languages": LANGUAGES,
            "protected": actor.me.protected,
            "preview": queries.preview(actor=actor, wishes=wishes),
            "done": request.GET.get("klart", ""),
            "refused": refused,
        },
        status=422 if form.is_bound else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@doors.resident
def address(request: ResidentRequest, way: str) -> HttpResponse:
    return proving.give(request, way, side="resident")


@require_http_methods(["GET", "HEAD", "POST"])
@doors.resident
def code(request: ResidentRequest, way: str) -> HttpResponse:
    return proving.prove(request, way, side="resident")


@require_POST
@doors.resident
def forget(request: ResidentRequest, way: str) -> HttpResponse:
    return proving.remove(request, way, side="resident")
