"""Concepts and the order they are asked in -> the items of a FHIR R4 Questionnaire."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from vardvag.services.triage.engine.conditions import Compare, Condition, Sex, walk
from vardvag.services.triage.engine.model import Asked, Concept, Kind, Protocol
from vardvag.services.triage.engine.parsing import parse
from vardvag.services.triage.engine.text import Lines, Text
from vardvag.services.triage.fhir import names
from vardvag.services.triage.fhir.enabling import enabled, fhirpath, line
from vardvag.services.triage.fhir.extensions import expression, lines, texts

Json = dict[str, Any]
TYPES = {
    Kind.YESNO: "boolean", Kind.DERIVED: "boolean", Kind.CHOICE: "choice", Kind.MULTI: "choice",
    Kind.NUMBER: "decimal", Kind.TEMP: "decimal", Kind.DURATION: "quantity", Kind.TEXT: "text",
}  # fmt: skip
_TICK = Text("Stämmer något av det här?", "Is any of this true?")
_PATIENT = Text("Om patienten", "About the patient")
_BESIDES = Text(
    "Följer av andra svar, eller är redan känt", "Follows from other answers, or is known already"
)
_AGE = Text("Ålder", "Age")
_SEX = Text("Kön", "Sex")
_SEXES = {"F": Text("Kvinna", "Woman"), "M": Text("Man", "Man")}
_UNITS = {"h": ("timmar", "hours"), "d": ("dygn", "days"), "w": ("veckor", "weeks"), "m": ("månader", "months"),
          "y": ("år", "years")}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Items:
    """`raw`: the ask list as it stands in the YAML; `derive` and `unless` are read from what `source` says."""

    protocol: Protocol
    concepts: Mapping[str, Concept]
    conditions: Mapping[str, Mapping[str, str]]  # by concept: derive and unless as they are written
    raw: list[Any]

    def all(self, used: frozenset[str]) -> list[Json]:
        """Everything that is asked, and hidden behind it what the rules stand on besides."""
        found = [self._entry(entry, raw) for entry, raw in zip(self.protocol.ask, self.raw, strict=True)]
        asked = {name for entry in self.protocol.ask for name in entry.concepts}
        rest = [self.item(name, shown=False) for name in sorted(used - asked)]
        if rest:
            group = {"linkId": f"{self.protocol.id}.besides", **texts("text", _BESIDES), "type": "group"}
            found.append({**group, "extension": [_flag(names.HIDDEN)], "item": rest})
        facts = list(self._facts(used))
        if facts:
            group = {"linkId": f"{self.protocol.id}.patient", **texts("text", _PATIENT), "type": "group"}
            found.insert(0, {**group, "item": facts})
        _apart(found, Counter())
        return found

    def _entry(self, entry: Asked, raw: Any) -> Json:
        written = raw if isinstance(raw, dict) else {}
        gate = str(written["if"]) if "if" in written else None
        keep = [_flag(names.KEEP, bool(written["keep"]))] if "keep" in written else []
        if not entry.screen:
            return self.item(entry.concepts[0], gate, keep)
        group = {"linkId": entry.id, **texts("text", _TICK), "type": "group"}
        return {
            **_gated(group, gate, None, self.concepts, keep),
            "item": [self.item(name) for name in entry.concepts],
        }

    def item(
        self, name: str, gate: str | None = None, more: list[Json] | None = None, shown: bool = True
    ) -> Json:
        concept = self.concepts[name]
        written = self.conditions.get(name, {})
        found: Json = {"linkId": name, **texts("text", concept.text), "type": TYPES[concept.kind]}
        if concept.kind is Kind.MULTI:
            found["repeats"] = True
        if concept.kind is Kind.DERIVED:
            found["readOnly"] = True
        extensions = [*(more or []), *_extensions(concept, self.concepts, written)]
        if not shown:
            extensions.append(_flag(names.HIDDEN))
        found = _gated(found, gate, written.get("unless") if shown else None, self.concepts, extensions)
        if concept.options:
            found["answerOption"] = [
                _option(concept.id, one.id, one.text, one.danger) for one in concept.options
            ]
        if concept.help:
            control = {"coding": [{"system": names.ITEM_CONTROLS, "code": "help"}]}
            extension = [{"url": names.ITEM_CONTROL, "valueCodeableConcept": control}]
            help = {"linkId": f"{name}.help", **texts("text", concept.help), "type": "display"}
            found["item"] = [{**help, "extension": extension}]
        return found

    def _facts(self, used: frozenset[str]) -> Iterator[Json]:
        leaves = [leaf for condition in self._conditions(used) for leaf in walk(condition)]
        if any(isinstance(leaf, Compare) and leaf.concept == "age" for leaf in leaves):
            year = {"system": names.UCUM, "code": "a", **texts("display", Text("år", "years"))}
            unit = [{"url": names.UNIT, "valueCoding": year}]
            yield {"linkId": "age", **texts("text", _AGE), "type": "decimal", "extension": unit}
        if any(isinstance(leaf, Sex) for leaf in leaves):
            options = [
                {"valueCoding": {"system": names.GENDER, "code": names.SEX[sex], **texts("display", text)}}
                for sex, text in _SEXES.items()
            ]
            yield {"linkId": "sex", **texts("text", _SEX), "type": "choice", "answerOption": options}

    def _conditions(self, used: frozenset[str]) -> Iterator[Condition]:
        """Those that the items themselves stand on."""
        for entry in self.protocol.ask:
            if entry.when:
                yield entry.when
        for name in used:
            for condition in (self.concepts[name].unless, self.concepts[name].derive):
                if condition:
                    yield condition


def _apart(items: list[Json], seen: Counter[str]) -> None:
    """What is asked in several places has a linkId in each: cough, cough.2."""
    for item in items:
        link = item["linkId"]
        seen[link] += 1
        if seen[link] > 1:
            item["linkId"] = f"{link}.{seen[link]}"
        _apart(item.get("item", []), seen)


def _flag(url: str, yes: bool = True) -> Json:
    return {"url": url, "valueBoolean": yes}


def _gated(
    item: Json, gate: str | None, unless: str | None, concepts: Mapping[str, Concept], extensions: list[Json]
) -> Json:
    """The item with when it is asked, and its other extensions. Our own line where FHIR's words lose it."""
    when = parse(gate) if gate else None
    said = enabled(when, parse(unless) if unless else None, concepts)
    read_back = line(said.get("enableWhen", []), said.get("enableBehavior") == "any")
    extensions = [*extensions, *said.pop("extension", [])]
    if gate and (unless or read_back != gate):
        extensions.append({"url": names.IF, "valueExpression": expression(gate)})
    return {**item, **({"extension": extensions} if extensions else {}), **said}


def _extensions(
    concept: Concept, concepts: Mapping[str, Concept], written: Mapping[str, str]
) -> Iterator[Json]:
    if concept.label:
        yield {"url": names.SHORT_TEXT, **texts("valueString", concept.label)}
    if concept.danger:
        yield _flag(names.DANGER)
    if concept.as_yes:
        yield {"url": names.ON_UNKNOWN, "valueCode": "danger"}
    if concept.background:
        yield _flag(names.BACKGROUND)
    for key, url in (("unless", names.UNLESS), ("derive", names.DERIVE)):
        if key in written:
            yield {"url": url, "valueExpression": expression(written[key])}
    path = fhirpath(concept.derive, concepts) if concept.derive else None
    if path:
        yield {"url": names.CALCULATED, "valueExpression": expression(path, names.FHIRPATH)}
    yield from _units(concept)
    for bound, url in ((concept.min, names.MIN_VALUE), (concept.max, names.MAX_VALUE)):
        if bound is not None:
            yield {"url": url, "valueDecimal": int(bound) if bound == int(bound) else bound}
    if concept.said != Lines():
        yield lines(names.SAID, concept.said)


def _units(concept: Concept) -> Iterator[Json]:
    if concept.kind is Kind.TEMP:
        yield {"url": names.UNIT, "valueCoding": {"system": names.UCUM, "code": "Cel", "display": "°C"}}
    elif concept.unit:
        yield {"url": names.UNIT, "valueCoding": texts("display", concept.unit)}
    if concept.kind is Kind.DURATION:
        for ours, code in names.DURATIONS.items():
            coding = {"system": names.UCUM, "code": code, **texts("display", Text(*_UNITS[ours]))}
            yield {"url": names.UNIT_OPTION, "valueCoding": coding}


def _option(concept: str, id: str, text: Text, danger: bool) -> Json:
    coding = {"system": f"{names.CONCEPT}{concept}", "code": id, **texts("display", text)}
    return {**({"extension": [_flag(names.DANGER)]} if danger else {}), "valueCoding": coding}
