"""The content owners' way to questions and triage on every staff page."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from vardvag.core.actor import StaffActor
from vardvag.services.triage.rules import KEEPS_CONTENT


def house(request: HttpRequest) -> dict[str, Any]:
    actor = getattr(request, "actor", None)
    if isinstance(actor, StaffActor) and actor.has(*KEEPS_CONTENT):
        return {
            "staff_links": [{"url": reverse("triage/staff/protocols"), "text": _("Frågor och bedömning")}]
        }
    return {}
