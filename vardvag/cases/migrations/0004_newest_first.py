"""Text search goes from the newest quarter of a year backwards and stops when it has enough. Before, a word with
thousands of messages at a unit was looked for in the oldest of them, which were fetched whole besides."""

from django.db import migrations

QUARTER = (
    "(extract(year from {at} at time zone 'UTC')::int * 4 + extract(quarter from {at} at time zone 'UTC')::int)"
)
BODY = (
    "to_tsvector('swedish', translate(body, '/', ' '))"
    f" || array_to_tsvector(array['u' || unit_id::text || 'q' || {QUARTER.format(at='at')}::text])"
)
SEARCH = f"""
create or replace function cases_search(unit bigint, words text, at_most int) returns table (case_id bigint)
language plpgsql stable security definer set search_path = pg_catalog, public as $$
declare
  mine bigint[] := coalesce(nullif(current_setting('vardvag.providers', true), ''), '{{}}')::bigint[];
  said tsquery := plainto_tsquery('swedish', translate(words, '/', ' '));
  names text;
  quarter int;
  first int;
  found bigint[] := '{{}}';
begin
  select string_agg(quote_literal(w) || ':*', ' & ') into names
    from regexp_split_to_table(lower(words), '[^[:alnum:]]+') w where w <> '';
  if names is null then
    return;
  end if;
  execute '
    select coalesce(array_agg(c.id), ''{{}}'') from (select c.id from cases_case c
      where (to_tsvector(''simple'', c.patient_name) || array_to_tsvector(array[''u'' || c.unit_id::text]))
            @@ (to_tsquery(''simple'', $1) && $2::tsquery)
        and c.unit_id = $3 and c.provider_id = any ($4) and not c.protected order by c.id desc limit $5) c'
    into found using names, quote_literal('u' || unit), unit, mine, at_most;
  if numnode(said) > 0 then
    select {QUARTER.format(at="min(c.arrived_at)")} into first from cases_case c where c.unit_id = unit;
    quarter := {QUARTER.format(at="now()")} + 1;  -- a reply still held is a moment ahead
    while quarter >= first and coalesce(array_length(found, 1), 0) < at_most loop
      found := found || array(
        select m.case_id from cases_message m
        where (to_tsvector('swedish', translate(m.body, '/', ' ')) || array_to_tsvector(array['u'
                || m.unit_id::text || 'q' || {QUARTER.format(at="m.at")}::text]))
              @@ (said && quote_literal('u' || unit || 'q' || quarter)::tsquery)
          and m.unit_id = unit and m.provider_id = any (mine));
      quarter := quarter - 1;
    end loop;
  end if;
  return query select distinct f from unnest(found) f order by f desc limit at_most;
end $$
"""


class Migration(migrations.Migration):
    atomic = False  # indexes are built while the product runs
    dependencies = [("cases", "0003_words_apart")]

    operations = [
        migrations.RunSQL("drop index concurrently if exists case_message_quarter", migrations.RunSQL.noop),
        migrations.RunSQL(
            f"create index concurrently case_message_quarter on cases_message using gin (({BODY}))",
            "drop index concurrently case_message_quarter",
        ),
        migrations.RunSQL(SEARCH, migrations.RunSQL.noop),
        migrations.RunSQL("drop index concurrently if exists case_message_words", migrations.RunSQL.noop),
    ]
