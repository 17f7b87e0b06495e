"""From located YAML to a protocol, checked by itself."""

import json
import re
from collections.abc import Iterator
from typing import Any

from vardvag.services.triage.engine.fields import Fields
from vardvag.services.triage.engine.model import Asked, Join, Match, Protocol, Rule, Signoff
from vardvag.services.triage.engine.place import Map, Problem, Seq
from vardvag.services.triage.engine.read_rules import rule_of, scores_of

_VERSION = re.compile(r"\d+\.\d+\.\d+")
_FIELDS = (
    "id", "version", "title", "applies", "children", "icpc2", "danger_rank", "match", "implies", "ask", "scores",
    "rules", "everywhere", "joins", "reassure", "default", "floor_incomplete", "selfcare", "selfcare_at", "seek_again",
    "signoff", "golden",
)  # fmt: skip


def protocol(whole: Any, file: str, problems: list[Problem], general: bool = False) -> Protocol:
    one = Fields(whole, file, 1, problems, "The protocol")
    one.only(_FIELDS)
    one.need("id", "version", "title", "default", "seek_again")
    if one.string("version") and not _VERSION.fullmatch(one.string("version")):
        one.fault("version", f"The version is “{one.map['version']}”.", "Write three numbers: 1.0.0.")
    applies = Fields(
        one.map.get("applies", Map(one.map.line)), file, one.map.at("applies"), problems, "“applies”"
    )
    applies.only(("age_min", "age_max", "sex"))
    scores = scores_of(one, problems)
    rules = tuple(rule_of(raw, line, one, problems, scores) for raw, line in one.entries("rules"))
    reassure = tuple(rule_of(raw, line, one, problems, scores) for raw, line in one.entries("reassure"))
    everywhere = tuple(rule_of(raw, line, one, problems, scores) for raw, line in one.entries("everywhere"))
    if everywhere and not general:
        one.fault("everywhere", "Only general.yaml has rules for every protocol.", "Move them to rules:.")
    joins = tuple(_joins(one, problems)) if "joins" in one.map else ()
    if joins and not general:
        one.fault("joins", "Only general.yaml joins protocols.", "Move them there.")
    default = rule_of(one.map.get("default"), one.map.at("default"), one, problems, scores, default=True)
    _twice(one, [*rules, *everywhere, *reassure])
    match = Fields(one.map.get("match", Map(one.map.line)), file, one.map.at("match"), problems, "“match”")
    match.only(("strong", "weak", "not_if"))
    ask = tuple(
        _asked(number, raw, line, one, problems) for number, (raw, line) in enumerate(one.entries("ask"), 1)
    )
    content = {key: value for key, value in one.map.items() if key not in ("golden", "signoff")}
    return Protocol(
        id=one.string("id"), version=one.string("version"), title=one.text("title", needed=True), default=default,
        age_min=applies.number("age_min", 1) or 0, age_max=applies.number("age_max"),
        sex=applies.one_of("sex", ("any", "F", "M"), "any"), children=one.yes("children"), icpc2=one.string("icpc2"),
        danger_rank=one.whole_number("danger_rank", 50, 1, 99),
        match=Match(match.lines("strong"), match.lines("weak"), match.lines("not_if")),
        implies=_implies(one, problems), ask=ask, rules=rules, everywhere=everywhere, joins=joins, reassure=reassure,
        floor_incomplete=one.whole_number("floor_incomplete", 3, 1, 5),
        selfcare=one.lines("selfcare"), selfcare_at=one.whole_number("selfcare_at", 5, 4, 5),
        seek_again=one.lines("seek_again", needed=not general), signoff=_signoff(one, problems),
        content=json.dumps(content, sort_keys=True, ensure_ascii=False),
    )  # fmt: skip


def _joins(protocol: Fields, problems: list[Problem]) -> Iterator[Join]:
    for raw, line in protocol.entries("joins"):
        one = Fields(raw, protocol.file, line, problems, "An entry of “joins”")
        one.only(("when", "take"))
        one.need("when", "take")
        when = one.condition("when")
        if when:
            yield Join(when, one.string("take"))


def _implies(one: Fields, problems: list[Problem]) -> tuple[str, ...]:
    if "implies" not in one.map:
        return ()
    inner = Fields(one.map["implies"], one.file, one.map.at("implies"), problems, "“implies”")
    for name, value in inner.map.items():
        if value is not True:
            inner.fault(
                name,
                f"“implies” says {name}: {value}.",
                "Only yes can follow from the reason: {pregnant: yes}.",
            )
    return tuple(inner.map)


def _twice(one: Fields, rules: list[Rule]) -> None:
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            one.fault("rules", f"Two rules have the id {rule.id}.", "Give each rule an id of its own.")
        seen.add(rule.id)


def _asked(number: int, raw: Any, line: int, protocol: Fields, problems: list[Problem]) -> Asked:
    id = f"{protocol.map.get('id')}.{number}"
    if isinstance(raw, str):
        return Asked(raw, (raw,))
    one = Fields(raw, protocol.file, line, problems, "An entry of “ask”")
    one.only(("screen", "concept", "if", "keep"))
    if ("screen" in one.map) == ("concept" in one.map):
        one.fault(
            "screen",
            "An entry of “ask” has neither or both of screen and concept.",
            "Write - screen: [a, b] or - concept: a.",
        )
        return Asked(id, ())
    names = one.strings("screen") if "screen" in one.map else (one.string("concept"),)
    if "screen" in one.map and not isinstance(one.map["screen"], Seq):
        one.fault("screen", "A screen is a list.", "Write screen: [a, b].")
    screen = "screen" in one.map
    return Asked(
        id if screen else names[0], tuple(dict.fromkeys(names)), screen, one.condition("if"), one.yes("keep")
    )


def _signoff(protocol: Fields, problems: list[Problem]) -> Signoff:
    if "signoff" not in protocol.map:
        return Signoff()
    one = Fields(protocol.map["signoff"], protocol.file, protocol.map.at("signoff"), problems, "“signoff”")
    one.only(("author", "reviewers", "signed", "review_by", "sha256"))
    return Signoff(
        one.string("author"),
        one.strings("reviewers"),
        one.string("signed"),
        one.string("review_by"),
        one.string("sha256"),
    )
