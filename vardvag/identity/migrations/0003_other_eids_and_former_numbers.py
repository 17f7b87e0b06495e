"""Other e-ids than BankID, and a person whose personal number changes."""

import django.db.models.deletion
from django.db import migrations, models

from vardvag.core.rowsecurity import NUMBERS, border


class Migration(migrations.Migration):
    dependencies = [("identity", "0002_own_care_relation")]

    operations = [
        migrations.AddField(
            "loginattempt",
            "provider",
            models.CharField(blank=True, max_length=20, default=""),
            preserve_default=False,
        ),
        migrations.AlterField(
            "loginattempt",
            "kind",
            models.CharField(
                choices=[("same", "Same Device"), ("qr", "Other Device"), ("eid", "Eid"), ("staff", "Staff")],
                max_length=6,
            ),
        ),
        migrations.AddField(
            "session",
            "issuer",
            models.CharField(blank=True, max_length=200, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            "session",
            "subject",
            models.CharField(blank=True, max_length=255, default=""),
            preserve_default=False,
        ),
        migrations.AddIndex(
            "session",
            models.Index(
                condition=models.Q(("subject", ""), _negated=True),
                fields=["issuer", "subject"],
                name="session_subject",
            ),
        ),
        migrations.CreateModel(
            name="FormerNumber",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=12, unique=True)),
                ("until", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="former_numbers",
                        to="identity.person",
                    ),
                ),
            ],
        ),
        # Who sees the person sees the numbers they had; the login whoever proves one of them.
        *border(
            "identity_formernumber",
            provider=None,
            patient="person_id",
            person="person_id",
            extra=f"number = any ({NUMBERS}::text[])"
            " or exists (select 1 from identity_person p where p.id = person_id)",
        ),
    ]
