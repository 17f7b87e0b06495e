"""The key of the form whose reply was undone, so that the same form, late on its way, is known."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0010_held_replies")]

    operations = [
        migrations.AddField(model_name="event", name="undone_key", field=models.UUIDField(null=True))
    ]
