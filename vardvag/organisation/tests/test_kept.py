"""What the process keeps for a few seconds: few questions, and an action's change is seen at once."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from vardvag.core import database
from vardvag.core.actor import Role, StaffActor
from vardvag.organisation import actions, queries
from vardvag.organisation.actions.unit import LocalTexts
from vardvag.organisation.queries import kept
from vardvag.organisation.tests import world

TEXTS = LocalTexts("", "Nytt", "", 5, True, False, "", "", True)


@pytest.fixture
def unit(system, monkeypatch):
    with system():
        world.region(answer_working_days=2)
        made = world.unit()
        world.assignment(world.staff(), made, Role.LOCAL_ADMIN)
    monkeypatch.setattr(kept, "KEEP_SECONDS", 60)
    kept._kept.clear()
    yield made
    kept._kept.clear()


def actor(unit):
    return StaffActor(1, 1, "X", "Lo", "Admin", 1, unit.pk, unit.public_name, unit.provider_id)


def test_a_card_asks_three_times_and_then_not_at_all(unit):
    assert unit.provider  # loaded with the unit
    with CaptureQueriesContext(connection) as asked:
        queries.contact_card(unit, now=world.NOON)
    assert len(asked) <= 4, [q["sql"] for q in asked]  # settings, hours, special days, region
    with CaptureQueriesContext(connection) as asked:
        queries.contact_card(unit, now=world.NOON)
        queries.calendar_of(unit.pk)
        queries.due(unit_id=unit.pk, since=world.NOON, days=2)
    assert len(asked) == 0


def test_while_the_database_is_away_what_was_kept_is_kept_longer(unit, monkeypatch):
    assert queries.region().answer_working_days == 2
    monkeypatch.setattr(kept, "KEEP_SECONDS", 0)
    with CaptureQueriesContext(connection) as asked, database.unasked():
        assert queries.region().answer_working_days == 2
        kept._kept.clear()
        assert queries.region().service_name == "Vårdväg"
    assert len(asked) == 0 and not kept._kept


def test_a_change_is_seen_at_once(unit):
    before = queries.contact_card(unit, now=world.NOON)
    assert (before.answer_days, before.accepts_cases) == (2, True)
    assert queries.find_units("solberga")[0].accepts_cases
    actions.save_settings(actor=actor(unit), unit_id=unit.pk, version=1, texts=TEXTS, now=world.NOON)
    after = queries.contact_card(unit, now=world.NOON)
    assert (after.answer_days, after.accepts_cases, after.other_information) == (5, False, "Nytt")
    assert not queries.find_units("solberga")[0].accepts_cases


def test_what_is_missing_is_pointed_out(unit):
    assert set(queries.missing(unit, now=world.NOON)) == {"phone", "street", "hours"}
