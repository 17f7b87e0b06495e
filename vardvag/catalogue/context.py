"""The way to the standard texts on every staff page."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from vardvag.catalogue.access import KEEPS_UNITS, WRITES
from vardvag.core.actor import StaffActor


def house(request: HttpRequest) -> dict[str, Any]:
    actor = getattr(request, "actor", None)
    if isinstance(actor, StaffActor) and actor.has(*WRITES, *KEEPS_UNITS):
        return {"staff_links": [{"url": reverse("catalogue/staff/texts"), "text": _("Fraser")}]}
    return {}
