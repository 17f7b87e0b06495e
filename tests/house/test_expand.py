"""The version before runs on the new tables while an upgrade goes on: migrations add, and take away a version later."""

import re

import pytest
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

PARTS = (
    "audit", "cases", "catalogue", "core", "files", "identity", "inbox", "organisation", "questionnaires",
    "triage",
)  # fmt: skip
# No version has been released before these; they start from empty tables.
FIRST = {
    "audit.0001_tables",
    "audit.0002_sealing",
    "audit.0003_months",
    "cases.0001_tables",
    "cases.0002_staff_undo_and_protection",
    "catalogue.0001_tables",
    "catalogue.0002_own_texts",
    "core.0001_border",
    "files.0001_files",
    "files.0002_pieces_and_intimate",
    "identity.0001_tables",
    "identity.0002_own_care_relation",
    "identity.0003_other_eids_and_former_numbers",
    "inbox.0001_tables",
    "inbox.0002_units_may_call",
    "inbox.0003_figures",
    "inbox.0004_reached",
    "organisation.0001_tables",
    "organisation.0002_staffing_and_imports",
    "questionnaires.0001_tables",
    "triage.0001_tables",
}
# app.name -> why the version before does not notice (for example: it stopped using the column a version ago).
EXPLAINED: dict[str, str] = {
    "catalogue.0003_services": "allows case types of kind service, which the version before never makes",
}

TAKES_AWAY = re.compile(
    r"\bdrop\s+(table|column|view|sequence|type)|\brename\b|\btruncate\b|\bset\s+not\s+null\b"
    r"|\balter\s+(column\s+)?\w+\s+(set\s+data\s+)?type\b|\bdelete\s+from\b"
)
ADDS_NEEDED = re.compile(r"add\s+column\s+[^,;]*not\s+null(?![^,;]*default)")


def trouble(operation: object, state: ProjectState, app: str, new: set[str]) -> str:
    """What would break the version before; `new`: models that this migration makes, which nobody uses yet."""
    name = getattr(operation, "model_name", getattr(operation, "name", "")) or ""
    if name.lower() in new:
        return ""
    match operation:
        case migrations.RemoveField() | migrations.DeleteModel():
            return "takes away what the version before reads"
        case migrations.RenameField() | migrations.RenameModel() | migrations.AlterModelTable():
            return "renames what the version before reads; add a new one and copy"
        case migrations.AddField(field=field):
            needed = not field.null and not field.many_to_many and field.db_default is models.NOT_PROVIDED
            return (
                f"{operation.name}: rows of the version before lack it; give null=True or db_default"
                if needed
                else ""
            )
        case migrations.AlterField(field=field):
            before = state.models[app, name.lower()].fields[operation.name]
            if before.db_type(connection) != field.db_type(connection) or before.null and not field.null:
                return f"{operation.name}: changes the column; add a new one and copy"
        case migrations.AddConstraint():
            return "a new rule may refuse what the version before writes"
        case AddIndexConcurrently():
            return ""
        case migrations.AddIndex():
            return "stops writing while it is built; use AddIndexConcurrently and atomic = False"
        case migrations.RunSQL(sql=text):
            whole = text if isinstance(text, str) else "; ".join(map(str, text))
            said = " ".join(whole.split()).lower()
            if TAKES_AWAY.search(said) or ADDS_NEEDED.search(said):
                return f"SQL that takes away or demands: {said[:60]}"
    return ""


def troubles(migration: migrations.Migration, before: ProjectState) -> list[str]:
    found, new, held, state = [], set(), set(), before.clone()
    for operation in migration.operations:
        if isinstance(operation, migrations.CreateModel):
            new.add(operation.name.lower())
        elif said := trouble(operation, state, migration.app_label, new):
            found.append(f"{migration.app_label}.{migration.name}: {said}")
        held |= tables(operation, new)
        operation.state_forwards(migration.app_label, state)
    if migration.atomic and len(held) > 1:
        found.append(
            f"{migration.app_label}.{migration.name}: holds {' and '.join(sorted(held))} at once, which a request may"
            " hold the other way round; one migration for each"
        )
    return found


def tables(operation: object, new: set[str]) -> set[str]:
    """What it locks of that which is in use."""
    if isinstance(operation, migrations.RunSQL):
        return set(re.findall(r"alter\s+table\s+(?:only\s+)?(\w+)", str(operation.sql).lower()))
    name = str(getattr(operation, "model_name", "")).lower()
    return {name} - new - {""}


def test_the_version_before_runs_on_the_new_tables():
    loader = MigrationLoader(None)
    found = []
    for (app, name), migration in sorted(loader.disk_migrations.items()):
        if app in PARTS and f"{app}.{name}" not in FIRST | EXPLAINED.keys():
            found += troubles(migration, loader.project_state((app, name), at_end=False))
    assert not found, (
        "Add now, take away a version later (docs/backup.md, Upgrade), or explain:\n" + "\n".join(found)
    )


class _Made(migrations.Migration):
    pass


@pytest.mark.parametrize(
    ("operation", "word"),
    [
        (migrations.RemoveField("file", "name"), "takes away"),
        (migrations.RenameField("file", "name", "called"), "renames"),
        (migrations.AddField("file", "colour", models.TextField(default="")), "db_default"),
        (migrations.AlterField("file", "name", models.CharField(max_length=10)), "changes"),
        (migrations.AddIndex("file", models.Index(fields=["name"], name="by_name")), "Concurrently"),
        (migrations.RunSQL("alter table files_file drop column name"), "SQL"),
        (migrations.RunSQL(["alter table files_file add column colour text not null"]), "SQL"),
    ],
)
def test_what_would_break_it_is_found(operation, word):
    made = _Made("0999_made", "files")
    made.operations = [operation]
    assert word in "".join(troubles(made, MigrationLoader(None).project_state()))


def test_two_tables_at_once_are_found():
    made = _Made("0999_made", "files")
    made.operations = [
        migrations.AddField("file", "colour", models.TextField(null=True)),
        migrations.AddField("attempt", "colour", models.TextField(null=True)),
    ]
    assert "holds attempt and file" in "".join(troubles(made, MigrationLoader(None).project_state()))


@pytest.mark.parametrize(
    "operation",
    [
        migrations.AddField("file", "colour", models.TextField(null=True)),
        migrations.AddField("file", "colour", models.TextField(db_default="")),
        migrations.AlterField("file", "name", models.CharField(max_length=120, null=True)),
        migrations.RunSQL("alter table files_file add column colour text not null default ''"),
    ],
)
def test_what_only_adds_is_let_through(operation):
    made = _Made("0999_made", "files")
    made.operations = [operation]
    assert troubles(made, MigrationLoader(None).project_state()) == []
