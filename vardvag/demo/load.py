"""Loads a world into an empty database: one transaction, by COPY, as the role that passes the border.

COPY does not write to tables under row-level security, so rows are copied beside them and inserted from there:
still ten times as fast as row by row.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from vardvag.catalogue import actions as catalogue
from vardvag.catalogue.models import CaseTypeVersion, TermsVersion
from vardvag.core import clock
from vardvag.core.actor import SystemActor
from vardvag.demo import outside, pictures, world
from vardvag.demo.history import no_camera
from vardvag.demo.plans import Form, Ids, Row, Rows
from vardvag.demo.world import SIZES, World
from vardvag.organisation.models import Provider
from vardvag.questionnaires import fhir_read

CATALOGUE_AGE = timedelta(days=400)  # the case types were published before the first case came
ORDER = (
    "organisation_region", "organisation_provider", "organisation_unit", "organisation_unitsettings",
    "organisation_openinghours", "organisation_group", "identity_staff", "organisation_assignment",
    "organisation_assignment_groups", "identity_person", "identity_guardianship", "inbox_contactsettings",
    "inbox_staffnoticesettings", "catalogue_termsacceptance",
    "questionnaires_draft", "questionnaires_response", "cases_case",
    "cases_message", "cases_note", "cases_event", "cases_draft", "cases_rating", "identity_carerelation",
    "inbox_inboxitem", "audit_entry",
)  # fmt: skip
WITHOUT_IDS = ("organisation_region", "inbox_contactsettings", "inbox_staffnoticesettings", "audit_entry")


class NotLoaded(Exception):
    """Nothing was written; the message says why and what to do."""


def is_empty() -> bool:
    """No care provider is there: nothing has been set up."""
    return not Provider.objects.exists()


def load(size: str = "demo", now: datetime | None = None) -> World:
    """Fill an empty database and tell the stand-ins whom they know. Raises NotLoaded, which names the cure."""
    if size not in SIZES:
        raise NotLoaded(f"There is no world of size {size!r}; choose {' or '.join(SIZES)}.")
    if settings.MODE == "production":
        raise NotLoaded("Invented people do not belong in production; unset VARDVAG_MODE or choose demo.")
    if not is_empty():
        raise NotLoaded("The database holds data already; the demo is loaded into an empty one only.")
    now = now or clock.now()
    with transaction.atomic():
        made = world.foundation(size, now)
        prepare_months(now, back=14)
        ground = [table for table in ORDER if table in made.rows.tables]
        _write(made.rows, ground)
        offers = {place.spec.number: world.offered(place.spec) for place in made.places}
        forms = catalogue_forms(offers, now)
        before = set(ground)
        camera = pictures.Camera(now) if size == "demo" else None
        pictured = world.tell_cases(made, size, forms, now, camera.photograph if camera else no_camera)
        _accept_terms(made, now)
        _write(made.rows, [table for table in ORDER if table not in before])
        if camera:
            camera.attach(pictured)
        _advance(made.ids, made)
    outside.write(Path(settings.DATA) / "world", made, now)
    return made


def catalogue_forms(offers: dict[int, list[str]], now: datetime) -> dict[str, Form]:
    """Load the shipped case types and offer them (unit -> keys); the forms by case type."""
    actor, then = SystemActor("demo"), now - CATALOGUE_AGE
    catalogue.load_files(actor=actor, now=then)
    alike: dict[tuple[str, ...], list[int]] = {}
    for unit, keys in offers.items():
        alike.setdefault(tuple(keys), []).append(unit)
    for wanted, unit_ids in alike.items():
        catalogue.offer_all(actor=actor, unit_ids=unit_ids, keys=wanted, now=then)
    rows = CaseTypeVersion.objects.select_related("case_type", "questionnaire").exclude(questionnaire=None)
    return {
        row.case_type.key: Form(
            row.pk,
            row.questionnaire_id or 0,
            row.case_type_id,
            fhir_read.read(row.questionnaire.content if row.questionnaire else {}),
            row.content["name"]["sv"],
            row.content.get("deadline_working_days"),
        )
        for row in rows
    }


def _accept_terms(made: World, now: datetime) -> None:
    """Whoever has sent a case has accepted the terms just before their first."""
    versions = list(TermsVersion.objects.exclude(published_at=None).values_list("pk", flat=True))
    first: dict[int, datetime] = {}
    for case in made.rows.tables["cases_case"]:
        first.setdefault(case["author_id"], case["arrived_at"])
    for person, at in first.items():
        for version in versions:
            made.rows.add(
                "catalogue_termsacceptance",
                id=made.ids.next("catalogue_termsacceptance"),
                person_id=person,
                version_id=version,
                at=at - timedelta(minutes=4),
            )


def prepare_months(now: datetime, *, back: int) -> None:
    """Partitions of the log for the months that the cases lie in, and a year ahead."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select audit_prepare_month((%s::date + make_interval(months => n))::date)"
            " from generate_series(%s, 12) n",
            [now.date(), -back],
        )


def _write(rows: Rows, tables: Sequence[str]) -> None:
    for table in tables:
        copy(table, rows.tables.get(table, []))


def copy(table: str, rows: list[Row]) -> None:
    """Rows with the same keys into one table."""
    if not rows:
        return
    columns = ", ".join(f'"{name}"' for name in rows[0])
    beside = f'create temporary table beside on commit drop as select {columns} from "{table}" with no data'  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(beside)
        with cursor.copy(f"copy beside ({columns}) from stdin") as into:
            for row in rows:
                into.write_row(tuple(row.values()))
        cursor.execute(f'insert into "{table}" ({columns}) select {columns} from beside')  # noqa: S608
        cursor.execute("drop table beside")


def _advance(ids: Ids, made: World) -> None:
    """Move the sequences past the ids that were given out."""
    highest = {table: rows[-1]["id"] for table, rows in made.rows.tables.items() if table not in WITHOUT_IDS}
    highest |= {
        t: max(row["id"] for row in made.rows.tables[t]) for t in ("organisation_unit", "identity_person")
    }
    with connection.cursor() as cursor:
        for table, last in highest.items():
            cursor.execute(
                "select max(nextval(pg_get_serial_sequence(%s, 'id'))) from generate_series(1, %s)",
                [table, last],
            )
        cursor.execute(
            "select max(nextval('cases_number')) from generate_series(1, %s)",
            [ids.last.get("cases_number", 0)],
        )
