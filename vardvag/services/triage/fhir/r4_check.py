"""Whether JSON is a FHIR R4 Bundle, Questionnaire or PlanDefinition: elements, types, how many, codes, invariants."""

from collections.abc import Iterator
from typing import Any

from vardvag.services.triage.engine.fields import nearest
from vardvag.services.triage.fhir import r4
from vardvag.services.triage.fhir.faults import Fault

Json = dict[str, Any]
DEEPEST = 40  # nested elements


def faults(content: Any, path: str = "") -> Iterator[Fault]:
    """Everything that makes a resource no valid FHIR R4, as far as a protocol needs it."""
    yield from _resource(content, path, 0)


def _resource(content: Any, path: str, depth: int) -> Iterator[Fault]:
    if not isinstance(content, dict):
        yield Fault(path, "This is no resource.", "Write an object with resourceType.")
        return
    type = content.get("resourceType")
    if type not in ("Bundle", "Questionnaire", "PlanDefinition"):
        if not isinstance(type, str) or not type:
            yield Fault(_under(path, "resourceType"), "There is no resourceType.", "Write Bundle.")
        return
    found = list(_object(content, type, path, depth))
    yield from found
    if not found and type == "Questionnaire":
        yield from _questionnaire(content, path)
    if not found and type == "Bundle":
        yield from _bundle(content, path)


def _under(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _object(content: Any, type: str, path: str, depth: int) -> Iterator[Fault]:
    if not isinstance(content, dict):
        yield Fault(path, "This is no object.", "Write {…}.")
        return
    if depth > DEEPEST:
        yield Fault(path, "This is nested too deep.", "Make it flatter.")
        return
    parts = r4.parts(type)
    if parts is None:
        return
    if not content:
        yield Fault(path, "The object is empty.", "Take it away.")
    for name, value in content.items():
        yield from _element(name, value, parts, type, path, depth)
    for name, part in parts.items():
        if part.needed and name not in content:
            yield Fault(_under(path, name), f"{type} lacks “{name}”.", f"Add {name}.")
    yield from _choices(content, parts, type, path)
    if type == "Extension" and ("extension" in content) == any(name.startswith("value") for name in content):
        yield Fault(
            path,
            "An extension has either a value or extensions of its own.",
            "Keep one of the two, not both.",
        )
    if type == "Expression" and not ("expression" in content or "reference" in content):
        yield Fault(path, "An expression without its text.", "Add expression.")
    if type == "Quantity" and "code" in content and "system" not in content:
        yield Fault(_under(path, "system"), "A unit code without its system.", "Add system.")


def _choices(content: Json, parts: dict[str, r4.Part], type: str, path: str) -> Iterator[Fault]:
    for stem in {part.choice for part in parts.values() if part.choice}:
        stated = [name for name in content if (part := parts.get(name.lstrip("_"))) and part.choice == stem]
        if len({name.lstrip("_") for name in stated}) > 1:
            yield Fault(_under(path, stated[1]), f"{type} has two of {stem.rstrip('!')}[x].", "Keep one.")
        if stem.endswith("!") and not stated:
            name = stem.rstrip("!")
            yield Fault(_under(path, f"{name}[x]"), f"{type} lacks {name}[x].", f"Add one {name}….")


def _element(
    name: str, value: Any, parts: dict[str, r4.Part], type: str, path: str, depth: int
) -> Iterator[Fault]:
    where = _under(path, name)
    beside = name.startswith("_")  # what is said about a plain value
    part = parts.get(name.removeprefix("_"))
    if part is None or (beside and part.type not in (*r4.PRIMITIVES, *r4.NUMBERS, "boolean", "decimal")):
        cure = nearest(name, parts) or "Take it away."
        yield Fault(where, f"{type} has no element “{name}” in FHIR R4.", cure)
        return
    if part.many != isinstance(value, list):
        yield Fault(
            where,
            "This must be a list." if part.many else "This must not be a list.",
            "Put [ ] around it." if part.many else "Keep one, without [ ].",
        )
        return
    if value == []:
        yield Fault(where, "The list is empty.", "Take it away.")
    kind = "Element" if beside else part.type
    for number, one in enumerate(value if part.many else [value]):
        inner = f"{where}[{number}]" if part.many else where
        if one is None and part.many and (beside or f"_{name}" in parts):
            continue
        yield from _value(one, kind, f"{type}.{name}", inner, depth)


def _value(value: Any, kind: str, element: str, path: str, depth: int) -> Iterator[Fault]:
    if kind in r4.PRIMITIVES:
        if not isinstance(value, str) or not r4.pattern(kind).fullmatch(value):
            said = "is empty" if value == "" else "is none"
            yield Fault(
                path, f"A {kind} is needed, and this {said}.", "Write it as FHIR R4 does, or take it away."
            )
        elif element in r4.CODES and value not in r4.CODES[element].split():
            known = ", ".join(r4.CODES[element].split())
            yield Fault(path, f"“{value}” is no code for {element}.", f"Known: {known}.")
    elif kind in r4.NUMBERS:
        low, high = r4.NUMBERS[kind]
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            yield Fault(path, f"A whole number ({kind}) is needed.", "Write digits without quotes.")
    elif kind == "decimal":
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not -1e18 < value < 1e18:
            yield Fault(path, "A number is needed.", "Write digits without quotes.")
    elif kind == "boolean":
        if not isinstance(value, bool):
            yield Fault(path, "true or false is needed.", "Write it without quotes.")
    elif kind == "Resource":
        yield from _resource(value, path, depth + 1)
    elif kind == "any" or r4.parts(kind) is None:
        if not isinstance(value, dict):
            yield Fault(path, "This is no object.", "Write {…}.")
    else:
        yield from _object(value, kind, path, depth + 1)


def _bundle(content: Json, path: str) -> Iterator[Fault]:
    seen: set[str] = set()
    for number, entry in enumerate(content.get("entry", [])):
        where = f"{_under(path, 'entry')}[{number}]"
        url = entry.get("fullUrl", "")
        if url and url in seen:
            yield Fault(f"{where}.fullUrl", "Another entry has this fullUrl.", "Give each entry its own.")
        seen.add(url)
        if "/_history/" in url:
            yield Fault(f"{where}.fullUrl", "A fullUrl names no version.", "Take /_history/… away.")
        if "resource" not in entry and content["type"] == "collection":
            yield Fault(where, "The entry has no resource.", "Add it, or take the entry away.")


def _questionnaire(content: Json, path: str) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    above = [(content, path)]
    while above:
        holder, under = above.pop()
        for number, item in enumerate(holder.get("item", [])):
            where = f"{_under(under, 'item')}[{number}]"
            link = item["linkId"]
            if link in seen:
                yield Fault(
                    f"{where}.linkId", f"“{link}” stands at {seen[link]} too.", "Give it an id of its own."
                )
            seen.setdefault(link, where)
            yield from _item(item, where)
            above.append((item, where))


def _item(item: Json, path: str) -> Iterator[Fault]:
    type = item["type"]
    if type == "group" and "item" not in item:
        yield Fault(path, "A group holds nothing.", "Put questions in it, or take it away.")
    if type == "display":
        for name in ("item", "required", "repeats", "readOnly", "code"):
            if name in item:
                yield Fault(f"{path}.{name}", f"A display has no {name}.", "Take it away.")
    if type in ("group", "display") and "initial" in item:
        yield Fault(f"{path}.initial", f"A {type} has no initial value.", "Take it away.")
    options = ("choice", "open-choice", "integer", "date", "time", "string")
    if ("answerOption" in item or "answerValueSet" in item) and type not in options:
        yield Fault(f"{path}.answerOption", f"A {type} has no options.", "Make it a choice.")
    if "answerOption" in item and "answerValueSet" in item:
        yield Fault(f"{path}.answerValueSet", "Options and a value set at once.", "Keep the options.")
    if len(item.get("enableWhen", [])) > 1 and "enableBehavior" not in item:
        yield Fault(f"{path}.enableBehavior", "All of the conditions, or any?", "Write all or any.")
    for number, one in enumerate(item.get("enableWhen", [])):
        if one["operator"] == "exists" and "answerBoolean" not in one:
            yield Fault(
                f"{path}.enableWhen[{number}]",
                "exists is compared with true or false.",
                "Write answerBoolean.",
            )
