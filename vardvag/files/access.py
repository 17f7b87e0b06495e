"""The only way from a page to a file."""

import uuid

from django.http import Http404

from vardvag.audit import actions as audit
from vardvag.core.actor import PersonActor, ResidentActor, StaffActor
from vardvag.core.clock import now
from vardvag.core.compiled import Compiled
from vardvag.files.models import File, FileQuerySet
from vardvag.files.rules import check_circle, uploader
from vardvag.files.serving import refuse, serve

__all__ = [
    "check_circle",
    "draft_file",
    "draft_files",
    "file_for_resident",
    "file_for_staff",
    "log_intimate",
    "refuse",
    "serve",
]


def _own(actor: PersonActor) -> FileQuerySet:
    """Uploaded by the actor, not sent; for the person they act for or the provider they work for now."""
    rows = File.objects.unsent().uploaded_by(*uploader(actor))
    match actor:
        case ResidentActor():
            return rows.filter(patient_id=actor.patient.person_id)
        case StaffActor():
            return rows.filter(provider_id=actor.provider_id)


def _of_draft(kind: str, who: int, draft_key: uuid.UUID) -> FileQuerySet:
    return File.objects.of_draft(draft_key).uploaded_by(kind, who)


_OF_DRAFT = Compiled(
    lambda patient_id, **whose: _of_draft(**whose).filter(patient_id=patient_id),
    kind=str, who=int, draft_key=uuid.UUID, patient_id=int,
)  # fmt: skip
_OF_STAFF_DRAFT = Compiled(
    lambda provider_id, **whose: _of_draft(**whose).filter(provider_id=provider_id),
    kind=str, who=int, draft_key=uuid.UUID, provider_id=int,
)  # fmt: skip


def draft_files(*, actor: PersonActor, draft_key: uuid.UUID) -> list[File]:
    """One's own files in one's own draft, oldest first."""
    kind, who = uploader(actor)
    if isinstance(actor, ResidentActor):
        return _OF_DRAFT.all(kind=str(kind), who=who, draft_key=draft_key, patient_id=actor.patient.person_id)
    return _OF_STAFF_DRAFT.all(kind=str(kind), who=who, draft_key=draft_key, provider_id=actor.provider_id)


def draft_file(*, actor: PersonActor, public_id: uuid.UUID) -> File:
    found = _own(actor).filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def file_for_resident(*, actor: ResidentActor, public_id: uuid.UUID) -> File:
    """A sent file of the patient's, whoever sent it. Which messages may be seen, the part above decides."""
    rows = File.objects.there().filter(patient_id=actor.patient.person_id).exclude(sent_at=None)
    return _read(actor, rows.filter(public_id=public_id).first())


def file_for_staff(*, actor: StaffActor, public_id: uuid.UUID) -> File:
    """A sent file of the care provider's. Whether its case is for this unit, the part above decides."""
    rows = File.objects.there().filter(provider_id=actor.provider_id).exclude(sent_at=None)
    return _read(actor, rows.filter(public_id=public_id).first())


def log_intimate(*, actor: PersonActor, file: File) -> None:
    """Each view of an intimate picture has its own line in the log, with its own verb."""
    _log(actor, file, "read_intimate_file")


def _read(actor: PersonActor, found: File | None) -> File:
    if found is None:
        raise Http404
    _log(actor, found, "read_intimate_file" if found.intimate else "read_file")
    return found


def _log(actor: PersonActor, found: File, verb: str) -> None:
    audit.record(
        actor=actor,
        verb=verb,
        kind="file",
        object_id=found.pk,
        patient_id=found.patient_id,
        provider_id=found.provider_id or 0,
        details=[found.kind],
        at=now(),
    )
