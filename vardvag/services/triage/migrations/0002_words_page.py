"""Which page the words came from, and as its which: what comes late from the same page is known."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("triage", "0001_tables")]

    operations = [
        migrations.AddField("interview", "sheet", models.CharField(max_length=40, default="", db_default="")),
        migrations.AddField("interview", "nth", models.PositiveIntegerField(default=0, db_default=0)),
    ]
