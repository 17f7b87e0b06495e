"""Assignments: given, changed, paused, ended, chosen. At once, also in browsers already logged in."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction

from vardvag.audit.actions import record
from vardvag.core.actor import Role, StaffActor, SystemActor
from vardvag.core.personal_number import SWEDEN
from vardvag.identity.actions import Why, choose_assignment, end_all_sessions
from vardvag.identity.models import Session, Staff
from vardvag.organisation import access
from vardvag.organisation.actions.registry import on_assignment_gone
from vardvag.organisation.models import Assignment, Group, StaffingChange, Unit
from vardvag.organisation.queries import forget
from vardvag.organisation.staffing_rules import (
    NEVER_WITHOUT,
    AlreadyHere,
    LastOne,
    NobodyByThatId,
    NoRoles,
    NotInForce,
    OwnAssignment,
    RoleNotYours,
    SomebodyWasFirst,
    WrongDates,
    grantable,
)

Admin = StaffActor | SystemActor


@transaction.atomic
def add_assignment(
    *,
    actor: Admin,
    unit: Unit,
    hsa_id: str,
    roles: Iterable[Role],
    group_ids: Iterable[int] = (),
    valid_from: date,
    valid_until: date | None = None,
    reason: str = "",
    source: str = "local",
    now: datetime,
) -> Assignment:
    """Somebody the directory knows starts at the unit; one who has been there before starts anew."""
    roles = _checked(actor, roles, None)
    if valid_until is not None and valid_until < valid_from:
        raise WrongDates
    Unit.objects.select_for_update(of=("self",), no_key=True).get(pk=unit.pk)
    staff = Staff.objects.filter(hsa_id=hsa_id.strip().upper(), gone_at=None).first()
    if staff is None:
        raise NobodyByThatId
    _not_oneself(actor, staff.pk)
    old = Assignment.objects.filter(staff=staff, unit=unit).first()
    if old is not None and old.ended_at is None:
        raise AlreadyHere
    assignment = old or Assignment(staff=staff, unit=unit)
    assignment.roles = [role.value for role in roles]
    assignment.valid_from, assignment.valid_until = valid_from, valid_until
    assignment.paused_at = assignment.ended_at = None
    assignment.source = source
    assignment.save()
    put_in_groups(assignment, group_ids)
    note(actor, assignment, "add", reason, now)
    return assignment


@transaction.atomic
def change_assignment(
    *,
    actor: Admin,
    assignment: Assignment,
    roles: Iterable[Role],
    group_ids: Iterable[int],
    valid_until: date | None,
    reason: str,
    now: datetime,
    seen: int | None = None,
) -> Assignment:
    """New roles, groups and last day, from this moment. `seen`: the last change in the history that the form's page
    showed, 0 for none; raises SomebodyWasFirst when there is a later one."""
    assignment = _locked(actor, assignment, seen)
    before = frozenset(Role(role) for role in assignment.roles)
    roles = _checked(actor, roles, before)
    if valid_until is not None and valid_until < assignment.valid_from:
        raise WrongDates
    lost = [
        role for role in NEVER_WITHOUT if role in before and (role not in roles or valid_until is not None)
    ]
    _somebody_else(assignment, lost, until=valid_until, now=now)
    assignment.roles = [role.value for role in roles]
    assignment.valid_until = valid_until
    assignment.save(update_fields=["roles", "valid_until"])
    put_in_groups(assignment, group_ids)
    note(actor, assignment, "change", reason, now)
    return assignment


@transaction.atomic
def pause_assignment(
    *, actor: Admin, assignment: Assignment, reason: str, now: datetime, seen: int | None = None
) -> Assignment:
    """Long leave: no rights until it is resumed; what lay with the person goes to the receivers."""
    assignment = _locked(actor, assignment, seen)
    if assignment.paused_at is None:
        _somebody_else(assignment, NEVER_WITHOUT, until=None, now=now)
        assignment.paused_at = now
        assignment.save(update_fields=["paused_at"])
        _gone(actor, assignment, "pause", reason, now)
    return assignment


@transaction.atomic
def resume_assignment(
    *, actor: Admin, assignment: Assignment, reason: str, now: datetime, seen: int | None = None
) -> Assignment:
    assignment = _locked(actor, assignment, seen)
    if assignment.paused_at is not None:
        assignment.paused_at = None
        assignment.save(update_fields=["paused_at"])
        note(actor, assignment, "resume", reason, now)
    return assignment


@transaction.atomic
def end_assignment(
    *,
    actor: Admin,
    assignment: Assignment,
    reason: str,
    now: datetime,
    gone: bool = False,
    seen: int | None = None,
) -> Assignment:
    """The person leaves the unit. `gone`: the directory or the calendar says so, whoever is left."""
    assignment = _locked(actor, assignment, seen)
    if not gone:
        _somebody_else(assignment, NEVER_WITHOUT, until=None, now=now)
    assignment.ended_at = now
    assignment.save(update_fields=["ended_at"])
    _gone(actor, assignment, "end", reason, now)
    return assignment


def end_expired(*, actor: SystemActor, now: datetime) -> int:
    """Assignments whose last day has passed; run soon after midnight and every hour."""
    today = now.astimezone(SWEDEN).date()
    over = Assignment.objects.filter(ended_at=None, valid_until__lt=today).select_related("unit", "staff")
    ended = 0
    for assignment in list(over):
        with transaction.atomic():
            # Under the lock of whoever changes it: one prolonged or ended since the list was read is left alone.
            Unit.objects.select_for_update(of=("self",), no_key=True).get(pk=assignment.unit_id)
            if over.filter(pk=assignment.pk).exists():
                end_assignment(actor=actor, assignment=assignment, reason="valid_until", now=now, gone=True)
                ended += 1
    return ended


@transaction.atomic
def choose(*, session: Session, assignment_id: int, user_agent: str = "", now: datetime) -> str | None:
    """Work in this assignment from now on; returns the new session's key, or None if it is not theirs
    or the session has ended meanwhile."""
    if session.staff_id is None:
        return None
    assignment = access.assignment_in_force(assignment_id, staff_id=session.staff_id, now=now)
    if assignment is None:
        return None
    key = choose_assignment(session=session, assignment_id=assignment.pk, user_agent=user_agent, now=now)
    if key is not None:
        assignment_chosen(assignment=assignment, session_id=session.pk, now=now)
    return key


def assignment_chosen(*, assignment: Assignment, session_id: int, now: datetime) -> None:
    """Somebody starts to work in it: kept for the review of unused assignments, and logged."""
    Assignment.objects.filter(pk=assignment.pk).update(last_used_at=now)
    staff, unit = assignment.staff, assignment.unit
    actor = StaffActor(
        session_id, staff.pk, staff.hsa_id, staff.name, staff.title, assignment.pk, unit.pk,
        unit.public_name, unit.provider_id,
    )  # fmt: skip
    record(actor=actor, verb="choose", kind="assignment", object_id=assignment.pk, purpose="access", at=now)


def done_since(*, actor: StaffActor, assignment: Assignment, seen: int, verb: str, reason: str) -> bool:
    """Whether this person has done this since the page that the form stood on: its answer was lost, or it came late."""
    later = StaffingChange.objects.filter(assignment=assignment, pk__gt=seen)
    return later.filter(by=actor.name, verb=verb, reason=reason[:200]).exists()


def _locked(actor: Admin, assignment: Assignment, seen: int | None = None) -> Assignment:
    """The unit's row first: two people who take away the last two receivers wait for each other, and nobody who
    only writes a row that points to the unit waits for them (a deadlock with whoever gives a case)."""
    _not_oneself(actor, assignment.staff_id)
    Unit.objects.select_for_update(of=("self",), no_key=True).get(pk=assignment.unit_id)
    fresh = (
        Assignment.objects.select_for_update(of=("self",), no_key=True)
        .select_related("staff", "unit")
        .get(pk=assignment.pk)
    )
    if seen is not None and StaffingChange.objects.filter(assignment=fresh, pk__gt=seen).exists():
        raise SomebodyWasFirst
    if fresh.ended_at is not None:
        raise NotInForce
    return fresh


def _not_oneself(actor: Admin, staff_id: int) -> None:
    if isinstance(actor, StaffActor) and actor.staff_id == staff_id:
        raise OwnAssignment


def _checked(actor: Admin, roles: Iterable[Role], before: frozenset[Role] | None) -> list[Role]:
    wanted = set(roles)
    if not wanted:
        raise NoRoles
    if isinstance(actor, StaffActor) and not (wanted ^ (before or frozenset())) <= grantable(actor.roles):
        raise RoleNotYours
    return sorted(wanted)


def _somebody_else(
    assignment: Assignment, roles: Iterable[Role], *, until: date | None, now: datetime
) -> None:
    """Raises LastOne unless the unit keeps each of the roles, also after the day this one will end."""
    held = [role for role in roles if role.value in assignment.roles]
    others = Assignment.objects.filter(access.in_force(now), unit_id=assignment.unit_id).exclude(
        pk=assignment.pk
    )
    for role in held:
        last_days = list(others.filter(roles__contains=[role.value]).values_list("valid_until", flat=True))
        if not any(day is None or (until is not None and day > until) for day in last_days):
            raise LastOne(role)


def put_in_groups(assignment: Assignment, group_ids: Iterable[int]) -> None:
    """The chosen groups of the unit; receivers are always in the receivers' group, others never."""
    groups = Group.objects.filter(unit_id=assignment.unit_id, archived_at=None)
    chosen = list(groups.filter(pk__in=list(group_ids), receivers=False))
    if Role.RECEIVER.value in assignment.roles:
        chosen += list(groups.filter(receivers=True))
    assignment.groups.set(chosen)


def _gone(actor: Admin, assignment: Assignment, verb: str, reason: str, now: datetime) -> None:
    end_all_sessions(actor=actor, assignment_ids=[assignment.pk], why=Why.ASSIGNMENT_GONE, now=now)
    for tell in on_assignment_gone:
        tell(
            actor=SystemActor(f"organisation.{verb}_assignment"),
            unit_id=assignment.unit_id,
            staff_id=assignment.staff_id,
            now=now,
        )
    note(actor, assignment, verb, reason, now)


def note(actor: Admin, assignment: Assignment, verb: str, reason: str, now: datetime) -> None:
    """Into the assignment's history, which tells a page that is older, and the log."""
    by = actor.name if isinstance(actor, StaffActor) else actor.job
    StaffingChange.objects.create(
        assignment=assignment, at=now, by=by, verb=verb, reason=reason[:200], roles=assignment.roles
    )
    record(actor=actor, verb=f"{verb}_assignment", kind="assignment", object_id=assignment.pk,
           provider_id=assignment.unit.provider_id, unit_id=assignment.unit_id,
           details=assignment.roles, purpose="administration", at=now)  # fmt: skip
    forget()
