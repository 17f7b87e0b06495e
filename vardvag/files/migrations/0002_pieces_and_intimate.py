"""Files that arrive piece by piece, and pictures for a narrower circle."""

from django.db import migrations, models

from vardvag.core.rowsecurity import PATIENTS, border

UPLOADER = [("resident", "Resident"), ("staff", "Staff")]


class Migration(migrations.Migration):
    dependencies = [("files", "0001_files")]

    operations = [
        migrations.AddField("file", "intimate", models.BooleanField(default=False)),
        migrations.CreateModel(
            name="Incoming",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("uploader_kind", models.CharField(choices=UPLOADER, max_length=8)),
                ("uploader_id", models.BigIntegerField()),
                ("patient_id", models.BigIntegerField()),
                ("provider_id", models.BigIntegerField(null=True)),
                ("draft_key", models.UUIDField()),
                ("sha256", models.CharField(max_length=64)),
                ("size", models.PositiveIntegerField()),
                ("arrived", models.PositiveIntegerField(default=0)),
                ("pieces", models.JSONField(default=list)),
                ("attempt_id", models.BigIntegerField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["uploader_kind", "uploader_id", "patient_id", "draft_key", "sha256"],
                        name="incoming_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("arrived__lte", models.F("size"))),
                        name="no_more_arrives_than_was_said",
                        violation_error_message="Fler byte kom än filen har.",
                    ),
                ],
                "indexes": [models.Index(fields=["at"], name="incoming_at")],
            },
        ),
        # As files: what a resident sends is theirs and the patient's, what staff send is their provider's.
        *border(
            "files_incoming",
            patient=None,
            extra=f"patient_id = any ({PATIENTS}::bigint[]) and uploader_kind = 'resident'",
        ),
    ]
