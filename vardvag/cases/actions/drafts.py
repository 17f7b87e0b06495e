"""What somebody is writing: saved by itself, belongs to (case, person), survives logout and owner change."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from vardvag.cases.access import author
from vardvag.cases.models import Case, Draft
from vardvag.cases.rules import MESSAGE_LIMIT, TooLong
from vardvag.core.actor import ResidentActor, StaffActor
from vardvag.files import actions as files


@dataclass(frozen=True, slots=True)
class Saved:
    draft: Draft
    other: str  # what another device had written, kept and offered; '' for none


def _draft(*, actor: ResidentActor | StaffActor, case: Case, form: str, key: UUID, now: datetime) -> Draft:
    """The one draft of (case, person, form), locked; made with the page's key where there is none."""
    kind, who = author(actor)
    draft, _ = Draft.objects.select_for_update(of=("self",)).get_or_create(
        case=case,
        author_kind=kind,
        author_id=who,
        form=form,
        defaults={"provider_id": case.provider_id, "saved_at": now, "key": key},
    )
    return draft


@transaction.atomic
def save_draft(
    *,
    actor: ResidentActor | StaffActor,
    case: Case,
    form: str,
    body: str,
    revision: int,
    key: UUID,
    device: str,
    now: datetime,
) -> Saved:
    """Last saved wins; when another page had saved since `revision`, its text is kept beside and offered.
    `key` is the page's: files are uploaded to it and the message is stored under it."""
    if len(body) > MESSAGE_LIMIT:
        raise TooLong()
    draft = _draft(actor=actor, case=case, form=form, key=key, now=now)
    text = body.replace("\x00", "")
    if draft.revision != revision and draft.body not in (text, ""):
        draft.other_body = draft.body
    draft.body, draft.device, draft.saved_at = text, device[:40], now
    draft.revision += 1
    draft.save(update_fields=["body", "other_body", "device", "saved_at", "revision"])
    files.keep_draft(actor=actor, draft_key=draft.key, now=now)
    return Saved(draft=draft, other=draft.other_body)


def use_other(*, actor: ResidentActor | StaffActor, case: Case, form: str, key: UUID, now: datetime) -> Draft:
    """Swap in the text another device had; the present one is offered instead."""
    draft = _draft(actor=actor, case=case, form=form, key=key, now=now)
    draft.body, draft.other_body = draft.other_body, draft.body
    draft.revision += 1
    draft.saved_at = now
    draft.save(update_fields=["body", "other_body", "revision", "saved_at"])
    return draft
