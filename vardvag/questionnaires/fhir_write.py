"""Definition -> FHIR R4 Questionnaire (JSON values)."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

from vardvag.questionnaires import fhir_names as names
from vardvag.questionnaires.definition import Bound, Condition, Definition, Item, Kind, Option, Text, Value


def write(definition: Definition) -> dict[str, Any]:
    return {**definition.head, "item": [_item(item) for item in definition.items]}


def canonical(content: Any) -> str:
    """One spelling of the same content: keys sorted, extensions in a fixed order (they have none in FHIR)."""
    return json.dumps(_sorted(content), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: sorted((_sorted(one) for one in inner), key=lambda one: json.dumps(one, sort_keys=True))
            if key == "extension" and isinstance(inner, list)
            else _sorted(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_sorted(one) for one in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def plain(value: Value) -> Any:
    """A value as FHIR's JSON spells it."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, date) else value


def _texts(key: str, text: Text, others: list[Any] | None = None) -> dict[str, Any]:
    if not text:
        return {}
    extensions = [
        {
            "url": names.TRANSLATION,
            "extension": [{"url": "lang", "valueCode": language}, {"url": "content", "valueString": content}],
        }
        for language, content in text.translations
    ] + (others or [])
    return {key: text.source, **({f"_{key}": {"extension": extensions}} if extensions else {})}


def _item(item: Item) -> dict[str, Any]:
    kept = dict(item.kept)
    extensions = [*_extensions(item), *kept.pop("extension", [])]
    children = [_item(child) for child in item.items]
    if item.help:
        children.insert(0, _help(item))
    name = names.VALUE_OF.get(item.kind, "")
    content: dict[str, Any] = {
        "linkId": item.link_id,
        **_texts("text", item.text, kept.pop("_text", None)),
        "type": "string" if item.kind is Kind.PHONE else item.kind.value,
        **kept,
        "extension": extensions,
        "required": item.required,
        "repeats": item.repeats,
        "maxLength": item.max_length,
        "enableWhen": [_condition(one) for one in item.when],
        "enableBehavior": item.enable_behavior,
        "answerOption": [_option(option) for option in item.options],
        "initial": [] if item.initial is None else [{f"value{name}": plain(item.initial)}],
        "item": children,
    }
    return {key: value for key, value in content.items() if value not in (None, False, "", [])}


def _help(item: Item) -> dict[str, Any]:
    assert item.help
    return {
        "linkId": item.help.link_id,
        **_texts("text", item.help.text),
        "type": "display",
        "extension": [_control("help")],
    }


def _control(code: str) -> dict[str, Any]:
    coding = {"system": names.ITEM_CONTROL_SYSTEM, "code": code}
    return {"url": names.ITEM_CONTROL, "valueCodeableConcept": {"coding": [coding]}}


def _extensions(item: Item) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if item.kind is Kind.PHONE:
        found.append(
            {"url": names.KEYBOARD, "valueCoding": {"system": names.KEYBOARD_SYSTEM, "code": "phone"}}
        )
    if item.control:
        found.append(_control(item.control))
    if item.unit:
        parts = {"system": item.unit.system, "code": item.unit.code, "display": item.unit.text}
        found.append(
            {"url": names.UNIT, "valueCoding": {key: value for key, value in parts.items() if value}}
        )
    for url, bound in ((names.MIN_VALUE, item.minimum), (names.MAX_VALUE, item.maximum)):
        if bound:
            found.append(_bound(url, bound, names.VALUE_OF[item.kind]))
    if item.max_count:
        found.append({"url": names.MAX_OCCURS, "valueInteger": item.max_count})
    if item.max_megabytes is not None:
        found.append({"url": names.MAX_SIZE, "valueDecimal": plain(item.max_megabytes)})
    found += [{"url": names.MIME_TYPE, "valueCode": one} for one in item.mime_types]
    if item.entry_format:
        found.append({"url": names.ENTRY_FORMAT, "valueString": item.entry_format})
    if item.tone:
        found.append({"url": names.TONE, "valueCode": item.tone})
    return found


def _bound(url: str, bound: Bound, name: str) -> dict[str, Any]:
    if bound.today:
        return {
            "url": url,
            "_valueDate": {"extension": [{"url": names.CALCULATED, "valueString": "today()"}]},
        }
    assert bound.value is not None
    return {"url": url, f"value{name}": plain(bound.value)}


def _condition(condition: Condition) -> dict[str, Any]:
    answer = plain(condition.answer)
    if condition.answer_type == "Coding":
        answer = {**({"system": condition.system} if condition.system else {}), "code": answer}
    return {
        "question": condition.question,
        "operator": condition.operator.value,
        f"answer{condition.answer_type}": answer,
    }


def _option(option: Option) -> dict[str, Any]:
    coding = {
        **({"system": option.system} if option.system else {}),
        "code": option.code,
        **_texts("display", option.text),
    }
    return {
        **({"extension": [{"url": names.EXCLUSIVE, "valueBoolean": True}]} if option.exclusive else {}),
        "valueCoding": coding,
        **({"initialSelected": True} if option.initial else {}),
    }
