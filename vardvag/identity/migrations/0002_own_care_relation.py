"""Who writes for a child gets a care relation of their own, so that the unit may ring them: the logged-in person
may make theirs also while they act for somebody else."""

from django.db import migrations

from vardvag.core.rowsecurity import PATIENTS, PERSON, PROVIDERS

BEFORE = f"provider_id = any ({PROVIDERS}::bigint[]) or patient_id = any ({PATIENTS}::bigint[])"
AFTER = f"{BEFORE} or patient_id = {PERSON}"


def policy(rule: str) -> str:
    return f"alter policy border on identity_carerelation using ({rule}) with check ({rule})"


class Migration(migrations.Migration):
    dependencies = [("identity", "0001_tables")]
    operations = [migrations.RunSQL(policy(AFTER), policy(BEFORE))]
