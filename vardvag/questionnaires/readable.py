"""A filled-in form as people read it: every question in its own words with its answer. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from vardvag.questionnaires.answers import Answers, understood
from vardvag.questionnaires.definition import Definition, Item, Kind
from vardvag.questionnaires.rules import enabled, pages


@dataclass(frozen=True, slots=True)
class Row:
    """One question with its answer. `files` are public ids of files; `own_words` is free text, unchanged."""

    link_id: str
    section: str
    question: str
    answers: tuple[str, ...]
    files: tuple[str, ...] = ()
    own_words: bool = False

    @property
    def answered(self) -> bool:
        return bool(self.answers or self.files)

    @property
    def answer(self) -> str:
        return ", ".join(self.answers)


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A row of the page "check your answers", with the page that changes it."""

    row: Row
    page: str


def rows(definition: Definition, answers: Answers, language: str) -> tuple[Row, ...]:
    """Every question that applies, answered or not, in reading order."""
    applies = enabled(definition, answers)
    with override(language):
        return tuple(_rows(definition.items, "", applies, answers, language))


def _rows(
    items: Iterable[Item], section: str, applies: frozenset[str], answers: Answers, language: str
) -> Iterable[Row]:
    for item in items:
        if item.link_id not in applies:
            continue
        if item.kind is Kind.SECTION:
            yield from _rows(item.items, item.text.said(language) or section, applies, answers, language)
        elif item.kind.is_question:
            answer = answers.get(item.link_id)
            filed = item.kind is Kind.FILE
            yield Row(
                link_id=item.link_id,
                section=section,
                question=item.text.said(language),
                answers=() if filed else said(item, answer, language),
                files=tuple(map(str, answer or ())) if filed else (),
                own_words=item.kind is Kind.TEXT,
            )


def said(item: Item, answer: Any, language: str) -> tuple[str, ...]:
    """An answer in words. What could not be understood is shown as it was typed."""
    if answer in (None, "", []):
        return ()
    if isinstance(answer, list):
        return tuple(_entry(item, one, language) for one in answer)
    value = understood(item, answer)
    if isinstance(value, bool):
        return (_("Ja") if value else _("Nej"),)
    if isinstance(value, date):
        return (date_format(value, "j F Y"),)
    if isinstance(value, Decimal):
        return (_with_unit(f"{value:f}".replace(".", "," if language == "sv" else "."), item),)
    if isinstance(value, int):
        return (_with_unit(str(value), item),)
    if item.kind is Kind.CHOICE:
        return (_entry(item, answer, language),)
    return (str(answer),)


def _entry(item: Item, one: Any, language: str) -> str:
    if isinstance(one, dict):
        return str(one.get("other", ""))
    option = item.option(str(one))
    return option.text.said(language) if option else str(one)


def _with_unit(number: str, item: Item) -> str:
    return f"{number} {item.unit.text}" if item.unit and item.unit.text else number


def own_words(definition: Definition, answers: Answers) -> tuple[str, ...]:
    """The person's free text, unchanged, in reading order: long texts first, else the short ones."""
    applies = enabled(definition, answers)
    for kind in (Kind.TEXT, Kind.STRING):
        found = [
            str(answers[item.link_id])
            for item in definition.questions()
            if item.kind is kind and item.link_id in applies and answers.get(item.link_id)
        ]
        if found:
            return tuple(found)
    return ()


def excerpt(definition: Definition, answers: Answers, length: int = 200) -> str:
    """The beginning of the person's own words on one line, for the queue."""
    line = " ".join(" ".join(own_words(definition, answers)).split())
    return line if len(line) <= length else line[: length - 1].rsplit(" ", 1)[0] + "…"


def check_rows(definition: Definition, answers: Answers, language: str) -> tuple[CheckRow, ...]:
    plan = pages(definition, answers)
    where = {item.link_id: page.link_id for page in plan for item in page.questions}
    return tuple(CheckRow(row, where.get(row.link_id, "")) for row in rows(definition, answers, language))
