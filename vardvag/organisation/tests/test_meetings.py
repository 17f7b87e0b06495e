"""What somebody else did a moment before, and what is sent again because its answer was lost."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from vardvag.core.actor import Anonymous, Role, SystemActor
from vardvag.identity import access as identity_access
from vardvag.identity import actions as identity
from vardvag.identity.models import Session
from vardvag.organisation import actions
from vardvag.organisation.actions import registry, staffing
from vardvag.organisation.actions.unit import LocalTexts, Opens
from vardvag.organisation.models import Assignment, Group, SpecialDay, UnitSettings
from vardvag.organisation.staffing_rules import DayTaken, SomebodyWasFirst
from vardvag.organisation.tests.test_staffing import NOW, actor, here

__all__ = ["here"]
JOB = SystemActor("test")
TEXTS = LocalTexts("", "Vi har flyttat", "", None, True, True, "", "", True)


@pytest.mark.parametrize("meanwhile", ["prolonged", "ended"])
def test_a_last_day_moved_or_an_end_made_while_the_job_runs_stands(here, system, monkeypatch, meanwhile):
    """Before: the prolonged one was ended all the same, and one ended by hand stopped all that came after it."""
    with system():
        ids = [here[who].pk for who in ("receiver", "handler")]
        Assignment.objects.filter(pk__in=ids).update(valid_until=NOW.date() - timedelta(days=2))

        def other(*, staff_id, **_):
            rest = Assignment.objects.filter(pk__in=ids, ended_at=None).exclude(staff_id=staff_id)
            new = {"valid_until": None} if meanwhile == "prolonged" else {"ended_at": NOW}
            rest.update(**new)

        monkeypatch.setattr(registry, "on_assignment_gone", [other])
        monkeypatch.setattr(staffing, "on_assignment_gone", [other])
        assert actions.end_expired(actor=JOB, now=NOW) == 1
        open_ones = Assignment.objects.filter(pk__in=ids, ended_at=None).count()
    assert open_ones == (1 if meanwhile == "prolonged" else 0)


def test_a_choice_of_assignment_that_meets_a_logout_opens_nothing(here, system):
    with system():
        who = here["handler"]
        key = identity.open_session(actor=Anonymous(), staff=who.staff, method="siths", now=NOW)
        read = Session.objects.get(key_hash=identity_access.key_hash(key))
        identity.end_session(actor=Anonymous(), key=key, now=NOW)
        assert actions.choose(session=read, assignment_id=who.pk, now=NOW) is None
        assert not Session.objects.filter(staff=who.staff, ended_at=None).exists()


def test_a_new_name_does_not_bring_back_a_group_removed_meanwhile(here):
    group = actions.add_group(actor=here["actor"], unit_id=here["unit"].pk, name="Sår", now=NOW)
    read = Group.objects.get(pk=group.pk)
    actions.remove_group(actor=here["actor"], group=group, now=NOW)
    actions.rename_group(actor=here["actor"], group=read, name="Sårvård", now=NOW)
    assert Group.objects.get(pk=group.pk).archived_at is not None


def test_texts_sent_again_are_saved_once_and_acknowledged(here):
    boss, unit_id = actor(here["boss"], Role.LOCAL_ADMIN), here["unit"].pk
    version = UnitSettings.objects.get_or_create(unit_id=unit_id)[0].version

    def send(texts):
        return actions.save_settings(actor=boss, unit_id=unit_id, version=version, texts=texts, now=NOW)

    send(TEXTS)
    assert send(TEXTS).version == version + 1
    with pytest.raises(SomebodyWasFirst):
        send(replace(TEXTS, directions="Ny ingång"))


def test_hours_sent_again_are_saved_once_and_acknowledged(here):
    boss, unit_id = actor(here["boss"], Role.LOCAL_ADMIN), here["unit"].pk
    version = UnitSettings.objects.get_or_create(unit_id=unit_id)[0].version

    def send(closes):
        opens = [Opens(0, time(8), time(closes))]
        actions.save_hours(actor=boss, unit_id=unit_id, version=version, kind="phone", hours=opens, now=NOW)

    send(16)
    send(16)
    assert UnitSettings.objects.get(unit_id=unit_id).version == version + 1
    with pytest.raises(SomebodyWasFirst):
        send(17)


def test_a_special_day_sent_again_is_acknowledged(here):
    boss, unit_id = actor(here["boss"], Role.LOCAL_ADMIN), here["unit"].pk

    def send(why):
        return actions.add_special_day(
            actor=boss, unit_id=unit_id, day=NOW.date(), opens=None, closes=None, why=why, now=NOW
        )

    assert send("Utbildning").pk == send("Utbildning").pk
    assert SpecialDay.objects.filter(unit_id=unit_id).count() == 1
    with pytest.raises(DayTaken):
        send("Flytt")
