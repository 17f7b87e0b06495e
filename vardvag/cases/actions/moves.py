"""Who has the case and how it ends: distribute, take, give back, urgency, close, reopen, move."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from vardvag.cases.actions.changes import commit, snapshot
from vardvag.cases.actions.clocks import owe_answer, owe_nothing
from vardvag.cases.models import Case, ClosedHow, Draft, Event, Message, State
from vardvag.cases.rules import (
    CLOSES_WITHOUT_REPLY,
    NoReplyGiven,
    NotAllowed,
    ReasonNeeded,
    TakenBy,
    Verb,
    WrongPlace,
    move,
)
from vardvag.core.actor import Role, StaffActor, SystemActor
from vardvag.identity.models import Staff
from vardvag.organisation.access import colleague_at, receivers_group, unit_of_provider
from vardvag.organisation.models import Group


def give_to_owner(case: Case, staff: Staff) -> None:
    case.owner, case.owner_name = staff, staff.name


def give_to_receivers(case: Case) -> None:
    group = receivers_group(unit_id=case.unit_id)
    case.group, case.group_name, case.owner, case.owner_name = group, group.name, None, ""


def _own(case: Case, actor: StaffActor) -> None:
    case.owner_id, case.owner_name = actor.staff_id, actor.name


@transaction.atomic
def take(*, actor: StaffActor, case: Case, now: datetime, reason: str = "") -> Event | None:
    """Take an unowned case, or take over with a reason. Already mine: nothing happens (None).
    Raises TakenBy when somebody else has it and no reason is given."""
    if case.owner_id == actor.staff_id:
        return None
    if case.owner_id is not None and not reason.strip():
        raise TakenBy(owner=case.owner_name)
    before = snapshot(case)
    case.state = move(case.state, Verb.TAKE)
    _own(case, actor)
    case.begun_at = case.begun_at or now
    return commit(actor=actor, case=case, before=before, verb=Verb.TAKE, now=now, reason=reason)


@transaction.atomic
def distribute(
    *,
    actor: StaffActor,
    cases: Iterable[Case],
    now: datetime,
    staff_id: int | None = None,
    group_id: int | None = None,
    reason: str = "",
    batch: UUID | None = None,
) -> list[Event]:
    """To a person or a group of the unit, one or many at once. Raises WrongPlace for anybody else's."""
    person = colleague_at(unit_id=actor.unit_id, staff_id=staff_id, at=now) if staff_id else None
    group = Group.objects.filter(unit_id=actor.unit_id, pk=group_id).first() if group_id else None
    if person is None and group is None:
        raise WrongPlace()
    events = []
    for case in cases:
        before = snapshot(case)
        case.state = move(case.state, Verb.DISTRIBUTE)
        if person:
            give_to_owner(case, person)
        else:
            case.owner, case.owner_name = None, ""
        if group:
            case.group, case.group_name = group, group.name
        if before == snapshot(case):
            continue
        events.append(
            commit(
                actor=actor,
                case=case,
                before=before,
                verb=Verb.DISTRIBUTE,
                now=now,
                reason=reason,
                batch=batch,
            )
        )
    return events


@transaction.atomic
def give_back(*, actor: StaffActor | SystemActor, case: Case, now: datetime, reason: str = "") -> Event:
    """To the receivers. Also what a job does when the owner has gone (X-1)."""
    before = snapshot(case)
    case.state = move(case.state, Verb.GIVE_BACK)
    give_to_receivers(case)
    return commit(actor=actor, case=case, before=before, verb=Verb.GIVE_BACK, now=now, reason=reason)


@transaction.atomic
def set_urgency(
    *, actor: StaffActor, case: Case, urgency: int | None, reason: str, now: datetime
) -> Event | None:
    if urgency == case.urgency:
        return None
    if case.state == State.CLOSED or (urgency is not None and not 1 <= urgency <= 5):
        raise NotAllowed()
    if not reason.strip():
        raise ReasonNeeded()
    before = snapshot(case)
    case.urgency = urgency
    return commit(actor=actor, case=case, before=before, verb="urgency", now=now, reason=reason)


def close(*, actor: StaffActor, case: Case, now: datetime) -> Event:
    """Close an answered case. Raises NoReplyGiven when nobody has answered."""
    if case.final_reply_at is None:
        raise NoReplyGiven()
    return end(actor=actor, case=case, how=ClosedHow.ANSWERED, verb=Verb.CLOSE, now=now)


def close_without_reply(
    *, actor: StaffActor, case: Case, how: str, reason: str, now: datetime, batch: UUID | None = None
) -> Event:
    if how not in CLOSES_WITHOUT_REPLY:
        raise ReasonNeeded()
    if how == ClosedHow.OTHER and not reason.strip():
        raise ReasonNeeded()
    return end(
        actor=actor,
        case=case,
        how=ClosedHow(how),
        verb=Verb.CLOSE_WITHOUT_REPLY,
        now=now,
        reason=reason,
        batch=batch,
    )


@transaction.atomic
def close_many(
    *, actor: StaffActor, cases: Iterable[Case], how: str, reason: str, now: datetime, batch: UUID
) -> int:
    """All or none, without reply."""
    done = [
        close_without_reply(actor=actor, case=case, how=how, reason=reason, now=now, batch=batch)
        for case in cases
    ]
    return len(done)


def end(
    *,
    actor: StaffActor | SystemActor,
    case: Case,
    how: ClosedHow,
    verb: Verb,
    now: datetime,
    reason: str = "",
    batch: UUID | None = None,
) -> Event:
    before = snapshot(case)
    case.state = move(case.state, verb)
    case.closed_at, case.closed_how, case.unread_by_staff = now, how, False
    owe_nothing(case)
    return commit(actor=actor, case=case, before=before, verb=verb, now=now, reason=reason, batch=batch)


@transaction.atomic
def reopen(*, actor: StaffActor, case: Case, reason: str, now: datetime) -> Event:
    if not reason.strip():
        raise ReasonNeeded()
    before = snapshot(case)
    case.state = move(case.state, Verb.REOPEN)
    case.closed_at, case.closed_how = None, ""
    _own(case, actor)
    owe_answer(case, since=now, now=now)
    return commit(actor=actor, case=case, before=before, verb=Verb.REOPEN, now=now, reason=reason)


@transaction.atomic
def mark_unread(*, actor: StaffActor, case: Case, now: datetime) -> Event | None:
    if case.unread_by_staff or case.state == State.CLOSED:
        return None
    before = snapshot(case)
    case.unread_by_staff = True
    return commit(actor=actor, case=case, before=before, verb="unread", now=now)


@transaction.atomic
def move_to_unit(*, actor: StaffActor, case: Case, unit_id: int, reason: str, now: datetime) -> Event:
    """To the right unit of the same care provider, thread and all; it lies new with their receivers.
    The old unit no longer sees it. Raises WrongPlace for another provider's unit."""
    if not reason.strip():
        raise ReasonNeeded()
    unit = unit_of_provider(provider_id=actor.provider_id, unit_id=unit_id)
    if unit is None or unit.pk == case.unit_id or not actor.has(Role.RECEIVER, Role.NURSE):
        raise WrongPlace()
    before = snapshot(case)
    case.state = move(case.state, Verb.MOVE)
    case.unit = unit
    give_to_receivers(case)
    case.unread_by_staff, case.begun_at = True, None
    owe_answer(case, since=case.waiting_since, now=now)
    Message.objects.filter(case=case).update(unit_id=unit.pk)
    Draft.objects.filter(case=case, author_kind=Message.Author.STAFF).exclude(
        author_id=actor.staff_id
    ).delete()
    return commit(actor=actor, case=case, before=before, verb=Verb.MOVE, now=now, reason=reason)
