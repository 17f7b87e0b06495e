"""`python -m vardvag.services.triage.check [ids...]`: what is wrong with the content, and what its golden cases say.

With ids only those protocols are looked at (and what they use). `screening` and `allmant` can be named too.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from vardvag.services.triage.engine import golden, load, reach
from vardvag.services.triage.engine.evaluate import evaluate
from vardvag.services.triage.engine.library import Library
from vardvag.services.triage.engine.model import Protocol, file_of
from vardvag.services.triage.engine.place import Problem
from vardvag.services.triage.engine.reader import Loaded


def main(ids: list[str], folder: Path = load.CONTENT) -> int:
    loaded = load.load(folder, ids or None, golden=True)
    said = [str(problem) for problem in loaded.problems]
    notes: list[str] = []
    ran = failed = 0
    if loaded.library:
        wanted = loaded.library.every
        for protocol in [one for one in wanted if not ids or one.id in ids]:
            try:
                wrong, more, count, bad = look(loaded.library, protocol, loaded)
            except KeyError as error:  # a name that is missing, told above
                wrong, more, count, bad = (
                    [f"{file(protocol)}:1: Golden cases wait for {error}. Define it."],
                    [],
                    0,
                    0,
                )
            said, notes, ran, failed = said + wrong, notes + more, ran + count, failed + bad
    else:
        said.append("screening.yaml or general.yaml cannot be used; golden cases were not run.")
    for one in (*notes, *said):
        print(one)
    protocols = len(loaded.library.protocols) if loaded.library else 0
    print(
        f"{protocols} protocols, {ran} golden cases, {failed} failed, {len(said)} faults, {len(notes)} notes."
    )
    return 1 if said else 0


def file(protocol: Protocol) -> str:
    return file_of(protocol.id)


def look(library: Library, protocol: Protocol, loaded: Loaded) -> tuple[list[str], list[str], int, int]:
    """Faults, notes, golden cases run and failed."""
    problems: list[Problem] = []
    cases = golden.cases(library, protocol, loaded.trees[protocol.id], file(protocol), problems)
    said = [str(problem) for problem in problems]
    failed = 0
    for case in cases:
        wrong = list(golden.faults(library, case))
        failed += bool(wrong)
        said += [f"{file(protocol)}:{case.line}: Golden case “{case.name}”: {one}" for one in wrong]
    notes = []
    for can, line, what in untested(library, protocol, loaded, cases):
        if can:
            notes.append(f"{file(protocol)}:{line}: note: {what}")
        else:
            said.append(f"{file(protocol)}:{line}: {what}")
    return said, notes, len(cases), failed


def untested(
    library: Library, protocol: Protocol, loaded: Loaded, cases: list[golden.Case]
) -> Iterator[tuple[bool, int, str]]:
    """Rules that no golden case makes fire: whether anything can, the line, what to do."""
    fired: set[str] = set()
    for case in cases:
        answers = case.given if case.abandoned else golden.whole(library, case)
        fired |= {one.rule.id for one in evaluate(library, (protocol.id,), answers).fired}
    tree = loaded.trees[protocol.id]
    parts = {"rules": protocol.rules, "everywhere": protocol.everywhere, "reassure": protocol.reassure}
    for part, rules in parts.items():
        for rule, line in zip(rules, getattr(tree.get(part), "lines", []), strict=False):
            if rule.id in fired:
                continue
            if part != "reassure" and reach.reached(library, protocol, rule) is None:
                yield False, line, f"Nothing makes rule {rule.id} fire. Mend its condition, or take it away."
            else:
                yield True, line, f"No golden case makes rule {rule.id} fire. Add one, or take the rule away."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
