"""Start page (R1) and the list of cases."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from vardvag.cases import queries
from vardvag.cases.models import Case
from vardvag.cases.resident.shown import status
from vardvag.core import clock, doors
from vardvag.core.doors import ResidentRequest
from vardvag.organisation.queries import contact_card, my_units
from vardvag.questionnaires.queries import open_drafts


def _listed(request: ResidentRequest, cases: list[Case], found: queries.Matters) -> list[dict[str, Any]]:
    now, language = clock.now(), request.actor.language
    return [
        {
            "case": case,
            "status": status(case, held=case.pk in found.held, now=now, language=language),
            "new": case.pk in found.news,
        }
        for case in cases
    ]


@require_safe
@doors.resident
def start(request: ResidentRequest) -> HttpResponse:
    actor, now = request.actor, clock.now()
    found = queries.matters(actor=actor, now=now, closed=3)
    listed = _listed(request, found.open, found)
    units = my_units(
        person_id=actor.patient.person_id, used=[c.unit_id for c in (*found.open, *found.closed)]
    )
    return render(
        request,
        "cases/resident/start.html",
        {
            "news": [row for row in (*listed, *_listed(request, found.closed, found)) if row["new"]],
            "open": listed,
            "todo": [
                row for row in listed if row["case"].state == "waiting" and row["case"].pk not in found.held
            ],
            "drafts": open_drafts(actor=actor),
            "unit": contact_card(units[0], now=now) if units else None,
            "other_units": units[1:4],
            "nothing": not (found.open or found.closed),
        },
    )


@require_safe
@doors.resident
def cases(request: ResidentRequest) -> HttpResponse:
    found = queries.matters(actor=request.actor, now=clock.now(), closed=200)
    return render(
        request,
        "cases/resident/cases.html",
        {
            "open": _listed(request, found.open, found),
            "closed": _listed(request, found.closed, found),
            "drafts": open_drafts(actor=request.actor),
        },
    )
