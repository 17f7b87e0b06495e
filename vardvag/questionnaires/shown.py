"""A page of a form as templates draw it and as it comes back: fields, problems, what is kept. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import override

from vardvag.core.saving import saving
from vardvag.questionnaires.answers import Answers
from vardvag.questionnaires.definition import OTHER, Definition, Item, Kind
from vardvag.questionnaires.drafts import digest
from vardvag.questionnaires.fields import conditions, field_name, form_of, other_name
from vardvag.questionnaires.readable import said
from vardvag.questionnaires.rules import (
    Page,
    deciding,
    elsewhere,
    following,
    newly_shown,
    page_at,
    pages,
    preceding,
    problems,
)

SEEN = (
    "visat"  # one per item on the page: "<link id>:<digest of its answer>", ":erbjudet" when one was offered
)
OFFERED = ":erbjudet"
USE = "anvand"  # the button that takes the offered answer; its value is the link id


@dataclass(frozen=True, slots=True)
class Kept:
    """Another device's answer to the question."""

    answer: str
    at: datetime | None
    device: str

    @property
    def where(self) -> str:
        known = {"telefon": _("din telefon"), "dator": _("din dator"), "surfplatta": _("din surfplatta")}
        return known.get(self.device, _("en annan enhet"))


@dataclass(frozen=True, slots=True)
class Line:
    """One item of the page: a question with its bound field, or information (`field` None)."""

    item: Item
    text: str
    help: str
    field: forms.BoundField | None
    other: forms.BoundField | None  # the free text beside an open choice
    hidden: bool  # an answer on this page may bring it forth
    conditions: str  # JSON for conditions.js, empty when it always applies
    seen: str
    problem: str
    new: bool  # came to apply by what was just sent
    kept: Kept | None
    at_most: int  # files
    alone: frozenset[str]  # codes that cannot stand beside another
    tone: str

    @property
    def kind(self) -> str:
        return self.item.kind.name.lower()

    @property
    def group(self) -> bool:
        """Radio buttons or checkboxes, which need a fieldset."""
        return self.field is not None and self.field.use_fieldset

    @property
    def optional(self) -> bool:
        return self.item.kind.is_question and not self.item.required


@dataclass(frozen=True, slots=True)
class Part:
    heading: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Files:
    """The draft's files, for the file question's fragment."""

    draft_key: str
    found: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class FormPage:
    page: Page
    parts: tuple[Part, ...]
    heading: str
    alone: bool  # one question, whose own words are the heading
    revision: int
    number: int
    total: int
    back: str | None  # link id of the page before
    next: str | None  # of the page after; None: check your answers
    problems: dict[str, str]  # field id -> what to do, for the summary on top
    new: tuple[str, ...]  # link ids
    offered: tuple[str, ...]  # link ids with another device's answer that the sent page did not show
    checked: bool
    has_files: bool
    files: Files | None = None

    @property
    def done(self) -> bool:
        """Checked, nothing to put right, nothing new to show or offer."""
        return self.checked and not self.problems and not self.new and not self.offered

    @property
    def lines(self) -> tuple[Line, ...]:
        return tuple(line for part in self.parts for line in part.lines)


def seen_in(page: Page, data: QueryDict) -> dict[str, str]:
    """Link id -> digest of what the page showed that was sent."""
    pairs = (one.partition(":") for one in data.getlist(SEEN))
    here = {item.link_id for item in page.items}
    seen = {pair[0]: pair[2] for pair in pairs if pair[0] in here}
    if (used := data.get(USE, "")) in seen:
        seen[used] = seen[used].removesuffix(OFFERED)  # what it replaces is offered anew
    return seen


def posted(page: Page, data: QueryDict) -> dict[str, Any]:
    """`given`, `seen`, `saving`, `use` for actions.save_answers. Questions not shown are left alone."""
    seen = seen_in(page, data)
    given = {
        item.link_id: _given(item, data)
        for item in page.items
        if item.kind.is_question and item.kind is not Kind.FILE and item.link_id in seen
    }
    return {"given": given, "seen": seen, "saving": saving(data), "use": data.get(USE, "")}


def _given(item: Item, data: QueryDict) -> Any:
    name = field_name(item)
    if item.kind is Kind.OPEN_CHOICE:
        words = data.get(other_name(item), "").strip()
        codes = [one for one in data.getlist(name) if one != OTHER]
        return [*codes, {"other": words}] if words or OTHER in data.getlist(name) else codes
    return data.getlist(name) if item.several else data.get(name, "")


def build(
    definition: Definition,
    answers: Answers,
    *,
    page_id: str,
    revision: int,
    kept: Mapping[str, Any],
    language: str,
    today: date | None = None,
    seen: Mapping[str, str] | None = None,
    files: Files | None = None,
) -> FormPage:
    """`today` given: also what to put right, and what is new since `seen`."""
    plan = pages(definition, answers)
    page = page_at(plan, page_id)
    with override(language):
        wrong = problems(definition, answers, today, page) if today else {}
        new = newly_shown(page, seen) if today and seen is not None else ()
        wrong = {link_id: told for link_id, told in wrong.items() if link_id not in {i.link_id for i in new}}
        form = form_of(page, answers, language, wrong)
        lines = {
            item.link_id: _line(definition, item, page, form, answers, kept, language, wrong, item in new)
            for item in page.items
        }
    following_page, preceding_page = following(plan, page), preceding(plan, page)
    questions = [line for line in lines.values() if line.item.kind.is_question]
    sections = [block.section for block in page.blocks if block.section]
    alone = len(questions) == 1 and not sections
    return FormPage(
        page=page,
        parts=tuple(
            Part(
                heading=block.section.text.said(language) if block.section else "",
                lines=tuple(lines[item.link_id] for item in block.items),
            )
            for block in page.blocks
        ),
        heading=questions[0].text
        if alone
        else sections[0].text.said(language)
        if sections
        else definition.title.said(language),
        alone=alone,
        revision=revision,
        number=[one.link_id for one in plan].index(page.link_id) + 1,
        total=len(plan),
        back=preceding_page.link_id if preceding_page else None,
        next=following_page.link_id if following_page else None,
        problems={
            _id(lines[link_id]): told if alone else f"{lines[link_id].text} {told}"
            for link_id, told in wrong.items()
        },
        new=tuple(item.link_id for item in new),
        offered=tuple(
            link_id
            for link_id, line in lines.items()
            if line.kept and not (seen or {}).get(link_id, "").endswith(OFFERED)
        ),
        checked=today is not None,
        files=files,
        has_files=any(item.kind is Kind.FILE for item in page.items),
    )


def _line(
    definition: Definition,
    item: Item,
    page: Page,
    form: forms.Form,
    answers: Answers,
    kept: Mapping[str, Any],
    language: str,
    wrong: Mapping[str, str],
    new: bool,
) -> Line:
    question = item.kind.is_question and item.kind is not Kind.FILE
    # A file question has no field that says whether the draft has files: what hangs on it is the server's to show.
    here = {one.link_id for one in page.items if one.kind.is_question and one.kind is not Kind.FILE}
    parts = deciding(definition.items)[item.link_id]
    offered = _kept(item, kept.get(item.link_id), language)
    return Line(
        item=item,
        text=item.text.said(language),
        help=item.help.text.said(language) if item.help else "",
        field=form[field_name(item)] if question else None,
        other=form[other_name(item)] if item.kind is Kind.OPEN_CHOICE else None,
        hidden=item.link_id in page.waiting,
        conditions=conditions([(one, elsewhere(definition, answers, one, here)) for one in parts], here),
        seen=f"{item.link_id}:{digest(answers.get(item.link_id))}{OFFERED if offered else ''}",
        problem=wrong.get(item.link_id, ""),
        new=new,
        kept=offered,
        at_most=item.most_files,
        alone=frozenset(option.code for option in item.options if option.exclusive),
        tone=item.tone or "info",
    )


def _kept(item: Item, offered: Mapping[str, Any] | None, language: str) -> Kept | None:
    if offered is None:
        return None
    answer = ", ".join(said(item, offered["value"], language))
    return Kept(answer, parse_datetime(offered["at"]), offered["device"])


def _id(line: Line) -> str:
    """Where the link of the summary leads: the field, the first of a group, or the file question's frame."""
    if line.field is None:
        return f"fraga-{line.item.link_id}"
    return line.field.subwidgets[0].id_for_label if line.group else line.field.id_for_label
