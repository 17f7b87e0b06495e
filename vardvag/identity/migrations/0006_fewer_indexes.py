"""Indexes whose columns another one begins with: each is a page more to write (and to log whole) for a new row."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # no waiting for those who read
    dependencies = [("identity", "0005_standing_of_sessions")]

    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL("drop index concurrently if exists identity_carerelation_patient_id_aeff4789")],
            [
                migrations.AlterField(
                    "carerelation",
                    "patient",
                    models.ForeignKey("identity.person", django.db.models.deletion.PROTECT, related_name="+", db_index=False),
                ),
            ],
        ),
    ]
