from django.db import migrations, models


class Migration(migrations.Migration):
    """With a default in the database, so that pages of the version before can still write rows."""

    dependencies = [("inbox", "0006_fewer_indexes")]

    operations = [
        migrations.AddField(
            model_name="verificationcode",
            name="guess_hash",
            field=models.BinaryField(default=b"", db_default=b""),
        )
    ]
