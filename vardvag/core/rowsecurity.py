"""Row-level security for migrations: `operations = [..., *border("cases_case", columns=...)]`.

Every table with patient data gets one call in the migration that creates it, and that migration depends on
("core", "0001_border"). The policies read what core/border.py set for the transaction:

  providers   care providers the staff member works for now        -> column provider_id
  patients    the one patient a resident acts for                  -> column patient_id
  person      the logged-in person (own settings, own drafts)      -> column named in `person`

`vardvag_app` (pages, live) is bound by them; `vardvag_system` (worker, commands) and the owner pass.
"""

from django.db import migrations

PROVIDERS = "(select coalesce(nullif(current_setting('vardvag.providers', true), ''), '{}')::bigint[])"
PATIENTS = "(select coalesce(nullif(current_setting('vardvag.patients', true), ''), '{}')::bigint[])"
PERSON = "(select nullif(current_setting('vardvag.person', true), '')::bigint)"
NUMBERS = "(select coalesce(nullif(current_setting('vardvag.proven', true), ''), '{}')::text[])"


def border(
    table: str,
    *,
    provider: str | None = "provider_id",
    patient: str | None = "patient_id",
    person: str | None = None,
    extra: str | None = None,
    insert_anything: bool = False,
) -> list[migrations.RunSQL]:
    """Columns that open a row; None where the table has none (a staff-only table has `patient=None`).
    `extra` is one more SQL condition that opens it; `insert_anything` lets the pages add rows they may not read
    (the log)."""
    opens = [
        *([f"{provider} = any ({PROVIDERS}::bigint[])"] if provider else []),
        *([f"{patient} = any ({PATIENTS}::bigint[])"] if patient else []),
        *([f"{person} = {PERSON}"] if person else []),
        *([f"({extra})"] if extra else []),
    ]
    rule = " or ".join(opens)
    return [
        migrations.RunSQL(
            [
                f"alter table {table} enable row level security",
                f"alter table {table} force row level security",
                f"create policy border on {table} for all to vardvag_app"
                f" using ({rule}) with check ({'true' if insert_anything else rule})",
                f"create policy system on {table} for all to vardvag_system using (true) with check (true)",
                f"create policy owner on {table} for all to current_user using (true) with check (true)",
            ],
            [
                f"drop policy border on {table}",
                f"drop policy system on {table}",
                f"drop policy owner on {table}",
                f"alter table {table} disable row level security",
            ],
        )
    ]


def append_only(table: str) -> list[migrations.RunSQL]:
    """Neither the pages nor the worker may change or remove a row; a trigger stops the owner's slips too."""
    return [
        migrations.RunSQL(
            [
                f"revoke update, delete, truncate on {table} from vardvag_app, vardvag_system",
                f"create trigger {table}_append_only before update or delete on {table}"
                " for each row execute function vardvag_append_only()",
            ],
            [f"drop trigger {table}_append_only on {table}"],
        )
    ]
