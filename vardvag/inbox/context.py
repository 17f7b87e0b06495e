"""What the inbox adds to every page: a resident's number of unread; for staff, the ways to what was not opened and
what did not arrive."""

from functools import partial
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from vardvag.core.actor import ResidentActor, StaffActor
from vardvag.core.database import may_be_asked
from vardvag.inbox.access import CALLERS, MENDERS
from vardvag.inbox.queries import unread_count


def house(request: HttpRequest) -> dict[str, Any]:
    actor = getattr(request, "actor", None)
    if isinstance(
        actor, ResidentActor
    ):  # counted only where a page shows it, and never when the database has failed
        counted = SimpleLazyObject(partial(unread_count, actor=actor)) if may_be_asked() else 0
        return {"inbox_unread": counted}
    if not isinstance(actor, StaffActor):
        return {}
    links = []
    if actor.has(*CALLERS):
        links.append({"url": reverse("inbox/staff/unopened"), "text": _("Ej lästa svar")})
    if actor.has(*MENDERS):
        links.append({"url": reverse("inbox/staff/deliveries"), "text": _("Utskick")})
    return {"staff_links": links}
