"""Indexes whose columns another one begins with: each is a page more to write (and to log whole) for a new row."""

from django.db import migrations


class Migration(migrations.Migration):
    atomic = False  # no waiting for those who read
    dependencies = [("questionnaires", "0001_tables")]

    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL("drop index concurrently if exists response_patient")],
            [
                migrations.RemoveIndex("response", "response_patient"),
            ],
        ),
    ]
