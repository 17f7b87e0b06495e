"""Finding a unit and its contact card (CASE-2), logged in or not."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from vardvag.core import clock, doors
from vardvag.core.actor import ResidentActor
from vardvag.core.doors import PublicRequest
from vardvag.organisation import access, hours, queries


@require_safe
@doors.public
def units(request: PublicRequest) -> HttpResponse:
    """Search by name, place or kind of care; everything, in alphabetical order, when nothing is asked."""
    words = request.GET.get("sok", "").strip()[:100]
    kind, place = request.GET.get("vard", "")[:60], request.GET.get("kommun", "")[:60]
    found = queries.find_units(words, kind_of_care=kind, municipality=place)
    return render(
        request,
        "organisation/public/units.html",
        {"found": found, "words": words, "kind": kind, "place": place, "choices": queries.choices()},
    )


@require_safe
@doors.public
def unit(request: PublicRequest, slug: str) -> HttpResponse:
    """The contact card."""
    now, language = clock.now(), request.actor.language
    card = queries.contact_card(access.unit_by_slug(slug), now=now)
    return render(
        request,
        "organisation/public/unit.html",
        {
            "card": card,
            "opening": hours.opening_line(card.phone_opening, now=now, language=language),
            "phone_hours": hours.weekly(card.phone_hours, language),
            "visit_hours": hours.weekly(card.visit_hours, language),
            "special_days": hours.special(card.special_days, language),
            "logged_in": isinstance(request.actor, ResidentActor),
        },
    )
