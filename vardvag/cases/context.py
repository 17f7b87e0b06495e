"""The manager's way to the openings of protected persons' cases, on every staff page."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from vardvag.core.actor import Role, StaffActor


def house(request: HttpRequest) -> dict[str, Any]:
    actor = getattr(request, "actor", None)
    if isinstance(actor, StaffActor) and actor.has(Role.UNIT_MANAGER):
        return {"staff_links": [{"url": reverse("cases/staff/openings"), "text": _("Skyddade ärenden")}]}
    return {}
