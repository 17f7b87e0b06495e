"""The pages as a browser sees them, with row-level security on."""

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client, RequestFactory

from vardvag.audit.models import Entry
from vardvag.core import clock, errors
from vardvag.core.actor import Anonymous, Role
from vardvag.identity import actions as identity
from vardvag.inbox import jobs
from vardvag.inbox.models import (
    ContactSettings,
    Delivery,
    InboxItem,
    ItemKind,
    StaffNoticeSettings,
    VerificationCode,
)
from vardvag.inbox.tests.conftest import MOBILE, NOON, move_to
from vardvag.organisation.models import Assignment
from vardvag.organisation.tests import world as people


@pytest.fixture
def browser(house, app_role):
    """`browser(person)` or `browser(staff)`: a logged-in client whose requests run as the pages' role."""

    def log_in(who, *roles):
        who_is = {"person": who}
        if roles:
            Assignment.objects.filter(staff=who, unit=house.unit).update(roles=[r.value for r in roles])
            place = Assignment.objects.get(staff=who, unit=house.unit)
            who_is = {"staff": who, "assignment_id": place.pk}
        key = identity.open_session(
            actor=Anonymous(), method="siths" if roles else "bankid", now=clock.now(), **who_is
        )
        client = Client()
        client.cookies[settings.SESSION_KEY_COOKIE] = key

        class Visits:
            def get(self, path, **more):
                with app_role():
                    return client.get(path, **more)

            def post(self, path, **data):
                with app_role():
                    return client.post(path, data)

        return Visits()

    return log_in


def text(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_an_unread_item_leads_to_the_case_and_is_then_read(house, browser):
    case = uuid4()
    item = house.tell(case=case)
    anna = browser(house.anna)
    page = anna.get("/inkorg/")
    assert page.status_code == 200
    assert "Svar från Solberga hälsocentral" in text(page) and "Förnya recept" in text(page)
    answer = anna.get(f"/inkorg/{item.public_id}/")
    assert answer.status_code == 302 and answer["Location"] == f"/arenden/{case}/"
    assert "Du har läst allt" in text(anna.get("/inkorg/"))
    assert "Markera som oläst" in text(anna.get("/inkorg/?visa=alla"))
    anna.post(f"/inkorg/{item.public_id}/olast/")
    assert "Svar från" in text(anna.get("/inkorg/"))


def test_somebody_elses_item_does_not_exist(house, browser):
    item = house.tell()
    bo = browser(people.person(date(1991, 2, 3), serial=300, given="Bo"))
    for answer in (
        bo.get(f"/inkorg/{item.public_id}/"),
        bo.get(f"/inkorg/{uuid4()}/"),
        bo.post(f"/inkorg/{item.public_id}/olast/"),
    ):
        assert answer.status_code == 404
    assert "Svar från" not in text(bo.get("/inkorg/?visa=alla"))
    assert InboxItem.objects.get().read_at is None


def test_a_guardian_sees_the_childs_when_acting_for_the_child_only(house, browser):
    child = people.person(clock.now().date() - timedelta(days=5 * 366), serial=400, given="Elsa")
    people.guardian(child, house.anna)
    item = house.tell(patient_id=child.pk)
    anna = browser(house.anna)
    page = text(anna.get("/inkorg/"))
    assert "Svar från" not in page and "Det finns 1 oläst om Elsa" in page
    assert anna.get(f"/inkorg/{item.public_id}/").status_code == 404


def test_older_ones_are_on_the_next_page(house, browser):
    for _ in range(25):
        house.tell()
    anna = browser(house.anna)
    assert anna.get("/inkorg/").content.decode().count("/inkorg/") >= 20
    second = anna.get("/inkorg/?sida=2")
    assert second.content.decode().count('class="link-row"') == 5
    assert anna.get("/inkorg/?sida=hej").status_code == 200


def test_an_open_page_is_told_the_number_and_the_newest_only(house, browser):
    for _ in range(3):
        house.tell()
    anna = browser(house.anna)
    told = anna.get("/inkorg/", headers={"X-Requested-With": "background"}).content.decode()
    newest = InboxItem.objects.order_by("-pk").first()
    assert 'data-count="3"' in told and f'href="/inkorg/{newest.public_id}/"' in told
    assert "<html" not in told


def test_a_number_is_added_with_a_code_all_without_script(house, browser, sms):
    ContactSettings.objects.all().delete()
    anna = browser(house.anna)
    assert "Du har inte lagt till något nummer" in text(anna.get("/installningar/"))
    wrong = anna.post("/installningar/adress/sms/", address="08-465 004 11")
    assert wrong.status_code == 422 and "08-465 004 11" in wrong.content.decode()
    sent = anna.post("/installningar/adress/sms/", address="070-174 06 05")
    assert sent["Location"] == "/installningar/kod/sms/"
    jobs.deliver(delivery_id=Delivery.objects.get().pk)
    code = re.findall(r"\d{6}", sms.messages[0]["message"])[0]
    assert "070-174 06 05" in text(anna.get("/installningar/kod/sms/"))
    bad = anna.post("/installningar/kod/sms/", code="000000" if code != "000000" else "111111")
    assert bad.status_code == 422 and "Koden stämmer inte" in text(bad)
    done = anna.post("/installningar/kod/sms/", code=code)
    assert done["Location"] == "/installningar/?klart=adress"
    assert ContactSettings.objects.get().mobile == MOBILE
    again = anna.post("/installningar/kod/sms/", code=code)  # the answer was lost on its way
    assert again["Location"] == done["Location"]
    assert anna.get("/installningar/kod/sms/")["Location"] == done["Location"]
    page = anna.get("/installningar/?klart=adress")
    assert "Bekräftad" in text(page) and "Du har ett nytt meddelande." in text(page)


def test_a_code_typed_in_long_ago_leads_to_the_address(house, browser, sms, monkeypatch):
    anna = browser(house.anna)
    anna.post("/installningar/adress/sms/", address="070-174 06 05")
    jobs.deliver(delivery_id=Delivery.objects.get().pk)
    anna.post("/installningar/kod/sms/", code=re.findall(r"\d{6}", sms.messages[0]["message"])[0])
    VerificationCode.objects.update(used_at=clock.now() - timedelta(minutes=11))
    assert anna.get("/installningar/kod/sms/")["Location"] == "/installningar/adress/sms/"
    VerificationCode.objects.update(used_at=clock.now())
    ContactSettings.objects.update(mobile="")
    assert anna.get("/installningar/kod/sms/")["Location"] == "/installningar/adress/sms/"


def form(**changes):
    return {
        "version": 1, "sms_for": ["answers"], "mail_for": ["answers", "reminders"], "quiet_from": "22:00",
        "quiet_until": "07:00", "language": "en", "name_unit": "1", **changes,
    }  # fmt: skip


def test_wishes_are_saved_and_shown(house, browser):
    anna = browser(house.anna)
    assert anna.post("/installningar/", **form())["Location"] == "/installningar/?klart=sparat"
    page = anna.get("/installningar/").content.decode()
    assert re.search(r'value="22:00" selected', page) and re.search(r'value="07:00" selected', page)
    assert "You have a new message from" in page
    wishes = ContactSettings.objects.get()
    assert (wishes.sms_for, wishes.language, wishes.name_unit) == (["answers"], "en", True)


def test_an_older_form_is_refused_and_what_was_chosen_stays(house, browser):
    ContactSettings.objects.update(version=7)
    page = browser(house.anna).post("/installningar/", **form(quiet_from="23:00"))
    assert page.status_code == 422 and "ändrats i ett annat fönster" in text(page)
    assert re.search(r'value="23:00" selected', page.content.decode())
    assert 'name="version" value="7"' in page.content.decode()


def test_nonsense_in_a_form_is_refused_calmly(house, browser):
    anna = browser(house.anna)
    for bad in ({"quiet_from": "25:00"}, {"language": "xx"}, {"version": "a"}, {"sms_for": ["allt"]}):
        assert anna.post("/installningar/", **form(**bad)).status_code == 422
    assert anna.get("/installningar/adress/duva/").status_code == 404


def test_an_address_is_removed(house, browser):
    browser(house.anna).post("/installningar/ta-bort/sms/")
    assert ContactSettings.objects.get().mobile == ""


def test_the_receipt_says_how_one_is_told(house):
    from vardvag.inbox.queries import how_told  # noqa: PLC0415 - beside its use

    assert how_told(actor=house.resident()).words == (
        "Vi hör av oss med sms till •••05 och e-post till an•••@example.org när du har fått svar."
    )
    ContactSettings.objects.all().delete()
    assert "bara när du loggar in" in how_told(actor=house.resident()).words


# --- staff ---


def trouble(house, state="failed"):
    for delivery in house.told():
        Delivery.objects.filter(pk=delivery.pk).update(state=state, last_error="x")


def test_what_did_not_arrive_is_shown_without_names_and_sent_again_once(house, browser, sms, mail):
    trouble(house)
    sara = browser(house.sara, Role.LOCAL_ADMIN)
    page = sara.get("/personal/utskick/")
    assert page.status_code == 200
    assert "•••05" in text(page) and MOBILE not in page.content.decode()
    assert "anna@example.org" not in page.content.decode() and "Lind" not in text(page)
    one = Delivery.objects.get(channel="sms")
    assert sara.post(f"/personal/utskick/{one.public_id}/igen/").status_code == 302
    twice = sara.post(f"/personal/utskick/{one.public_id}/igen/")
    assert twice.status_code == 409 and "redan skickat igen" in text(twice)
    again = Delivery.objects.get(again_of=one)
    jobs.deliver(delivery_id=again.pk)
    again.refresh_from_db()
    assert (again.state, again.address, len(sms.messages)) == ("sent", MOBILE, 1)
    assert "•••05" not in text(sara.get("/personal/utskick/"))


def test_sent_again_to_somebody_without_an_address_fails_visibly(house, browser, sms):
    trouble(house)
    ContactSettings.objects.update(mobile="", mobile_verified_at=None, sms_for=[])
    one = Delivery.objects.get(channel="sms")
    browser(house.sara, Role.LOCAL_ADMIN).post(f"/personal/utskick/{one.public_id}/igen/")
    again = Delivery.objects.get(again_of=one)
    jobs.deliver(delivery_id=again.pk)
    again.refresh_from_db()
    assert (again.state, sms.messages) == ("failed", [])


@pytest.mark.parametrize("role", [Role.NURSE, Role.RECEIVER, Role.SUPPORT])
def test_others_do_not_come_in(house, browser, role):
    trouble(house)
    sara = browser(house.sara, role)
    one = Delivery.objects.get(channel="sms")
    assert sara.get("/personal/utskick/").status_code in {403, 404}
    assert sara.post(f"/personal/utskick/{one.public_id}/igen/").status_code in {403, 404}
    assert not Delivery.objects.filter(again_of=one).exists()


def test_another_units_failures_are_the_system_coordinators_only(house, browser):
    trouble(house)
    other = people.unit(2, "Torp hälsocentral")
    Delivery.objects.update(unit=other)
    one = Delivery.objects.get(channel="sms")
    local = browser(house.sara, Role.LOCAL_ADMIN)
    assert "•••05" not in text(local.get("/personal/utskick/"))
    assert local.post(f"/personal/utskick/{one.public_id}/igen/").status_code == 404
    assert "•••05" in text(browser(house.sara, Role.SYSTEM_COORDINATOR).get("/personal/utskick/"))


def test_answers_nobody_opened_are_listed_until_read_or_reached(house, browser, shift):
    """CASE-20: after the region's five days, whom to call; one of two guardians reading is enough."""
    other = people.person(date(1985, 1, 1), serial=500, given="Bo")
    first, second = uuid4(), uuid4()
    house.tell("message:1", case=first)
    house.tell("message:2", case=second, recipients=[house.anna.pk, other.pk])
    house.tell("message:3", case=uuid4(), kind=ItemKind.CLOSED)  # nothing that waits to be read
    assert "Förnya recept" not in text(browser(house.sara, Role.RECEIVER).get("/personal/ej-lasta-svar/"))
    move_to(shift, NOON + timedelta(days=5, minutes=1))
    sara = browser(house.sara, Role.RECEIVER)
    page = sara.get("/personal/ej-lasta-svar/")
    assert page.status_code == 200 and f"/personal/arenden/{first}/" in page.content.decode()
    assert page.content.decode().count("Förnya recept</a>") == 2 and "Lind" not in text(page)
    InboxItem.objects.filter(key="message:2", person=other).update(read_at=clock.now())
    item = InboxItem.objects.get(key="message:1")
    for _ in range(2):
        sara.post(f"/personal/ej-lasta-svar/{item.public_id}/avklarat/", how="letter")
    assert "Alla svar är lästa i tid" in text(sara.get("/personal/ej-lasta-svar/"))
    item.refresh_from_db()
    assert (item.reached_how, Entry.objects.filter(verb="mark_reached").count()) == ("letter", 1)


def test_unopened_answers_are_for_those_who_see_all_cases(house, browser, shift):
    item = house.tell()
    move_to(shift, NOON + timedelta(days=6))
    handler = browser(house.sara, Role.HANDLER)
    assert handler.get("/personal/ej-lasta-svar/").status_code in {403, 404}
    elsewhere = people.unit(2, "Torp hälsocentral")
    InboxItem.objects.update(unit=elsewhere)
    nurse = browser(house.sara, Role.NURSE)
    assert "Förnya recept" not in text(nurse.get("/personal/ej-lasta-svar/"))
    assert nurse.post(f"/personal/ej-lasta-svar/{item.public_id}/avklarat/").status_code == 404


def test_staff_choose_their_notices(house, browser):
    sara = browser(house.sara, Role.HANDLER)
    assert sara.get("/personal/aviseringar/").status_code == 200
    saved = sara.post("/personal/aviseringar/", version=1, mail_for=["overdue"], digest_minutes="60")
    assert saved["Location"] == "/personal/aviseringar/?klart=sparat"
    wishes = StaffNoticeSettings.objects.get()
    assert (wishes.mail_for, wishes.digest_minutes) == (["overdue"], 60)
    assert sara.post("/personal/aviseringar/", version=1, digest_minutes="1").status_code == 422
    sent = sara.post("/personal/aviseringar/adress/e-post/", address="sara.ek@example.org")
    assert sent["Location"] == "/personal/aviseringar/kod/e-post/"
    assert Delivery.objects.get().staff_id == house.sara.pk


def test_in_english(house, browser):
    type(house.anna).objects.filter(pk=house.anna.pk).update(language="en")
    house.tell()
    anna = browser(house.anna)
    assert "Answer from Solberga" in text(anna.get("/inkorg/"))
    assert "Quiet hours" in text(anna.get("/installningar/"))


# --- the SMS provider's door ---


def test_receipts_come_in_by_the_secret_path_only(house, sms, app_role):
    for delivery in house.told():
        jobs.deliver(delivery_id=delivery.pk)
    public_id = Delivery.objects.get(channel="sms").public_id
    client = Client(enforce_csrf_checks=True)
    with app_role():
        fields = {"id": "s1", "status": "delivered"}
        assert client.post(f"/sms/kvitto/fel/{public_id}/", fields).status_code == 404
        assert client.post(f"/sms/kvitto/hemlig/{public_id}/", {"id": "../"}).status_code == 400
        assert client.get(f"/sms/kvitto/hemlig/{public_id}/").status_code == 405
        assert client.post(f"/sms/kvitto/hemlig/{public_id}/", fields).status_code == 204


def test_who_was_failed_by_the_database_is_told_so_without_counting_their_mail(
    house, django_assert_num_queries
):
    request = RequestFactory().get("/inkorg/")
    request.actor = house.resident()
    with django_assert_num_queries(0):
        assert errors.away(request).status_code == 503
