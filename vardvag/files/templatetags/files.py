"""What the attach field needs to know of its reader."""

from typing import Any
from uuid import UUID

from django import template
from django.utils import timezone

from vardvag.core.actor import ResidentActor, StaffActor
from vardvag.core.addresses import address
from vardvag.core.clock import now
from vardvag.files import tickets
from vardvag.files.rules import AT_MOST, is_minor

register = template.Library()


@register.simple_tag(takes_context=True)
def attach_field(
    context: dict[str, Any], draft_key: UUID | str, at_most: int | str, patient_id: int | str
) -> dict[str, object]:
    """`ticket` is empty where the page names no patient: then files travel with the form only."""
    actor = context["request"].actor
    resident = isinstance(actor, ResidentActor)
    side = "resident" if resident else "staff"
    most = int(at_most) if at_most else AT_MOST[side]
    patient = actor.patient.person_id if resident else int(patient_id or 0)
    able = patient and isinstance(actor, ResidentActor | StaffActor)
    return {
        "ticket": tickets.write(actor=actor, patient_id=patient, draft_key=draft_key, at_most=most)
        if able
        else "",
        "upload": address(f"files/{side}/upload"),
        "piece": address(f"files/{side}/piece"),
        "minor": resident and is_minor(actor.patient.birth_date, timezone.localtime(now()).date()),
        "show": f"files/{side}/show",
        "remove": f"files/{side}/remove",
        "staff": not resident,
        "at_most": most,
    }
