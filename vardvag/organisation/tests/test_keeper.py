"""Sessions from the cookie to the actor, with row-level security on (the tests act as vardvag_app)."""

from datetime import date, timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from vardvag.audit.models import Entry
from vardvag.core import border, clock, doors
from vardvag.core.actor import Anonymous, ResidentActor, Role, StaffActor, SystemActor
from vardvag.identity import actions, cookies
from vardvag.identity.models import Session
from vardvag.organisation import keeper
from vardvag.organisation.tests import world

JOB = SystemActor("test")
BORN_TEN_YEARS_AGO = clock.now().date().replace(day=1) - timedelta(days=10 * 366)


@pytest.fixture
def family(system):
    with system():
        world.region()
        mother = world.person(date(1988, 5, 4), given="Maria")
        child = world.person(BORN_TEN_YEARS_AGO, given="Elin")
        return mother, child, world.guardian(child, mother)


@pytest.fixture
def nurse(system):
    with system():
        world.region()
        where = world.unit()
        who = world.staff()
        return world.assignment(who, where, Role.NURSE, Role.RECEIVER)


def resident_key(mother, **changes):
    border.enter_person(mother.pk)
    return actions.open_session(actor=Anonymous(), person=mother, method="bankid", now=clock.now(), **changes)


def staff_key(assignment, **changes):
    return actions.open_session(
        actor=Anonymous(), staff=assignment.staff, assignment_id=assignment.pk, method="siths",
        now=clock.now(), **changes,
    )  # fmt: skip


def request(key="", path="/x/", method="get", **headers):
    made = getattr(RequestFactory(), method)(path, headers=headers)
    if key:
        made.COOKIES[settings.SESSION_KEY_COOKIE] = key
    return made


def who(key):
    border.leave()
    return keeper.actor_of_key(key)


def test_a_resident_is_found_with_the_children_they_may_act_for(family):
    mother, child, _ = family
    actor = who(resident_key(mother))
    assert isinstance(actor, ResidentActor)
    assert actor.me.name == "Maria Lind" and actor.patient == actor.me
    assert [s.person_id for s in actor.may_act_for] == [child.pk]


def test_the_cookie_is_nowhere_in_the_database(family):
    mother, *_ = family
    key = resident_key(mother)
    row = Session.objects.get()
    assert len(key) >= 43  # 256 bits
    assert key.encode() not in bytes(row.key_hash) and key not in str(Session.objects.values())


def test_acting_for_a_child_and_falling_back_when_it_is_no_longer_allowed(family, system, shift):
    mother, child, guardianship = family
    key = resident_key(mother)
    actions.act_for(actor=who(key), person_id=child.pk, now=clock.now())
    assert who(key).patient.person_id == child.pk and who(key).represents
    with system():
        guardianship.until = clock.now().date()
        guardianship.save(update_fields=["until"])
    assert who(key).patient.person_id == mother.pk and who(key).may_act_for == ()


def test_acting_for_a_strangers_child_is_refused(family, system):
    mother, *_ = family
    with system():
        stranger = world.person(BORN_TEN_YEARS_AGO, serial=983)
    actor = who(resident_key(mother))
    with pytest.raises(actions.NotYours):
        actions.act_for(actor=actor, person_id=stranger.pk, now=clock.now())


@pytest.mark.parametrize("which", ["mother", "child"])
def test_nobody_acts_for_a_child_when_one_of_them_is_protected(family, system, which):
    mother, child, _ = family
    key = resident_key(mother)
    with system():
        person = mother if which == "mother" else child
        person.protected = True
        person.save(update_fields=["protected"])
    assert who(key).may_act_for == ()


def test_the_region_sets_the_age(family, system):
    mother, *_ = family
    key = resident_key(mother)
    assert who(key).may_act_for
    with system():
        world.region(guardian_until_age=9)
    assert who(key).may_act_for == ()


def test_a_child_cannot_log_in_before_the_age(family):
    _, child, _ = family
    border.enter_proven(child.personal_number)
    with pytest.raises(actions.TooYoung, match="13"):
        actions.open_session(actor=Anonymous(), person=child, method="bankid", now=clock.now())


def test_the_dead_are_nobody(family, system):
    mother, *_ = family
    key = resident_key(mother)
    with system():
        mother.deceased_on = clock.now().date()
        mother.save(update_fields=["deceased_on"])
    assert isinstance(who(key), Anonymous)


@pytest.mark.parametrize("change", ["death", "custody", "protection", "thirteen", "their death"])
def test_an_open_page_hears_when_what_it_stands_on_changes(family, system, shift, change):
    """Live asks for signs without anybody's border; the same again as long as nothing has changed."""
    mother, child, guardianship = family
    resident_key(mother)
    session = Session.objects.get().pk
    border.leave()

    def sign():
        return keeper.HouseKeeper().signs([session])[session]

    before = sign()
    assert sign() == before
    with system():
        match change:
            case "death" | "their death":
                person = mother if change == "death" else child
                person.deceased_on = clock.now().date()
                person.save(update_fields=["deceased_on"])
            case "custody":
                guardianship.until = clock.now().date()
                guardianship.save(update_fields=["until"])
            case "protection":
                child.protected = True
                child.save(update_fields=["protected"])
            case "thirteen":
                child.birth_date = date(clock.now().year - 13, 1, 1)
                child.save(update_fields=["birth_date"])
    assert sign() != before


@pytest.mark.parametrize("minutes", [settings.RESIDENT_IDLE + 1, settings.RESIDENT_ABSOLUTE + 1])
def test_a_session_dies_unused(family, shift, minutes):
    mother, *_ = family
    key = resident_key(mother)
    shift(timedelta(minutes=minutes))
    assert isinstance(who(key), Anonymous)


def test_use_keeps_it_awake_but_not_for_ever(family, shift):
    mother, *_ = family
    key = resident_key(mother)
    step = settings.RESIDENT_IDLE - 5
    passed = 0
    while passed + step < settings.RESIDENT_ABSOLUTE:
        passed += step
        shift(timedelta(minutes=passed))
        border.leave()
        assert isinstance(keeper.actor_of_key(key, awake=True), ResidentActor)
    shift(timedelta(minutes=settings.RESIDENT_ABSOLUTE + 1))
    assert isinstance(keeper.actor_of_key(key, awake=True), Anonymous)


def test_a_background_request_does_not_keep_it_awake(family, shift):
    mother, *_ = family
    key = resident_key(mother)
    shift(timedelta(minutes=5))
    before = Session.objects.get().seen_at
    keeper.HouseKeeper().actor(request(key, **{"X-Requested-With": "live"}))
    assert Session.objects.get().seen_at == before
    keeper.HouseKeeper().actor(request(key))
    assert Session.objects.get().seen_at > before


def test_logout_ends_it_and_so_does_logout_everywhere(family):
    mother, *_ = family
    first, second = resident_key(mother), resident_key(mother)
    actions.end_session(actor=who(first), key=first, now=clock.now())
    assert isinstance(who(first), Anonymous) and isinstance(who(second), ResidentActor)
    actions.end_all_sessions(actor=who(second), person=mother, now=clock.now())
    assert isinstance(who(second), Anonymous)


def test_a_new_login_in_the_same_browser_ends_the_old_session(family, nurse):
    mother, *_ = family
    resident = resident_key(mother)
    staff = staff_key(nurse, old_key=resident)
    assert isinstance(who(resident), Anonymous) and isinstance(who(staff), StaffActor)


def test_staff_with_unit_roles_and_groups(nurse):
    actor = who(staff_key(nurse))
    assert isinstance(actor, StaffActor)
    assert actor.unit_name == "Solberga hälsocentral" and actor.provider_id == nurse.unit.provider_id
    assert actor.roles == {Role.NURSE, Role.RECEIVER} and actor.group_ids == {nurse.groups.get().pk}


@pytest.mark.parametrize(
    "change",
    [
        lambda a: ("assignment", {"ended_at": clock.now()}),
        lambda a: ("assignment", {"paused_at": clock.now()}),
        lambda a: ("assignment", {"valid_until": clock.now().date() - timedelta(days=1)}),
        lambda a: ("assignment", {"valid_from": clock.now().date() + timedelta(days=2)}),
        lambda a: ("staff", {"gone_at": clock.now()}),
        lambda a: ("unit", {"archived_at": clock.now()}),
    ],
)
def test_staff_lose_their_session_with_its_ground(nurse, system, change):
    key = staff_key(nurse)
    what, fields = change(nurse)
    row = {"assignment": nurse, "staff": nurse.staff, "unit": nurse.unit}[what]
    with system():
        type(row).objects.filter(pk=row.pk).update(**fields)
    assert isinstance(who(key), Anonymous)


def test_another_persons_assignment_opens_nothing(nurse, system):
    with system():
        thief = world.staff(2)
    key = actions.open_session(
        actor=Anonymous(), staff=thief, assignment_id=nurse.pk, method="siths", now=clock.now()
    )
    assert isinstance(who(key), Anonymous)


def test_the_number_of_queries_of_a_door(family, nurse):
    mother, *_ = family
    resident, staff = resident_key(mother), staff_key(nurse)
    border.leave()
    with CaptureQueriesContext(connection) as asked:
        keeper.actor_of_key(resident)
    assert len(asked) <= 3, [q["sql"] for q in asked]  # session with the border, age of the region, family
    with CaptureQueriesContext(connection) as asked:
        keeper.actor_of_key(staff)
    assert len(asked) == 1


@doors.resident
def resident_page(req):
    return HttpResponse("mine")


@doors.staff(Role.UNIT_MANAGER)
def manager_page(req):
    return HttpResponse("managed")


def test_nobody_is_sent_to_the_right_login_and_the_target_is_not_in_the_address(db):
    for page, login in ((resident_page, "/logga-in/"), (manager_page, "/personal/logga-in/")):
        answer = page(request(path="/arenden/7/?flik=2"))
        assert answer.status_code == 302 and answer["Location"] == login
        back = request()
        back.COOKIES = {name: cookie.value for name, cookie in answer.cookies.items()}
        assert cookies.target(back) == cookies.Target("/arenden/7/?flik=2", expired=False)


def test_what_was_searched_for_is_not_kept_in_the_cookie(db):
    answer = manager_page(request(path="/personal/sok/?q=199001142380"))
    back = request()
    back.COOKIES = {name: cookie.value for name, cookie in answer.cookies.items()}
    assert cookies.target(back) == cookies.Target("/personal/sok/", expired=False)


@pytest.mark.parametrize("by_script", [{"HX-Request": "true"}, {"Sec-Fetch-Dest": "empty"}])
def test_a_script_is_told_and_nothing_is_remembered(db, by_script):
    """A fetch that was under way at logout must not lead the next login to the page that was left."""
    answer = resident_page(request("x" * 43, **by_script))
    assert answer.status_code == 401 and answer["HX-Redirect"] == "/logga-in/" and not answer.cookies


@pytest.mark.parametrize(
    "evil", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:x"]
)
def test_a_foreign_target_becomes_the_start_page(evil):
    assert cookies.local_path(evil) == "/"


def test_a_wrong_role_is_told_so_and_a_resident_must_log_out_first(family, nurse):
    mother, *_ = family
    answer = manager_page(request(staff_key(nurse)))
    assert answer.status_code == 404 and "Byt uppdrag" in answer.content.decode()
    answer = manager_page(request(resident_key(mother)))
    assert answer.status_code == 403 and "Logga ut först" in answer.content.decode()
    answer = resident_page(request(staff_key(nurse)))
    assert answer.status_code == 403 and "inloggad som personal" in answer.content.decode()


def test_logins_are_logged(family, system):
    mother, *_ = family
    resident_key(mother)
    with system():
        row = Entry.objects.get(verb="login")
    assert row.patient_id == mother.pk and row.actor_id == mother.pk


def test_logout_clears_the_browser():
    response = HttpResponse()
    cookies.forget_session_cookie(response)
    assert response["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert response.cookies[settings.SESSION_KEY_COOKIE]["max-age"] == 0
