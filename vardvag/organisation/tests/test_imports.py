"""Imports of units and staff: looked at first, told by line, never destroying what is decided here."""

from datetime import date, time, timedelta

import pytest

from vardvag.core import clock
from vardvag.core.actor import Role, SystemActor
from vardvag.core.personal_number import SWEDEN
from vardvag.identity.models import Staff
from vardvag.organisation import access, actions, command, queries
from vardvag.organisation.actions import registry
from vardvag.organisation.actions.importing import STAFF, UNITS, look
from vardvag.organisation.models import (
    Assignment,
    Group,
    ImportRun,
    OpeningHours,
    Provider,
    Unit,
    UnitSettings,
)
from vardvag.organisation.staffing_rules import SomebodyWasFirst
from vardvag.organisation.tests import world
from vardvag.outside.hsa.rows import OpenSpan, UnitRow
from vardvag.outside.hsa.write import package

NOW = clock.now()
JOB = SystemActor("test")
PROVIDER = "SE2321009999-V001"
HEAD = "HSA-id;Namn;Visningsnamn;Vårdgivarens HSA-id;Är vårdgivare;Orgnr;Vårdform;Kommun;Gatuadress;Postort;Telefon;Telefontider;Moderenhet"  # noqa: E501


def csv(*lines: str) -> bytes:
    return "\n".join([HEAD, *lines]).encode("utf-8-sig")


PROVIDER_LINE = f"{PROVIDER};Region Solberga;;{PROVIDER};ja;2321009999;;;;;;;"


def line(
    number: int,
    name: str,
    *,
    hours: str = "mån-fre 08:00-16:00",
    mother: str = "",
    phone: str = "010-1234567",
):
    return (
        f"SE2321009999-U{number:03};{name};{name};{PROVIDER};;;Hälsocentral;Solberga;Storgatan {number};"
        f"Solberga;{phone};{hours};{mother}"
    )


def units(*lines: str, apply: bool = True, **more):
    return look(actor=JOB, kind=UNITS, content=csv(PROVIDER_LINE, *lines), now=NOW, apply=apply, **more)


@pytest.fixture(autouse=True)
def as_worker(system):
    with system():
        yield


def test_new_units_get_settings_and_receivers():
    report = units(line(1, "Östra hälsocentralen"), line(2, "Östra hälsocentralen"))
    assert not report.errors and not report.refused, report
    assert report.created == 3  # the care provider too
    first, second = Unit.objects.order_by("hsa_id")
    assert (first.slug, second.slug) == ("ostra-halsocentralen", "ostra-halsocentralen-2")
    assert first.kind_of_care == "Hälsocentral" and first.provider.kind == Provider.Kind.REGION
    assert access.receivers_group(unit_id=first.pk) and UnitSettings.objects.filter(unit=first).exists()
    assert OpeningHours.objects.filter(unit=first, kind="phone").count() == 5


def test_a_dry_run_writes_nothing_and_says_the_same():
    looked = units(line(1, "Östra"), apply=False)
    assert Unit.objects.count() == Provider.objects.count() == 0
    done = units(line(1, "Östra"))
    assert (looked.created, looked.changes) == (done.created, done.changes)
    again = units(line(1, "Östra"))
    assert (again.created, again.changed, again.unchanged) == (0, 0, 2)


def test_local_settings_hours_and_groups_survive():
    units(line(1, "Östra"))
    unit = Unit.objects.get()
    UnitSettings.objects.filter(unit=unit).update(other_information="Ring på klockan", directions="Bakvägen")
    OpeningHours.objects.create(unit=unit, kind="phone", weekday=0, opens=time(7), closes=time(9), local=True)
    Group.objects.create(unit=unit, name="Läkare")
    report = units(line(1, "Östra hälsocentralen", hours="mån-tor 09:00-15:00"))
    assert report.changes[0].fields == ("name", "public_name", "hours"), report.changes
    unit.refresh_from_db()
    assert unit.public_name == "Östra hälsocentralen" and unit.slug == "ostra"
    assert unit.settings.other_information == "Ring på klockan" and unit.settings.directions == "Bakvägen"
    assert unit.groups.filter(name="Läkare").exists()
    monday = queries.calendar_of(unit.pk, "phone").week[0]
    assert [(h.opens, h.closes) for h in monday] == [(time(7), time(9))]
    assert OpeningHours.objects.filter(unit=unit, local=False).count() == 4


def test_what_the_file_does_not_say_stays():
    units(line(1, "Östra"))
    units(line(1, "Östra", phone="", hours=""))
    unit = Unit.objects.get()
    assert unit.phone == "010-1234567" and OpeningHours.objects.filter(unit=unit).count() == 5


def test_errors_by_line_with_a_cure_and_the_rest_goes_on():
    report = units(
        line(1, "Östra"),
        line(2, "Västra").replace(PROVIDER, "SE2321009999-VXXX"),
        line(3, "Norra", mother="SE2321009999-UXXX"),
        "inte ett id;Södra;;;;;;;;;;;",
    )
    assert sorted({e["line"] for e in report.errors}) == [4, 5, 6]
    assert all(e["problem"] and e["cure"] for e in report.errors)
    assert set(Unit.objects.values_list("name", flat=True)) == {"Östra", "Norra"}


def test_a_branch_finds_its_mother_though_it_comes_first():
    units(line(1, "Filialen", mother="SE2321009999-U002"), line(2, "Modern"))
    assert Unit.objects.get(name="Filialen").mother == Unit.objects.get(name="Modern")


def test_a_vanished_unit_is_archived_and_comes_back():
    units(*[line(n, f"Enhet {n}") for n in range(1, 6)])
    report = units(*[line(n, f"Enhet {n}") for n in range(1, 5)])
    assert report.archived == 1 and Unit.objects.get(hsa_id__endswith="U005").archived_at == NOW
    report = units(*[line(n, f"Enhet {n}") for n in range(1, 6)])
    assert report.changed == 1 and Unit.objects.filter(archived_at=None).count() == 5


def test_a_unit_is_not_there_before_its_first_day():
    today = NOW.astimezone(SWEDEN).date()

    def row(number: int, starts: date) -> UnitRow:
        return UnitRow(number, f"SE2321009999-U{number:03}", f"Enhet {number}", "", PROVIDER, starts=starts)

    units(line(9, "Östra"))
    content = package([row(1, today), row(2, today + timedelta(1))], at=NOW)
    look(actor=JOB, kind=UNITS, content=content, now=NOW, apply=True)
    assert set(Unit.objects.values_list("name", flat=True)) == {"Östra", "Enhet 1"}
    look(actor=JOB, kind=UNITS, content=content, now=NOW + timedelta(days=1), apply=True)
    assert Unit.objects.filter(name="Enhet 2").exists()


def test_a_truncated_file_is_refused_until_somebody_says_it_is_right():
    many = [line(n, f"Enhet {n}") for n in range(1, 41)]
    units(*many)
    report = units(*many[:30])
    assert "saknar 10 av 40" in report.refused and report.changed == report.archived == 0
    assert Unit.objects.filter(archived_at=None).count() == 40
    assert units(*many[:30], allow_gone=True).archived == 10


def test_a_unit_with_open_work_is_not_archived():
    units(*[line(n, f"Enhet {n}") for n in range(1, 4)])
    busy = Unit.objects.get(hsa_id__endswith="U003").pk
    registry.open_work.append(lambda unit_id: 2 if unit_id == busy else 0)
    try:
        report = units(*[line(n, f"Enhet {n}") for n in range(1, 3)])
    finally:
        registry.open_work.pop()
    assert report.archived == 0 and "2 öppna ärenden" in report.warnings[0]["problem"]
    assert Unit.objects.get(pk=busy).archived_at is None


def test_a_unit_does_not_change_care_provider_by_a_file():
    other = PROVIDER_LINE.replace(PROVIDER, "SE2120009999-V002").replace("2321009999;;", "2120009999;;")
    units(other, line(1, "Östra"))
    report = units(other, line(1, "Östra").replace(PROVIDER, "SE2120009999-V002"))
    assert "byta vårdgivare" in report.errors[0]["problem"]
    assert Unit.objects.get().provider.hsa_id == PROVIDER
    assert Provider.objects.get(hsa_id="SE2120009999-V002").kind == Provider.Kind.MUNICIPALITY


def test_the_national_file_brings_only_units_of_known_providers():
    units(line(1, "Östra"))
    rows = [
        UnitRow(1, PROVIDER, "Region Solberga", is_provider=True, is_unit=False, provider_hsa_id=PROVIDER),
        UnitRow(2, "SE2321009999-U001", "Östra", "Östra hälsocentralen", PROVIDER, phones=("010-5",),
                phone_hours=(OpenSpan(1, 5, time(8), time(17)),)),
        UnitRow(3, "SE2321009999-U002", "Nya", "Nya", PROVIDER),
        UnitRow(4, "SE5560000000-U009", "Främmande", "Främmande", "SE5560000000-V009"),
        UnitRow(5, "SE2321009999-U003", "Påhittad", "Påhittad", PROVIDER, feigned=True),
    ]  # fmt: skip
    report = look(actor=JOB, kind=UNITS, content=package(rows, at=NOW), now=NOW, apply=True)
    assert set(Unit.objects.values_list("public_name", flat=True)) == {"Östra hälsocentralen", "Nya"}
    assert "1 enheter" in report.warnings[0]["problem"]
    assert Unit.objects.get(hsa_id__endswith="U001").source == "hsa"


STAFF_HEAD = "HSA-id;Förnamn;Efternamn;Titel;Enhetens HSA-id;Roller;Grupper"


def staff(*lines: str, apply: bool = True, **more):
    content = "\n".join([STAFF_HEAD, *lines]).encode("cp1252")
    return look(actor=JOB, kind=STAFF, content=content, now=NOW, apply=apply, **more)


def person(
    number: int, roles: str = "ärendemottagare", unit: int = 1, given: str = "Åsa", groups: str = ""
) -> str:
    return (
        f"SE2321009999-P{number:03};{given};Ek{number};Sjuksköterska;SE2321009999-U{unit:03};{roles};{groups}"
    )


@pytest.fixture
def two_units():
    units(line(1, "Östra"), line(2, "Västra"))


def test_staff_with_assignments_roles_and_groups(two_units):
    Group.objects.create(unit=Unit.objects.get(name="Östra"), name="Sköterskor")
    report = staff(
        person(1, "ärendemottagare, sjuksköterska", groups="sköterskor"), person(1, "läkare", unit=2)
    )
    assert report.created == 2 and not report.errors, report
    one, two = Assignment.objects.order_by("unit__hsa_id")
    assert one.staff == two.staff and one.staff.given_name == "Åsa"
    assert one.roles == ["nurse", "receiver"] and two.roles == ["physician"]
    assert set(one.groups.values_list("name", flat=True)) == {"Ärendemottagare", "Sköterskor"}
    assert any("Västra har ingen ärendemottagare" in w["problem"] for w in report.warnings)
    again = staff(
        person(1, "ärendemottagare, sjuksköterska", groups="sköterskor"), person(1, "läkare", unit=2)
    )
    assert (again.created, again.changed, again.unchanged) == (0, 0, 2)


def test_staff_errors_by_line(two_units):
    report = staff(person(1), person(2, unit=9), person(3, "chefsgubbe"), person(4, groups="Finns inte"))
    assert [e["line"] for e in report.errors] == [3, 4]
    assert [w["line"] for w in report.warnings if w["line"]] == [5]
    assert Assignment.objects.count() == 2


def test_who_leaves_the_file_is_ended_and_gone(two_units):
    staff(*[person(n) for n in range(1, 6)])
    told = []
    registry.on_assignment_gone.append(lambda **news: told.append(news["staff_id"]))
    try:
        report = staff(*[person(n) for n in range(1, 5)])
    finally:
        registry.on_assignment_gone.pop()
    gone = Staff.objects.get(hsa_id__endswith="P005")
    assert report.archived == 1 and told == [gone.pk] and gone.gone_at == NOW
    back = staff(*[person(n) for n in range(1, 6)])
    assert "avslutat här" in back.warnings[0]["problem"]


def test_what_is_decided_here_is_not_undone(two_units):
    staff(person(1), person(2))
    local = Assignment.objects.get(staff__hsa_id__endswith="P002")
    local.source, local.roles = "local", [Role.UNIT_MANAGER.value]
    local.save()
    by_hand = world.assignment(world.staff(9), Unit.objects.get(name="Östra"), Role.HANDLER)
    report = staff(person(1), person(2, "läkare", given="Asta"))
    local.refresh_from_db()
    assert local.roles == ["unit_manager"] and Staff.objects.get(hsa_id__endswith="P002").given_name == "Asta"
    assert report.archived == 0 and Assignment.objects.get(pk=by_hand.pk).ended_at is None


def test_roles_an_administrator_has_taken_away_are_not_given_back_by_the_next_file(two_units):
    staff(person(1), person(2, "ärendemottagare, läkare"))
    one = Assignment.objects.get(staff__hsa_id__endswith="P002")
    actions.change_assignment(
        actor=JOB, assignment=one, roles=[Role.RECEIVER], group_ids=[], valid_until=None, reason="x", now=NOW
    )
    report = staff(person(1), person(2, "ärendemottagare, läkare"))
    one.refresh_from_db()
    assert one.roles == ["receiver"]
    assert "ändrade här" in report.warnings[0]["problem"]
    registry_gone = staff(person(1), allow_gone=True)
    assert registry_gone.archived == 1  # who leaves the file is ended all the same


def test_what_a_file_gives_and_takes_is_in_the_history_and_older_pages_do_not_undo_it(two_units):
    staff(person(1), person(2, "sjuksköterska"))
    one = Assignment.objects.get(staff__hsa_id__endswith="P002")
    seen = one.changes.latest("pk").pk
    assert staff(person(1), person(2, "läkare")).changed == 1
    assert list(one.changes.order_by("pk").values_list("verb", "roles")) == [
        ("import", ["nurse"]),
        ("import", ["physician"]),
    ]
    with pytest.raises(SomebodyWasFirst):
        actions.change_assignment(
            actor=JOB, assignment=one, roles=[Role.NURSE, Role.HANDLER], group_ids=[], valid_until=None,
            reason="från en gammal sida", now=NOW, seen=seen,
        )  # fmt: skip
    assert (
        staff(person(1), person(2, "sjuksköterska")).changed == 1
    )  # a file's own changes do not bar the next


def test_a_truncated_staff_file_is_refused(two_units):
    staff(*[person(n) for n in range(1, 41)])
    report = staff(*[person(n) for n in range(1, 21)])
    assert "saknar 20 av 40 uppdrag" in report.refused
    assert not Assignment.objects.exclude(ended_at=None).exists()


def test_a_run_is_looked_at_then_done_once():
    run, report = actions.check_import(
        actor=JOB,
        kind=UNITS,
        file_name="../enheter.csv",
        content=csv(PROVIDER_LINE, line(1, "Östra")),
        now=NOW,
    )
    assert (run.file_name, run.created, run.applied) == ("enheter.csv", 2, False) and report.created == 2
    later = NOW + timedelta(minutes=5)
    assert actions.apply_import(actor=JOB, run_id=run.pk, allow_gone=False, now=later)
    assert actions.apply_import(actor=JOB, run_id=run.pk, allow_gone=False, now=later) is None
    run.refresh_from_db()
    assert run.applied and run.content is None and Unit.objects.count() == 1


def test_the_command(tmp_path, capsys):
    path = tmp_path / "enheter.csv"
    path.write_bytes(csv(PROVIDER_LINE, line(1, "Östra"), "fel;Fel;;;;;;;;;;;"))
    assert command.main(["units", str(path)]) == 1
    said = capsys.readouterr().out
    assert "enheter.csv:4:" in said and "2 new" in said and "Nothing is changed yet" in said
    assert Unit.objects.count() == 0
    assert command.main(["units", str(path), "--apply"]) == 1
    assert Unit.objects.count() == 1 and ImportRun.objects.filter(applied=True).count() == 1
    assert command.main(["units", str(tmp_path / "nej.csv")]) == 2
    path.write_bytes(b"\x00\x01\x02")
    assert command.main(["units", str(path)]) == 2
