"""Finding assignments, units and groups within somebody's reach."""

from collections.abc import Collection
from datetime import date, datetime

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q, QuerySet
from django.http import Http404

from vardvag.core.actor import Role, StaffActor
from vardvag.core.compiled import Compiled
from vardvag.core.personal_number import SWEDEN
from vardvag.identity.models import Staff
from vardvag.organisation.models import Assignment, Group, ImportRun, Unit
from vardvag.organisation.rules import swedish


def in_force(now: datetime) -> Q:
    """Assignments that give rights at this moment (days are Swedish days, the last one included)."""
    return in_force_on(now.astimezone(SWEDEN).date())


def in_force_on(today: date) -> Q:
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
        assignments_in_force([assignment_id], now=now)
        .filter(staff_id=staff_id)
        .select_related("unit")
        .first()
    )


def assignments_in_force(assignment_ids: Collection[int], *, now: datetime) -> QuerySet[Assignment]:
    """With `group_ids` (list of int) filled in."""
    rows: QuerySet[Assignment] = Assignment.objects.filter(in_force(now), pk__in=assignment_ids)
    groups = ArrayAgg("groups", filter=Q(groups__isnull=False), default=[])
    return rows.annotate(**{"group_ids": groups})


def assignments_of(*, staff_id: int, now: datetime) -> QuerySet[Assignment]:
    """What a staff member may choose between, by unit."""
    return (
        Assignment.objects.filter(in_force(now), staff_id=staff_id)
        .select_related("unit__provider")
        .order_by("unit__public_name")
    )


def assignment_for_login(staff: Staff, unit_hsa_id: str, now: datetime) -> int | None:
    """Which assignment a login starts in: the one the identity provider names, or the only one there is."""
    found = list(assignments_of(staff_id=staff.pk, now=now))
    named = [a for a in found if unit_hsa_id and a.unit.hsa_id == unit_hsa_id.upper()]
    chosen = named or found
    return chosen[0].pk if len(chosen) == 1 else None


def units_of_staff(*, staff_id: int, provider_id: int, today: date) -> QuerySet[Assignment, int]:
    """Ids of units of this care provider where the person holds an assignment that day, for a query."""
    rows = Assignment.objects.filter(in_force_on(today), staff_id=staff_id, unit__provider_id=provider_id)
    return rows.values_list("unit_id", flat=True)


_COLLEAGUES = Compiled(
    lambda unit_id, today: Staff.objects.filter(
        pk__in=Assignment.objects.filter(in_force_on(today), unit_id=unit_id).values("staff_id")
    ),
    unit_id=int, today=date,
)  # fmt: skip


def colleagues(*, unit_id: int, at: datetime) -> list[Staff]:
    """Everyone with an assignment at the unit now, by given name."""
    rows = _COLLEAGUES.all(unit_id=unit_id, today=at.astimezone(SWEDEN).date())
    return sorted(rows, key=lambda s: (swedish(s.given_name), swedish(s.surname)))


def may_be_asked(*, unit_id: int, at: datetime) -> list[str]:
    """Names of those at the unit who give roles there; nobody's whose identity is protected."""
    rows = Assignment.objects.filter(
        in_force(at), unit_id=unit_id, roles__contains=[Role.PERMISSION_ADMIN.value], staff__protected=False
    )
    return sorted({one.staff.name for one in rows.select_related("staff")}, key=swedish)


def colleague_at(*, unit_id: int, staff_id: int, at: datetime) -> Staff | None:
    assignment = (
        Assignment.objects.filter(in_force(at), unit_id=unit_id, staff_id=staff_id)
        .select_related("staff")
        .first()
    )
    return assignment.staff if assignment else None


def is_present(*, unit_id: int, staff_id: int, at: datetime) -> bool:
    return Assignment.objects.filter(in_force(at), unit_id=unit_id, staff_id=staff_id).exists()


_GROUPS = Compiled(
    lambda unit_id: Group.objects.filter(unit_id=unit_id, archived_at=None).order_by("-receivers", "name"),
    unit_id=int,
)


def groups_of(*, unit_id: int) -> list[Group]:
    """The unit's groups in use, the receivers first."""
    return _GROUPS.all(unit_id=unit_id)


def group_at(*, unit_id: int, group_id: int) -> Group | None:
    return Group.objects.filter(unit_id=unit_id, pk=group_id, archived_at=None).first()


_RECEIVERS = Compiled(lambda unit_id: Group.objects.filter(unit_id=unit_id, receivers=True), unit_id=int)


def receivers_group(*, unit_id: int) -> Group:
    """Where what is new at the unit lies; every unit has one."""
    found = _RECEIVERS.first(unit_id=unit_id)
    if found is None:
        raise Group.DoesNotExist
    return found


def unit_of_provider(*, provider_id: int, unit_id: int) -> Unit | None:
    return Unit.objects.filter(pk=unit_id, provider_id=provider_id, archived_at=None).first()


_BY_SLUG = Compiled(
    lambda slug: Unit.objects.filter(slug=slug, archived_at=None, practice=False).select_related("provider"),
    slug=str,
)


def unit_by_slug(slug: str) -> Unit:
    """A unit residents may see. Raises Http404."""
    unit = _BY_SLUG.first(slug=slug)
    if unit is None:
        raise Http404
    return unit


def assignment_to_manage(*, actor: StaffActor, assignment_id: int) -> Assignment:
    """An assignment, ended ones too, at the unit the actor manages. Raises Http404."""
    found = (
        Assignment.objects.select_related("staff", "unit")
        .prefetch_related("groups")
        .filter(pk=assignment_id, unit_id=actor.unit_id)
        .first()
    )
    if found is None:
        raise Http404
    return found


def group_to_manage(*, actor: StaffActor, group_id: int) -> Group:
    """Raises Http404."""
    found = group_at(unit_id=actor.unit_id, group_id=group_id)
    if found is None:
        raise Http404
    return found


def import_run(*, actor: StaffActor, run_id: int) -> ImportRun:
    """A coordinator may see every import. Raises Http404."""
    found = ImportRun.objects.defer("content").filter(pk=run_id).first()
    if found is None:
        raise Http404
    return found


def own_unit(*, actor: StaffActor) -> Unit:
    """The unit the actor works for now."""
    return Unit.objects.select_related("provider").get(pk=actor.unit_id)
