"""Who may give what to whom, and what happens at once when somebody leaves."""

from datetime import timedelta

import pytest

from vardvag.audit.models import Entry
from vardvag.core import border, clock
from vardvag.core.actor import Anonymous, Role, StaffActor, SystemActor
from vardvag.identity import actions as identity
from vardvag.organisation import access, actions, keeper
from vardvag.organisation.actions import registry
from vardvag.organisation.models import Group, StaffingChange
from vardvag.organisation.staffing_rules import (
    AlreadyHere,
    LastOne,
    NameTaken,
    NobodyByThatId,
    NoRoles,
    NotInForce,
    OwnAssignment,
    ReceiversStay,
    RoleNotYours,
    WrongDates,
)
from vardvag.organisation.tests import world

NOW = clock.now()


@pytest.fixture
def here(system):
    """A unit with one permission administrator (the actor), one receiver and one handler."""
    with system():
        world.region()
        unit = world.unit()
        boss = world.assignment(world.staff(1, "Bo", "Chef"), unit, Role.PERMISSION_ADMIN)
        receiver = world.assignment(world.staff(2, "Rut", "Mo"), unit, Role.RECEIVER)
        handler = world.assignment(world.staff(3, "Hugo", "Ek"), unit, Role.HANDLER)
        world.staff(4, "Nina", "Ny")
    return {"unit": unit, "boss": boss, "receiver": receiver, "handler": handler, "actor": actor(boss)}


def actor(assignment, *roles):
    who, unit = assignment.staff, assignment.unit
    chosen = frozenset(roles or (Role(r) for r in assignment.roles))
    made = StaffActor(1, who.pk, who.hsa_id, who.name, who.title, assignment.pk, unit.pk, unit.public_name,
                      unit.provider_id, chosen)  # fmt: skip
    border.enter(made)
    return made


def add(here, hsa_id="se2321009999-p004", roles=(Role.HANDLER,), **changes):
    return actions.add_assignment(
        **{"actor": here["actor"], "unit": here["unit"], "hsa_id": hsa_id, "roles": roles,
           "valid_from": NOW.date(), "now": NOW, **changes}
    )  # fmt: skip


def change(here, which, roles, **changes):
    return actions.change_assignment(
        **{"actor": here["actor"], "assignment": here[which], "roles": roles, "group_ids": [],
           "valid_until": None, "reason": "ny tjänst", "now": NOW, **changes}
    )  # fmt: skip


def test_somebody_starts_whatever_the_case_of_the_id(here):
    new = add(here, roles=[Role.HANDLER, Role.RECEIVER])
    assert new.roles == ["handler", "receiver"]
    assert [g.name for g in new.groups.all()] == ["Ärendemottagare"]
    assert access.colleague_at(unit_id=here["unit"].pk, staff_id=new.staff_id, at=NOW).given_name == "Nina"


def test_nobody_unknown_and_nobody_twice(here, system):
    with pytest.raises(NobodyByThatId):
        add(here, "SE2321009999-NONE")
    with pytest.raises(AlreadyHere):
        add(here, here["handler"].staff.hsa_id)
    with pytest.raises(NoRoles):
        add(here, roles=[])
    with pytest.raises(WrongDates):
        add(here, valid_until=NOW.date() - timedelta(days=1))


def test_nobody_changes_their_own_rights(here):
    for act in (
        lambda: change(here, "boss", [Role.PERMISSION_ADMIN, Role.UNIT_MANAGER]),
        lambda: actions.pause_assignment(actor=here["actor"], assignment=here["boss"], reason="", now=NOW),
        lambda: actions.end_assignment(actor=here["actor"], assignment=here["boss"], reason="", now=NOW),
    ):
        with pytest.raises(OwnAssignment):
            act()


def test_what_reaches_beyond_the_unit_is_given_from_the_region(here):
    for role in (Role.REGIONAL_ADMIN, Role.SYSTEM_COORDINATOR, Role.SUPPORT):
        with pytest.raises(RoleNotYours):
            change(here, "handler", [Role.HANDLER, role])
    coordinator = actor(here["boss"], Role.SYSTEM_COORDINATOR)
    changed = change(here, "handler", [Role.SUPPORT], actor=coordinator)
    with pytest.raises(RoleNotYours):  # nor taken away
        change(here, "handler", [Role.HANDLER])
    assert changed.roles == ["support"]


@pytest.mark.parametrize("how", ["end", "pause", "role", "until"])
def test_the_last_receiver_stays_until_there_is_another(here, how):
    def take_away():
        mine = {"actor": here["actor"], "assignment": here["receiver"], "reason": "", "now": NOW}
        match how:
            case "end":
                actions.end_assignment(**mine)
            case "pause":
                actions.pause_assignment(**mine)
            case "role":
                change(here, "receiver", [Role.HANDLER])
            case "until":
                change(here, "receiver", [Role.RECEIVER], valid_until=NOW.date() + timedelta(days=9))

    with pytest.raises(LastOne, match="ärendemottagare"):
        take_away()
    change(here, "handler", [Role.HANDLER, Role.RECEIVER])
    take_away()


def test_two_who_end_at_different_days_do_not_cover_for_each_other(here):
    soon, later = NOW.date() + timedelta(days=5), NOW.date() + timedelta(days=9)
    change(here, "handler", [Role.RECEIVER])
    change(here, "handler", [Role.RECEIVER], valid_until=soon)
    with pytest.raises(LastOne):
        change(here, "receiver", [Role.RECEIVER], valid_until=later)


def test_ending_closes_browsers_and_gives_work_back(here):
    told = []
    registry.on_assignment_gone.append(lambda **news: told.append(news))
    try:
        handler = here["handler"]
        key = identity.open_session(
            actor=Anonymous(), staff=handler.staff, assignment_id=handler.pk, method="siths", now=clock.now()
        )
        assert isinstance(keeper.actor_of_key(key), StaffActor)
        border.enter(here["actor"])
        actions.end_assignment(actor=here["actor"], assignment=handler, reason="slutat", now=NOW)
    finally:
        registry.on_assignment_gone.pop()
    assert isinstance(keeper.actor_of_key(key), Anonymous)
    assert [(n["unit_id"], n["staff_id"]) for n in told] == [(here["unit"].pk, handler.staff_id)]
    assert isinstance(told[0]["actor"], SystemActor)
    with pytest.raises(NotInForce):
        change(here, "handler", [Role.HANDLER])
    again = add(here, handler.staff.hsa_id)
    assert again.pk == handler.pk and again.ended_at is None


def test_pause_and_resume(here):
    handler = here["handler"]
    mine = {"actor": here["actor"], "assignment": handler, "reason": "föräldraledig", "now": NOW}
    actions.pause_assignment(**mine)
    assert not access.is_present(unit_id=here["unit"].pk, staff_id=handler.staff_id, at=NOW)
    actions.resume_assignment(**mine)
    assert access.is_present(unit_id=here["unit"].pk, staff_id=handler.staff_id, at=NOW)
    assert list(StaffingChange.objects.values_list("verb", "reason")) == [
        ("pause", "föräldraledig"),
        ("resume", "föräldraledig"),
    ]


def test_everything_is_in_the_log(here, system):
    change(here, "handler", [Role.NURSE])
    with system():
        row = Entry.objects.get(verb="change_assignment")
    assert row.actor_name == "Bo Chef" and row.details == ["nurse"] and row.object_id == here["handler"].pk


def test_a_last_day_that_has_passed_ends_by_itself(here, system):
    with system():
        handler = here["handler"]
        handler.valid_until = NOW.date() - timedelta(days=1)
        handler.save(update_fields=["valid_until"])
        assert actions.end_expired(actor=SystemActor("test"), now=NOW) == 1
        assert actions.end_expired(actor=SystemActor("test"), now=NOW) == 0
        handler.refresh_from_db()
        assert handler.ended_at == NOW


def test_choosing_an_assignment_makes_a_new_session(here, system):
    with system():
        other = world.unit(2, "Andra mottagningen")
        second = world.assignment(here["handler"].staff, other, Role.NURSE)
        foreign = here["receiver"]
    key = identity.open_session(
        actor=Anonymous(), staff=here["handler"].staff, method="siths", now=clock.now()
    )
    assert isinstance(keeper.actor_of_key(key), Anonymous)  # two to choose between
    session = keeper.identity.open_session_of(key, now=clock.now())
    assert actions.choose(session=session, assignment_id=foreign.pk, now=NOW) is None
    new = actions.choose(session=session, assignment_id=second.pk, now=NOW)
    assert isinstance(keeper.actor_of_key(key), Anonymous)
    assert keeper.actor_of_key(new).unit_name == "Andra mottagningen"
    second.refresh_from_db()
    assert second.last_used_at == NOW


def test_a_login_starts_where_there_is_nothing_to_choose(here, system):
    login = {"actor": Anonymous(), "staff": here["handler"].staff, "method": "siths", "now": clock.now()}
    assert isinstance(keeper.actor_of_key(identity.open_session(**login)), StaffActor)
    with system():
        other = world.unit(2, "Andra mottagningen")
        world.assignment(here["handler"].staff, other, Role.NURSE)
    named = identity.open_session(**login, unit_hsa_id=other.hsa_id.lower())
    assert keeper.actor_of_key(named).unit_id == other.pk


def test_groups(here):
    unit = here["unit"]
    group = actions.add_group(actor=here["actor"], unit_id=unit.pk, name=" Läkare ", now=NOW)
    assert group.name == "Läkare"
    with pytest.raises(NameTaken):
        actions.add_group(actor=here["actor"], unit_id=unit.pk, name="Läkare", now=NOW)
    change(here, "handler", [Role.HANDLER], group_ids=[group.pk])
    told = []
    registry.on_group_gone.append(lambda **news: told.append(news["group_id"]))
    try:
        actions.remove_group(actor=here["actor"], group=group, now=NOW)
    finally:
        registry.on_group_gone.pop()
    assert told == [group.pk]
    assert here["handler"].groups.count() == 0
    assert [g.name for g in access.groups_of(unit_id=unit.pk)] == ["Ärendemottagare"]
    back = actions.add_group(actor=here["actor"], unit_id=unit.pk, name="Läkare", now=NOW)
    assert back.pk == group.pk
    with pytest.raises(ReceiversStay):
        actions.remove_group(actor=here["actor"], group=Group.objects.get(unit=unit, receivers=True), now=NOW)


def test_a_group_of_another_unit_cannot_be_given(here, system):
    with system():
        other = world.unit(2, "Andra mottagningen")
        foreign = Group.objects.create(unit=other, name="Deras")
    change(here, "handler", [Role.HANDLER], group_ids=[foreign.pk])
    assert here["handler"].groups.count() == 0
