"""Text search goes back by weeks, later by quarters, and stops at enough: a large unit writes tens of thousands of messages in a
quarter, and a common word's were all fetched before the newest fifty were known.

One token at a time: an index scan for a word in any of many weeks looks at every message of those weeks."""

from django.db import migrations

WEEK = "floor(extract(epoch from {at} at time zone 'UTC') / 604800)::int"
QUARTER = "floor(extract(epoch from {at} at time zone 'UTC') / 604800 / 13)::int"  # thirteen of those weeks
TOKENS = (
    "array_to_tsvector(array['u' || {m}unit_id::text || 'w' || (" + WEEK.format(at="{m}at") + ")::text,"
    " 'u' || {m}unit_id::text || 'q' || (" + QUARTER.format(at="{m}at") + ")::text])"
)
BODY = f"to_tsvector('swedish', translate(body, '/', ' ')) || {TOKENS.format(m='')}"
SEARCH = f"""
create or replace function cases_search(unit bigint, words text, at_most int) returns table (case_id bigint)
language plpgsql stable security definer set search_path = pg_catalog, public as $$
declare
  mine bigint[] := coalesce(nullif(current_setting('vardvag.providers', true), ''), '{{}}')::bigint[];
  said tsquery := plainto_tsquery('swedish', translate(words, '/', ' '));
  names text;
  first int;  -- quarter
  place int;
  letter text := 'w';
  named bigint[];
  found bigint[] := '{{}}';  -- cases, each once
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
    into named using names, quote_literal('u' || unit), unit, mine, at_most;
  if numnode(said) > 0 then
    select {QUARTER.format(at="min(c.arrived_at)")} into first from cases_case c where c.unit_id = unit;
    place := {WEEK.format(at="now()")} + 1;  -- a reply still held is a moment ahead
    while coalesce(array_length(found, 1), 0) < at_most loop
      found := array(select unnest(found) union select m.case_id from cases_message m
        where (to_tsvector('swedish', translate(m.body, '/', ' ')) || {TOKENS.format(m="m.")})
              @@ (said && quote_literal('u' || unit || letter || place)::tsquery)
          and m.unit_id = unit and m.provider_id = any (mine));
      if letter = 'w' and place <= {WEEK.format(at="now()")} - 8 then  -- then by quarters, from that week's own
        letter := 'q';
        place := place / 13 + 1;
      end if;
      place := place - 1;
      exit when letter = 'q' and place < first;
    end loop;
  end if;
  return query select f from (select unnest(named) union select unnest(found)) f (f) order by f desc limit at_most;
end $$
"""


class Migration(migrations.Migration):
    atomic = False  # indexes are built while the product runs
    dependencies = [("cases", "0004_newest_first")]

    operations = [
        migrations.RunSQL("drop index concurrently if exists case_message_week", migrations.RunSQL.noop),
        migrations.RunSQL(
            f"create index concurrently case_message_week on cases_message using gin (({BODY}))",
            "drop index concurrently case_message_week",
        ),
        migrations.RunSQL(SEARCH, migrations.RunSQL.noop),
        migrations.RunSQL("drop index concurrently if exists case_message_quarter", migrations.RunSQL.noop),
    ]
