"""Held replies whose readers are to be told: rows that one job looks through, instead of a job each."""

import django.db.models.deletion
from django.db import migrations, models

from vardvag.core.rowsecurity import border


class Migration(migrations.Migration):
    dependencies = [("cases", "0009_a_residents_cases"), ("core", "0001_border")]

    operations = [
        migrations.CreateModel(
            name="HeldReply",
            fields=[
                (
                    "message",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="cases.message",
                    ),
                ),
                ("provider_id", models.BigIntegerField()),
                ("released_at", models.DateTimeField(db_index=True)),
            ],
        ),
        *border("cases_heldreply", patient=None),
    ]
