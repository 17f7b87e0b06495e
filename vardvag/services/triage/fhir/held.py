"""What the loader says about an imported protocol, told by its place in the Bundle."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from vardvag.services.triage.engine import golden, load, place
from vardvag.services.triage.engine.golden_cases import cases
from vardvag.services.triage.engine.place import Map, Problem, Seq
from vardvag.services.triage.engine.reader import Loaded
from vardvag.services.triage.fhir.faults import BadBundle, Fault
from vardvag.services.triage.fhir.nodes import Place
from vardvag.services.triage.fhir.read import File, Imported


@dataclass(frozen=True, slots=True)
class Held:
    sha256: str
    notes: tuple[str, ...]  # golden cases that are missing or fail


def held(imported: Imported, folder: Path = load.CONTENT) -> Held:
    """Loads it with the rest of the content. Raises BadBundle."""
    with TemporaryDirectory() as name:
        whole = Path(name)
        for part in ("concepts", "sources"):
            shutil.copytree(folder / part, whole / part)
        for one in ("reasons.json", "screening.yaml", "general.yaml"):
            shutil.copy(folder / one, whole / one)
        (whole / "protocols").mkdir()
        for file in imported.files:
            (whole / file.name).write_text(file.text, encoding="utf-8")
        loaded = load.load(whole, [imported.id], golden=True)
    faults = [_fault(problem, imported.files) for problem in loaded.problems]
    notes = _golden(loaded, imported, faults) if not faults else ()
    if faults or loaded.library is None:
        raise BadBundle(faults)
    return Held(loaded.library.sha256(imported.id), notes)


def _golden(loaded: Loaded, imported: Imported, faults: list[Fault]) -> tuple[str, ...]:
    """What stands against its golden cases; what cannot be used in them is a fault."""
    library, tree = loaded.library, loaded.trees.get(imported.id)
    if library is None or tree is None:
        return ()
    problems: list[Problem] = []
    found = cases(library, library.protocol(imported.id), tree, imported.protocol.name, problems)
    few = [one for one in problems if one.what.endswith(" golden cases.")]
    faults += [_fault(one, imported.files) for one in problems if one not in few]
    failed = [] if faults else [(case.name, one) for case in found for one in golden.faults(library, case)]
    return (
        *(f"{one.what} {one.cure}" for one in few),
        *(f"Golden case “{name}”: {one}" for name, one in failed),
    )


def _fault(problem: Problem, files: tuple[File, ...]) -> Fault:
    for file in files:
        if file.name == problem.file:
            return Fault(_path(file, problem.line), problem.what, problem.cure)
    return Fault(f"{problem.file}:{problem.line}", problem.what, problem.cure)


def _path(file: File, line: int) -> str:
    """The path of what stands on a line: the widest there of which one is known, else of what it stands in."""
    tree, _problems = place.read(file.text, file.name)
    at = {one: where for one, where in _lines(tree).items() if one in file.paths and where <= line}
    if not at:
        return next(iter(file.paths.values()), "")
    nearest = max(at.values())
    return file.paths[min((one for one, where in at.items() if where == nearest), key=len)]


def _lines(node: Any, at: Place = ()) -> Mapping[Place, int]:
    found: dict[Place, int] = {}
    if isinstance(node, Map):
        for key, one in node.items():
            found[(*at, key)] = node.lines[key]
            found |= _lines(one, (*at, key))
    elif isinstance(node, Seq):
        for number, (one, line) in enumerate(zip(node, node.lines, strict=True)):
            found[(*at, number)] = line
            found |= _lines(one, (*at, number))
    return found
