"""Reading a folder of content file by file, and linking the parts. Every fault is told with file, line and cure."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vardvag.services.triage.engine import place, read, read_concepts
from vardvag.services.triage.engine.library import Library
from vardvag.services.triage.engine.links import Links, Said
from vardvag.services.triage.engine.model import (
    GENERAL,
    INFANTS,
    SCREENING,
    Concept,
    Protocol,
    Reason,
    Rule,
    Source,
    file_of,
)
from vardvag.services.triage.engine.place import Map, Problem
from vardvag.services.triage.engine.text import Text

_GOLDEN = re.compile(r"^golden:.*?(?=^[a-z_]+:|\Z)", re.MULTILINE | re.DOTALL)


@dataclass
class Loaded:
    """What was read, and what is wrong with it. `trees` has the located YAML of each protocol for the checker."""

    library: Library | None = None
    problems: list[Problem] = field(default_factory=list)
    trees: dict[str, Map] = field(default_factory=dict)


class Reader:
    def __init__(
        self, folder: Path, only: set[str] | None, golden: bool, replaced: Mapping[str, str]
    ) -> None:
        self.folder, self.only, self.golden, self.replaced = folder, only, golden, replaced
        self.loaded = Loaded()
        self.places: dict[str, tuple[str, int]] = {}  # concept: file and line
        self.concepts: dict[str, Concept] = {}
        self.contents: dict[str, str] = {}
        self.sources: dict[str, Source] = {}
        self.protocols: dict[str, Protocol] = {}

    def whole(self) -> Loaded:
        problems = self.loaded.problems
        self._sources()
        self._concepts()
        reasons = self._reasons()
        screening = self._protocol(self.folder / "screening.yaml", general=True)
        general = self._protocol(self.folder / "general.yaml", general=True)
        young = self.folder / "infants.yaml"
        infants = self._protocol(young, general=True) if young.exists() else general
        files = sorted((self.folder / "protocols").glob("*.yaml"))
        if self.only is not None:
            for id in sorted(self.only - {file.stem for file in files} - {SCREENING, GENERAL, INFANTS}):
                problems.append(
                    Problem(f"protocols/{id}.yaml", 1, "There is no such file.", "Write it, or name another.")
                )
        for file in files:
            if self.only is None or file.stem in self.only:
                one = self._protocol(file)
                if one:
                    self.protocols[file.stem] = one
        self._circles()
        links = Links(self.concepts)
        for one in dict.fromkeys((screening, infants, general, *self.protocols.values())):
            if one:
                self._linked(links, one, reasons)
        self._own_concepts(links)
        if screening and general and infants:
            self.loaded.library = Library(
                self.concepts, self.protocols, self.sources, screening, general, infants, reasons, self.contents
            )  # fmt: skip
            if self.only is not None:
                used = frozenset[str]().union(
                    *(self.loaded.library.used(one) for one in self.protocols.values())
                )
                problems[:] = [problem for problem in problems if not self._elsewhere(problem, used)]
        problems.sort()
        return self.loaded

    def _yaml(self, file: Path, golden: bool = True) -> Map | None:
        name = file.relative_to(self.folder).as_posix()
        try:
            text = self._text(file)
        except (OSError, UnicodeDecodeError) as error:
            self.loaded.problems.append(
                Problem(name, 1, f"This cannot be read: {error}.", "Save it as UTF-8 text.")
            )
            return None
        if not golden and text is not self.replaced.get(_id(file)):  # another's text may stand otherwise
            text = _GOLDEN.sub(lambda found: "\n" * found[0].count("\n"), text)
        tree, problems = place.read(text, name)
        self.loaded.problems += problems
        if tree is not None and not isinstance(tree, Map):
            self.loaded.problems.append(
                Problem(name, 1, "The file is not a mapping.", "Begin with key: value.")
            )
        return tree if isinstance(tree, Map) else None

    def _text(self, file: Path) -> str:
        id = _id(file)
        if id in self.replaced and file.parent.name not in ("concepts", "sources"):
            return self.replaced[id]
        return file.read_text(encoding="utf-8")

    def _sources(self) -> None:
        for file in sorted((self.folder / "sources").glob("*.yaml")):
            tree = self._yaml(file)
            if tree is None:
                continue
            for id, (source, line) in read_concepts.sources(
                tree, f"sources/{file.name}", self.loaded.problems
            ).items():
                other = self.sources.setdefault(id, source)
                if other.url != source.url:
                    what = f"Source {id} stands in two files with different addresses."
                    self.loaded.problems.append(
                        Problem(f"sources/{file.name}", line, what, "Give one of them another id.")
                    )

    def _concepts(self) -> None:
        for file in sorted((self.folder / "concepts").glob("*.yaml")):
            name = f"concepts/{file.name}"
            tree = self._yaml(file)
            if tree is None:
                continue
            for id, (concept, line) in read_concepts.concepts(tree, name, self.loaded.problems).items():
                if id in self.places:
                    other = ":".join(map(str, self.places[id]))
                    cure = f"Use the one in {other}, or give this one another id."
                    self.loaded.problems.append(Problem(name, line, f"Concept {id} is defined twice.", cure))
                    continue
                self.places[id] = (name, line)
                self.concepts[id] = concept
                self.contents[id] = json.dumps(tree[id], sort_keys=True, ensure_ascii=False)

    def _reasons(self) -> dict[str, Reason]:
        file = self.folder / "reasons.json"
        try:
            rows: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
            return {
                row["id"]: Reason(
                    row["id"], Text(row["sv"], row["en"]), row["group"], row["freq_band"], row["icpc2"]
                )
                for row in rows
            }
        except (OSError, ValueError, KeyError, TypeError) as error:
            self.loaded.problems.append(
                Problem(file.name, 1, f"This cannot be read: {error}.", "Write a list of reasons as JSON.")
            )
            return {}

    def _protocol(self, file: Path, general: bool = False) -> Protocol | None:
        name = file.relative_to(self.folder).as_posix()
        tree = self._yaml(file, self.golden)
        if tree is None:
            return None
        one = read.protocol(tree, name, self.loaded.problems, general)
        if not general and one.id != file.stem:
            line, cure = tree.at("id"), "Name file and id alike."
            self.loaded.problems.append(
                Problem(name, line, f"The file is {file.stem}, the id is {one.id}.", cure)
            )
        self.loaded.trees[one.id] = tree
        return one

    def _circles(self) -> None:
        for id, said in Links(self.concepts).circles():
            self.loaded.problems.append(Problem(*self.places[id], *said))
            del self.concepts[id]

    def _own_concepts(self, links: Links) -> None:
        for id, concept in self.concepts.items():
            for said in links.concept(concept):
                self.loaded.problems.append(Problem(*self.places[id], *said))

    def _elsewhere(self, problem: Problem, used: frozenset[str]) -> bool:
        """Whether a fault is in something that the named protocols do not use."""
        if not problem.file.startswith("concepts/"):
            return problem.file.startswith("sources/")
        above = [
            (line, id)
            for id, (file, line) in self.places.items()
            if file == problem.file and line <= problem.line
        ]
        return not above or max(above)[1] not in used

    def _linked(self, links: Links, one: Protocol, reasons: Mapping[str, Reason]) -> None:
        tree = self.loaded.trees[one.id]
        name = file_of(one.id)

        def tell(line: int, said: Iterable[Said]) -> None:
            self.loaded.problems.extend(Problem(name, line, *one) for one in said)

        parts: dict[str, tuple[Rule, ...]] = {
            "rules": one.rules,
            "everywhere": one.everywhere,
            "reassure": one.reassure,
        }
        for part, rules in parts.items():
            sign = -1 if part == "reassure" else 1
            for rule, line in zip(rules, _lines(tree, part), strict=False):
                tell(line, links.rule(rule, self.sources, sign))
                if part == "rules" and rule.urgency > one.default.urgency:
                    cure = "Raise the default's number, or lower the default by an entry under reassure:."
                    tell(line, [(f"Rule {rule.id} is less urgent than the default and never decides.", cure)])
                if part == "reassure" and rule.rank <= one.default.rank:
                    tell(
                        line,
                        [
                            (
                                f"Reassurance {rule.id} is not below the default.",
                                "Give it a less urgent outcome.",
                            )
                        ],
                    )
        tell(tree.at("default"), links.rule(one.default, self.sources))
        asked = [(one.ask[number], line) for number, line in enumerate(_lines(tree, "ask"))]
        for about, said in links.asked(one):
            line = next((line for entry, line in asked if about in entry.concepts), tree.at("ask"))
            tell(line, [said])
        for join, line in zip(one.joins, _lines(tree, "joins"), strict=False):
            tell(line, [*links.fits(join.when), *links.lowers(join.when)])
            if join.take not in self.protocols and join.take not in reasons:
                tell(line, [(f"There is no protocol “{join.take}”.", "Name a reason.")])
        if one.id != GENERAL:
            for concept in links.never_asked(one):
                line = next((line for line in _mentions(tree, concept)), tree.at("rules"))
                tell(line, [(f"A rule uses {concept}, which this protocol never asks.", "Add it to ask:.")])


def _id(file: Path) -> str:
    """Of the protocol in it."""
    return {"general": GENERAL, "infants": INFANTS}.get(file.stem, file.stem)


def _lines(tree: Map, key: str) -> list[int]:
    return list(getattr(tree.get(key), "lines", []))


def _mentions(tree: Map, concept: str) -> Iterator[int]:
    for part in ("rules", "everywhere", "reassure"):
        for entry in tree.get(part) or []:
            if isinstance(entry, Map) and concept in re.findall(r"\w+", str(entry.get("when", ""))):
                yield entry.at("when")
