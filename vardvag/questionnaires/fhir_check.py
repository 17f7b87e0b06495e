"""What a form must hold together before it is read: its JSON shape, and conditions that look back."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from vardvag.questionnaires.definition import Condition, Definition, Item, Kind, Operator
from vardvag.questionnaires.fhir_names import VALUE_OF

ORDERED = (Kind.DATE, Kind.INTEGER, Kind.DECIMAL)
LISTS = ("extension", "item", "enableWhen", "answerOption", "initial", "coding")
OBJECTS = ("valueCoding", "answerCoding", "valueCodeableConcept")
TEXTS = (
    "url",
    "linkId",
    "type",
    "question",
    "operator",
    "enableBehavior",
    "code",
    "display",
    "system",
    "prefix",
    "valueCode",
    "valueString",
)
UNKEPT = re.compile("[\x00\ud800-\udfff]")  # the database takes no text with these


def check_shape(value: Any, path: str = "") -> Iterator[tuple[str, str, str]]:
    """(path, what, cure) where a list, an object or a text is something else."""
    if isinstance(value, str) and UNKEPT.search(value):
        yield path, _("Texten har tecken som inte går att spara."), _("Ta bort osynliga tecken.")
    if isinstance(value, list):
        for place, one in enumerate(value):
            yield from check_shape(one, f"{path}[{place}]")
    if not isinstance(value, dict):
        return
    codes = isinstance(value.get("code"), list) and ("linkId" in value or "resourceType" in value)
    for key, inner in value.items():
        where = f"{path}.{key}" if path else str(key)
        if key in LISTS and not (isinstance(inner, list) and all(isinstance(one, dict) for one in inner)):
            yield where, _("Värdet ska vara en lista av objekt."), _("Skriv [{...}].")
        elif (key in OBJECTS or key.startswith("_")) and not isinstance(inner, dict):
            yield where, _("Värdet ska vara ett objekt."), _("Skriv {...}.")
        elif key in TEXTS and not isinstance(inner, str) and not (key == "code" and codes):
            yield where, _("Värdet ska vara en text."), _("Sätt citattecken om det.")
        else:
            yield from check_shape(inner, where)


def check_conditions(definition: Definition, paths: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """(path, what, cure) for each condition that cannot work. `paths` tells where a link id stands."""
    items = list(definition.walk())
    order = {item.link_id: place for place, item in enumerate(items)}
    for place, item in enumerate(items):
        for number, condition in enumerate(item.when):
            path = f"{paths.get(item.link_id, item.link_id)}.enableWhen[{number}]"
            at = order.get(condition.question)
            if at is None:
                yield (
                    f"{path}.question",
                    _('Ingen fråga har id "%(id)s".') % {"id": condition.question},
                    _("Skriv ett id som finns i formuläret."),
                )
            elif at >= place:
                yield (
                    f"{path}.question",
                    _("Villkoret gäller en fråga som kommer senare."),
                    _('Flytta frågan "%(id)s" så att den kommer före.') % {"id": condition.question},
                )
            else:
                yield from _fits(condition, items[at], path)


def _fits(condition: Condition, asked: Item, path: str) -> Iterator[tuple[str, str, str]]:
    if not asked.kind.is_question:
        yield f"{path}.question", _("Villkoret gäller inte en fråga."), _("Skriv id på en fråga.")
    elif condition.operator is Operator.EXISTS:
        if condition.answer_type != "Boolean":
            yield f"{path}.operator", _("exists jämförs med sant eller falskt."), _("Skriv answerBoolean.")
    elif condition.answer_type != VALUE_OF[asked.kind] or asked.kind is Kind.FILE:
        yield (
            path,
            _("Svaret är av annan typ än frågan."),
            _("Skriv answer%(type)s, eller använd exists.") % {"type": VALUE_OF[asked.kind]},
        )
    elif condition.operator not in (Operator.EQUAL, Operator.NOT_EQUAL) and asked.kind not in ORDERED:
        yield f"{path}.operator", _("Svaren har ingen ordning."), _("Använd =, != eller exists.")
    elif asked.options and asked.option(str(condition.answer)) is None:
        yield (
            path,
            _('Frågan har inget val med koden "%(code)s".') % {"code": condition.answer},
            _("Skriv en kod som finns bland valen."),
        )
