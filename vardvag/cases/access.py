"""The only way from a page to a case. "Not yours" and "does not exist" are the same 404."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from vardvag.audit.actions import record
from vardvag.cases.models import Attachment, Case, Draft, Message
from vardvag.cases.rules import SEES_ALL, WORKS_WITH_CASES, may_see
from vardvag.core.actor import ResidentActor, StaffActor
from vardvag.files.models import File


def _locked(rows: QuerySet[Case], lock: bool) -> QuerySet[Case]:
    return rows.select_for_update(of=("self",)) if lock else rows


def cases_of_unit(actor: StaffActor) -> QuerySet[Case]:
    """What this staff member may see in lists at the unit they work for."""
    rows = Case.objects.filter(unit_id=actor.unit_id)
    if actor.has(*SEES_ALL):
        return rows
    if actor.has(*WORKS_WITH_CASES):
        mine = rows.filter(owner_id=actor.staff_id)
        return mine | rows.filter(group_id__in=actor.group_ids) if actor.group_ids else mine
    return rows.none()


def case_for_staff(
    *, actor: StaffActor, public_id: UUID, now: datetime, verb: str = "read", lock: bool = False
) -> Case:
    """`verb` names the read in the log; a locked case is about to be changed and the action logs that."""
    case = _locked(Case.objects.filter(public_id=public_id, unit_id=actor.unit_id), lock).first()
    if case is None or not may_see(
        actor=actor, unit_id=case.unit_id, owner_id=case.owner_id, group_id=case.group_id
    ):
        raise Http404
    if not lock:
        log(actor=actor, case=case, verb=verb, now=now)
    return case


def cases_for_staff(*, actor: StaffActor, public_ids: list[UUID]) -> list[Case]:
    """Many at once, locked in one order; those out of reach are left out."""
    return list(
        cases_of_unit(actor).filter(public_id__in=public_ids).order_by("id").select_for_update(of=("self",))
    )


def case_for_resident(
    *, actor: ResidentActor, public_id: UUID, now: datetime, verb: str = "read", lock: bool = False
) -> Case:
    """The patient's own case, or the child's the resident acts for now."""
    case = _locked(Case.objects.filter(public_id=public_id, patient_id=actor.patient.person_id), lock).first()
    if case is None:
        raise Http404
    if not lock:
        log(actor=actor, case=case, verb=verb, now=now)
    return case


def cases_of_patient(actor: ResidentActor) -> QuerySet[Case]:
    return Case.objects.filter(patient_id=actor.patient.person_id)


def read_receipt(*, actor: ResidentActor, case: Case, now: datetime) -> None:
    """Part of the log of what was read: which messages the resident has now been shown, and when.
    Called when the thread has been fetched (decision 0007)."""
    shown = Message.objects.filter(
        case=case, author_kind=Message.Author.STAFF, read_at=None, released_at__lte=now
    )
    if shown.update(read_at=now) or case.resident_seen_seq < case.last_seq:
        Case.objects.filter(pk=case.pk).update(resident_seen_seq=case.last_seq, resident_seen_at=now)


def message_file(*, actor: ResidentActor | StaffActor, public_id: UUID, file_id: UUID, now: datetime) -> File:
    """A file of a message in a case the actor may see; reading it is logged."""
    if isinstance(actor, StaffActor):
        case = case_for_staff(actor=actor, public_id=public_id, now=now, verb="read_file")
    else:
        case = case_for_resident(actor=actor, public_id=public_id, now=now, verb="read_file")
    rows = Attachment.objects.select_related("file", "message").filter(case=case, file__public_id=file_id)
    if isinstance(actor, ResidentActor):
        rows = rows.filter(message__released_at__lte=now)
    found = rows.first()
    if found is None:
        raise Http404
    return found.file


def draft_in_case(*, actor: ResidentActor | StaffActor, case: Case, form: str) -> Draft | None:
    kind, who = author(actor)
    return Draft.objects.filter(case=case, author_kind=kind, author_id=who, form=form).first()


def author(actor: ResidentActor | StaffActor) -> tuple[str, int]:
    if isinstance(actor, StaffActor):
        return Message.Author.STAFF, actor.staff_id
    return Message.Author.RESIDENT, actor.me.person_id


def log(*, actor: ResidentActor | StaffActor, case: Case, verb: str, now: datetime) -> None:
    record(
        actor=actor,
        verb=verb,
        kind="case",
        at=now,
        object_id=case.pk,
        patient_id=case.patient_id,
        provider_id=case.provider_id,
        unit_id=case.unit_id,
    )
