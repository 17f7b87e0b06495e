"""Staff are told in digests, urgent cases at once, and never of what they did themselves."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection

from vardvag.core import clock
from vardvag.core.actor import Role
from vardvag.inbox import actions, jobs
from vardvag.inbox.models import Delivery, DigestLine, StaffKind, StaffNotice, StaffNoticeSettings
from vardvag.inbox.tests.conftest import NOON, SYSTEM, move_to
from vardvag.organisation.models import Assignment, Group
from vardvag.organisation.tests import world as people


def tell(house, kind=StaffKind.NEW, *, actor=SYSTEM, **more):
    key = f"{kind}:{uuid4()}"
    actions.tell_staff(
        actor=actor, unit=house.unit, kind=kind, object_id=more.pop("case", uuid4()), key=key,
        patient_id=house.anna.pk, now=clock.now(), **more,
    )  # fmt: skip
    notice = StaffNotice.objects.get(key=key)
    jobs.spread_waiting(timestamp=0)
    return notice


def work(house, staff=None):
    jobs.digest(staff_id=(staff or house.sara).pk)
    for pk in Delivery.objects.filter(state="queued").values_list("pk", flat=True):
        jobs.deliver(delivery_id=pk)


def test_a_storm_becomes_one_digest(house, mail, shift):
    for minute in range(12):
        move_to(shift, NOON + timedelta(minutes=minute))
        tell(house)
        work(house)
    assert mail.messages == []
    move_to(shift, NOON + timedelta(minutes=15))
    tell(house, StaffKind.OVERDUE, staff_id=house.sara.pk)
    work(house)
    work(house)
    (message,) = mail.messages
    assert message["subject"] == "Solberga hälsocentral: 12 nya ärenden, 1 försenat ärende"
    assert not DigestLine.objects.filter(told_at=None).exists()


def test_a_digest_that_waits_has_one_job_and_an_earlier_one_its_own(house, shift):
    def digests():
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from procrastinate_jobs where task_name = 'inbox.digest'")
            return cursor.fetchone()[0]

    tell(house)
    assert digests() == 1
    for minute in range(1, 5):
        move_to(shift, NOON + timedelta(minutes=minute))
        tell(house)
    assert digests() == 1
    tell(house, urgency=1)
    assert digests() == 2
    move_to(shift, NOON + timedelta(minutes=15))
    work(house)
    tell(house)
    assert digests() == 3  # told: the next begins a digest of its own


def test_one_case_is_counted_once(house, mail, shift):
    case = uuid4()
    for _ in range(3):
        tell(house, StaffKind.MESSAGE, staff_id=house.sara.pk, case=case)
    move_to(shift, NOON + timedelta(minutes=16))
    work(house)
    assert mail.messages[0]["subject"].endswith("1 nytt meddelande")


def test_urgent_goes_at_once_and_takes_the_waiting_along(house, mail):
    tell(house)
    tell(house, urgency=2)
    work(house)
    assert mail.messages[0]["subject"] == "Brådskande. Solberga hälsocentral: 2 nya ärenden"


@pytest.mark.parametrize(("urgency", "jobs_made"), [(None, 0), (3, 0), (2, 1), (1, 1)])
def test_only_what_is_urgent_has_a_job_of_its_own(house, urgency, jobs_made):
    """The rest is looked for every few seconds, all in one job."""
    actions.tell_staff(
        actor=SYSTEM, unit=house.unit, kind=StaffKind.NEW, object_id=uuid4(), patient_id=None,
        key=f"new:{uuid4()}", now=clock.now(), urgency=urgency,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from procrastinate_jobs where task_name = 'inbox.spread'")
        assert cursor.fetchone() == (jobs_made,)


def test_who_did_it_is_not_told(house):
    tell(house, StaffKind.ASSIGNED, actor=house.staff(Role.RECEIVER), staff_id=house.sara.pk)
    assert not DigestLine.objects.exists()


@pytest.mark.parametrize(
    ("how", "told"), [("receiver", {"sara"}), ("group", {"olle"}), ("person", {"olle"}), ("elsewhere", set())]
)
def test_those_concerned(house, how, told):
    olle = people.staff(2, "Olle")
    StaffNoticeSettings.objects.create(
        staff=olle, email="o@example.org", email_verified_at=NOON, mail_for=StaffKind.values
    )
    place = people.assignment(olle, house.unit, Role.HANDLER)
    group = Group.objects.create(unit=house.unit, name="Team 1")
    place.groups.add(group)
    stranger = people.staff(3, "Nils")
    to = {"receiver": {}, "group": {"group_id": group.pk}, "person": {"staff_id": olle.pk},
          "elsewhere": {"staff_id": stranger.pk}}[how]  # fmt: skip
    tell(house, **to)
    names = {"sara": house.sara.pk, "olle": olle.pk}
    assert set(DigestLine.objects.values_list("staff_id", flat=True)) == {names[n] for n in told}


@pytest.mark.parametrize(
    "change", [{"ended_at": NOON}, {"paused_at": NOON}, {"valid_until": NOON.date() - timedelta(days=1)}]
)
def test_those_who_have_left_are_not_told(house, change):
    Assignment.objects.update(**change)
    tell(house)
    assert not DigestLine.objects.exists()


def test_only_kinds_that_were_chosen(house):
    StaffNoticeSettings.objects.update(mail_for=["overdue"])
    tell(house)
    assert not DigestLine.objects.exists()
    tell(house, StaffKind.OVERDUE, staff_id=house.sara.pk)
    assert DigestLine.objects.count() == 1


def test_the_same_act_is_told_once(house):
    for _ in range(2):
        actions.tell_staff(
            actor=SYSTEM, unit=house.unit, kind=StaffKind.NEW, object_id=uuid4(), patient_id=None,
            key="new:1", now=clock.now(),
        )  # fmt: skip
    assert StaffNotice.objects.count() == 1


def test_a_sent_digest_is_not_sent_when_the_address_is_gone(house, mail, shift):
    tell(house)
    move_to(shift, NOON + timedelta(minutes=16))
    jobs.digest(staff_id=house.sara.pk)
    StaffNoticeSettings.objects.update(email="", email_verified_at=None)
    work(house)
    assert mail.messages == [] and Delivery.objects.get().state == "dropped"
