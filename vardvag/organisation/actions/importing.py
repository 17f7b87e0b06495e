"""Imports in two steps: look (nothing is written but the run itself), then do. The worker does it: an import
reaches over all care providers, which no page may."""

from datetime import datetime
from io import BytesIO
from pathlib import Path

from django.db import transaction
from procrastinate.contrib.django import app

from vardvag.audit.actions import record
from vardvag.core.actor import StaffActor, SystemActor
from vardvag.core.live import tell
from vardvag.organisation.actions.import_report import ImportReport
from vardvag.organisation.actions.import_staff import StaffImport
from vardvag.organisation.actions.import_units import UnitImport
from vardvag.organisation.models import ImportRun
from vardvag.organisation.queries import forget
from vardvag.outside.hsa.guard import UnreadableFile
from vardvag.outside.hsa.package import read_package
from vardvag.outside.hsa.tables import read_staff, read_units

UNITS, STAFF = "units", "staff"


def look(
    *,
    actor: SystemActor,
    kind: str,
    content: bytes,
    now: datetime,
    apply: bool = False,
    allow_gone: bool = False,
) -> ImportReport:
    """What the file would do, or with `apply` does. Raises UnreadableFile."""
    if kind == STAFF:
        staff = read_staff(BytesIO(content))
        importing = StaffImport(actor=actor, source="csv", now=now, apply=apply, allow_gone=allow_gone)
        report = importing.run(staff.rows)
        report.take_errors(staff.errors)
    else:
        package = content.startswith(b"PK\x03\x04") or content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<")
        units = read_package(BytesIO(content)) if package else read_units(BytesIO(content))
        source = "hsa" if package else "csv"
        report = UnitImport(source=source, now=now, apply=apply, allow_gone=allow_gone).run(units.rows)
        report.take_errors(units.errors)
    report.errors.sort(key=lambda error: int(error["line"]))
    return report


@transaction.atomic
def check_import(
    *, actor: StaffActor | SystemActor, kind: str, file_name: str, content: bytes, now: datetime
) -> tuple[ImportRun, ImportReport]:
    """The dry run. The file is kept in the run until it is applied. Raises UnreadableFile."""
    job = SystemActor("organisation.check_import")
    report = look(actor=job, kind=kind, content=content, now=now)
    run = ImportRun(
        kind=kind,
        source="csv" if kind == STAFF or not content.startswith((b"PK\x03\x04", b"<")) else "hsa",
        at=now,
        by=actor.name if isinstance(actor, StaffActor) else actor.job,
        file_name=Path(file_name).name[-200:],
        content=content,
    )
    _tell(run, report)
    run.save()
    record(
        actor=actor, verb="check_import", kind="import", object_id=run.pk, purpose="administration", at=now
    )
    return run, report


@transaction.atomic
def queue_import(*, actor: StaffActor, run: ImportRun, allow_gone: bool, now: datetime) -> None:
    """Hand it to the worker; twice is once."""
    taken = ImportRun.objects.filter(pk=run.pk, state__in=("checked", "refused")).exclude(content=None)
    if taken.update(state="queued"):
        task = app.configure_task("organisation.apply_import", queue="organisation")
        task.defer(run_id=run.pk, allow_gone=allow_gone)
        record(
            actor=actor,
            verb="apply_import",
            kind="import",
            object_id=run.pk,
            purpose="administration",
            at=now,
        )


@transaction.atomic
def apply_import(*, actor: SystemActor, run_id: int, allow_gone: bool, now: datetime) -> ImportReport | None:
    """Done once; the file is read anew, since the world may have changed after the dry run."""
    run = ImportRun.objects.select_for_update(of=("self",)).filter(pk=run_id, applied=False).first()
    if run is None or run.content is None:
        return None
    try:
        with transaction.atomic():
            report = look(
                actor=actor,
                kind=run.kind,
                content=bytes(run.content),
                now=now,
                apply=True,
                allow_gone=allow_gone,
            )
    except UnreadableFile as unreadable:
        report = ImportReport(refused=str(unreadable.message))
    _tell(run, report)
    run.applied = not report.refused
    run.state = "refused" if report.refused else "done"
    run.content = run.content if report.refused else None
    run.save()
    forget()
    tell(f"import:{run.pk}", run.state)
    return report


def _tell(run: ImportRun, report: ImportReport) -> None:
    run.created, run.changed, run.unchanged = report.created, report.changed, report.unchanged
    run.archived, run.refused = report.archived, report.refused
    run.errors, run.warnings = report.errors, report.warnings
