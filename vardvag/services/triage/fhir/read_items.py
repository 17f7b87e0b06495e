"""The items of a FHIR R4 Questionnaire -> what is asked, and the concepts of it. Its shape has been checked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from vardvag.services.triage.engine.model import Concept
from vardvag.services.triage.engine.parsing import BadCondition, parse
from vardvag.services.triage.engine.read_concepts import ID
from vardvag.services.triage.fhir import names
from vardvag.services.triage.fhir.enabling import enabled, line
from vardvag.services.triage.fhir.extensions import Extended, text_of
from vardvag.services.triage.fhir.faults import Fault
from vardvag.services.triage.fhir.nodes import At, plain

Json = dict[str, Any]
_INSTEAD = {
    "date": "quantity for how long, or text", "dateTime": "quantity for how long, or text", "time": "text",
    "url": "text", "attachment": "a question of the case, not of the protocol", "reference": "text",
    "open-choice": "choice", "display": "help under the question it belongs to",
}  # fmt: skip
_READ = {
    *("id", "extension", "linkId", "definition", "code", "prefix", "text", "_text", "type", "enableWhen"),
    *("enableBehavior", "repeats", "readOnly", "answerOption", "item"),
}
_CURES = {
    "required": "Take it away: everybody may answer that they do not know.",
    "initial": "Take it away: nothing is filled in beforehand.",
    "answerValueSet": "Write the options out as answerOption.",
}


@dataclass(slots=True)
class Gate:
    """When an item is asked, in our words and as it stands, to be held against each other."""

    item: Json
    path: str
    when: str | None
    unless: str | None


@dataclass(slots=True)
class Items:
    faults: list[Fault]
    language: str = "sv"
    ask: list[At] = field(default_factory=list)
    concepts: dict[str, At] = field(default_factory=dict)
    gates: list[Gate] = field(default_factory=list)

    def wrong(self, path: str, what: str, cure: str) -> None:
        self.faults.append(Fault(path, what, cure))

    def read(self, items: list[Json], under: str) -> None:
        for number, item in enumerate(items):
            path = f"{under}.item[{number}]"
            children = item.get("item", [])
            self._known(item, path)
            if item["linkId"] in names.FACTS:
                continue
            if item["type"] == "group":
                if not all(child["linkId"] in names.FACTS for child in children):
                    self._group(item, children, path)
            elif item["type"] == "display":
                self.wrong(
                    path, "A text by itself has no place in a protocol.", f"Make it {_INSTEAD['display']}."
                )
            else:
                self._single(item, path)

    def _known(self, item: Json, path: str) -> None:
        for name in item:
            if name not in _READ:
                self.wrong(f"{path}.{name}", f"We cannot use {name}.", _CURES.get(name, "Take it away."))
        Extended(item, path, self.faults).strangers()

    def _group(self, item: Json, children: list[Json], path: str) -> None:
        said = Extended(item, path, self.faults)
        inside = [(child, f"{path}.item[{number}]") for number, child in enumerate(children)]
        lines = []
        for child, where in inside:
            self._known(child, where)
            if child["type"] in ("group", "display"):
                self.wrong(
                    where, "A group holds questions only.", "Put it beside the group, or take it away."
                )
                continue
            concept = self._concept(child, where)
            if self._gate(child, where) is not None:
                cure = "Take the condition away, or ask it outside of the group."
                self.wrong(where, "A question in a group has no condition of its own.", cure)
            if concept:
                lines.append(At(concept, f"{where}.linkId"))
        if said.one(names.HIDDEN, "valueBoolean"):
            return
        gate = self._gate(item, path)
        entry: Json = {"screen": At(lines, f"{path}.item"), **_some("if", gate), **self._keep(said)}
        self.ask.append(At(entry, path))

    def _single(self, item: Json, path: str) -> None:
        said = Extended(item, path, self.faults)
        name = self._concept(item, path)
        gate = self._gate(item, path)
        if not name or said.one(names.HIDDEN, "valueBoolean"):
            return
        more = {**_some("if", gate), **self._keep(said)}
        self.ask.append(At({"concept": At(name, f"{path}.linkId"), **more} if more else name, path))

    def _keep(self, said: Extended) -> Json:
        keep = said.one(names.KEEP, "valueBoolean")
        return {} if keep is None else {"keep": keep}

    def _gate(self, item: Json, path: str) -> At | None:
        said = Extended(item, path, self.faults)
        when, unless = said.line(names.IF), said.line(names.UNLESS)
        where = path
        if when is not None:
            where = next(said.each(names.IF))[1]
        elif unless is None and "enableWhen" in item:
            where = f"{path}.enableWhen"
            when = line(item["enableWhen"], item.get("enableBehavior") == "any")
        hidden = said.one(names.HIDDEN, "valueBoolean")
        if when is None and unless is None and ("enableWhen" in item or any(said.each(names.ENABLE_WHEN))):
            cure = f"Write it in our language too, in an extension {names.IF} with valueExpression."
            self.wrong(where, "We have no words for this condition.", cure)
        elif not hidden:
            self.gates.append(Gate(item, path, when, unless))
        return None if when is None else At(when, where)

    def _concept(self, item: Json, path: str) -> str | None:
        link = item["linkId"]
        name = link.partition(".")[0]
        if not ID.fullmatch(name):
            cure = "Name the concept: small letters a-z, digits and _, beginning with a letter."
            self.wrong(f"{path}.linkId", f"“{link}” cannot be the id of a concept.", cure)
            return None
        found = At(self._content(item, path), path)
        if name in self.concepts and plain(self.concepts[name]) != plain(found):
            cure = f"Make it as {self.concepts[name].path}, or give it another linkId."
            self.wrong(path, f"“{name}” is asked twice, in two ways.", cure)
        self.concepts.setdefault(name, found)
        return str(name)

    def _content(self, item: Json, path: str) -> Json:
        """The concept as YAML has it."""
        said = Extended(item, path, self.faults)
        derive, unless = said.line(names.DERIVE), said.line(names.UNLESS)
        kind = self._kind(item, said, path)
        return {
            **({"kind": kind} if kind != "yesno" and derive is None else {}),
            **_some("text", self._text(item, "text", path)),
            **_some("label", self._label(said)),
            **_some("help", self._help(item, path)),
            **({"danger": True} if said.one(names.DANGER, "valueBoolean") else {}),
            **_some("on_unknown", said.one(names.ON_UNKNOWN, "valueCode")),
            **_some("unless", unless, said, names.UNLESS),
            **_some("derive", derive, said, names.DERIVE),
            **({"background": True} if said.one(names.BACKGROUND, "valueBoolean") else {}),
            **_some("options", self._options(item, path)),
            **({} if kind != "number" else _some("unit", self._unit(said))),
            **_some("min", self._bound(said, names.MIN_VALUE)),
            **_some("max", self._bound(said, names.MAX_VALUE)),
            **_some("said", said.whole(names.SAID)),
        }

    def _kind(self, item: Json, said: Extended, path: str) -> str:
        type = item["type"]
        if item.get("repeats") and type != "choice":
            self.wrong(f"{path}.repeats", "Only a choice can have several answers.", "Take repeats away.")
        match type:
            case "boolean":
                return "yesno"
            case "choice":
                return "multi" if item.get("repeats") else "choice"
            case "decimal" | "integer":
                unit = said.one(names.UNIT, "valueCoding") or {}
                return "temp" if unit.get("code") == "Cel" else "number"
            case "quantity":
                for one, where in said.each(names.UNIT_OPTION):
                    if one.get("valueCoding", {}).get("code") not in names.DURATIONS.values():
                        cure = (
                            f"Known: {', '.join(names.DURATIONS.values())}. For another measure, use decimal."
                        )
                        self.wrong(where, "A quantity is a time with us.", cure)
                return "duration"
            case "text" | "string":
                return "text"
            case _:
                self.wrong(f"{path}.type", f"We have no question of type {type}.", f"Use {_INSTEAD[type]}.")
                return "text"

    def _text(self, holder: Json, key: str, path: str) -> At | None:
        found = text_of(holder, key, path, self.faults, self.language)
        return None if found is None else At(found, f"{path}.{key}")

    def _label(self, said: Extended) -> At | None:
        return next((self._text(one, "valueString", path) for one, path in said.each(names.SHORT_TEXT)), None)

    def _help(self, item: Json, path: str) -> At | None:
        help = None
        for number, child in enumerate(item.get("item", [])):
            where = f"{path}.item[{number}]"
            control = (
                Extended(child, where, self.faults).one(names.ITEM_CONTROL, "valueCodeableConcept") or {}
            )
            codes = [coding.get("code") for coding in control.get("coding", [])]
            if child["type"] != "display" or "help" not in codes:
                cure = "Put it after this one, with enableWhen."
                self.wrong(where, "There is a question under a question.", cure)
            elif help:
                self.wrong(where, "A question has one help text.", "Put them together.")
            else:
                help = self._text(child, "text", where)
        return help

    def _options(self, item: Json, path: str) -> At | None:
        found = []
        for number, one in enumerate(item.get("answerOption", [])):
            where = f"{path}.answerOption[{number}]"
            coding = one.get("valueCoding", {})
            if not ID.fullmatch(coding.get("code", "")):
                cure = "Write valueCoding with a code of small letters a-z, digits and _."
                self.wrong(where, "The option has no code that a condition can name.", cure)
                continue
            if "initialSelected" in one:
                self.wrong(f"{where}.initialSelected", "We cannot use it.", _CURES["initial"])
            text = text_of(coding, "display", f"{where}.valueCoding", self.faults, self.language) or {}
            danger = Extended(one, where, self.faults).one(names.DANGER, "valueBoolean")
            found.append(At({"id": coding["code"], **text, **({"danger": True} if danger else {})}, where))
        return At(found, f"{path}.answerOption") if found else None

    def _unit(self, said: Extended) -> At | None:
        coding = said.one(names.UNIT, "valueCoding")
        if not coding:
            return None
        path = f"{next(said.each(names.UNIT))[1]}.valueCoding"
        if "_display" in coding:
            return self._text(coding, "display", path)
        plain_unit = coding.get("display") or coding.get("code") or ""
        return At({"sv": plain_unit, "en": plain_unit}, path)

    def _bound(self, said: Extended, url: str) -> float | int | None:
        whole = any("valueInteger" in one for one, _path in said.each(url))
        found: float | int | None = said.one(url, "valueInteger" if whole else "valueDecimal")
        return found

    def held(self, concepts: Mapping[str, Concept]) -> Iterator[Fault]:
        """Conditions that FHIR's words and ours say differently."""
        for gate in self.gates:
            try:
                whole = enabled(
                    parse(gate.when) if gate.when else None,
                    parse(gate.unless) if gate.unless else None,
                    concepts,
                )
            except BadCondition:
                continue  # told where the condition is read
            stated = {key: gate.item[key] for key in ("enableWhen", "enableBehavior") if key in gate.item}
            if path := list(Extended(gate.item, gate.path).each(names.ENABLE_WHEN)):
                stated["extension"] = [path[0][0]]
            ours = any(Extended(gate.item, gate.path).each(names.IF)) or gate.unless
            if ours and stated != whole:
                cure = "Change both alike, or keep only one of them."
                what = "enableWhen does not say the same as our own line."
                yield Fault(f"{gate.path}.enableWhen", what, cure)


def _some(key: str, value: Any, said: Extended | None = None, url: str = "") -> Json:
    """{} for None; with the path of an extension where one is given."""
    if value is None:
        return {}
    return {key: At(value, next(said.each(url))[1]) if said else value}
