"""Which of these people are protected, for the log a resident reads: the border hides a co-guardian's row, and the log
must know that the name is not to be shown. Ids only, through the owner's eyes, and only of those who have acted for a
patient whom the asker may act for."""

from django.db import migrations

from vardvag.core.rowsecurity import PATIENTS


class Migration(migrations.Migration):
    dependencies = [("identity", "0003_other_eids_and_former_numbers"), ("audit", "0001_tables")]

    operations = [
        migrations.RunSQL(
            f"""
            create function identity_protected_actors(people bigint[]) returns setof bigint
            language sql stable security definer set search_path = pg_catalog, public as $$
              select p.id from identity_person p
              where p.id = any (people) and p.protected and exists (
                select 1 from audit_entry e
                where e.patient_id = any ({PATIENTS}::bigint[]) and e.actor_kind = 'resident' and e.actor_id = p.id)
            $$;
            revoke execute on function identity_protected_actors(bigint[]) from public;
            grant execute on function identity_protected_actors(bigint[]) to vardvag_app, vardvag_system;
            """,
            "drop function identity_protected_actors(bigint[])",
        )
    ]
