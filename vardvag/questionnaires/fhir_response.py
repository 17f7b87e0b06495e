"""Answers -> FHIR R4 QuestionnaireResponse (JSON values). Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from vardvag.questionnaires.answers import Answers, understood
from vardvag.questionnaires.definition import Definition, Item, Kind, Value
from vardvag.questionnaires.fhir_names import VALUE_OF
from vardvag.questionnaires.fhir_write import plain
from vardvag.questionnaires.rules import enabled


def build(
    definition: Definition,
    answers: Answers,
    *,
    identifier: str,
    authored: datetime,
    patient: str,
    author: str,
    language: str,
) -> dict[str, Any]:
    """`patient` and `author` are public ids (UUID); they are the same when people act for themselves."""
    applies = enabled(definition, answers)
    return {
        "resourceType": "QuestionnaireResponse",
        "id": identifier,
        "language": language,
        "questionnaire": f"{definition.url}|{definition.version}",
        "status": "completed",
        "subject": {"reference": f"Patient/{patient}"},
        "authored": authored.isoformat(timespec="seconds"),
        "author": _person(author, patient),
        "source": _person(author, patient),
        "item": list(_items(definition.items, applies, answers, language)),
    }


def _person(author: str, patient: str) -> dict[str, str]:
    return {"reference": f"Patient/{patient}" if author == patient else f"RelatedPerson/{author}"}


def _items(
    items: Iterable[Item], applies: frozenset[str], answers: Answers, language: str
) -> Iterable[dict[str, Any]]:
    for item in items:
        if item.link_id not in applies or item.kind is Kind.INFORMATION:
            continue
        told: dict[str, Any] = {"linkId": item.link_id}
        if item.text:
            told["text"] = item.text.said(language)
        if item.kind is Kind.SECTION:
            inner = list(_items(item.items, applies, answers, language))
            if inner:
                yield {**told, "item": inner}
        elif given := [one for one in _given(item, answers.get(item.link_id), language) if one is not None]:
            yield {**told, "answer": given}


def _given(item: Item, answer: Any, language: str) -> Iterable[dict[str, Any] | None]:
    if isinstance(answer, list):
        for one in answer:
            if isinstance(one, dict):
                yield {"valueString": one["other"]}
            elif item.kind is Kind.FILE:
                yield {"valueAttachment": {"url": f"urn:uuid:{one}"}}
            else:
                yield _coding(item, one, language)
        return
    value = understood(item, answer)
    if value is None:
        return
    if item.kind is Kind.CHOICE:
        yield _coding(item, value, language)
    else:
        yield {f"value{VALUE_OF[item.kind]}": plain(value)}


def _coding(item: Item, code: Value, language: str) -> dict[str, Any] | None:
    option = item.option(str(code))
    if option is None:
        return None
    system = {"system": option.system} if option.system else {}
    return {"valueCoding": {**system, "code": option.code, "display": option.text.said(language)}}
