"""What pages read of forms, drafts and responses."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from vardvag.core.actor import ResidentActor
from vardvag.core.personal_number import SWEDEN
from vardvag.files.access import draft_files
from vardvag.files.models import File
from vardvag.questionnaires import access, rules
from vardvag.questionnaires.definition import BadDefinition, Definition, Kind, Problem
from vardvag.questionnaires.fhir_read import read
from vardvag.questionnaires.fhir_write import write
from vardvag.questionnaires.models import Draft, QuestionnaireVersion
from vardvag.questionnaires.readable import CheckRow, check_rows, rows
from vardvag.questionnaires.readable import Row as Row
from vardvag.questionnaires.shown import Files, FormPage, build
from vardvag.questionnaires.shown import posted as posted
from vardvag.questionnaires.shown import seen_in as seen_in

_read: dict[str, Definition] = {}  # by SHA-256 of the content


def definition(version: QuestionnaireVersion) -> Definition:
    """Kept in memory once read."""
    if version.sha256 not in _read:
        _read[version.sha256] = read(version.content, published=True)
    return _read[version.sha256]


def problems_in(content: Any) -> list[Problem]:
    """Everything wrong in a form's FHIR JSON; empty: it can be published."""
    try:
        read(content)
    except BadDefinition as bad:
        return bad.problems
    return []


def export(version: QuestionnaireVersion) -> dict[str, Any]:
    """FHIR R4 Questionnaire."""
    return write(definition(version))


def answers_with_files(*, actor: ResidentActor, draft: Draft) -> dict[str, Any]:
    """What was typed, and the draft's files as the answer to the form's file question."""
    return with_files(draft, draft_files(actor=actor, draft_key=draft.public_id))


def with_files(draft: Draft, found: list[File]) -> dict[str, Any]:
    answers = dict(draft.answers)
    if not found:
        return answers
    question = next((one for one in definition(draft.version).questions() if one.kind is Kind.FILE), None)
    if question:
        answers[question.link_id] = [str(file.public_id) for file in found]
    return answers


@dataclass(frozen=True, slots=True)
class OpenDraft:
    public_id: UUID
    title: str
    unit_id: int
    unit_name: str
    saved_at: datetime


def open_drafts(*, actor: ResidentActor) -> list[OpenDraft]:
    """What the person has begun for the patient on screen, latest first."""
    return [
        OpenDraft(
            public_id=draft.public_id,
            title=definition(draft.version).title.said(actor.language),
            unit_id=draft.unit_id,
            unit_name=draft.unit.public_name,
            saved_at=draft.saved_at,
        )
        for draft in access.unsent_drafts(actor=actor)
    ]


def page(*, draft: Draft, page_id: str, found: list[File]) -> rules.Page:
    """One page of the form without what shows it; an unknown page id gives the first. `found`: the draft's files."""
    return rules.page_at(rules.pages(definition(draft.version), with_files(draft, found)), page_id)


def form_page(
    *,
    actor: ResidentActor,
    draft: Draft,
    page_id: str,
    found: list[File] | None = None,
    seen: Mapping[str, str] | None = None,
    check: bool = False,
    now: datetime,
) -> FormPage:
    """One page of the form as it is shown; an unknown page id gives the first page.
    `found`: the draft's files, where they are known. `check`: also what to put right on it, and what is new since the
    page that was sent (`seen`)."""
    if found is None:
        found = draft_files(actor=actor, draft_key=draft.public_id)
    return build(
        definition(draft.version),
        with_files(draft, found),
        page_id=page_id,
        revision=draft.revision,
        kept=draft.kept,
        language=actor.language,
        today=now.astimezone(SWEDEN).date() if check else None,
        seen=seen,
        files=Files(str(draft.public_id), tuple(found)),
    )


@dataclass(frozen=True, slots=True)
class ToMend:
    """A question to put right, and the page it is on."""

    link_id: str
    page: str
    message: str  # the question, and what to do


@dataclass(frozen=True, slots=True)
class Check:
    """The page "check your answers"."""

    rows: tuple[CheckRow, ...]
    problems: tuple[ToMend, ...]

    @property
    def ready(self) -> bool:
        return not self.problems


def check(*, actor: ResidentActor, draft: Draft, now: datetime) -> Check:
    form = definition(draft.version)
    answers = answers_with_files(actor=actor, draft=draft)
    problems = rules.problems(form, answers, now.astimezone(SWEDEN).date())
    plan = rules.pages(form, answers)
    asked = {item.link_id: item.text.said(actor.language) for item in form.questions()}
    return Check(
        rows=check_rows(form, answers, actor.language),
        problems=tuple(
            ToMend(link_id, rules.page_at(plan, link_id).link_id, f"{asked[link_id]} {message}")
            for link_id, message in problems.items()
        ),
    )


def readable(*, response_id: int | None, language: str) -> tuple[Row, ...]:
    """Every question that applied, in its own words, with its answer. For a case that has been checked."""
    if response_id is None:
        return ()
    response = access.response(response_id=response_id)
    return rows(definition(response.version), response.answers, language)


_TABLETS = ("iPad", "Tablet")
_PHONES = ("iPhone", "Mobile", "Android")


def device_of(user_agent: str) -> str:
    """What to call the device a draft was saved from."""
    if any(word in user_agent for word in _TABLETS):
        return "surfplatta"
    return "telefon" if any(word in user_agent for word in _PHONES) else "dator"
