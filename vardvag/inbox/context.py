"""What the inbox adds to every staff page: the way to what did not arrive, for those who mend it."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from vardvag.core.actor import StaffActor
from vardvag.inbox.access import MENDERS


def house(request: HttpRequest) -> dict[str, Any]:
    actor = getattr(request, "actor", None)
    if not isinstance(actor, StaffActor) or not actor.has(*MENDERS):
        return {}
    return {"staff_links": [{"url": reverse("inbox/staff/deliveries"), "text": _("Utskick")}]}
