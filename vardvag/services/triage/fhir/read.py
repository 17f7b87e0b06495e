"""A FHIR R4 Bundle -> a protocol in YAML, with the concepts and sources of it that we did not have."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from vardvag.services.triage.engine import read_concepts
from vardvag.services.triage.engine.library import Library
from vardvag.services.triage.engine.model import Concept, file_of
from vardvag.services.triage.engine.place import Problem
from vardvag.services.triage.fhir import names, r4_check, spelling, yaml_text
from vardvag.services.triage.fhir.extensions import Extended, value_of
from vardvag.services.triage.fhir.faults import BadBundle, Fault
from vardvag.services.triage.fhir.nodes import At, Located, Place, paths, plain
from vardvag.services.triage.fhir.read_items import Items
from vardvag.services.triage.fhir.read_plan import Plan

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class File:
    """A file of the content to be: its name there, its YAML, and where in the Bundle its parts stand."""

    name: str
    tree: Json
    paths: Mapping[Place, str] = field(repr=False)

    @property
    def text(self) -> str:
        return yaml_text.write(self.tree)


@dataclass(frozen=True, slots=True)
class Imported:
    id: str
    protocol: File
    concepts: File | None  # new ones
    sources: File | None  # new ones
    sha256: str  # what it had when it was written out, if we did that

    @property
    def files(self) -> tuple[File, ...]:
        return tuple(one for one in (self.protocol, self.concepts, self.sources) if one)


def read(content: Any, library: Library) -> Imported:
    """Raises BadBundle with every fault found. What the loader checks is told by `held.held`."""
    found = list(r4_check.faults(content))
    if found:
        raise BadBundle(found)
    whole = _Whole(content, library)
    concepts, protocol = whole.concepts(), whole.tree()
    if whole.faults:
        raise BadBundle(whole.faults)
    id = str(plain(whole.protocol)["id"])
    return Imported(
        id,
        File(file_of(id), protocol, paths(whole.protocol)),
        _file(f"concepts/{id}.yaml", concepts),
        _file(f"sources/{id}.yaml", whole.plan.new_sources),
        whole.sha256,
    )


def tree(content: Json, library: Library) -> Json:
    """The protocol alone, of a Bundle that we have written. Raises BadBundle."""
    whole = _Whole(content, library)
    found = whole.tree()
    if whole.faults:
        raise BadBundle(whole.faults)
    return found


def _file(name: str, some: Mapping[str, At]) -> File | None:
    return File(name, plain(some), paths(dict(some))) if some else None


class _Whole:
    def __init__(self, content: Json, library: Library) -> None:
        self.library = library
        self.faults: list[Fault] = []
        plans, questionnaires = self._parts(content)
        self.items = Items(self.faults)
        self.plan = Plan(self.faults, library.sources)
        self.protocol: Json = {}
        self.sha256 = ""
        self.spelled: list[tuple[str, str]] = []
        for questionnaire, path in questionnaires[:1]:
            self.items.language = self._language(questionnaire, path)
            for name in ("modifierExtension", "implicitRules", "contained", "derivedFrom"):
                if name in questionnaire:
                    self.faults.append(Fault(f"{path}.{name}", f"We cannot follow {name}.", "Take it away."))
            self.items.read(questionnaire.get("item", []), path)
        for plan, path in plans[:1]:
            self.plan.language = self._language(plan, path)
            self.protocol = self.plan.read(plan, path, self.items.ask)
            said = Extended(plan, path, self.faults)
            self.sha256 = said.one(names.SHA256, "valueString") or ""
            for one, _path in said.each(names.SPELLING):
                note = value_of(one)
                self.spelled.append(
                    (str(note.get("at")), str(note.get("as"))) if isinstance(note, dict) else ("", "")
                )

    def _parts(self, content: Json) -> tuple[list[tuple[Json, str]], list[tuple[Json, str]]]:
        found: dict[str, list[tuple[Json, str]]] = {"PlanDefinition": [], "Questionnaire": []}
        if content.get("resourceType") != "Bundle":
            cure = "Put the PlanDefinition and its Questionnaire into a Bundle of type collection."
            self.faults.append(Fault("resourceType", "This is no Bundle.", cure))
            return [], []
        for number, entry in enumerate(content.get("entry", [])):
            path = f"entry[{number}].resource"
            type = entry.get("resource", {}).get("resourceType", "")
            if type in found:
                found[type].append((entry["resource"], path))
            else:
                cure = "Take it out; a protocol is a PlanDefinition and a Questionnaire."
                self.faults.append(Fault(path, f"We cannot use a {type or 'missing resource'}.", cure))
        if not found["PlanDefinition"]:
            self.faults.append(Fault("entry", "There is no PlanDefinition.", "Add the one with the rules."))
        for some in found.values():
            for _one, path in some[1:]:
                cure = "Keep one PlanDefinition and one Questionnaire in a file."
                self.faults.append(Fault(path, "There is another one of the same kind.", cure))
        return found["PlanDefinition"], found["Questionnaire"]

    def _language(self, resource: Json, path: str) -> str:
        language = str(resource.get("language", "sv")).partition("-")[0]
        if language not in ("sv", "en"):
            cure = "Write it in sv or en, with the other as a translation."
            self.faults.append(Fault(f"{path}.language", f"We do not have “{language}”.", cure))
            return "sv"
        return language

    def tree(self) -> Json:
        found: Json = plain(self.protocol)
        try:
            spelling.put_back(found, self.spelled)
        except spelling.NotTheSame as fault:
            self.faults.append(Fault("extension (spelling)", str(fault), "Take the extension away."))
        return found

    def concepts(self) -> dict[str, At]:
        """Those that we do not have; faults for those that we have otherwise."""
        located = Located(self.items.concepts)
        problems: list[Problem] = []
        theirs = {
            id: concept for id, (concept, _line) in read_concepts.concepts(located.tree, "", problems).items()
        }
        self.faults += [Fault(located.path(one.line), one.what, one.cure) for one in problems]
        new: dict[str, At] = {}
        for id, node in self.items.concepts.items():
            ours = self.library.concepts.get(id)
            if ours is None:
                new[id] = node
            elif ours != theirs[id]:
                parts = ", ".join(_different(ours, theirs[id]))
                cure = "Take ours (write it out to see it), or give this one another linkId."
                self.faults.append(Fault(node.path, f"“{id}” is not as ours is: {parts}.", cure))
        self.faults += self.items.held({**self.library.concepts, **theirs})
        return new


def _different(one: Concept, other: Concept) -> Iterator[str]:
    for part in fields(Concept):
        if getattr(one, part.name) != getattr(other, part.name):
            yield part.name
