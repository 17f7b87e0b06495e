"""Who has read about me (R12)."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from vardvag.audit import queries
from vardvag.core import clock, doors
from vardvag.core.doors import ResidentRequest

FILTERS = (
    ("", _("Alla")),
    ("personal", _("Personal")),
    ("foretradare", _("Företrädare")),
    ("jag", _("Jag själv")),
    ("system", _("System")),
)


@require_safe
@doors.resident
def log(request: ResidentRequest) -> HttpResponse:
    """By day and unit, newest first; `fore` continues further back."""
    before = request.GET.get("fore", "")
    who = request.GET.get("vem", "")
    page = queries.who_saw(
        actor=request.actor,
        who=who if who in queries.WHO else "",
        before=int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else None,
        now=clock.now(),
    )
    return render(
        request,
        "audit/resident/log.html",
        {"page": page, "who": who, "filters": FILTERS, "continued": bool(before)},
    )
