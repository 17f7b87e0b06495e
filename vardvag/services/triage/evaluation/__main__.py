"""`make triage-eval`: vignettes and golden cases played, and figures. `--held` plays those kept back till the end."""

import argparse
import sys

from vardvag.services.triage.engine import golden, load
from vardvag.services.triage.engine.place import Problem
from vardvag.services.triage.engine.reader import Loaded
from vardvag.services.triage.evaluation import actor, report, vignettes
from vardvag.services.triage.evaluation.vignettes import BadVignettes


def main(words: list[str]) -> int:
    asked = argparse.ArgumentParser(prog="triage-eval", description=__doc__)
    asked.add_argument(
        "--held",
        nargs="?",
        const="held10",
        choices=("held", "held2", "held3", "held4", "held5", "held6", "held7", "held8", "held9", "held10"),
        help="a set kept aside; figures only, no misses",
    )
    asked.add_argument("--list", action="store_true", help="with --held: the misses too")
    asked.add_argument("--only", nargs="*", metavar="ID", help="these vignettes, no golden cases")
    asked.add_argument("--ways", nargs="*", choices=actor.WAYS, default=list(actor.WAYS))
    asked.add_argument("--mapping", action="store_true", help="what the vignettes' facts leave open")
    said = asked.parse_args(words)
    loaded = load.load(load.CONTENT, golden=True)
    library = loaded.library
    if library is None:
        print("The content cannot be used; python -m vardvag.services.triage.check tells why.")
        return 1
    try:
        wanted = vignettes.read(said.held or "dev", library)
    except BadVignettes as error:
        print(error)
        return 1
    wanted = [one for one in wanted if not said.only or one.id in said.only]
    plays = {
        way: [played for one in wanted for played in actor.plays(library, one, way)] for way in said.ways
    }
    print(f"{said.held or 'dev'}: {len(wanted)} vignettes, content {library.whole()[:16]}\n")
    hidden = bool(said.held) and not said.list
    for line in report.figures(plays, library) if hidden else report.whole(plays, library):
        print(line.rstrip())
    if said.mapping:
        print("\n" + "\n".join(report.mapping(plays)))
    return 0 if said.only else _golden(loaded)


def _golden(loaded: Loaded) -> int:
    library = loaded.library
    assert library is not None
    ran = failed = 0
    print("\ngolden cases")
    for protocol in library.every:
        problems: list[Problem] = []
        try:
            cases = golden.cases(library, protocol, loaded.trees[protocol.id], protocol.id, problems)
            for case in cases:
                wrong = list(golden.faults(library, case))
                ran, failed = ran + 1, failed + bool(wrong)
                for one in wrong:
                    print(f"  {protocol.id} “{case.name}”: {one}")
        except KeyError as error:
            problems.append(Problem(protocol.id, 1, f"Its golden cases wait for {error}.", ""))
        for problem in problems:
            print(f"  {problem}")
    print(f"{ran} golden cases, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
