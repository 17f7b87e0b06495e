"""Text search finds each half of "budesonid/formoterol": PostgreSQL takes words around a slash for one (a path)."""

from django.db import migrations

BODY = "to_tsvector('swedish', translate(body, '/', ' ')) || array_to_tsvector(array['u' || unit_id::text])"
# As in 0001, but for the texts.
SEARCH = """
create or replace function cases_search(unit bigint, words text, at_most int) returns table (case_id bigint)
language plpgsql stable security definer set search_path = pg_catalog, public as $$
declare
  mine bigint[] := coalesce(nullif(current_setting('vardvag.providers', true), ''), '{}')::bigint[];
  token text := 'u' || unit;
  names text;
begin
  select string_agg(quote_literal(w) || ':*', ' & ') into names
    from regexp_split_to_table(lower(words), '[^[:alnum:]]+') w where w <> '';
  if names is null then
    return;
  end if;
  return query execute '
    with texts as materialized (
      select m.case_id from cases_message m
      where (to_tsvector(''swedish'', translate(m.body, ''/'', '' ''))
             || array_to_tsvector(array[''u'' || m.unit_id::text]))
            @@ (plainto_tsquery(''swedish'', translate($1, ''/'', '' '')) && $2::tsquery)
        and m.unit_id = $3 and m.provider_id = any ($4) limit 2000),
    names as materialized (
      select c.id as case_id from cases_case c
      where (to_tsvector(''simple'', c.patient_name) || array_to_tsvector(array[''u'' || c.unit_id::text]))
            @@ (to_tsquery(''simple'', $5) && $2::tsquery)
        and c.unit_id = $3 and c.provider_id = any ($4) and not c.protected limit 2000)
    select f.case_id from (select * from texts union select * from names) f order by f.case_id desc limit $6'
    using words, quote_literal(token), unit, mine, names, at_most;
end $$
"""


class Migration(migrations.Migration):
    atomic = False  # indexes are built while the product runs
    dependencies = [("cases", "0002_staff_undo_and_protection")]

    operations = [
        migrations.RunSQL("drop index concurrently if exists case_message_words", migrations.RunSQL.noop),
        migrations.RunSQL(
            f"create index concurrently case_message_words on cases_message using gin (({BODY}))",
            "drop index concurrently case_message_words",
        ),
        migrations.RunSQL(SEARCH, migrations.RunSQL.noop),
        migrations.RunSQL("drop index concurrently if exists case_message_text", migrations.RunSQL.noop),
    ]
