"""The benchmark's data, small: whole, skewed, and readable by the product's own queries."""

from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from vardvag.cases.lists import figures
from vardvag.cases.models import Case, Message
from vardvag.core import border
from vardvag.core.actor import Role, StaffActor
from vardvag.demo import bench
from vardvag.demo.load import NotLoaded
from vardvag.identity.models import Person

NOW = datetime(2026, 11, 20, 10, 40, tzinfo=UTC)


@pytest.fixture
def built(db, system, monkeypatch):
    monkeypatch.setattr(bench, "TEMPLATES", ("bench", 400, 300))
    monkeypatch.setattr(bench, "PORTION", 700)
    monkeypatch.setattr(bench, "UNITS", 150)
    heard: list[int] = []
    with system():
        made = bench.build(2000, now=NOW, whole=500, told=heard.append)
        assert heard == [700, 1400, 2000]
        yield made


def _one(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()


def test_every_case_is_whole(built):
    assert Case.objects.count() == 2000
    assert Person.objects.count() == built.residents
    assert Case.objects.exclude(state="closed").count() == built.open == 180
    assert 2 <= Message.objects.count() / 2000 <= 4
    assert not Case.objects.exclude(state="closed").filter(owner=None, group=None).exists()
    assert _one("select count(*) from cases_case c where not exists"
                " (select 1 from cases_message m where m.case_id = c.id and m.seq = 1)") == (0,)  # fmt: skip
    assert _one("select count(*) from cases_case c join cases_message m on m.case_id = c.id"
                " where (m.unit_id, m.patient_id) <> (c.unit_id, c.patient_id)") == (0,)  # fmt: skip
    assert Case.objects.filter(response__isnull=False).count() == 500
    assert _one("select count(*) from cases_event where case_id <= 1500") == (0,)
    assert _one("select count(distinct object_id) from audit_entry where object_kind = 'case'")[0] == 500

    _open_cases_are_of_now_and_closed_ones_of_three_years()
    _few_units_have_many()
    _staff_of_the_largest_unit_read_their_queue_through_the_border()


def _open_cases_are_of_now_and_closed_ones_of_three_years():
    assert Case.objects.exclude(state="closed").earliest("arrived_at").arrived_at > datetime(
        2026, 11, 1, tzinfo=UTC
    )
    assert Case.objects.earliest("arrived_at").arrived_at < datetime(2024, 6, 1, tzinfo=UTC)
    assert Case.objects.latest("arrived_at").arrived_at <= NOW


def _few_units_have_many():
    sizes = sorted((n for _, n in Case.objects.values_list("unit_id").annotate(n=_count())), reverse=True)
    assert sizes[0] > 3 * (2000 / bench.UNITS)
    assert len(sizes) > 120


def _count():
    from django.db.models import Count  # noqa: PLC0415

    return Count("id")


def _staff_of_the_largest_unit_read_their_queue_through_the_border():
    unit, staff = 1, 1
    actor = StaffActor(0, staff, "", "", "", staff, unit, "", 1 + unit % bench.PROVIDERS,
                       frozenset({Role.RECEIVER, Role.HANDLER}), frozenset())  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("set role vardvag_app")
    with transaction.atomic():
        border.enter(actor)
        assert figures(actor=actor, now=NOW).counts["all"] >= 1
        owners = set(Case.objects.exclude(owner=None).values_list("owner_id", "unit_id"))
    assert all((owner - 1) // bench.STAFF_OF_UNIT == unit_id - 1 for owner, unit_id in owners)


def test_it_is_built_in_an_empty_database_only(world, system):
    with system(), pytest.raises(NotLoaded, match="empty"):
        bench.build(10)
