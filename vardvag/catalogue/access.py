"""The standard texts somebody at a unit may use, and those they may change."""

from django.db.models import Q, QuerySet
from django.http import Http404

from vardvag.catalogue.models import StandardText
from vardvag.core.actor import Role, StaffActor

WRITES = (
    Role.RECEIVER, Role.HANDLER, Role.NURSE, Role.PHYSICIAN, Role.PHYSIOTHERAPIST, Role.SECRETARY,
)  # fmt: skip
KEEPS_UNITS = (Role.UNIT_MANAGER, Role.LOCAL_ADMIN, Role.CONFIG_ADMIN, Role.SYSTEM_COORDINATOR)


def texts_in_reach(actor: StaffActor) -> QuerySet[StandardText]:
    """The actor's own, the unit's and the region's, those in use."""
    region, unit = Q(staff=None, unit=None), Q(staff=None, unit_id=actor.unit_id)
    return StandardText.objects.filter(region | unit | Q(staff_id=actor.staff_id), retired_at=None)


def text_in_reach(*, actor: StaffActor, text_id: int) -> StandardText:
    """Raises Http404."""
    found = texts_in_reach(actor).filter(pk=text_id).first()
    if found is None:
        raise Http404
    return found


def text_to_keep(*, actor: StaffActor, text_id: int) -> StandardText:
    """One's own, or the unit's for those who keep its texts; locked. Raises Http404."""
    mine = Q(staff_id=actor.staff_id)
    if actor.has(*KEEPS_UNITS):
        mine |= Q(staff=None, unit_id=actor.unit_id)
    rows = StandardText.objects.filter(mine, pk=text_id, retired_at=None)
    found = rows.select_for_update(of=("self",)).first()
    if found is None:
        raise Http404
    return found
