"""Before every table: the two roles of the house may use what the owner creates; append-only as a trigger."""

from django.db import migrations


class Migration(migrations.Migration):
    initial = True
    run_before = [("procrastinate", "0001_initial")]
    dependencies: list[tuple[str, str]] = []

    operations = [
        migrations.RunSQL(
            [
                "grant usage on schema public to vardvag_app, vardvag_system",
                "alter default privileges in schema public grant select, insert, update, delete"
                " on tables to vardvag_app, vardvag_system",
                "alter default privileges in schema public grant usage, select on sequences"
                " to vardvag_app, vardvag_system",
                "alter default privileges in schema public grant execute on functions"
                " to vardvag_app, vardvag_system",
                """
                create function vardvag_append_only() returns trigger language plpgsql as $$
                begin
                  raise exception 'append-only: % on % is not allowed', tg_op, tg_table_name
                    using errcode = 'insufficient_privilege';
                end $$
                """,
            ],
            ["drop function vardvag_append_only()"],
        )
    ]
