"""The only way from a page to a draft: the author's own, for the patient they act for now."""

from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from vardvag.core.actor import ResidentActor
from vardvag.questionnaires.models import Draft, Response


def own_drafts(*, actor: ResidentActor) -> QuerySet[Draft]:
    """Sent ones too, so that sending twice finds what was sent; not discarded ones."""
    return Draft.objects.filter(
        author_id=actor.me.person_id, patient_id=actor.patient.person_id, discarded_at=None
    ).select_related("unit", "version")


def draft_for_resident(*, actor: ResidentActor, public_id: UUID, lock: bool = False) -> Draft:
    drafts = own_drafts(actor=actor)
    if lock:
        drafts = drafts.select_for_update(of=("self",))
    draft = drafts.filter(public_id=public_id).first()
    if draft is None:
        raise Http404
    return draft


def draft_in_use(*, actor: ResidentActor, unit_id: int, subject_kind: str, subject_id: int) -> Draft | None:
    """The open draft for this, if there is one."""
    return (
        own_drafts(actor=actor)
        .filter(unit_id=unit_id, subject_kind=subject_kind, subject_id=subject_id, sent_at=None)
        .first()
    )


def response(*, response_id: int) -> Response:
    """For the part whose row points at it, once that row has been checked; row-level security still holds."""
    return Response.objects.select_related("version").get(pk=response_id)
