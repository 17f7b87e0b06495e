"""What somebody is writing: saved by itself, belongs to (case, person), survives logout and owner change."""

from dataclasses import dataclass
from datetime import datetime
from secrets import randbelow
from uuid import UUID

from django.db import transaction

from vardvag.cases.access import author
from vardvag.cases.models import Case, Draft, Message, Note
from vardvag.cases.rules import MESSAGE_LIMIT, TooLong
from vardvag.core import compiled
from vardvag.core.actor import ResidentActor, StaffActor
from vardvag.core.saving import Saving
from vardvag.files import actions as files


@dataclass(frozen=True, slots=True)
class Saved:
    draft: Draft
    other: str  # what another device had written, kept and offered; '' for none


def first_revision() -> int:
    """Of a draft made anew. A page may still know the number of one that was in its place: this is another."""
    return randbelow(2**30)


def _draft(
    *, actor: ResidentActor | StaffActor, case: Case, form: str, key: UUID, now: datetime
) -> tuple[Draft, bool]:
    """The one draft of (case, person, form), locked; made with the page's key where there is none."""
    kind, who = author(actor)
    began = {"saved_at": now, "key": key, "revision": first_revision()}
    return Draft.objects.select_for_update(of=("self",)).get_or_create(
        case=case,
        author_kind=kind,
        author_id=who,
        form=form,
        defaults={"provider_id": case.provider_id, **began},
    )


@transaction.atomic
def save_draft(
    *,
    actor: ResidentActor | StaffActor,
    case: Case,
    form: str,
    body: str,
    saving: Saving,
    key: UUID,
    device: str,
    now: datetime,
) -> Saved:
    """Last saved wins; when another page had saved since this one heard of it, its text is kept beside and offered.
    `key` is the page's: files are uploaded to it and the message is stored under it. What comes late, older than what
    the same page has saved or sent since, changes nothing."""
    if len(body) > MESSAGE_LIMIT:
        raise TooLong()
    draft, made = _draft(actor=actor, case=case, form=form, key=key, now=now)
    text = body.replace("\x00", "")
    if saving.overtaken(draft.sheet, draft.nth):
        return Saved(draft=draft, other=draft.other_body)
    if made and text and _sent(case, form, key, text):
        draft.delete()
        return Saved(draft=draft, other="")
    ours = draft.revision == saving.revision or saving.same_page(draft.sheet)
    if not ours and draft.body not in (text, ""):
        draft.other_body = draft.body
    draft.body, draft.device, draft.saved_at = text, device[:40], now
    draft.sheet, draft.nth = saving.sheet, saving.nth
    draft.revision += 1
    draft.save(update_fields=["body", "other_body", "device", "saved_at", "sheet", "nth", "revision"])
    files.keep_draft(actor=actor, draft_key=draft.key, now=now)
    return Saved(draft=draft, other=draft.other_body)


def _sent(case: Case, form: str, key: UUID, text: str) -> bool:
    """Whether the words stand in what was sent from the page."""
    stored = Note.objects if form == "note" else Message.objects
    return stored.filter(case=case, key=key, body__startswith=text.strip()).exists()


# What was sent, from this page, is done with. What another page has saved since stays; of what stood beside, and is no
# part of the words sent, the draft is made.
_DONE = """
with mine as (
    select id, other_body = '' or position(other_body in %s) > 0 as whole from cases_draft
    where case_id = %s and author_kind = %s and author_id = %s and form = %s
    and (body = %s or sheet = nullif(%s, '') or (key = %s and revision <= %s))
), gone as (
    delete from cases_draft using mine where cases_draft.id = mine.id and mine.whole
)
update cases_draft set body = other_body, other_body = '', sheet = '', revision = revision + 1,
    key = case when key = %s then gen_random_uuid() else key end
from mine where cases_draft.id = mine.id and not mine.whole
"""


def done_with(
    *, actor: ResidentActor | StaffActor, case: Case, form: str, text: str, key: UUID, saving: Saving
) -> None:
    kind, who = author(actor)
    page = [saving.sheet, key, saving.revision]
    compiled.act(_DONE, [text, case.pk, str(kind), who, form, text, *page, key])


def use_other(*, actor: ResidentActor | StaffActor, case: Case, form: str, key: UUID, now: datetime) -> Draft:
    """Swap in the text another device had; the present one is offered instead."""
    draft, _made = _draft(actor=actor, case=case, form=form, key=key, now=now)
    draft.body, draft.other_body = draft.other_body, draft.body
    draft.revision += 1
    draft.saved_at, draft.sheet = now, ""
    draft.save(update_fields=["body", "other_body", "revision", "saved_at", "sheet"])
    return draft
