"""Everything that changes forms, drafts and responses."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from vardvag.audit.actions import record
from vardvag.core import compiled
from vardvag.core.actor import ResidentActor, SystemActor
from vardvag.core.personal_number import SWEDEN
from vardvag.core.saving import Saving
from vardvag.files import actions as files
from vardvag.files.access import draft_files
from vardvag.files.models import File
from vardvag.organisation.models import Unit
from vardvag.questionnaires import drafts, fhir_response, readable, rules
from vardvag.questionnaires.access import draft_for_resident, draft_in_use
from vardvag.questionnaires.definition import Kind
from vardvag.questionnaires.facts import AlreadySent as AlreadySent
from vardvag.questionnaires.facts import Incomplete as Incomplete
from vardvag.questionnaires.fhir_read import read
from vardvag.questionnaires.fhir_write import canonical
from vardvag.questionnaires.models import Draft, Questionnaire, QuestionnaireVersion, Response
from vardvag.questionnaires.queries import definition, with_files

DRAFT_DAYS = 30


@transaction.atomic
def publish(*, actor: SystemActor, content: dict[str, Any], now: datetime) -> QuestionnaireVersion:
    """A new version of the form, or the latest one when nothing has changed. Raises BadDefinition."""
    read(content)
    key = str(content.get("id") or content["url"].rsplit("/", 1)[-1])
    questionnaire, _ = Questionnaire.objects.select_for_update(of=("self",)).get_or_create(
        key=key, defaults={"url": content["url"], "created_at": now}
    )
    latest = questionnaire.versions.order_by("-number").first()
    if latest and latest.sha256 == _sha256(_numbered(content, latest.number)):
        return latest
    number = latest.number + 1 if latest else 1
    content = _numbered(content, number)
    version = questionnaire.versions.create(
        number=number, content=content, sha256=_sha256(content), published_at=now
    )
    record(actor=actor, verb="publish", kind="questionnaire", object_id=version.pk, at=now)
    return version


@transaction.atomic(savepoint=False)  # refuses nothing: what fails ends the whole act
def start_draft(
    *,
    actor: ResidentActor,
    unit: Unit,
    version: QuestionnaireVersion,
    subject_kind: str,
    subject_id: int,
    subject_version_id: int,
    device: str,
    now: datetime,
) -> Draft:
    """The open draft for this, or a new one; two tabs at once get the same."""
    form = definition(version)
    draft = Draft(
        author_id=actor.me.person_id,
        patient_id=actor.patient.person_id,
        unit=unit,
        subject_kind=subject_kind,
        subject_id=subject_id,
        subject_version_id=subject_version_id,
        version=version,
        language=actor.language,
        answers=rules.initial(form),
        page=rules.pages(form, {})[0].link_id,
        device=device[:40],
        started_at=now,
        saved_at=now,
    )
    while not compiled.insert_once(draft):
        made = draft_in_use(actor=actor, unit_id=unit.pk, subject_kind=subject_kind, subject_id=subject_id)
        if made:
            return made  # else it was sent in between
    _log(actor, "start_draft", draft, now)
    return draft


def _numbered(content: dict[str, Any], number: int) -> dict[str, Any]:
    """The FHIR version is ours to give, so that `url|version` in a response names exactly one."""
    return {**content, "version": str(number)}


def _sha256(content: dict[str, Any]) -> str:
    return hashlib.sha256(canonical(content).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Saved:
    draft: Draft
    replaced: tuple[str, ...]  # link ids where another device's answer was put aside, and is offered


def save_answers(
    *,
    actor: ResidentActor,
    draft: Draft,
    given: Mapping[str, Any],
    seen: Mapping[str, str],
    saving: Saving,
    page: str,
    device: str,
    use: str = "",
    locked: bool = False,
    has_files: bool = True,
    now: datetime,
) -> Saved:
    """Keeps what was typed, whatever it is. Last saved wins per question; the other answer is offered.
    `use`: the question whose other answer is taken instead; what was there is offered in its stead. `locked`: the
    draft was fetched and locked in this transaction, and is not sent."""
    with transaction.atomic(savepoint=not locked):  # which refuses nothing when it is
        if not locked:
            draft = _locked(actor, draft)
        content = _content(draft)
        form = definition(draft.version)
        drafts.save(content, form, given, seen=seen, saving=saving, device=device[:40], now=now)
        drafts.use_kept(content, use, now=now)
        if form.item(page):
            draft.page = page
        draft.device = device[:40]
        _store(draft, content, now)
        if has_files:
            files.keep_draft(actor=actor, draft_key=draft.public_id, now=now)
        return Saved(draft, tuple(content.replaced))


@dataclass(frozen=True, slots=True)
class Answered:
    response: Response
    own_words: str  # the person's free text, unchanged
    files: list[File]  # that came with it


def finish(*, actor: ResidentActor, draft: Draft, now: datetime, locked: bool = False) -> Answered:
    """The draft becomes a response. Again: the same response. Raises Incomplete. `locked`: the draft was fetched
    and locked in this transaction. Part of the transaction of the act that opens the case."""
    if not locked:
        draft = draft_for_resident(actor=actor, public_id=draft.public_id, lock=True)
    form = definition(draft.version)
    if draft.sent_at:
        sent = Response.objects.get(draft=draft)
        return Answered(sent, "\n\n".join(readable.own_words(form, sent.answers)), [])
    found = draft_files(actor=actor, draft_key=draft.public_id)
    answers = with_files(draft, found)
    if problems := rules.problems(form, answers, now.astimezone(SWEDEN).date()):
        page = rules.page_at(rules.pages(form, answers), next(iter(problems)))
        raise Incomplete(problems, page.link_id)
    answers = rules.applying(form, answers)
    if found and not any(item.kind is Kind.FILE and item.link_id in answers for item in form.questions()):
        files.remove_draft(actor=actor, draft_key=draft.public_id, now=now)  # the question applies no longer
        found = []
    patient = draft.patient
    author = patient if draft.author_id == draft.patient_id else draft.author
    response = Response(
        draft=draft,
        version_id=draft.version_id,
        patient_id=draft.patient_id,
        provider_id=draft.unit.provider_id,
        unit_id=draft.unit_id,
        author_id=draft.author_id,
        answers=answers,
        language=draft.language,
        authored_at=now,
    )
    response.fhir = fhir_response.build(
        form,
        answers,
        identifier=str(response.public_id),
        authored=now,
        patient=str(patient.public_id),
        author=str(author.public_id),
        language=draft.language,
    )
    compiled.insert(response)
    draft.answers, draft.kept, draft.marks, draft.sent_at = {}, {}, {}, now
    compiled.update(draft, ["answers", "kept", "marks", "sent_at"])
    record(
        actor=actor,
        verb="answer",
        kind="response",
        object_id=response.pk,
        patient_id=response.patient_id,
        provider_id=response.provider_id,
        unit_id=response.unit_id,
        at=now,
    )
    return Answered(response, "\n\n".join(readable.own_words(form, answers)), found)


@transaction.atomic
def discard_draft(*, actor: ResidentActor, draft: Draft, now: datetime) -> None:
    draft = _locked(actor, draft)
    files.remove_draft(actor=actor, draft_key=draft.public_id, now=now)
    _empty(draft, now)
    _log(actor, "discard_draft", draft, now)


@transaction.atomic
def discard_old_drafts(*, actor: SystemActor, now: datetime) -> int:
    """Nightly: drafts not touched for 30 days. Their files are removed by the files part's own job."""
    old = Draft.objects.abandoned(now - timedelta(days=DRAFT_DAYS)).select_for_update(
        of=("self",), skip_locked=True
    )
    count = 0
    for draft in old:
        _empty(draft, now)
        _log(actor, "discard_draft", draft, now)
        count += 1
    return count


def _locked(actor: ResidentActor, draft: Draft) -> Draft:
    draft = draft_for_resident(actor=actor, public_id=draft.public_id, lock=True)
    if draft.sent_at:
        raise AlreadySent()
    return draft


def _content(draft: Draft) -> drafts.Content:
    return drafts.Content(draft.answers, draft.marks, draft.kept, draft.revision)


def _store(draft: Draft, content: drafts.Content, now: datetime) -> Draft:
    draft.answers, draft.marks, draft.kept = content.answers, content.marks, content.kept
    draft.revision, draft.saved_at = content.revision, now
    compiled.update(draft, ["answers", "marks", "kept", "revision", "saved_at", "page", "device"])
    return draft


def _empty(draft: Draft, now: datetime) -> None:
    """What was typed is gone at once; the row stays as a trace that there was a draft."""
    draft.answers, draft.marks, draft.kept, draft.discarded_at = {}, {}, {}, now
    draft.save(update_fields=["answers", "marks", "kept", "discarded_at"])


def _log(actor: ResidentActor | SystemActor, verb: str, draft: Draft, now: datetime) -> None:
    record(actor=actor, verb=verb, kind="draft", object_id=draft.pk, patient_id=draft.patient_id, at=now)
