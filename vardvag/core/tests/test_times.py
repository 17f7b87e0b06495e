"""Times from the database."""

from datetime import UTC, datetime

import pytest
from django.db import connection

from vardvag.core.compiled import fetch
from vardvag.core.database import _READER


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("2026-03-29 02:30:00.5+00", datetime(2026, 3, 29, 2, 30, 0, 500_000, tzinfo=UTC)),
        ("2026-10-25 03:30:00+02", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        ("1912-12-12 12:12:12.000001+01:00:14", datetime(1912, 12, 12, 11, 11, 58, 1, tzinfo=UTC)),
    ],
)
def test_times_are_read_in_utc_by_either_cursor(said: str, told: datetime) -> None:
    for found in (fetch("select %s::timestamptz", [said])[0][0], _plain(said)):
        assert found == told
        assert found.utcoffset() == told.utcoffset()
        assert found.isoformat().endswith("+00:00")


@pytest.mark.django_db
def test_the_quick_reader_is_in_use() -> None:
    with connection.cursor() as cursor:
        reader = cursor.cursor.adapters.get_loader(1184, 0)
    assert _READER is None or type(reader(1184, None)) is _READER


def _plain(said: str) -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("select %s::timestamptz", [said])
        found: datetime = cursor.fetchone()[0]
    return found
