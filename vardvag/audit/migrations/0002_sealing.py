"""Sealing by what has no seal: no marks in the entries, and ids that come after the transaction's number."""

from django.db import migrations, models

NUMBERS = [
    'drop index audit_sealing',
    'alter table audit_entry drop column tx',
    'alter table audit_entry alter column id drop identity',
    'create sequence audit_entry_number as bigint',
    "select setval('audit_entry_number', coalesce((select max(id) from audit_entry), 0) + 1, false)",
    # The transaction gets its number first, so that an id up to the last one given always belongs to a
    # transaction that can be seen to be running (audit.actions.seal).
    '''
    create function audit_next_id() returns bigint language plpgsql volatile
    set search_path = pg_catalog, public as $$
    begin
      perform pg_current_xact_id();
      return nextval('public.audit_entry_number');
    end $$
    ''',
    'alter table audit_entry alter column id set default audit_next_id()',
    'alter sequence audit_entry_number owned by audit_entry.id',
    "insert into audit_floor (id, floor, marked, marked_tx) values (1, 0, 0, 0)",
    'revoke insert, delete, truncate on audit_floor from vardvag_app, vardvag_system',
    'revoke update on audit_floor from vardvag_app',
]


class Migration(migrations.Migration):

    dependencies = [('audit', '0001_tables')]

    operations = [
        migrations.RemoveField(model_name='seal', name='tx'),
        migrations.CreateModel(
            name='Floor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('floor', models.BigIntegerField(default=0)),
                ('marked', models.BigIntegerField(default=0)),
                ('marked_tx', models.BigIntegerField(default=0)),
            ],
        ),
        migrations.RunSQL(NUMBERS, ''),
    ]
