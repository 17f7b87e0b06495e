"""On every staff page: whether there is a queue for them, and the manager's way to the openings of protected persons'
cases."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from vardvag.cases.rules import WORKS_WITH_CASES
from vardvag.core.actor import Role, StaffActor


def house(request: HttpRequest) -> dict[str, Any]:
    actor = getattr(request, "actor", None)
    if not isinstance(actor, StaffActor):
        return {}
    found: dict[str, Any] = {"has_queue": actor.has(*WORKS_WITH_CASES)}
    if actor.has(Role.UNIT_MANAGER):
        found["staff_links"] = [{"url": reverse("cases/staff/openings"), "text": _("Skyddade ärenden")}]
    return found
