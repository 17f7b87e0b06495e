"""Whose matters are on screen."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from vardvag.core import clock, doors
from vardvag.core.doors import ResidentRequest
from vardvag.core.facts import Fact
from vardvag.core.personal_number import SWEDEN, age
from vardvag.identity.actions import act_for


@require_http_methods(["GET", "HEAD", "POST"])
@doors.resident
def switch(request: ResidentRequest) -> HttpResponse:
    actor, now = request.actor, clock.now()
    problem = None
    if request.method == "POST":
        chosen = request.POST.get("person", "")
        try:
            act_for(
                actor=actor, person_id=int(chosen) if chosen.isdecimal() and len(chosen) < 18 else 0, now=now
            )
            return HttpResponseRedirect(reverse("cases/resident/start"), status=303)
        except Fact as fact:
            problem = fact
    today = now.astimezone(SWEDEN).date()
    children = [{"who": child, "age": age(child.birth_date, today)} for child in actor.may_act_for]
    return render(
        request,
        "identity/resident/switch.html",
        {"children": children, "problem": problem},
        status=409 if problem else 200,
    )
