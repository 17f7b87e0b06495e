"""What a form is: frozen values, read from a FHIR R4 Questionnaire (fhir_read) and written (fhir_write)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

from vardvag.core.facts import Fact

SOURCE_LANGUAGE = "sv"
OTHER = "_annat"  # stands for own words among the codes of an open choice, on the page
MOST_FILES = 5  # where the form lets one give several and does not say how many
Value = str | bool | int | Decimal | date


class Kind(StrEnum):
    """Our kinds of item; all but PHONE (a string with a keyboard) are FHIR item types of their own."""

    INFORMATION = "display"
    SECTION = "group"
    STRING = "string"
    TEXT = "text"
    CHOICE = "choice"
    OPEN_CHOICE = "open-choice"
    BOOLEAN = "boolean"
    DATE = "date"
    INTEGER = "integer"
    DECIMAL = "decimal"
    PHONE = "phone"
    FILE = "attachment"

    @property
    def is_question(self) -> bool:
        return self not in (Kind.INFORMATION, Kind.SECTION)


class Operator(StrEnum):
    EXISTS = "exists"
    EQUAL = "="
    NOT_EQUAL = "!="
    GREATER = ">"
    LESS = "<"
    GREATER_OR_EQUAL = ">="
    LESS_OR_EQUAL = "<="


@dataclass(frozen=True, slots=True)
class Text:
    """A text in the source language with its translations."""

    source: str
    translations: tuple[tuple[str, str], ...] = ()

    def said(self, language: str) -> str:
        """In `language`, else in the source language."""
        return dict(self.translations).get(language) or self.source

    def __bool__(self) -> bool:
        return bool(self.source)


@dataclass(frozen=True, slots=True)
class Option:
    code: str
    text: Text
    system: str = ""
    initial: bool = False
    exclusive: bool = False  # "none of these": cannot stand beside another


@dataclass(frozen=True, slots=True)
class Condition:
    question: str  # link_id of an earlier question
    operator: Operator
    answer: Value
    answer_type: str  # FHIR's answer[x]: Boolean, Coding, String, Integer, Decimal, Date
    system: str = ""


@dataclass(frozen=True, slots=True)
class Help:
    link_id: str
    text: Text


@dataclass(frozen=True, slots=True)
class Bound:
    """A lowest or highest value; `today` means the day of answering."""

    value: int | Decimal | date | None = None
    today: bool = False


@dataclass(frozen=True, slots=True)
class Unit:
    text: str
    code: str = ""
    system: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    link_id: str
    kind: Kind
    text: Text
    help: Help | None = None
    required: bool = False
    repeats: bool = False
    max_length: int | None = None
    minimum: Bound | None = None
    maximum: Bound | None = None
    unit: Unit | None = None
    options: tuple[Option, ...] = ()
    initial: Value | None = None
    when: tuple[Condition, ...] = ()
    any_of: bool = False  # one fulfilled condition is enough
    enable_behavior: str = ""  # as written, so that export equals import
    control: str = ""  # radio-button | check-box | drop-down | text-area | ...
    entry_format: str = ""
    max_count: int | None = None  # of files
    max_megabytes: Decimal | None = None
    mime_types: tuple[str, ...] = ()
    tone: str = ""  # information: info | warning | danger
    items: tuple["Item", ...] = ()
    kept: Mapping[str, Any] = field(default_factory=dict)  # FHIR elements we carry but do not act on

    @property
    def several(self) -> bool:
        """The answer is a list."""
        return self.repeats and self.kind in (Kind.CHOICE, Kind.OPEN_CHOICE, Kind.FILE)

    @property
    def most_files(self) -> int:
        return (self.max_count or MOST_FILES) if self.repeats else 1

    def option(self, code: str) -> Option | None:
        return next((option for option in self.options if option.code == code), None)


@dataclass(frozen=True, slots=True)
class Definition:
    url: str
    version: str
    title: Text
    items: tuple[Item, ...]
    head: Mapping[str, Any] = field(default_factory=dict)  # every top-level element but `item`

    def walk(self) -> Iterator[Item]:
        """Every item, parents before children, in reading order."""
        yield from walk(self.items)

    def questions(self) -> Iterator[Item]:
        return (item for item in self.walk() if item.kind.is_question)

    def item(self, link_id: str) -> Item | None:
        return next((item for item in self.walk() if item.link_id == link_id), None)


def walk(items: tuple[Item, ...]) -> Iterator[Item]:
    for item in items:
        yield item
        yield from walk(item.items)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a form's file, where, and what to do. Both texts are in the reader's language."""

    path: str
    what: str
    cure: str

    def __str__(self) -> str:
        return f"{self.path}: {self.what} {self.cure}"


class BadDefinition(Fact):
    """The form cannot be used; every problem found is told at once."""

    message = _("Formuläret kan inte användas. Rätta det som står nedan och läs in det igen.")

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems=problems)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join([str(self.message), *map(str, self.problems)])
