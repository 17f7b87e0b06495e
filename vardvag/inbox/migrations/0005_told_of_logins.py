from django.db import migrations, models


class Migration(migrations.Migration):
    """With a default in the database, so that pages of the version before can still write rows."""

    dependencies = [("inbox", "0004_reached")]

    operations = [
        migrations.AddField(
            model_name="contactsettings",
            name="told_of_logins",
            field=models.BooleanField(default=True, db_default=True),
        )
    ]
