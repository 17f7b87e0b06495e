"""The only way from a page to a draft: the author's own, for the patient they act for now."""

from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from vardvag.core.actor import ResidentActor
from vardvag.core.compiled import Compiled
from vardvag.questionnaires.models import Draft, Response


def own_drafts(*, actor: ResidentActor) -> QuerySet[Draft]:
    """Sent ones too, so that sending twice finds what was sent; not discarded ones."""
    return _own(actor.me.person_id, actor.patient.person_id)


def _own(author_id: int, patient_id: int) -> QuerySet[Draft]:
    """A form's content is long and kept in memory once read (queries.definition): not fetched with each draft."""
    rows = Draft.objects.filter(author_id=author_id, patient_id=patient_id, discarded_at=None)
    return rows.select_related("unit", "version").defer("version__content")


def _one(public_id: UUID, author_id: int, patient_id: int) -> QuerySet[Draft]:
    return _own(author_id, patient_id).filter(public_id=public_id)


_ONE = Compiled(_one, public_id=UUID, author_id=int, patient_id=int)
_ONE_LOCKED = Compiled(
    lambda **which: _one(**which).select_related("patient").select_for_update(of=("self",)),
    public_id=UUID,
    author_id=int,
    patient_id=int,
)
_UNSENT = Compiled(
    lambda author_id, patient_id: _own(author_id, patient_id).filter(sent_at=None).order_by("-saved_at"),
    author_id=int, patient_id=int,
)  # fmt: skip


_IN_USE = Compiled(
    lambda author_id, patient_id, **which: (
        _own(author_id, patient_id).filter(sent_at=None, **which).order_by("id")
    ),
    author_id=int, patient_id=int, unit_id=int, subject_kind=str, subject_id=int,
)  # fmt: skip


def unsent_drafts(*, actor: ResidentActor) -> list[Draft]:
    """Latest first."""
    return _UNSENT.all(author_id=actor.me.person_id, patient_id=actor.patient.person_id)


def draft_for_resident(*, actor: ResidentActor, public_id: UUID, lock: bool = False) -> Draft:
    asked = _ONE_LOCKED if lock else _ONE
    draft = asked.first(public_id=public_id, author_id=actor.me.person_id, patient_id=actor.patient.person_id)
    if draft is None:
        raise Http404
    return draft


def draft_in_use(*, actor: ResidentActor, unit_id: int, subject_kind: str, subject_id: int) -> Draft | None:
    """The open draft for this, if there is one."""
    return _IN_USE.first(
        author_id=actor.me.person_id, patient_id=actor.patient.person_id, unit_id=unit_id,
        subject_kind=subject_kind, subject_id=subject_id,
    )  # fmt: skip


_RESPONSE = Compiled(
    lambda response_id: (
        Response.objects.select_related("version").defer("fhir", "version__content").filter(pk=response_id)
    ),
    response_id=int,
)


def response(*, response_id: int) -> Response:
    """For the part whose row points at it, once that row has been checked; row-level security still holds."""
    found = _RESPONSE.first(response_id=response_id)
    if found is None:
        raise Response.DoesNotExist
    return found
