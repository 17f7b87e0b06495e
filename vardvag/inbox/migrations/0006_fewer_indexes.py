"""Indexes whose columns another one begins with: each is a page more to write (and to log whole) for a new row."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # no waiting for those who read
    dependencies = [("inbox", "0005_told_of_logins")]

    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL("drop index concurrently if exists inbox_inboxitem_person_id_5fb2c9b6")],
            [
                migrations.AlterField(
                    "inboxitem",
                    "person",
                    models.ForeignKey("identity.person", django.db.models.deletion.PROTECT, related_name="inbox", db_index=False),
                ),
            ],
        ),
    ]
