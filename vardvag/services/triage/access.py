"""The only way from a page to an interview: its author's own while they act for its patient; staff through the case."""

from uuid import UUID

from django.http import Http404

from vardvag.cases.models import Case
from vardvag.core.actor import ResidentActor, StaffActor
from vardvag.services.triage.models import Interview, ProtocolVersion


def interview_for_resident(*, actor: ResidentActor, public_id: UUID, lock: bool = False) -> Interview:
    rows = Interview.objects.filter(
        public_id=public_id, author_id=actor.me.person_id, patient_id=actor.patient.person_id
    ).select_related("unit", "patient")
    found = (rows.select_for_update(of=("self",)) if lock else rows).first()
    if found is None:
        raise Http404
    return found


def open_interview(*, actor: ResidentActor, unit_id: int) -> Interview | None:
    return Interview.objects.filter(
        author_id=actor.me.person_id,
        patient_id=actor.patient.person_id,
        unit_id=unit_id,
        sent_at=None,
        ended_at=None,
    ).first()


def interview_of(*, actor: ResidentActor | StaffActor, case: Case) -> Interview | None:
    """For a page whose case has been fetched, checked and logged. To residents the author's own: another guardian sees
    the case, not the interview."""
    if isinstance(actor, StaffActor):
        return interview_behind(case)
    return Interview.objects.filter(case_id=case.pk, author_id=actor.me.person_id).first()


def interview_behind(case: Case) -> Interview | None:
    """For staff, whose case has been fetched, checked and logged."""
    return Interview.objects.filter(case_id=case.pk).first()


def version_for_staff(*, actor: StaffActor, version_id: int) -> ProtocolVersion:
    """Content is the region's: whoever keeps content sees all of it."""
    found = ProtocolVersion.objects.filter(pk=version_id).first()
    if found is None:
        raise Http404
    return found
