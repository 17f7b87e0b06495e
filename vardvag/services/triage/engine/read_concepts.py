"""From located YAML to concepts and sources, each checked by itself."""

import re
from typing import Any

from vardvag.services.triage.engine.fields import Fields
from vardvag.services.triage.engine.model import Concept, Kind, Option, Source
from vardvag.services.triage.engine.place import Problem
from vardvag.services.triage.engine.text import Text

ID = re.compile(r"[a-z][a-z0-9_]*")
RESERVED = frozenset({"and", "or", "not", "in", "count", "score", "female", "male", "age", "sex", "reporter"})
_CONCEPT = (
    "kind", "text", "label", "help", "danger", "on_unknown", "unless", "derive", "options", "unit", "min", "max",
    "said", "background",
)  # fmt: skip


def sources(whole: Any, file: str, problems: list[Problem]) -> dict[str, tuple[Source, int]]:
    fields = Fields(whole, file, 1, problems, "The file")
    found = {}
    for id, entry in fields.map.items():
        line = fields.map.at(id)
        if isinstance(entry, str):
            found[id] = (Source(id, entry), line)
            continue
        one = Fields(entry, file, line, problems, f"Source {id}")
        one.only(("title", "publisher", "url", "year", "checked", "facts", "note"))
        one.need("title")
        found[id] = (
            Source(
                id, one.string("title"), one.string("url"), one.string("publisher"), one.string("checked")
            ),
            line,
        )
    return found


def concepts(whole: Any, file: str, problems: list[Problem]) -> dict[str, tuple[Concept, int]]:
    fields = Fields(whole, file, 1, problems, "The file")
    return {
        id: (_concept(id, entry, fields, problems), fields.map.at(id)) for id, entry in fields.map.items()
    }


def _concept(id: str, entry: Any, file: Fields, problems: list[Problem]) -> Concept:
    line = file.map.at(id)
    if not ID.fullmatch(id) or id in RESERVED:
        cure = "Use small letters a-z, digits and _, and none of the words of conditions."
        problems.append(Problem(file.file, line, f"“{id}” cannot be the id of a concept.", cure))
    one = Fields(entry, file.file, line, problems, f"Concept {id}")
    one.only(_CONCEPT)
    derive = one.condition("derive")
    kinds = tuple(kind for kind in Kind if kind is not Kind.DERIVED)
    kind = Kind.DERIVED if "derive" in one.map else Kind(one.one_of("kind", kinds, Kind.YESNO))
    options = tuple(_option(raw, where, one) for raw, where in one.entries("options"))
    has_options = kind in (Kind.CHOICE, Kind.MULTI)
    if has_options != bool(options):
        one.fault("options", f"Concept {id} of kind {kind} {'lacks' if has_options else 'has'} options.",
                  "choice and multi have options, the other kinds have none.")  # fmt: skip
    if len({option.id for option in options}) < len(options):
        one.fault("options", f"Concept {id} has an option twice.", "Give each option an id of its own.")
    danger = one.yes("danger")
    if danger and kind is not Kind.YESNO:
        one.fault("danger", f"Concept {id} of kind {kind} is dangerous as a whole.",
                  "Only yes/no concepts have danger: true; set it on the dangerous options instead.")  # fmt: skip
        danger = False
    if "on_unknown" in one.map and not danger and not any(option.danger for option in options):
        one.fault(
            "on_unknown", f"Concept {id} has on_unknown without danger.", "Take it away, or add danger: true."
        )
    return Concept(
        id=id, kind=kind, text=one.text("text", needed=kind is not Kind.DERIVED), label=one.text("label"),
        help=one.text("help"),
        danger=danger, as_yes=one.one_of("on_unknown", ("cautious", "danger"), "cautious") == "danger",
        unless=one.condition("unless"), derive=derive, options=options, unit=one.text("unit"),
        min=one.number("min"), max=one.number("max"), said=one.lines("said"), background=one.yes("background"),
    )  # fmt: skip


def _option(raw: Any, line: int, concept: Fields) -> Option:
    one = Fields(raw, concept.file, line, concept.problems, f"An option of {concept.what}")
    one.only(("id", "sv", "en", "danger", "said"))
    one.need("id", "sv", "en")
    return Option(one.string("id"), Text(one.string("sv"), one.string("en")), one.yes("danger"))
