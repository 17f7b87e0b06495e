"""What every page shows of the region and, for staff, of their own administration pages."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from vardvag.core.actor import Role, StaffActor
from vardvag.organisation import queries
from vardvag.organisation.staffing_rules import IMPORTS, MANAGES_STAFF, MANAGES_UNIT

LINKS: list[tuple[tuple[Role, ...], str, str]] = [
    (MANAGES_STAFF, "organisation/manage/staff", "Personal"),
    (MANAGES_UNIT, "organisation/manage/unit", "Mottagningen"),
    (IMPORTS, "organisation/manage/imports", "Importer"),
]


def house(request: HttpRequest) -> dict[str, Any]:
    region = queries.region()
    found: dict[str, Any] = {
        "region_name": region.name,
        "service_name": region.service_name,
        "support_phone": region.support_phone,
        "support_hours": region.support_hours,
    }
    actor = getattr(request, "actor", None)
    if isinstance(actor, StaffActor):
        texts = {"Personal": _("Personal"), "Mottagningen": _("Mottagningen"), "Importer": _("Importer")}
        found["staff_links"] = [
            {"url": reverse(name), "text": texts[text]} for roles, name, text in LINKS if actor.has(*roles)
        ]
    return found
