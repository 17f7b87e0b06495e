"""What the database itself promises."""

from django.db import connection

# Tables without patient data, or closed by other means.
OPEN = {
    "django_migrations", "django_content_type",
    "procrastinate_jobs", "procrastinate_events", "procrastinate_periodic_defers", "procrastinate_workers",
}  # fmt: skip


def test_every_table_with_a_patient_is_behind_the_border(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid"
            " where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace and not c.relispartition"
            " and a.attname in ('patient_id', 'person_id', 'author_id', 'case_id', 'resident_id', 'personal_number')"
            " and not (c.relrowsecurity and c.relforcerowsecurity)"
        )
        bare = {name for (name,) in cursor.fetchall()} - OPEN - ALLOWED.keys()
    assert not bare, f"No border on: {sorted(bare)}"


# Why these may be read without a border, each.
ALLOWED = {
    "identity_session": "found by the hash of a secret only the browser has, before anybody is known",
}


def test_the_application_can_make_nothing(db):
    with connection.cursor() as cursor:
        cursor.execute("select has_schema_privilege('vardvag_app', 'public', 'create')")
        assert cursor.fetchone() == (False,)
        cursor.execute(
            "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
            " and has_table_privilege('vardvag_app', oid, 'truncate')"
        )
        assert cursor.fetchall() == []
