"""What jobs do by themselves, and what the resident does last."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from vardvag.audit.actions import record
from vardvag.cases.actions.changes import commit, news, snapshot
from vardvag.cases.actions.moves import give_back, give_to_receivers
from vardvag.cases.models import Case, Event, HeldReply, Message, Rating, State
from vardvag.cases.rules import NotAllowed, Verb, move
from vardvag.core.actor import ResidentActor, SystemActor
from vardvag.identity.access import readers_of, readers_of_each
from vardvag.identity.models import Guardianship, Person
from vardvag.inbox.actions import tell_resident, tell_staff
from vardvag.inbox.models import ItemKind, StaffKind
from vardvag.organisation.access import in_force
from vardvag.organisation.models import Assignment

TOLD = {
    Message.Kind.REPLY: ItemKind.REPLY,
    Message.Kind.PARTIAL: ItemKind.PARTIAL,
    Message.Kind.QUESTION: ItemKind.QUESTION,
}
EVENTS: dict[str, ItemKind] = {
    Verb.CLOSE_WITHOUT_REPLY: ItemKind.CLOSED,
    Verb.REOPEN: ItemKind.REOPENED,
    Verb.MOVE: ItemKind.MOVED,
    "undo": ItemKind.REOPENED,  # of a closing that the resident had been told of
    "remind": ItemKind.REMINDER,
}


def due_replies(*, now: datetime, at_most: int) -> list[int]:
    """Ids of cases with replies whose ten seconds are over, those that waited longest first."""
    rows = HeldReply.objects.filter(released_at__lte=now).order_by("released_at")
    return list(dict.fromkeys(rows.values_list("message__case_id", flat=True)[:at_most]))


@transaction.atomic
def release(*, actor: SystemActor, case_ids: Collection[int], now: datetime) -> None:
    """The residents are told of these replies, once. Of an undone one nothing is left. The cases are locked, so an
    undo of the last moment is over; a case that somebody works in comes with the next ones."""
    free = Case.objects.select_for_update(of=("self",), skip_locked=True).select_related("unit")
    cases = {case.pk: case for case in free.filter(pk__in=case_ids).order_by("id")}
    told = HeldReply.objects.select_related("message").defer("message__body")
    told = told.filter(released_at__lte=now, message__case_id__in=cases).order_by("message_id")
    readers = readers_of_each({case.patient_id for case in cases.values()}, now=now)
    done = []
    for held in told:
        case, message = cases[held.message.case_id], held.message
        news(case, "released")
        kind, key = TOLD[Message.Kind(message.kind)], f"message:{message.public_id}"
        to = readers[case.patient_id]
        read_at = message.read_at if len(to) == 1 else None  # who had the page open as it came out
        _tell(actor, case, kind, key, to, now, read_at=read_at)
        done.append(held.pk)
    HeldReply.objects.filter(pk__in=done).delete()


def _tell(
    actor: SystemActor,
    case: Case,
    kind: ItemKind,
    key: str,
    readers: Collection[int],
    now: datetime,
    *,
    read_at: datetime | None = None,
) -> None:
    tell_resident(
        actor=actor,
        patient_id=case.patient_id,
        recipients=readers,
        kind=kind,
        unit=case.unit,
        link="cases/resident/case",
        object_id=case.public_id,
        key=key,
        now=now,
        about=case.title,
        read_at=read_at,
    )


@transaction.atomic
def hold(*, actor: SystemActor, message_id: int) -> None:
    """A reply that the version before sent, which laid a job for it instead."""
    message = Message.objects.filter(pk=message_id).first()
    if message is not None:
        given = {"provider_id": message.provider_id, "released_at": message.released_at}
        HeldReply.objects.get_or_create(message=message, defaults=given)


@transaction.atomic
def tell_of(*, actor: SystemActor, event_id: int, now: datetime) -> None:
    """The resident is told of what staff did with the case, unless it has been undone or overtaken since."""
    held = Case.objects.select_for_update(of=("self",))  # an undo under way is over
    case = held.filter(events=event_id).first()
    event = Event.objects.filter(pk=event_id, undone_at=None).first()
    if event is None or case is None:
        return
    kind = EVENTS[event.verb]
    if (kind == ItemKind.CLOSED) != (case.state == State.CLOSED):
        return
    if kind == ItemKind.REMINDER and case.state != State.WAITING:
        return
    _tell(actor, case, kind, f"case-event:{event.pk}", readers_of(case.patient_id, now=now), now)


def owner_gone(*, actor: SystemActor, unit_id: int, staff_id: int, now: datetime) -> int:
    """X-1: an assignment has ended or paused; all open that lay with the person goes to the receivers."""
    rows = Case.objects.select_for_update(of=("self",)).filter(unit_id=unit_id, owner_id=staff_id)
    count = 0
    for case in rows.exclude(state=State.CLOSED).order_by("id"):
        give_back(actor=actor, case=case, now=now, reason="owner_gone")
        count += 1
    return count


def stranded(*, actor: SystemActor, now: datetime) -> int:
    """X-1, for what slipped between two transactions (somebody took a case in the very moment they were removed):
    open cases whose owner is no longer there, or whose group is no longer in use, go to the receivers."""
    there = Assignment.objects.filter(
        in_force(now), staff_id=OuterRef("owner_id"), unit_id=OuterRef("unit_id")
    )
    open_cases = Case.objects.exclude(state=State.CLOSED)
    owners = (
        open_cases.filter(~Exists(there), owner__isnull=False).values_list("unit_id", "owner_id").distinct()
    )
    count = sum(owner_gone(actor=actor, unit_id=unit, staff_id=staff, now=now) for unit, staff in owners)
    groups = open_cases.exclude(group__archived_at=None).values_list("unit_id", "group_id").distinct()
    return count + sum(
        group_gone(actor=actor, unit_id=unit, group_id=group, now=now) for unit, group in groups if group
    )


def group_gone(*, actor: SystemActor, unit_id: int, group_id: int, now: datetime) -> int:
    """A group is removed: its cases lie with the receivers, the owners stay."""
    count = 0
    rows = (
        Case.objects.select_for_update(of=("self",)).filter(unit_id=unit_id, group_id=group_id).order_by("id")
    )
    for case in rows:
        before = snapshot(case)
        owner, owner_name = case.owner, case.owner_name
        if case.state != State.CLOSED:
            give_to_receivers(case)
            if owner is not None:
                case.owner, case.owner_name = owner, owner_name
            else:
                case.state = move(case.state, Verb.GIVE_BACK) if case.state != State.NEW else case.state
        else:
            case.group, case.group_name = None, ""
        commit(actor=actor, case=case, before=before, verb="group_gone", now=now)
        count += 1
    return count


def overdue(*, actor: SystemActor, now: datetime, batch: int = 500) -> int:
    """Tell staff once of each case whose time has run out (the inbox makes one digest of many)."""
    late = (
        Case.objects.select_related("unit")
        .filter(due_at__lte=now, late_told=False)
        .exclude(state=State.CLOSED)
        .order_by("due_at")
    )
    rows = list(late.select_for_update(of=("self",), skip_locked=True)[:batch])
    for case in rows:
        tell_staff(
            actor=actor,
            unit=case.unit,
            kind=StaffKind.OVERDUE,
            object_id=case.public_id,
            patient_id=case.patient_id,
            key=f"overdue:{case.public_id}:{case.unit_id}:{case.due_at:%Y%m%d%H%M}",
            now=now,
            urgency=case.urgency,
            staff_id=case.owner_id,
            group_id=case.group_id,
        )
        news(case, "late")
    Case.objects.filter(pk__in=[case.pk for case in rows]).update(late_told=True)
    return len(rows)


def rate(*, actor: ResidentActor, case: Case, score: int, comment: str, now: datetime) -> Rating:
    """A closed case, 1 to 5; said again, it is changed."""
    if case.state != State.CLOSED or not 1 <= score <= 5:
        raise NotAllowed()
    rating, _ = Rating.objects.update_or_create(
        case=case,
        defaults={
            "provider_id": case.provider_id,
            "patient_id": case.patient_id,
            "score": score,
            "comment": comment.replace("\x00", "")[:2000],
            "at": now,
        },
    )
    record(
        actor=actor, verb="rate", kind="case", at=now, object_id=case.pk, patient_id=case.patient_id,
        provider_id=case.provider_id, unit_id=case.unit_id,
    )  # fmt: skip
    return rating


def patient_changed(*, actor: SystemActor, patient_id: int, now: datetime) -> int:
    """The register has another name or mark for the person: all their cases show it, and those they have written
    for a child hide who wrote (PROT-1). Open pages are told."""
    patient = Person.objects.get(pk=patient_id)
    _hide_writer(patient)
    cases = list(Case.objects.select_for_update(of=("self",)).filter(patient_id=patient_id).order_by("id"))
    for case in cases:
        told = (patient.name, patient.personal_number, patient.protected)
        if (case.patient_name, case.patient_number, case.protected) != told:
            case.patient_name, case.patient_number, case.protected = told
            case.save(update_fields=["patient_name", "patient_number", "protected"])
            news(case, "patient")
    return len(cases)


def _hide_writer(person: Person) -> None:
    """In the cases of children: staff and the other guardian read "Vårdnadshavare (skyddad)"."""
    children = Guardianship.objects.filter(guardian=person).values_list("child_id", flat=True)
    theirs = Case.objects.select_for_update(of=("self",)).filter(patient_id__in=list(children)).order_by("id")
    mine = {"author_id": person.pk, "author_protected": not person.protected}
    for case in theirs:
        written = Message.objects.filter(case=case, author_kind=Message.Author.RESIDENT, **mine)
        changed = written.update(author_protected=person.protected)
        if Case.objects.filter(pk=case.pk, **mine).update(author_protected=person.protected) or changed:
            news(case, "patient")
