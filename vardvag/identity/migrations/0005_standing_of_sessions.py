"""What open residents' sessions stand on: who has died, and which custody holds. Live asks for all its open pages at
once, so no one person's border would do; dates and flags only, through the owner's eyes, of living sessions."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("identity", "0004_protected_guardians")]

    operations = [
        migrations.RunSQL(
            """
            create function identity_standing(sessions bigint[])
            returns table (session_id bigint, person_id bigint, own boolean, born date, protected boolean,
              deceased boolean, since date, until date)
            language sql stable security definer set search_path = pg_catalog, public as $$
              select s.id, p.id, true, p.birth_date, p.protected, p.deceased_on is not null, null::date, null::date
              from unnest(sessions) asked (id)
              join identity_session s on s.id = asked.id and s.ended_at is null
              join identity_person p on p.id = s.person_id
              union all
              select s.id, p.id, false, p.birth_date, p.protected, p.deceased_on is not null, g.since, g.until
              from unnest(sessions) asked (id)
              join identity_session s on s.id = asked.id and s.ended_at is null
              join identity_guardianship g on g.guardian_id = s.person_id
              join identity_person p on p.id = g.child_id
            $$;
            revoke execute on function identity_standing(bigint[]) from public;
            grant execute on function identity_standing(bigint[]) to vardvag_app, vardvag_system;
            """,
            "drop function identity_standing(bigint[])",
        )
    ]
