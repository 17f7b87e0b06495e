"""Whether residents who wait see their place in the queue and how long it may take; on until the unit turns it off: what
is shown is counted from what has happened there, and who knows nothing rings."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organisation", "0002_staffing_and_imports")]

    operations = [
        migrations.AddField(
            "unitsettings", "shows_waiting", models.BooleanField(default=True, db_default=True)
        ),
    ]
