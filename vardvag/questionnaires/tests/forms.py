"""Small forms for tests, as FHIR JSON."""

from typing import Any

from vardvag.questionnaires.definition import Definition, Item
from vardvag.questionnaires.fhir_read import read


def fhir(*items: dict[str, Any], **head: Any) -> dict[str, Any]:
    return {
        "resourceType": "Questionnaire",
        "id": "prov",
        "language": "sv",
        "url": "https://vardvag.example/fhir/Questionnaire/prov",
        "version": "1",
        "title": "Prov",
        "status": "active",
        "item": list(items),
        **head,
    }


def form(*items: dict[str, Any]) -> Definition:
    return read(fhir(*items))


def the(definition: Definition, link_id: str) -> Item:
    found = definition.item(link_id)
    assert found
    return found


def question(link_id: str, kind: str = "string", **more: Any) -> dict[str, Any]:
    return {"linkId": link_id, "text": f"Fråga {link_id}?", "type": kind, **more}


def choice(link_id: str, *codes: str, **more: Any) -> dict[str, Any]:
    options = [{"valueCoding": {"code": code, "display": code.upper()}} for code in codes]
    return question(link_id, more.pop("kind", "choice"), answerOption=options, **more)


def section(link_id: str, *items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"linkId": link_id, "text": f"Del {link_id}", "type": "group", "item": list(items), **more}


def information(link_id: str, tone: str = "info", **more: Any) -> dict[str, Any]:
    url = "https://vardvag.example/fhir/StructureDefinition/tone"
    return question(link_id, "display", extension=[{"url": url, "valueCode": tone}], **more)


def when(question_id: str, operator: str = "=", **answer: Any) -> dict[str, Any]:
    return {"question": question_id, "operator": operator, **answer}


def is_code(question_id: str, code: str) -> dict[str, Any]:
    return when(question_id, answerCoding={"code": code})
