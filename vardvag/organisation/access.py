"""Finding assignments, units and groups within somebody's reach."""

from collections.abc import Collection
from datetime import datetime

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q, QuerySet

from vardvag.core.personal_number import SWEDEN
from vardvag.identity.models import Staff
from vardvag.organisation.models import Assignment, Group, Unit


def in_force(now: datetime) -> Q:
    """Assignments that give rights at this moment (days are Swedish days, the last one included)."""
    today = now.astimezone(SWEDEN).date()
    return Q(
        Q(valid_until=None) | Q(valid_until__gte=today),
        valid_from__lte=today,
        ended_at=None,
        paused_at=None,
        unit__archived_at=None,
        staff__gone_at=None,
    )


def assignment_in_force(assignment_id: int, *, staff_id: int, now: datetime) -> Assignment | None:
    """With `unit` and `group_ids` (list of int) filled in, in one query."""
    return (
        Assignment.objects.filter(in_force(now), pk=assignment_id, staff_id=staff_id)
        .select_related("unit")
        .annotate(group_ids=ArrayAgg("groups", filter=Q(groups__isnull=False), default=[]))
        .first()
    )


def assignments_in_force(assignment_ids: Collection[int], *, now: datetime) -> QuerySet[Assignment]:
    """With `group_ids` (list of int) filled in."""
    return Assignment.objects.filter(in_force(now), pk__in=assignment_ids).annotate(
        group_ids=ArrayAgg("groups", filter=Q(groups__isnull=False), default=[])
    )


def assignments_of(*, staff_id: int, now: datetime) -> QuerySet[Assignment]:
    """What a staff member may choose between, by unit."""
    return (
        Assignment.objects.filter(in_force(now), staff_id=staff_id)
        .select_related("unit__provider")
        .order_by("unit__public_name")
    )


def is_present(*, unit_id: int, staff_id: int, at: datetime) -> bool:
    """Does the staff member work at the unit now?"""
    return Assignment.objects.filter(in_force(at), unit_id=unit_id, staff_id=staff_id).exists()


def colleague_at(*, unit_id: int, staff_id: int, at: datetime) -> Staff | None:
    here = Assignment.objects.filter(in_force(at), unit_id=unit_id, staff_id=staff_id)
    found = here.select_related("staff").first()
    return found.staff if found else None


def colleagues(*, unit_id: int, at: datetime) -> list[Staff]:
    """Who works at the unit now, by name."""
    here = Assignment.objects.filter(in_force(at), unit_id=unit_id).values("staff_id")
    return list(Staff.objects.filter(pk__in=here).order_by("given_name", "surname"))


def groups_of(*, unit_id: int) -> list[Group]:
    """The receivers' first, then by name."""
    return list(Group.objects.filter(unit_id=unit_id).order_by("-receivers", "name"))


def receivers_group(*, unit_id: int) -> Group:
    """Every unit has one, made with the unit."""
    return Group.objects.get(unit_id=unit_id, receivers=True)


def unit_of_provider(*, provider_id: int, unit_id: int) -> Unit | None:
    return Unit.objects.filter(pk=unit_id, provider_id=provider_id, archived_at=None).first()


def unit_ids_of_staff(*, staff_id: int, provider_id: int, at: datetime) -> list[int]:
    """Units of the care provider where the staff member holds an assignment now."""
    rows = Assignment.objects.filter(in_force(at), staff_id=staff_id, unit__provider_id=provider_id)
    return list(rows.values_list("unit_id", flat=True))
