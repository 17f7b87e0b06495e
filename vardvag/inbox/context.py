"""What the inbox adds to every staff page: the ways to what was not opened and what did not arrive."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from vardvag.core.actor import StaffActor
from vardvag.inbox.access import CALLERS, MENDERS


def house(request: HttpRequest) -> dict[str, Any]:
    actor = getattr(request, "actor", None)
    if not isinstance(actor, StaffActor):
        return {}
    links = []
    if actor.has(*CALLERS):
        links.append({"url": reverse("inbox/staff/unopened"), "text": _("Ej lästa svar")})
    if actor.has(*MENDERS):
        links.append({"url": reverse("inbox/staff/deliveries"), "text": _("Utskick")})
    return {"staff_links": links}
