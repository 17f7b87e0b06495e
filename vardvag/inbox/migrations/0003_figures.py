"""How old the outbox is, for a scrape that may see no delivery: counts and ages only, through the owner's eyes."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("inbox", "0002_units_may_call")]

    operations = [
        migrations.RunSQL(
            """
            create function inbox_outbox_figures(moment timestamptz)
            returns table (channel text, state text, count bigint, oldest double precision)
            language sql stable security definer set search_path = public, pg_temp as $$
              select d.channel, d.state, count(*), coalesce(extract(epoch from moment - min(d.next_at)), 0)
              from inbox_delivery d where d.state in ('queued', 'sending', 'unknown', 'dead')
              group by d.channel, d.state
            $$;
            revoke execute on function inbox_outbox_figures(timestamptz) from public;
            grant execute on function inbox_outbox_figures(timestamptz) to vardvag_app, vardvag_system;
            """,
            "drop function inbox_outbox_figures(timestamptz)",
        )
    ]
