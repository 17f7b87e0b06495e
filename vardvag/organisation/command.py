"""`vardvag import-units FILE` and `vardvag import-staff FILE`: a dry run, or with --apply the import."""

import sys
from pathlib import Path

from vardvag.core import clock
from vardvag.core.actor import SystemActor
from vardvag.organisation import actions
from vardvag.outside.hsa.guard import UnreadableFile


def main(words: list[str]) -> int:
    """units | staff, the file, then --apply and --allow-gone as wished. 0 done, 1 with errors, 2 refused."""
    kind, name, *wishes = words
    actor = SystemActor(f"import-{kind}")
    try:
        content = Path(name).read_bytes()
        run, report = actions.check_import(
            actor=actor, kind=kind, file_name=name, content=content, now=clock.now()
        )
    except OSError as problem:
        print(f"{name}: {problem.strerror}", file=sys.stderr)
        return 2
    except UnreadableFile as unreadable:
        print(f"{name}: {unreadable.message}", file=sys.stderr)
        return 2
    if "--apply" in wishes:
        done = actions.apply_import(
            actor=actor, run_id=run.pk, allow_gone="--allow-gone" in wishes, now=clock.now()
        )
        report = done or report
    for trouble in (*report.errors, *report.warnings):
        print(f"{name}:{trouble['line']}: {trouble['problem']} {trouble['cure']}")
    print(
        f"{report.created} new, {report.changed} changed, {report.unchanged} as before,"
        f" {report.archived} archived or ended, {len({error['line'] for error in report.errors})} lines left out."
    )
    if report.refused:
        print(report.refused, file=sys.stderr)
        return 2
    if "--apply" not in wishes:
        print("Nothing is changed yet. Run it again with --apply.")
    return 1 if report.errors else 0
