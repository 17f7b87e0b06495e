"""A FHIR R4 PlanDefinition -> a protocol as YAML has it, without what is asked. Its shape has been checked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from vardvag.services.triage.engine.model import CARE_OF, Source
from vardvag.services.triage.engine.read_concepts import ID
from vardvag.services.triage.fhir import names
from vardvag.services.triage.fhir.extensions import Extended, condition, text_of, value_of
from vardvag.services.triage.fhir.faults import Fault
from vardvag.services.triage.fhir.nodes import At

Json = dict[str, Any]
_URGENCY = {care: urgency for urgency, cares in CARE_OF.items() for care in cares}
_NUMBERS = (
    ("danger_rank", names.DANGER_RANK),
    ("floor_incomplete", names.FLOOR),
    ("selfcare_at", names.SELFCARE_AT),
)
_LINES = (("match", names.MATCH), ("selfcare", names.SELFCARE), ("seek_again", names.SEEK_AGAIN))
_NOT_READ = ("modifierExtension", "implicitRules", "goal", "library", "contained")
_ACTION = {
    *("id", "extension", "prefix", "title", "_title", "description", "_description", "textEquivalent"),
    *("_textEquivalent", "priority", "code", "documentation", "condition", "type", "groupingBehavior"),
    *("selectionBehavior", "action"),
}
_NO_CONDITION = "Add a condition of kind applicability, with our own line as its expression."


@dataclass(slots=True)
class Plan:
    faults: list[Fault]
    sources: Mapping[str, Source]  # those that we have
    language: str = "sv"
    new_sources: dict[str, At] = field(default_factory=dict)

    def wrong(self, path: str, what: str, cure: str) -> None:
        self.faults.append(Fault(path, what, cure))

    def read(self, plan: Json, path: str, ask: list[At]) -> Json:
        for name in _NOT_READ:
            if name in plan:
                self.wrong(f"{path}.{name}", f"We cannot follow {name}.", "Take it away.")
        for name in ("version", "title"):
            if name not in plan:
                self.wrong(f"{path}.{name}", f"The protocol lacks its {name}.", f"Add {name}.")
        id = names.protocol_id(str(plan.get("id", "")))
        if not ID.fullmatch(id):
            cure = "Write small letters a-z, digits and hyphens, beginning with a letter."
            self.wrong(f"{path}.id", f"“{plan.get('id')}” cannot be the id of a protocol.", cure)
        said = Extended(plan, path, self.faults)
        said.strangers()
        rules = self._rules(plan, path)
        title = text_of(plan, "title", path, self.faults, self.language)
        children = said.one(names.CHILDREN, "valueBoolean")
        return {
            "id": At(id, f"{path}.id"),
            "version": At(plan.get("version", ""), f"{path}.version"),
            "title": At(title or {}, f"{path}.title"),
            **self._context(plan, path),
            **({"children": children} if children is not None else {}),
            **self._topic(plan, path),
            **{key: one for key, one in self._plain(said) if key == "danger_rank"},
            **{key: one for key, one in self._lists(said) if key == "match"},
            **self._implies(said),
            **({"ask": At(ask, path)} if ask else {}),
            **self._scores(said),
            **rules,
            **self._several(said, "joins", names.JOIN),
            **{key: one for key, one in self._plain(said) if key != "danger_rank"},
            **{key: one for key, one in self._lists(said) if key != "match"},
            **self._signoff(plan, said, path),
            **self._several(said, "golden", names.GOLDEN),
        }

    def _plain(self, said: Extended) -> Iterator[tuple[str, Any]]:
        for key, url in _NUMBERS:
            value = said.one(url, "valueInteger")
            if value is not None:
                yield key, At(value, next(said.each(url))[1])

    def _lists(self, said: Extended) -> Iterator[tuple[str, Any]]:
        for key, url in _LINES:
            value = said.whole(url)
            if value is not None:
                yield key, At(value, next(said.each(url))[1])

    def _implies(self, said: Extended) -> Json:
        found: Json = {}
        for one, path in said.each(names.IMPLIES):
            if "valueCode" not in one:
                self.wrong(path, "The extension lacks valueCode.", "Write the id of a concept.")
            else:
                found[one["valueCode"]] = At(True, path)
        return {"implies": found} if found else {}

    def _scores(self, said: Extended) -> Json:
        found: Json = {}
        for one, path in said.each(names.SCORE):
            inner = Extended(one, path, self.faults)
            name = inner.one("name", "valueString")
            items: Json = {}
            for item, where in inner.each("item"):
                parts = Extended(item, where, self.faults)
                text, points = parts.line("condition"), parts.one("points", "valueDecimal")
                if text is not None:
                    items[text] = At(points, where)
            if not name or not items:
                self.wrong(
                    path,
                    "A score lacks its name or its items.",
                    "Write name, and item with condition and points.",
                )
            found[str(name)] = At(items, path)
        return {"scores": found} if found else {}

    def _several(self, said: Extended, key: str, url: str) -> Json:
        found = [At(value_of(one), path) for one, path in said.each(url)]
        return {key: found} if found else {}

    def _signoff(self, plan: Json, said: Extended, path: str) -> Json:
        reviewers = [one.get("name", "") for one in plan.get("reviewer", [])]
        found = {
            "author": next((one.get("name", "") for one in plan.get("author", [])), ""),
            "reviewers": reviewers,
            "signed": plan.get("approvalDate", ""),
            "review_by": plan.get("effectivePeriod", {}).get("end", ""),
            "sha256": said.one(names.SIGNED_SHA256, "valueString") or "",
        }
        filled = {key: value for key, value in found.items() if value}
        return {"signoff": At(filled, path)} if filled else {}

    def _topic(self, plan: Json, path: str) -> Json:
        for number, topic in enumerate(plan.get("topic", [])):
            for coding in topic.get("coding", []):
                if coding.get("system") == names.ICPC2 and "code" in coding:
                    return {"icpc2": At(coding["code"], f"{path}.topic[{number}]")}
        return {}

    def _context(self, plan: Json, path: str) -> Json:
        ages: Json = {}
        sex = "any"
        where = f"{path}.useContext"
        for number, one in enumerate(plan.get("useContext", [])):
            inner = f"{where}[{number}]"
            code = one["code"].get("code")
            if code == "age" and "valueRange" in one:
                for end, key in (("low", "age_min"), ("high", "age_max")):
                    ages[key] = self._years(one["valueRange"].get(end), f"{inner}.valueRange.{end}")
            elif code == "gender":
                codings = one.get("valueCodeableConcept", {}).get("coding", [])
                known = [
                    key for key, name in names.SEX.items() for coding in codings if coding.get("code") == name
                ]
                if len(known) != 1:
                    self.wrong(
                        inner, "Whom it is for is neither female nor male.", "Write one, or take it away."
                    )
                sex = known[0] if known else "any"
            else:
                cure = "Take it away; age (valueRange) and gender are what we follow."
                self.wrong(inner, f"We cannot follow the context “{code}”.", cure)
        if not ages and sex == "any":
            return {}
        bounds = {key: ages.get(key) for key in ("age_min", "age_max")} if ages else {}
        return {"applies": At({**bounds, "sex": sex}, where)}

    def _years(self, quantity: Json | None, path: str) -> float | int | None:
        if quantity is None:
            return None
        if quantity.get("code", "a") != "a" or "value" not in quantity:
            self.wrong(path, "An age is in years.", "Write value in years, with code a.")
        value: float | int | None = quantity.get("value")
        return value

    # --- rules ---------------------------------------------------------------------------------

    def _rules(self, plan: Json, path: str) -> Json:
        found: dict[str, list[At]] = {part: [] for part in names.PARTS}
        for action, where in self._leaves(plan, path):
            part = self._part(action, where)
            rule = self._rule(action, where, part)
            found[part].append(At(rule, where))
        defaults = found.pop("default")
        if not defaults:
            cure = "Add an action without a condition: what holds when no rule does."
            self.wrong(f"{path}.action", "There is no default.", cure)
        for extra in defaults[1:]:
            self.wrong(extra.path, "There are two defaults.", _NO_CONDITION)
        whole: Json = {part: At(rules, f"{path}.action") for part, rules in found.items() if rules}
        return {**whole, "default": defaults[0] if defaults else At({}, f"{path}.action")}

    def _leaves(self, holder: Json, path: str) -> Iterator[tuple[Json, str]]:
        """The actions that are rules; what only groups them falls out."""
        for number, action in enumerate(holder.get("action", [])):
            where = f"{path}.action[{number}]"
            for name in action:
                if name not in _ACTION:
                    self.wrong(f"{where}.{name}", f"We cannot follow {name} of an action.", "Take it away.")
            if action.get("selectionBehavior", "all") not in ("all", "any"):
                cure = "Take it away: every rule that holds counts, and the most urgent decides."
                self.wrong(f"{where}.selectionBehavior", "We cannot follow it.", cure)
            Extended(action, where, self.faults).strangers()
            if "action" not in action:
                yield action, where
                continue
            if "condition" in action:
                cure = "Write the whole condition on each of the actions in it."
                self.wrong(f"{where}.condition", "A group of actions has a condition.", cure)
            yield from self._leaves(action, where)

    def _part(self, action: Json, path: str) -> str:
        code = self._code(action, names.PART)
        if code is None:
            return "rules" if "condition" in action else "default"
        if code[0] not in names.PARTS:
            self.wrong(code[1], f"“{code[0]}” is no part of a protocol.", f"Known: {', '.join(names.PARTS)}.")
            return "rules"
        if (code[0] == "default") == ("condition" in action):
            cure = _NO_CONDITION if code[0] != "default" else "Take the condition of the default away."
            self.wrong(f"{path}.condition", f"An action of “{code[0]}” has it the other way round.", cure)
        return str(code[0])

    def _code(self, action: Json, system: str) -> tuple[str, str] | None:
        """Code and path of the coding in a system."""
        for number, concept in enumerate(action.get("code", [])):
            for place, coding in enumerate(concept.get("coding", [])):
                if coding.get("system") == system and "code" in coding:
                    return coding["code"], f"code[{number}].coding[{place}].code"
        return None

    def _rule(self, action: Json, path: str, part: str) -> Json:
        if "id" not in action and part != "default":
            self.wrong(f"{path}.id", "The rule has no id.", "Add id: small letters a-z, digits and _.")
        because = text_of(action, "description", path, self.faults, self.language)
        if because is None:
            self.wrong(
                f"{path}.description", "The rule does not say why.", "Add description, in both languages."
            )
        refer = self._code(action, names.REFER)
        ids = self._documents(action, path)
        return {
            **({} if part == "default" else {"id": At(action.get("id", ""), f"{path}.id")}),
            **self._when(action, path),
            **self._urgency(action, path),
            **({"refer": At(refer[0], f"{path}.{refer[1]}")} if refer else {}),
            "because": At(because or {}, f"{path}.description"),
            **({"source": At(ids[0] if len(ids) == 1 else ids, f"{path}.documentation")} if ids else {}),
        }

    def _urgency(self, action: Json, path: str) -> Json:
        urgency, care = self._code(action, names.URGENCY), self._code(action, names.CARE)
        if care is None or care[0] not in _URGENCY:
            cure = f"Add a coding of {names.CARE}: {', '.join(_URGENCY)}."
            self.wrong(f"{path}.{care[1] if care else 'code'}", "The action has no care level of ours.", cure)
            return {}
        number = _URGENCY[care[0]]
        if urgency and urgency[0] != str(number):
            what = f"Care “{care[0]}” has urgency {number}, not {urgency[0]}."
            self.wrong(f"{path}.{urgency[1]}", what, "Change one of the two.")
        if action.get("priority", names.PRIORITY[number]) != names.PRIORITY[number]:
            cure = f"Write {names.PRIORITY[number]}, or take it away."
            self.wrong(f"{path}.priority", f"The priority does not go with urgency {number}.", cure)
        at = f"{path}.{(urgency or care)[1]}"
        return {"urgency": At(number, at), "care": At(care[0], f"{path}.{care[1]}")}

    def _when(self, action: Json, path: str) -> Json:
        found = []
        for number, one in enumerate(action.get("condition", [])):
            where = f"{path}.condition[{number}]"
            if one["kind"] != "applicability":
                self.wrong(f"{where}.kind", f"We cannot follow “{one['kind']}”.", "Write applicability.")
            if "expression" not in one:
                self.wrong(where, "The condition is empty.", "Add expression.")
                continue
            text = condition(one["expression"], f"{where}.expression", self.faults)
            if text is not None:
                found.append(text)
        if not found:
            return {}
        whole = found[0] if len(found) == 1 else " and ".join(f"({text})" for text in found)
        return {"when": At(whole, f"{path}.condition[0].expression")}

    def _documents(self, action: Json, path: str) -> list[str]:
        found = []
        for number, one in enumerate(action.get("documentation", [])):
            where = f"{path}.documentation[{number}]"
            id = one.get("label")
            if not id:
                self.wrong(f"{where}.label", "The source has no label.", "Write a short id of it: nice_ng84.")
                continue
            known = self.sources.get(id)
            if known is None and "display" not in one:
                self.wrong(f"{where}.display", f"We have no source “{id}”.", "Write its title as display.")
            elif known is None:
                publisher = Extended(one, where, self.faults).one(names.PUBLISHER, "valueString")
                self.new_sources[id] = At(
                    {
                        "title": one["display"],
                        **({"publisher": publisher} if publisher else {}),
                        **({"url": one["url"]} if "url" in one else {}),
                    },
                    where,
                )
            elif one.get("url", known.url) != known.url:
                cure = f"Ours is {known.url}. Write that, or another label."
                self.wrong(f"{where}.url", f"Source “{id}” has another address with us.", cure)
            found.append(str(id))
        return found
