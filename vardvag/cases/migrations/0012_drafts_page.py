"""Which page saved a draft, and as its which: what comes late from the same page is known."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0011_undone_key")]

    operations = [
        migrations.AddField("draft", "sheet", models.CharField(max_length=40, default="", db_default="")),
        migrations.AddField("draft", "nth", models.PositiveIntegerField(default=0, db_default=0)),
    ]
