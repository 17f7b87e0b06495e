"""Who has the case and how it ends: distribute, take, give back, urgency, close, reopen, move."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from procrastinate.contrib.django import app

from vardvag.cases.actions.changes import commit, snapshot
from vardvag.cases.actions.clocks import owe_answer, owe_nothing
from vardvag.cases.models import Case, ClosedHow, Draft, Event, Message, State
from vardvag.cases.rules import (
    CLOSES_WITHOUT_REPLY,
    REMIND_EVERY,
    SEES_ALL,
    UNDO_MOVE,
    NobodyToRemind,
    NoReplyGiven,
    NotAllowed,
    OnlyReceivers,
    ReasonNeeded,
    RemindedToday,
    TakenBy,
    UnreadWords,
    Verb,
    WrongUnit,
    move,
)
from vardvag.core.actor import StaffActor, SystemActor
from vardvag.identity.models import Staff
from vardvag.inbox.actions import tell_staff
from vardvag.inbox.models import StaffKind
from vardvag.organisation.access import receivers_group, unit_of_provider
from vardvag.organisation.models import Group


def give_to_receivers(case: Case) -> None:
    group = receivers_group(unit_id=case.unit_id)
    case.group, case.group_name, case.owner, case.owner_name = group, group.name, None, ""


def _own(case: Case, actor: StaffActor) -> None:
    case.owner_id, case.owner_name = actor.staff_id, actor.name


def tell_later(event: Event, *, at: datetime) -> None:
    """The resident is told by a job: who reads a patient's letters is behind the pages' border. What can be
    undone is told when it no longer can, so there is never anything to take back."""
    app.configure_task("cases.tell", schedule_at=at).defer(event_id=event.pk)


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
    to: Staff | Group,
    now: datetime,
    reason: str = "",
    batch: UUID | None = None,
) -> list[Event]:
    """One or many at once, to a person or a group from `access.receiver_of_cases`. They are told."""
    events = []
    for case in cases:
        before = snapshot(case)
        case.state = move(case.state, Verb.DISTRIBUTE)
        if isinstance(to, Staff):
            case.owner, case.owner_name = to, to.name
        else:
            case.owner, case.owner_name = None, ""
            case.group, case.group_name = to, to.name
        if before == snapshot(case):
            continue
        event = commit(
            actor=actor, case=case, before=before, verb=Verb.DISTRIBUTE, now=now, reason=reason, batch=batch
        )
        tell_staff(
            actor=actor,
            unit=case.unit,
            kind=StaffKind.ASSIGNED,
            object_id=case.public_id,
            patient_id=case.patient_id,
            key=f"assigned:{event.pk}",
            now=now,
            urgency=case.urgency,
            staff_id=case.owner_id,
            group_id=case.group_id,
        )
        events.append(event)
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
    _nothing_unread(case)
    return end(actor=actor, case=case, how=ClosedHow.ANSWERED, verb=Verb.CLOSE, now=now)


def close_without_reply(
    *, actor: StaffActor, case: Case, how: str, reason: str, now: datetime, batch: UUID | None = None
) -> Event:
    if how not in CLOSES_WITHOUT_REPLY:
        raise ReasonNeeded()
    if how == ClosedHow.OTHER and not reason.strip():
        raise ReasonNeeded()
    _nothing_unread(case)
    return end(
        actor=actor,
        case=case,
        how=ClosedHow(how),
        verb=Verb.CLOSE_WITHOUT_REPLY,
        now=now,
        reason=reason,
        batch=batch,
    )


def _nothing_unread(case: Case) -> None:
    """Words that came while somebody was about to close must not vanish with the case. What it was opened with
    is no news: a duplicate is closed from the queue."""
    later = Message.objects.filter(
        case=case,
        author_kind=Message.Author.RESIDENT,
        kind=Message.Kind.MESSAGE,
        seq__gt=case.staff_seen_seq,
    )
    if case.unread_by_staff and later.exists():
        raise UnreadWords()


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
    event = commit(actor=actor, case=case, before=before, verb=verb, now=now, reason=reason, batch=batch)
    if verb == Verb.CLOSE_WITHOUT_REPLY:
        tell_later(event, at=now + UNDO_MOVE)
    return event


@transaction.atomic
def reopen(*, actor: StaffActor, case: Case, reason: str, now: datetime) -> Event:
    if not reason.strip():
        raise ReasonNeeded()
    before = snapshot(case)
    case.state = move(case.state, Verb.REOPEN)
    case.closed_at, case.closed_how = None, ""
    _own(case, actor)
    owe_answer(case, since=now)
    event = commit(actor=actor, case=case, before=before, verb=Verb.REOPEN, now=now, reason=reason)
    tell_later(event, at=now)
    return event


@transaction.atomic
def remind(*, actor: StaffActor, case: Case, now: datetime) -> Event:
    """The resident has a question to answer and is told again, as they have chosen to hear of reminders.
    Raises NobodyToRemind, and RemindedToday within a day of the last."""
    if case.state != State.WAITING:
        raise NobodyToRemind()
    if Event.objects.filter(case=case, verb="remind", at__gt=now - REMIND_EVERY).exists():
        raise RemindedToday()
    event = commit(actor=actor, case=case, before=snapshot(case), verb="remind", now=now)
    tell_later(event, at=now)
    return event


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
    The old unit no longer sees it. Raises OnlyReceivers, and WrongUnit for another provider's unit."""
    if not actor.has(*SEES_ALL):
        raise OnlyReceivers()
    if not reason.strip():
        raise ReasonNeeded()
    unit = unit_of_provider(provider_id=actor.provider_id, unit_id=unit_id)
    if unit is None or unit.pk == case.unit_id:
        raise WrongUnit()
    before = snapshot(case)
    case.state = move(case.state, Verb.MOVE)
    case.unit = unit
    give_to_receivers(case)
    case.unread_by_staff, case.begun_at = True, None
    owe_answer(case, since=case.waiting_since)
    Message.objects.filter(case=case).update(unit_id=unit.pk)
    Draft.objects.filter(case=case, author_kind=Message.Author.STAFF).exclude(
        author_id=actor.staff_id
    ).delete()
    event = commit(actor=actor, case=case, before=before, verb=Verb.MOVE, now=now, reason=reason)
    tell_later(event, at=now)
    tell_staff(
        actor=actor,
        unit=unit,
        kind=StaffKind.NEW,
        object_id=case.public_id,
        patient_id=case.patient_id,
        key=f"moved:{event.pk}",
        now=now,
        urgency=case.urgency,
        group_id=case.group_id,
    )
    return event
