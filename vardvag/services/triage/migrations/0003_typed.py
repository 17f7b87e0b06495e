"""What stands in the field of a question in words, as it is typed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("triage", "0002_words_page")]

    operations = [migrations.AddField("interview", "typed", models.JSONField(null=True))]
