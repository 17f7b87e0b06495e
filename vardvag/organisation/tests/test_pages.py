"""The pages over HTTP: what one sees, what one may do, and what a wrong form says."""

import re

import pytest
from django.conf import settings
from django.test import Client

from vardvag.core import clock
from vardvag.core.actor import Anonymous, Role
from vardvag.identity import actions as identity
from vardvag.organisation.models import Assignment, Group, ImportRun, OpeningHours, SpecialDay, UnitSettings
from vardvag.organisation.tests import world

NOW = clock.now()


def client(assignment=None, **more) -> Client:
    made = Client(headers={"Origin": "http://testserver"})
    if assignment is not None:
        made.cookies[settings.SESSION_KEY_COOKIE] = identity.open_session(
            actor=Anonymous(),
            staff=assignment.staff,
            assignment_id=assignment.pk,
            method="siths",
            now=clock.now(),
        )
    return made


@pytest.fixture
def here(system):
    with system():
        world.region(support_phone="010-100 00 00", support_hours="8-16")
        unit = world.unit(phone="0480-12 34 56", street="Storgatan 1", postal_code="387 31")
        for day in range(5):
            OpeningHours.objects.create(unit=unit, kind="phone", weekday=day, opens="08:00", closes="16:00")
        roles = {
            "boss": world.assignment(world.staff(1, "Bo", "Chef"), unit, Role.PERMISSION_ADMIN),
            "local": world.assignment(world.staff(2, "Lo", "Admin"), unit, Role.LOCAL_ADMIN),
            "coordinator": world.assignment(
                world.staff(3, "Siv", "Samordnare"), unit, Role.SYSTEM_COORDINATOR
            ),
            "receiver": world.assignment(world.staff(4, "Rut", "Mo"), unit, Role.RECEIVER),
        }
        world.staff(9, "Nina", "Ny")
    return {"unit": unit, **roles}


def text(answer) -> str:
    return answer.content.decode()


def test_a_list_that_is_cut_says_so(system):
    with system():
        for number in range(1, 102):
            world.unit(number, f"Mottagning {number:03}")
    said = text(Client().get("/mottagningar/"))
    assert "101 mottagningar" in said and "de 100 första" in said and "Mottagning 101" not in said
    assert "de 100 första" not in text(Client().get("/mottagningar/?sok=101"))


def test_the_contact_card_is_for_everybody(here):
    answer = Client().get("/mottagningar/enhet-1/")
    assert answer.status_code == 200
    said = text(answer)
    assert "0480-12 34 56" in said and "Måndag–fredag" in said and "08.00–16.00" in said
    assert "Storgatan 1" in said and "Logga in och kontakta" in said
    assert Client().get("/mottagningar/finns-inte/").status_code == 404


def test_the_contact_card_in_english(here):
    visitor = Client()
    visitor.cookies["lang"] = "en"
    assert "Monday–Friday" in text(visitor.get("/mottagningar/enhet-1/"))


def test_units_are_searched(here):
    said = text(Client().get("/mottagningar/?sok=solbega"))
    assert "Solberga hälsocentral" in said and "1 träff" in said
    said = text(Client().get("/mottagningar/?sok=<script>xyz"))
    assert "Vi hittar inget" in said and "<script>xyz" not in said


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/personal/bemanning/", {"boss", "coordinator"}),
        ("/personal/mottagningen/", {"local", "coordinator"}),
        ("/personal/importer/", {"coordinator"}),
    ],
)
def test_who_may_open_what(here, path, allowed):
    for name in ("boss", "local", "coordinator", "receiver"):
        assert client(here[name]).get(path).status_code == (200 if name in allowed else 404), name
    assert Client().get(path).status_code == 302


def test_adding_changing_and_ending(here):
    boss = client(here["boss"])
    form = {
        "hsa_id": "SE2321009999-P009",
        "roles": ["handler"],
        "valid_from": NOW.date().isoformat(),
        "reason": "ny",
    }
    assert boss.post("/personal/bemanning/lagg-till/", form).status_code == 302
    new = Assignment.objects.get(staff__given_name="Nina")
    again = boss.post("/personal/bemanning/lagg-till/", form)
    assert again.status_code == 422 and "redan ett uppdrag" in text(again) and 'value="ny"' in text(again)
    address = f"/personal/bemanning/{new.pk}/"
    assert "Nina Ny" in text(boss.get(address))
    done = boss.post(address, {"roles": ["handler", "nurse"], "reason": "utbildad", "valid_until": ""})
    assert done.status_code == 302
    new.refresh_from_db()
    assert new.roles == ["handler", "nurse"]
    empty = boss.post(address, {"roles": [], "reason": ""})
    assert empty.status_code == 422 and "Välj minst en roll" in text(empty)
    assert boss.post(address + "pausa/", {"reason": "ledig"}).status_code == 302
    assert boss.post(address + "ateruppta/", {"reason": "åter"}).status_code == 302
    assert boss.post(address + "avsluta/", {"reason": ""}).status_code == 422
    assert boss.post(address + "avsluta/", {"reason": "slutat"}).status_code == 302
    assert "slutat" in text(boss.get(address))


@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_date_with_strokes_is_asked_for_again_not_guessed_at(here, language):
    """05/06/2027 is 5 June to some and 6 May to others."""
    boss, local = client(here["boss"]), client(here["local"])
    boss.cookies["lang"] = local.cookies["lang"] = language
    form = {"roles": ["receiver"], "reason": "vikarie", "valid_until": "05/06/2027"}
    answer = boss.post(f"/personal/bemanning/{here['receiver'].pk}/", form)
    assert answer.status_code == 422 and "2026-11-24" in text(answer)
    here["receiver"].refresh_from_db()
    assert here["receiver"].valid_until is None
    assert local.post("/personal/mottagningen/dagar/", {"day": "05/06/2027"}).status_code == 422
    assert not SpecialDay.objects.exists()


def test_the_last_receiver_and_ones_own_rights(here):
    boss = client(here["boss"])
    answer = boss.post(f"/personal/bemanning/{here['receiver'].pk}/avsluta/", {"reason": "slutat"})
    assert answer.status_code == 422 and "utan ärendemottagare" in text(answer)
    own = boss.post(f"/personal/bemanning/{here['boss'].pk}/", {"roles": ["unit_manager"], "reason": "x"})
    assert own.status_code == 422 and "dina egna behörigheter" in text(own)


def test_a_permission_admin_cannot_send_a_role_the_page_does_not_offer(here):
    boss = client(here["boss"])
    answer = boss.post(
        f"/personal/bemanning/{here['receiver'].pk}/", {"roles": ["regional_admin"], "reason": "x"}
    )
    assert answer.status_code == 422
    here["receiver"].refresh_from_db()
    assert here["receiver"].roles == ["receiver"]


def test_another_units_assignment_is_not_there(here, system):
    with system():
        other = world.assignment(world.staff(7), world.unit(2, "Andra"), Role.HANDLER)
    boss = client(here["boss"])
    address = f"/personal/bemanning/{other.pk}/"
    for answer in (boss.get(address), boss.post(address + "avsluta/", {"reason": "x"})):
        assert answer.status_code == 404


def test_groups_on_the_page(here):
    boss = client(here["boss"])
    assert boss.post("/personal/grupper/", {"name": "Läkare"}).status_code == 302
    group = Group.objects.get(name="Läkare")
    assert "finns redan" in text(boss.post("/personal/grupper/", {"name": "Läkare"}))
    boss.post(f"/personal/grupper/{group.pk}/", {"name": "Doktorer"})
    boss.post(f"/personal/grupper/{group.pk}/", {"name": "Doktorer", "ta-bort": "1"})
    group.refresh_from_db()
    assert group.name == "Doktorer" and group.archived_at is not None


def test_the_units_own_texts(here):
    local = client(here["local"])
    assert local.get("/personal/mottagningen/").status_code == 200
    form = {
        "version": 1,
        "other_information": "Ring på klockan",
        "answer_working_days": "3",
        "accepts_cases": "on",
    }
    assert local.post("/personal/mottagningen/", form).status_code == 302
    saved = UnitSettings.objects.get(unit=here["unit"])
    assert (
        saved.other_information == "Ring på klockan" and saved.answer_working_days == 3 and saved.version == 2
    )
    late = local.post("/personal/mottagningen/", {**form, "other_information": "Min text"})
    assert late.status_code == 422 and "Min text" in text(late) and "Ring på klockan" in text(late)
    wrong = local.post("/personal/mottagningen/", {**form, "version": 2, "answer_working_days": "99"})
    assert wrong.status_code == 422 and "högst 60" in text(wrong)
    assert "Ring på klockan" in text(Client().get("/mottagningar/enhet-1/"))


def test_the_units_own_hours_and_days(here):
    local = client(here["local"])
    hours = {
        "version": 1,
        "opens-0-0": "07:30",
        "closes-0-0": "12",
        "opens-0-1": "13:00",
        "closes-0-1": "17:00",
    }
    assert local.post("/personal/mottagningen/tider/telefon/", hours).status_code == 302
    assert OpeningHours.objects.filter(local=True).count() == 2
    for bad, says in (
        ({"opens-0-0": "17:00", "closes-0-0": "08:00"}, "efter öppningstiden"),
        ({"opens-0-0": "17:00"}, "både när"),
        ({"opens-0-0": "tolv", "closes-0-0": "13"}, "Skriv klockslaget"),
        ({"opens-0-0": "8", "closes-0-0": "12", "opens-0-1": "11", "closes-0-1": "13"}, "går in i varandra"),
    ):
        answer = local.post("/personal/mottagningen/tider/telefon/", {"version": 2, **bad})
        assert answer.status_code == 422 and says in text(answer), says
    assert local.post("/personal/mottagningen/tider/nagot/", hours).status_code == 404
    assert (
        local.post("/personal/mottagningen/dagar/", {"day": "2027-03-01", "why": "Planering"}).status_code
        == 302
    )
    assert "redan bland" in text(local.post("/personal/mottagningen/dagar/", {"day": "2027-03-01"}))
    assert "2026-11-24" in text(local.post("/personal/mottagningen/dagar/", {"day": "i morgon"}))
    day = SpecialDay.objects.get()
    assert day.closed
    local.post("/personal/mottagningen/dagar/", {"ta-bort": day.pk})
    assert not SpecialDay.objects.exists()


@pytest.mark.parametrize("slip", [{"closes-0-0": "07:00"}, {"opens-0-1": "11:00", "closes-0-1": "15:00"}])
def test_a_slip_on_an_old_page_does_not_make_it_new(here, slip):
    """The page that asks for a time again is still older than a colleague's hours."""
    local, address = client(here["local"]), "/personal/mottagningen/tider/telefon/"
    mine = {"version": 1, "opens-0-0": "08:00", "closes-0-0": "12:00"}
    theirs = {"version": 1, "opens-4-0": "09:00", "closes-4-0": "10:30"}
    assert client(here["coordinator"]).post(address, theirs).status_code == 302
    asked_again = text(local.post(address, {**mine, **slip}))
    section = asked_again[asked_again.index('action="/personal/mottagningen/tider/telefon/"') :]
    (version,) = re.findall(r'name="version" value="(-?\d+)"', section[: section.index("</form>")])
    refused = local.post(address, {**mine, "version": version})
    assert refused.status_code == 422 and "ändrade samtidigt" in text(refused)
    assert "fredag 09.00–10.30" in text(refused)  # what applies now


def test_who_was_second_sees_everything_that_is_not_as_they_sent_it(here):
    local = client(here["local"])
    form = {"version": 1, "accepts_cases": "on", "shows_staff_names": "on", "shows_waiting": "on"}
    closed = {"version": 1, "shows_staff_names": "on", "shows_waiting": "on", "answer_working_days": "5"}
    assert client(here["coordinator"]).post("/personal/mottagningen/", closed).status_code == 302
    refused = text(local.post("/personal/mottagningen/", {**form, "internal_name": "Vi"}))
    now_is = refused[refused.index("Så här är det sparat nu") :]
    now_is = now_is[: now_is.index("</section>")]
    for said in ("Ta emot ärenden", "Nej", "Svarstid", "5", "Internt namn"):
        assert said in now_is
    assert "Vägbeskrivning" not in now_is


def test_an_import_is_looked_at_on_the_page(here):
    from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: PLC0415

    coordinator = client(here["coordinator"])
    good = SimpleUploadedFile(
        "personal.csv",
        "HSA-id;Förnamn;Efternamn;Enhetens HSA-id;Roller\n"
        "SE2321009999-P050;Åsa;Ny;SE2321009999-U001;ärendehanterare\n"
        "SE2321009999-P051;Bo;Ny;SE2321009999-U999;ärendehanterare\n".encode(),
    )
    answer = coordinator.post("/personal/importer/", {"kind": "staff", "file": good})
    assert answer.status_code == 302
    run = ImportRun.objects.get()
    said = text(coordinator.get(answer["Location"]))
    assert "personal.csv" in said and "SE2321009999-U999 finns inte" in said and run.created == 1
    assert coordinator.post(answer["Location"]).status_code == 302
    assert coordinator.post(answer["Location"]).status_code == 302  # twice is once
    run.refresh_from_db()
    assert run.state == "queued"
    for file, says in (
        (None, "Välj en fil"),
        (SimpleUploadedFile("tom.csv", b""), "Filen är tom"),
        (SimpleUploadedFile("bild.csv", b"\xff\xd8\xff\x00\x01"), "fil"),
    ):
        bad = coordinator.post("/personal/importer/", {"kind": "staff", **({"file": file} if file else {})})
        assert bad.status_code == 422 and says in text(bad)


def test_choosing_where_to_work(here, system):
    with system():
        world.assignment(here["receiver"].staff, world.unit(2, "Andra mottagningen"), Role.NURSE)
    browser = Client(headers={"Origin": "http://testserver"})
    browser.cookies[settings.SESSION_KEY_COOKIE] = identity.open_session(
        actor=Anonymous(), staff=here["receiver"].staff, method="siths", now=clock.now()
    )
    away = browser.get("/personal/mottagningen/")
    assert away.status_code == 302 and away["Location"] == "/personal/uppdrag/"
    page = browser.get("/personal/uppdrag/")
    assert "Andra mottagningen" in text(page) and "sjuksköterska" in text(page)
    assert browser.post("/personal/uppdrag/", {"uppdrag": here["boss"].pk}).status_code == 422
    assert browser.post("/personal/uppdrag/", {"uppdrag": "x"}).status_code == 422
    before = browser.cookies[settings.SESSION_KEY_COOKIE].value
    done = browser.post("/personal/uppdrag/", {"uppdrag": here["receiver"].pk})
    assert done.status_code == 302 and done["Location"] == "/personal/mottagningen/"
    assert browser.cookies[settings.SESSION_KEY_COOKIE].value != before
    assert Client().get("/personal/uppdrag/")["Location"] == "/personal/logga-in/"
