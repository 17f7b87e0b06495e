"""Finding assignments, units and groups within somebody's reach."""

from datetime import datetime

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q, QuerySet

from vardvag.core.personal_number import SWEDEN
from vardvag.organisation.models import Assignment


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


def assignments_of(*, staff_id: int, now: datetime) -> QuerySet[Assignment]:
    """What a staff member may choose between, by unit."""
    return (
        Assignment.objects.filter(in_force(now), staff_id=staff_id)
        .select_related("unit__provider")
        .order_by("unit__public_name")
    )
