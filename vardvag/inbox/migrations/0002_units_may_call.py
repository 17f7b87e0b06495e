"""A care provider with a case of the person may see where to ring them (staff's contact panel, logged)."""

from django.db import migrations

from vardvag.core.rowsecurity import PERSON, PROVIDERS

RULE = (
    f"person_id = {PERSON} or exists (select 1 from identity_carerelation r"
    f" where r.patient_id = person_id and r.provider_id = any ({PROVIDERS}::bigint[]))"
)


class Migration(migrations.Migration):
    dependencies = [("inbox", "0001_tables"), ("identity", "0001_tables")]

    operations = [
        migrations.RunSQL(
            [
                "drop policy border on inbox_contactsettings",
                f"create policy border on inbox_contactsettings for all to vardvag_app using ({RULE})"
                f" with check (person_id = {PERSON})",
            ],
            [
                "drop policy border on inbox_contactsettings",
                f"create policy border on inbox_contactsettings for all to vardvag_app"
                f" using (person_id = {PERSON}) with check (person_id = {PERSON})",
            ],
        )
    ]
