"""A month that already has entries in the catch-all partition keeps them there; making it anew would fail."""

from django.db import migrations

FUNCTION = '''
create or replace function audit_prepare_month(month date) returns void language plpgsql
security definer set search_path = pg_catalog, public as $$
declare
  first date := date_trunc('month', month);
  next date := (date_trunc('month', month) + interval '1 month')::date;
  name text := 'audit_entry_' || to_char(first, 'YYYYMM');
begin
  if to_regclass('public.' || name) is not null
     or exists (select from public.audit_entry_rest where at >= first and at < next) then
    return;
  end if;
  execute format('create table public.%I partition of public.audit_entry for values from (%L) to (%L)',
                 name, first, next);
  execute format('revoke update, delete, truncate on public.%I from vardvag_app, vardvag_system', name);
  execute format('revoke select, insert on public.%I from vardvag_app', name);
end $$
'''


class Migration(migrations.Migration):

    dependencies = [('audit', '0002_sealing')]

    operations = [migrations.RunSQL(FUNCTION, '')]
