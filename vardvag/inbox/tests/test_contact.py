"""Addresses are proven by a code; wishes are one's own; the border lets nobody else near them."""

import re
from datetime import date, time, timedelta
from itertools import islice

import pytest

from vardvag.core import clock
from vardvag.core.actor import ResidentActor, Role, Subject
from vardvag.identity.models import CareRelation
from vardvag.inbox import actions, jobs, queries, rules
from vardvag.inbox.models import (
    Channel,
    ContactSettings,
    Delivery,
    InboxItem,
    Matter,
    StaffKind,
    VerificationCode,
)
from vardvag.inbox.tests.conftest import NOON, enter, move_to
from vardvag.organisation.tests import world as people


@pytest.fixture
def fresh(house):
    ContactSettings.objects.all().delete()
    return house


def code_in(world):
    return re.findall(r"\d{6}", world.messages[-1]["message"])[0]


def send_all():
    for pk in Delivery.objects.filter(state="queued").values_list("pk", flat=True):
        jobs.deliver(delivery_id=pk)


def ask(house, written="070-174 06 05", channel=Channel.SMS):
    return actions.ask_for_code(actor=house.resident(), channel=channel, written=written, now=clock.now())


def confirm(house, code, channel=Channel.SMS):
    return actions.confirm_code(actor=house.resident(), channel=channel, written=code, now=clock.now())


def guess_till_none_is_left(house, right):
    wrong = (guess for n in range(1_000_000) if (guess := f"{n:06d}") != right)
    for guess in islice(wrong, rules.CODE_ATTEMPTS):
        with pytest.raises(rules.WrongCode):
            confirm(house, guess)


def test_a_number_counts_when_its_code_is_typed_in(fresh, sms):
    ask(fresh)
    assert ContactSettings.objects.get().mobile == ""
    send_all()
    wishes = confirm(fresh, code_in(sms))
    assert (wishes.mobile, wishes.sms_for) == ("+46701740605", list(Matter.values))
    assert wishes.mobile_verified_at
    assert Delivery.objects.get().text == ""  # the code is not kept
    with pytest.raises(rules.CodeTooOld):
        confirm(fresh, code_in(sms))


def test_a_mail_address_likewise(fresh, mail):
    ask(fresh, "Anna@Example.org", Channel.MAIL)
    send_all()
    code = re.findall(r"\d{6}", mail.messages[0]["text"])[0]
    assert confirm(fresh, code, Channel.MAIL).email == "Anna@example.org"
    assert code not in mail.messages[0]["subject"]


def test_guesses_are_counted_and_end(fresh, sms):
    ask(fresh)
    send_all()
    right = code_in(sms)
    guess_till_none_is_left(fresh, right)
    with pytest.raises(rules.CodeTooOld):
        confirm(fresh, right)


def test_the_same_wrong_guess_counts_once(fresh, sms):
    """The form's answer was lost on its way, and the form came again."""
    ask(fresh)
    send_all()
    right = code_in(sms)
    wrong = "000000" if right != "000000" else "111111"
    for _ in range(rules.CODE_ATTEMPTS + 2):
        with pytest.raises(rules.WrongCode):
            confirm(fresh, wrong)
    assert confirm(fresh, right).mobile


def test_a_code_lasts_ten_minutes(fresh, sms, shift):
    ask(fresh)
    send_all()
    move_to(shift, NOON + timedelta(minutes=11))
    with pytest.raises(rules.CodeTooOld):
        confirm(fresh, code_in(sms))


def test_five_codes_an_hour(fresh, shift):
    for minute in range(rules.CODES_PER_HOUR):
        move_to(shift, NOON + timedelta(minutes=minute))
        ask(fresh)
    move_to(shift, NOON + timedelta(minutes=6))
    with pytest.raises(rules.TooManyCodes):
        ask(fresh)


def test_asking_twice_at_once_sends_one_code(fresh, sms):
    """The form's answer was lost on its way, and the form came again."""
    assert ask(fresh).pk == ask(fresh).pk
    send_all()
    assert len(sms.messages) == 1
    guess_till_none_is_left(fresh, code_in(sms))
    ask(fresh)  # what no guess is left for is not waited for
    assert VerificationCode.objects.count() == 2


def test_nobody_can_flood_a_strangers_phone(fresh, sms):
    """Many people asking for codes to one number: the eleventh of the day is not sent."""
    for number in range(12):
        someone = people.person(date(1990, 1, 1), serial=100 + number)
        me = Subject(someone.pk, "A", "B", someone.birth_date)
        actions.ask_for_code(
            actor=ResidentActor(1, me, me), channel=Channel.SMS, written="0701740605", now=clock.now()
        )
    send_all()
    assert len(sms.messages) == 10


@pytest.mark.parametrize(
    ("channel", "written"), [("sms", "08-465 004 11"), ("sms", "hej"), ("mail", "anna@"), ("sms", "")]
)
def test_what_is_no_address_is_said_with_an_example(fresh, channel, written):
    with pytest.raises(rules.NotAnAddress) as caught:
        ask(fresh, written, Channel(channel))
    assert "mobilnummer" in str(caught.value.message) or "e-postadress" in str(caught.value.message)


def save(house, **changes):
    wanted = {
        "version": queries.contact(actor=house.resident()).version, "sms_for": ["answers"], "mail_for": [],
        "quiet_from": time(22), "quiet_until": time(7), "language": "en", "name_unit": True,
        "when_protected": False, "told_of_logins": True, "now": clock.now(),
    }  # fmt: skip
    return actions.save_contact(actor=house.resident(), **{**wanted, **changes})


def test_wishes_are_saved_and_a_second_click_does_nothing(house):
    version = queries.contact(actor=house.resident()).version
    for _ in range(2):
        wishes = save(house, version=version)
    assert (wishes.language, wishes.quiet_from, wishes.version) == ("en", time(22), version + 1)


def test_another_windows_older_form_is_refused(house):
    version = queries.contact(actor=house.resident()).version
    save(house, version=version)
    with pytest.raises(rules.ChangedElsewhere):
        save(house, version=version, language="sv")


def test_nothing_can_be_chosen_for_an_address_that_is_not_proven(fresh):
    with pytest.raises(rules.NotVerified):
        save(fresh)


def test_a_forgotten_address_gets_nothing_more(house, sms):
    delivery = next(d for d in house.told() if d.channel == "sms")
    actions.forget_address(actor=house.resident(), channel=Channel.SMS, now=clock.now())
    jobs.deliver(delivery_id=delivery.pk)
    assert sms.messages == [] and ContactSettings.objects.get().sms_for == []


# --- the border ---


@pytest.fixture
def other(house):
    someone = people.person(date(1991, 2, 3), serial=300, given="Bo")
    me = Subject(someone.pk, "Bo", "Ek", someone.birth_date)
    return ResidentActor(2, me, me)


def as_app(actor):
    """Rows the pages' role sees in the actor's border: items, settings, deliveries, codes."""
    enter(actor)
    return tuple(m.objects.count() for m in (InboxItem, ContactSettings, Delivery, VerificationCode))


def test_the_database_itself_keeps_everybody_apart(house, other, system, db, app_role):
    house.told()
    ask(house)
    with app_role():
        assert as_app(house.resident()) == (1, 1, 3, 1)
        assert as_app(other) == (0, 0, 0, 0)
        assert as_app(house.staff(Role.LOCAL_ADMIN)) == (1, 0, 2, 0)


def test_a_unit_with_the_patient_may_read_where_to_ring_and_change_nothing(house, app_role):
    CareRelation.objects.create(patient=house.anna, provider_id=house.unit.provider_id, since=clock.now())
    with app_role():
        enter(house.staff(Role.NURSE))
        assert ContactSettings.objects.get().mobile == "+46701740605"
        assert ContactSettings.objects.update(mobile="+46700000000") == 0
        assert ContactSettings.objects.all().delete()[0] == 0
    assert ContactSettings.objects.get().mobile == "+46701740605"


def test_pages_can_tell_across_the_border(house, other, app_role):
    """A resident's act tells the unit's staff, and staff's act a resident, who may not read each other."""
    with app_role():
        enter(house.resident())
        actions.tell_staff(
            actor=house.resident(), unit=house.unit, kind=StaffKind.NEW, object_id=house.anna.public_id,
            patient_id=house.anna.pk, key="new:1", now=clock.now(),
        )  # fmt: skip
        enter(house.staff())
        house.tell("message:1", recipients=[house.anna.pk, other.me.person_id])
        ask_staff = actions.ask_for_code(
            actor=house.staff(), channel=Channel.MAIL, written="sara@example.org", now=clock.now()
        )
        assert ask_staff.staff_id == house.sara.pk
