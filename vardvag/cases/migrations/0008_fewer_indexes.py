"""Indexes whose columns another one begins with: each is a page more to write (and to log whole) for a new row."""

import django.db.models.deletion
from django.db import migrations, models


INDEXES = (
    "cases_case_patient_id_79ca8f98",
    "cases_case_unit_id_f34fc706",
    "cases_draft_case_id_2bc2a7d9",
    "cases_event_case_id_59b954a1",
    "cases_message_case_id_544aca6d",
    "cases_note_case_id_77ee1e2a",
)


class Migration(migrations.Migration):
    atomic = False  # no waiting for those who read
    dependencies = [("cases", "0007_standing")]

    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(f"drop index concurrently if exists {name}") for name in INDEXES],
            [
                migrations.AlterField(
                    "case",
                    "patient",
                    models.ForeignKey("identity.person", django.db.models.deletion.PROTECT, related_name="cases", db_index=False),
                ),
                migrations.AlterField(
                    "case",
                    "unit",
                    models.ForeignKey("organisation.unit", django.db.models.deletion.PROTECT, related_name="+", db_index=False),
                ),
                migrations.AlterField(
                    "draft",
                    "case",
                    models.ForeignKey("cases.case", django.db.models.deletion.CASCADE, related_name="drafts", db_index=False),
                ),
                migrations.AlterField(
                    "event",
                    "case",
                    models.ForeignKey("cases.case", django.db.models.deletion.PROTECT, related_name="events", db_index=False),
                ),
                migrations.AlterField(
                    "message",
                    "case",
                    models.ForeignKey("cases.case", django.db.models.deletion.PROTECT, related_name="messages", db_index=False),
                ),
                migrations.AlterField(
                    "note",
                    "case",
                    models.ForeignKey("cases.case", django.db.models.deletion.PROTECT, related_name="notes", db_index=False),
                ),
            ],
        ),
    ]
