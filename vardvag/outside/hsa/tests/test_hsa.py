import io
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest

from vardvag.core.actor import Role
from vardvag.outside.hsa.guard import Allowed, TooMuchGone, UnreadableFile, gone
from vardvag.outside.hsa.package import read_package
from vardvag.outside.hsa.rows import OpenSpan, UnitRow
from vardvag.outside.hsa.tables import read_staff, read_units
from vardvag.outside.hsa.values import ROLES, Wrong, day, spans
from vardvag.outside.hsa.write import package

AT = datetime(2026, 11, 20, tzinfo=UTC)
PROVIDER = UnitRow(
    0, "SE2321009999-0001", "Region Solberga", "Region Solberga", is_provider=True, is_unit=False
)
UNIT = UnitRow(
    0,
    "SE2321009999-E001",
    "PV Solberga",
    "Solberga hälsocentral",
    provider_hsa_id=PROVIDER.hsa_id,
    organisation_number="2321009999",
    starts=date(2015, 1, 1),
    kinds=("02",),
    care_types=("01",),
    specialities=("Allmänmedicin", "Barnhälsovård"),
    county_code="98",
    municipality_code="9801",
    municipality="Solberga",
    street="Storgatan 1",
    postal_code="123 45",
    city="Solberga",
    directions="Entré A & B <vid torget>",
    phones=("+46100000001",),
    mail="hc@solberga.example",
    web="https://solberga.example/hc",
    phone_hours=(OpenSpan(1, 5, time(8), time(16, 30), "Lunchstängt"),),
    visit_hours=(OpenSpan(1, 4, time(8), time(17)), OpenSpan(5, 5, time(8), time(15))),
    notice="Stängt 24 december",
)


def read(content: bytes):
    return read_package(io.BytesIO(content))


def same(rows):
    return [replace(row, line=0) for row in rows]


def test_a_package_is_read_as_it_was_written():
    archived = replace(UNIT, hsa_id="SE2321009999-E002", archived=True, ends=date(2026, 1, 1), public=False)
    reading = read(package([PROVIDER, UNIT, archived], at=AT))
    assert reading.errors == []
    assert same(reading.rows) == [PROVIDER, UNIT, archived]


def test_ten_thousand_units():
    rows = [replace(UNIT, hsa_id=f"SE2321009999-E{n:05}") for n in range(10_000)]
    assert len(read(package(rows, at=AT)).rows) == 10_000


def test_ids_are_compared_without_case():
    listing = xml("<hsaUnit><hsaIdentity>se2321009999-e001</hsaIdentity><name>A</name></hsaUnit>")
    assert read(listing).rows[0].hsa_id == "SE2321009999-E001"


def xml(inner: str) -> bytes:
    return (
        '<?xml version="1.0"?>\n<FileGetHsaUnitsResponse xmlns="urn:riv:hsa:HsaWsResponder:3"><hsaUnits>\n'
        f"{inner}\n</hsaUnits></FileGetHsaUnitsResponse>"
    ).encode()


@pytest.mark.parametrize(
    ("inner", "field"),
    [
        ("<hsaUnit><name>A</name></hsaUnit>", "hsaIdentity"),
        ("<hsaUnit><hsaIdentity>SE12-1</hsaIdentity><name>A</name></hsaUnit>", "hsaIdentity"),
        ("<hsaUnit><hsaIdentity>SE2321009999-Å1</hsaIdentity><name>A</name></hsaUnit>", "hsaIdentity"),
        ("<hsaUnit><hsaIdentity>SE2321009999-E1</hsaIdentity><name> </name></hsaUnit>", "name"),
        ("<hsaUnit><hsaIdentity>SE2321009999-E1</hsaIdentity><name>A</name><endDate>i går</endDate>"
         "</hsaUnit>", "endDate"),
        ("<hsaUnit><hsaIdentity>SE2321009999-E1</hsaIdentity><name>A</name><orgNo>12</orgNo></hsaUnit>",
         "orgNo"),
        ("<hsaUnit><hsaIdentity>SE2321009999-E1</hsaIdentity><name>A</name><xIsArchived>kanske</xIsArchived>"
         "</hsaUnit>", "xIsArchived"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_by_line_with_its_cure_and_the_rest_goes_on(inner, field):
    good = "<hsaUnit><hsaIdentity>SE2321009999-E9</hsaIdentity><name>B</name></hsaUnit>"
    reading = read(xml(inner + "\n" + good))
    assert [row.hsa_id for row in reading.rows] == ["SE2321009999-E9"]
    (error,) = reading.errors
    assert (error.line, error.field) == (3, field) and str(error.problem) and str(error.cure)


def test_the_same_unit_twice_is_told():
    one = "<hsaUnit><hsaIdentity>SE2321009999-E9</hsaIdentity><name>B</name></hsaUnit>\n"
    reading = read(xml(one + one))
    assert (len(reading.rows), len(reading.errors)) == (1, 1)


def test_hours_that_make_no_sense_are_told_and_the_unit_stays():
    bad = replace(UNIT, phone_hours=(OpenSpan(1, 9, time(8), time(9)),))
    reading = read(package([bad], at=AT))
    assert [e.field for e in reading.errors] == ["telephoneHour"]
    assert reading.rows[0].phone_hours == () and reading.rows[0].visit_hours == UNIT.visit_hours


def test_a_truncated_file_is_refused_whole():
    whole = package([replace(UNIT, hsa_id=f"SE2321009999-E{n:03}") for n in range(300)], at=AT)
    for cut in (10, len(whole) // 2, len(whole) - 30):
        with pytest.raises(UnreadableFile):
            read(whole[:cut])
    listing = xml("<hsaUnit><hsaIdentity>SE2321009999-E9</hsaIdentity><name>B</name></hsaUnit>")
    with pytest.raises(UnreadableFile):
        read(listing[:-40])


def test_a_damaged_zip_is_refused():
    raw = bytearray(package([replace(UNIT, hsa_id=f"SE2321009999-E{n:03}") for n in range(100)], at=AT))
    raw[200:260] = bytes(60)
    with pytest.raises(UnreadableFile):
        read(bytes(raw))


def test_a_zip_whose_directory_points_before_its_start_is_refused():
    """zipfile raises ValueError, not BadZipFile, for a place in the file that is negative."""
    raw = package([UNIT], at=AT)
    with pytest.raises(UnreadableFile):
        read(raw[:40] + raw[70:])


@pytest.mark.parametrize("content", [b"", b"hej", b"<a/>", b"PK\x03\x04", "åäö".encode("utf-16")])
def test_what_is_no_such_file_is_refused(content):
    with pytest.raises(UnreadableFile):
        read(content)


def test_entities_and_document_types_are_refused():
    for head in (
        '<!DOCTYPE x [<!ENTITY a "SE2321009999-E1">]>',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
    ):
        body = f"{head}<x><hsaUnit><hsaIdentity>SE2321009999-E1</hsaIdentity><name>N</name></hsaUnit></x>"
        with pytest.raises(UnreadableFile):
            read(body.encode())
        with pytest.raises(UnreadableFile):
            read(body.encode("utf-16"))


def test_a_zip_bomb_is_refused_before_it_fills_the_memory():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a.xml", b"<x>" + b" " * 300_000_000)
    with pytest.raises(UnreadableFile, match="stor"):
        read(out.getvalue())


def test_too_much_gone_stops_and_a_few_do_not():
    known = {f"SE2321009999-E{n:03}" for n in range(100)}
    few = sorted(known)[5:]
    assert gone(known, [id.lower() for id in few]) == sorted(known)[:5]
    with pytest.raises(TooMuchGone) as caught:
        gone(known, sorted(known)[6:])
    assert caught.value.facts["known"] == 100
    assert len(gone(known, [], Allowed(share=1))) == 100
    assert gone({"SE1", "SE2"}, []) == ["SE1", "SE2"]


STAFF = (
    "HSA-id;Förnamn;Efternamn;Titel;Enhetens HSA-id;Roller;Grupper\r\n"
    "SE2321009999-P001;Åsa;Öberg;Sjuksköterska;SE2321009999-E001;"
    "Ärendemottagare|Sjuksköterska;Rådgivning|Team 1\r\n"
    "\r\n"
    "se2321009999-p001;Åsa;Öberg;Sjuksköterska;SE2321009999-E002;handler;\r\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_staff_in_any_encoding_with_any_separator(encoding, separator):
    reading = read_staff(io.BytesIO(STAFF.replace(";", separator).encode(encoding)))
    assert reading.errors == []
    first, second = reading.rows
    assert (first.given_name, first.surname, first.line) == ("Åsa", "Öberg", 2)
    assert first.roles == {Role.RECEIVER, Role.NURSE} and first.groups == ("Rådgivning", "Team 1")
    assert (second.hsa_id, second.unit_hsa_id, second.line) == ("SE2321009999-P001", "SE2321009999-E002", 4)


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (";A;B;T;SE2321009999-E001;handler;", "HSA-id"),
        ("SE2321009999-P001;;B;T;SE2321009999-E001;handler;", "Förnamn"),
        ("SE2321009999-P001;A;B;T;;handler;", "Enhetens HSA-id"),
        ("SE2321009999-P001;A;B;T;SE2321009999-E001;kung;", "Roller"),
        ("SE2321009999-P001;A;B;T;SE2321009999-E001;;", "Roller"),
        ("SE2321009999-P001", "Förnamn"),
        (f"SE2321009999-P001;{'A' * 101};B;T;SE2321009999-E001;handler;", "Förnamn"),
    ],
)
def test_what_is_wrong_with_staff_is_told_by_line(row, field):
    head = STAFF.splitlines()[0]
    good = "SE2321009999-P009;A;B;T;SE2321009999-E001;handler;"
    reading = read_staff(io.BytesIO(f"{head}\n{row}\n{good}\n".encode()))
    assert [r.hsa_id for r in reading.rows] == ["SE2321009999-P009"]
    assert reading.errors[0].line == 2 and field in [e.field for e in reading.errors]


def test_a_person_twice_at_a_unit_is_told_with_the_first_line():
    reading = read_staff(io.BytesIO((STAFF + STAFF.splitlines()[1]).encode()))
    assert [e.line for e in reading.errors] == [5] and "2" in str(reading.errors[0].problem)


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"a;b;c\n1;2;3\n", b"\x00\x01\x02", b"\x89PNG\r\n\x1a\n\x00\x00"]
)
def test_what_is_no_table_of_staff_is_refused(content):
    with pytest.raises(UnreadableFile):
        read_staff(io.BytesIO(content))


def test_units_as_a_table():
    text = (
        "hsa-id;namn;visningsnamn;vårdgivare;ort;postnummer;telefon;öppettider;vårdform;arkiverad\n"
        'SE2321009999-E001;"PV; Solberga";Solberga hälsocentral;SE2321009999-0001;Solberga;12345;010-1;'
        "mån-tors 8-17, fre 8.00-15.30;Hälsocentral;nej\n"
        "SE2321009999-E002;Torp;;SE2321009999-0001;Torp;1234;;mån-fre dygnet runt;Hälsocentral;nej\n"
    )
    reading = read_units(io.BytesIO(text.encode("cp1252")))
    (row,) = reading.rows
    assert (row.name, row.postal_code, row.is_unit) == ("PV; Solberga", "123 45", True)
    assert row.visit_hours == (OpenSpan(1, 4, time(8), time(17)), OpenSpan(5, 5, time(8), time(15, 30)))
    assert {e.field for e in reading.errors} == {"postnummer", "öppettider"}


def test_hours_in_words():
    assert spans("") == ()
    assert spans("lör 10-14 lunchstängt") == (OpenSpan(6, 6, time(10), time(14), "lunchstängt"),)
    assert spans("mån–sön 0-24") == (OpenSpan(1, 7, time(0), time(23, 59)),)
    for wrong in ("8-17", "mån 17-8", "xyz 8-17", "mån 25-26"):
        with pytest.raises(Wrong):
            spans(wrong)


def test_every_role_has_a_word():
    assert set(ROLES.values()) == set(Role)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("9999-12-31T23:59:59Z", date(9999, 12, 31)),
        ("2026-11-20", date(2026, 11, 20)),
        ("20261120", date(2026, 11, 20)),
        ("2026-11-20T00:00:00", date(2026, 11, 20)),
        ("2026-11-20T00:00:00+01:00", date(2026, 11, 20)),
        ("2026-11-19T23:00:00Z", date(2026, 11, 20)),
        ("2026-07-14T22:00:00.000Z", date(2026, 7, 15)),
        ("20261119230000Z", date(2026, 11, 20)),
        ("20240229", date(2024, 2, 29)),
        ("", None),
    ],
)
def test_a_moment_is_read_as_the_day_it_is_in_sweden(written, meant):
    """Midnight here is told as the evening before in the catalogue's own zone."""
    assert day(written) == meant
