"""A protocol of the library -> a FHIR R4 Bundle of its Questionnaire and its PlanDefinition."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from vardvag.services.triage.engine import place
from vardvag.services.triage.engine.library import Library
from vardvag.services.triage.engine.model import GENERAL, INFANTS, SCREENING, Protocol, Source
from vardvag.services.triage.engine.text import Text
from vardvag.services.triage.fhir import names, r4_check, read, spelling
from vardvag.services.triage.fhir.extensions import expression, extension, filled, texts
from vardvag.services.triage.fhir.faults import BadBundle, CannotExport
from vardvag.services.triage.fhir.write_items import Items

Json = dict[str, Any]
APPROVALS = 2  # clinicians who have signed
_NUMBERS = (
    ("danger_rank", names.DANGER_RANK),
    ("floor_incomplete", names.FLOOR),
    ("selfcare_at", names.SELFCARE_AT),
)


def bundle(library: Library, protocol_id: str, text: str) -> Json:
    """`text`: the protocol's YAML, as the library has it. Raises CannotExport for what would not come back."""
    tree, _problems = place.read(text, protocol_id)
    protocol = library.protocol(protocol_id)
    if not isinstance(tree, dict) or protocol.id != protocol_id or tree.get("id") != protocol_id:
        raise CannotExport(f"{protocol_id}: there is no such protocol. Name one, or mend its file first.")
    whole = _bundle(library, protocol, tree, [])
    try:
        written = spelling.differences(tree, read.tree(whole, library))
        if written:
            whole = _bundle(library, protocol, tree, written)
        back = read.tree(whole, library)
    except (BadBundle, spelling.NotTheSame) as fault:
        raise CannotExport(f"{protocol_id}: {fault}") from None
    if back != tree:
        raise CannotExport(
            f"{protocol_id}: it would not come back as it is. Write it as content/README.md does."
        )
    found = [str(fault) for fault in r4_check.faults(whole)]
    if found:
        raise CannotExport("\n".join(f"{protocol_id}: {one}" for one in found))
    return whole


def _bundle(library: Library, protocol: Protocol, tree: Json, written: list[Json]) -> Json:
    signed = _signed(library, protocol)
    parts = [_questionnaire(library, protocol, tree, signed), _plan(library, protocol, tree, signed, written)]
    return {
        "resourceType": "Bundle",
        "identifier": {"system": names.IDENTIFIER, "value": protocol.id},
        "type": "collection",
        "entry": [
            {"fullUrl": f"{names.BASE}{one['resourceType']}/{one['id']}", "resource": one} for one in parts
        ],
    }


def _signed(library: Library, protocol: Protocol) -> bool:
    signoff = protocol.signoff
    enough = bool(signoff.signed) and len(signoff.reviewers) >= APPROVALS
    return enough and signoff.sha256 == library.sha256(protocol.id)


def _head(type: str, protocol: Protocol, signed: bool) -> Json:
    id = names.resource_id(protocol.id)
    return {
        "resourceType": type,
        "id": id,
        "language": "sv",
        "url": f"{names.BASE}{type}/{id}",
        "version": protocol.version,
        "name": f"Triage_{protocol.id}",
        **texts("title", protocol.title),
        "status": "active" if signed else "draft",
        "experimental": not signed,
        "publisher": "Vårdväg",
    }


def _questionnaire(library: Library, protocol: Protocol, tree: Json, signed: bool) -> Json:
    conditions = {
        name: {
            key: str(content[key])
            for key in ("derive", "unless")
            if (content := json.loads(library.concept_content[name])).get(key)
        }
        for name in library.used(protocol)
    }
    items = Items(protocol, library.concepts, conditions, tree.get("ask") or [])
    found = items.all(library.used(protocol))
    return {
        **_head("Questionnaire", protocol, signed),
        "subjectType": ["Patient"],
        **({"item": found} if found else {}),
    }


def _plan(library: Library, protocol: Protocol, tree: Json, signed: bool, written: list[Json]) -> Json:
    plan = _head("PlanDefinition", protocol, signed)
    asked = f"{names.BASE}Questionnaire/{plan['id']}|{protocol.version}"
    kind = {"coding": [{"system": names.PLAN_TYPE, "code": "clinical-protocol"}]}
    extensions = [*_extensions(library, protocol, tree), *written]
    return {
        **plan,
        "type": kind,
        **({"extension": extensions} if extensions else {}),
        **_signoff(tree.get("signoff") or {}),
        **_context(tree),
        "relatedArtifact": [{"type": "depends-on", "resource": asked}],
        "action": list(_actions(tree, library.sources)),
    }


def _context(tree: Json) -> Json:
    """Whom it is for, and its place in ICPC-2."""
    applies = tree.get("applies") or {}
    found: list[Json] = []
    ends = {
        end: {"value": applies[key], "unit": "a", "system": names.UCUM, "code": "a"}
        for end, key in (("low", "age_min"), ("high", "age_max"))
        if applies.get(key) is not None
    }
    if ends:
        found.append({"code": {"system": names.USAGE, "code": "age"}, "valueRange": ends})
    if applies.get("sex") in names.SEX:
        coding = {"system": names.GENDER, "code": names.SEX[applies["sex"]]}
        found.append(
            {"code": {"system": names.USAGE, "code": "gender"}, "valueCodeableConcept": {"coding": [coding]}}
        )
    topic = [{"coding": [{"system": names.ICPC2, "code": str(tree["icpc2"])}]}] if tree.get("icpc2") else []
    return {**({"useContext": found} if found else {}), **({"topic": topic} if topic else {})}


def _signoff(signoff: Mapping[str, Any]) -> Json:
    return {
        **({"author": [{"name": signoff["author"]}]} if signoff.get("author") else {}),
        **({"reviewer": [{"name": one} for one in signoff["reviewers"]]} if signoff.get("reviewers") else {}),
        **({"approvalDate": signoff["signed"]} if signoff.get("signed") else {}),
        **({"effectivePeriod": {"end": signoff["review_by"]}} if signoff.get("review_by") else {}),
    }


def _extensions(library: Library, protocol: Protocol, tree: Json) -> Iterator[Json]:
    yield {"url": names.SHA256, "valueString": library.sha256(protocol.id)}
    if (tree.get("signoff") or {}).get("sha256"):
        yield {"url": names.SIGNED_SHA256, "valueString": tree["signoff"]["sha256"]}
    if "children" in tree:
        yield {"url": names.CHILDREN, "valueBoolean": tree["children"]}
    for key, url in _NUMBERS:
        if key in tree:
            yield {"url": url, "valueInteger": tree[key]}
    for key, url in (("match", names.MATCH), ("selfcare", names.SELFCARE), ("seek_again", names.SEEK_AGAIN)):
        if filled(tree.get(key)):
            yield extension(url, tree[key])
    for name in tree.get("implies") or {}:
        yield {"url": names.IMPLIES, "valueCode": name}
    for name, items in (tree.get("scores") or {}).items():
        parts = [
            {
                "url": "item",
                "extension": [
                    {"url": "condition", "valueExpression": expression(text)},
                    {"url": "points", "valueDecimal": points},
                ],
            }
            for text, points in items.items()
        ]
        yield {"url": names.SCORE, "extension": [{"url": "name", "valueString": name}, *parts]}
    for join in tree.get("joins") or []:
        yield extension(names.JOIN, join)
    for case in tree.get("golden") or []:
        yield extension(names.GOLDEN, case)


def _actions(tree: Json, sources: Mapping[str, Source]) -> Iterator[Json]:
    for part in names.PARTS:
        if part == "default":
            yield _action("default", part, tree["default"], sources)
        else:
            for rule in tree.get(part) or []:
                yield _action(rule["id"], part, rule, sources)


def _action(id: str, part: str, rule: Json, sources: Mapping[str, Source]) -> Json:
    codes = {names.PART: part, names.URGENCY: rule["urgency"], names.CARE: rule["care"]}
    if rule.get("refer"):
        codes[names.REFER] = rule["refer"]
    because = rule["because"]
    written = rule.get("source") or []
    documents = [_document(one, sources) for one in ([written] if isinstance(written, str) else written)]
    when = [{"kind": "applicability", "expression": expression(str(rule["when"]))}] if "when" in rule else []
    return {
        "id": id,
        **texts("description", Text(because["sv"], because["en"])),
        "priority": names.PRIORITY[rule["urgency"]],
        "code": [{"coding": [{"system": system, "code": str(code)}]} for system, code in codes.items()],
        **({"documentation": documents} if documents else {}),
        **({"condition": when} if when else {}),
    }


def _document(id: str, sources: Mapping[str, Source]) -> Json:
    source = sources[id]
    publisher = [{"url": names.PUBLISHER, "valueString": source.publisher}] if source.publisher else []
    return {
        **({"extension": publisher} if publisher else {}),
        "type": "justification",
        "label": id,
        "display": source.title,
        **({"url": source.url} if source.url else {}),
    }


def ids(library: Library) -> list[str]:
    """Every protocol that can be written out."""
    return [SCREENING, INFANTS, GENERAL, *sorted(library.protocols)]
