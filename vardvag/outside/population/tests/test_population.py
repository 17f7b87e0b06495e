"""The real client against the stand-in register over real sockets. Numbers from the published test series."""

import json
import time
from datetime import date

import pytest
from lxml import etree

from vardvag.core import personal_number as pn
from vardvag.outside.faults import Fault
from vardvag.outside.journal import Journal
from vardvag.outside.local_server import LocalServer, Reply
from vardvag.outside.population.client import COORDINATION as ROOT
from vardvag.outside.population.client import PERSONAL, RESPONDER, SOAP, PopulationRegister
from vardvag.outside.population.port import NotConnected, Unavailable
from vardvag.outside.population.records import NAMESPACE, partial_date, record
from vardvag.outside.population.standin import StandIn
from vardvag.outside.standins import NotInProduction

MOTHER, FATHER, CHILD = "199001142380", "195009072553", "201111042386"
PROTECTED, HIDDEN, DEAD, COORDINATION = "194012019149", "200512312398", "191212121212", "195401875769"
TODAY = date(2026, 11, 20)
HOME = {"street": "Ekvägen 1", "postal_code": "01234", "city": "Solberga"}
PERSONS = [
    {
        "personal_number": MOTHER,
        "given_name": "Maria",
        "first_names": "Anna Maria",
        "surname": "Ek",
        "address": {**HOME, "care_of": "Al"},
        "municipality": "0580",
    },
    {"personal_number": FATHER, "given_name": "Bo", "middle_name": "Al", "surname": "Ek"},
    {
        "personal_number": CHILD,
        "given_name": "Li",
        "surname": "Ek",
        "guardians": [
            {"personal_number": MOTHER, "since": "2011-11-04"},
            {"personal_number": FATHER, "since": "2011-11-04", "until": "2020-01-01"},
        ],
    },
    {
        "personal_number": PROTECTED,
        "given_name": "Eva",
        "surname": "Al",
        "protected": True,
        "address": HOME,
        "guardians": [{"personal_number": MOTHER}],
    },
    {
        "personal_number": HIDDEN,
        "given_name": "Ida",
        "surname": "Al",
        "protected_record": True,
        "address": HOME,
    },
    {"personal_number": DEAD, "given_name": "Tolvan", "surname": "Al", "deceased": "2024-05-06"},
    {
        "personal_number": COORDINATION,
        "given_name": "Sam",
        "surname": "Al",
        "address": {"street": "Main St 1", "city": "Oslo", "country": "NO"},
    },
]


@pytest.fixture
def standin(tmp_path):
    path = tmp_path / "population.json"
    path.write_text(json.dumps({"persons": PERSONS}), encoding="utf-8")
    server = StandIn(Journal(), path)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def service(standin):
    client = PopulationRegister(standin.place(), timeout=1.0)
    yield client
    client.close()


def test_name_address_and_home(service):
    maria = service.person(MOTHER)
    assert (maria.given_name, maria.first_names, maria.name) == ("Maria", "Anna Maria", "Maria Ek")
    assert (maria.address.lines, maria.address.postal_code, maria.address.city) == (
        ("Ekvägen 1",),
        "01234",
        "Solberga",
    )
    assert (maria.address.care_of, maria.municipality, maria.protected) == ("Al", "0580", False)


def test_custody_both_ways_with_its_time(service):
    child, mother = service.person(CHILD), service.person(MOTHER)
    assert child.guardians_on(TODAY) == (MOTHER,)
    assert child.guardians_on(date(2019, 12, 31)) == (MOTHER, FATHER)
    assert child.guardians_on(date(2020, 1, 1)) == (MOTHER,)
    assert child.guardians_on(date(2011, 11, 3)) == ()
    assert [one.personal_number for one in mother.children] == [CHILD]


@pytest.mark.parametrize("number", [PROTECTED, HIDDEN])
def test_a_protected_person_has_no_address_and_no_relations(service, number):
    person = service.person(number)
    assert person.protected
    assert (person.address, person.guardians, person.children) == (None, (), ())


def test_the_dead_the_abroad_and_the_unknown(service):
    found = service.persons([DEAD, COORDINATION, "201212121212", DEAD])
    assert set(found) == {DEAD, COORDINATION}
    assert (found[DEAD].deceased, found[DEAD].deceased_on) == (True, date(2024, 5, 6))
    assert not found[COORDINATION].deceased
    assert found[COORDINATION].address.country == "NO"
    assert service.person("201212121212") is None


def test_more_than_one_question_holds(service, standin):
    numbers = [pn.generate(date(1980, 1, 1), serial) for serial in range(1, 700)]
    assert set(service.persons([*numbers, MOTHER])) == {MOTHER}
    assert [entry.data["count"] for entry in standin.journal.entries("population")] == [500, 200]


def test_events_take_effect_at_once_and_are_remembered(service, standin, tmp_path):
    standin.end_custody(CHILD, MOTHER, TODAY)
    assert service.person(CHILD).guardians_on(TODAY) == ()
    assert service.person(MOTHER).children[0].until == TODAY
    standin.change(MOTHER, protected=True)
    assert service.person(MOTHER).protected
    standin.change(FATHER, address={**HOME, "city": "Nystad"}, deceased="2026-01-02")
    assert service.person(FATHER).address.city == "Nystad"
    standin.change(FATHER, emigrated=None, deceased=None)
    assert not service.person(FATHER).deceased
    again = StandIn(Journal(), tmp_path / "population.json")
    assert (again.row(MOTHER) or {})["protected"] is True
    assert again.children_of(MOTHER)[0][1]["until"] == "2026-11-20"


def test_a_changed_number_gives_the_new_record(service, standin):
    standin.change(FATHER, replaced_by=MOTHER)
    found = service.person(FATHER)
    assert (found.personal_number, found.referred) == (MOTHER, (FATHER,))


def test_a_file_that_changes_is_read_again_and_a_broken_one_is_not(service, standin, tmp_path):
    path = tmp_path / "population.json"
    assert service.person(DEAD)
    path.write_text("{half", encoding="utf-8")
    assert service.person(MOTHER)
    time.sleep(0.01)
    path.write_text(json.dumps({"persons": PERSONS[:1]}), encoding="utf-8")
    assert service.person(DEAD) is None


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        *[(f"VP0{n:02}", NotConnected) for n in (1, 2, 3, 4, 5, 6, 7, 11, 12, 13)],
        *[(f"VP0{n:02}", Unavailable) for n in (8, 9, 10, 14, 15)],
        ("Client", Unavailable),
    ],
)
def test_faults_of_the_platform(service, standin, code, kind):
    standin.fault = code
    with pytest.raises(kind) as trouble:
        service.person(MOTHER)
    assert type(trouble.value) is kind
    assert trouble.value.code == (code if code.startswith("VP") else "fault")
    assert trouble.value.message.sv != trouble.value.message.en


@pytest.mark.parametrize(
    "fault",
    ["garbage", "half", "down", "html", Fault("hang", 2), Fault("drip", 4), Fault("fail", 0, 502)],
    ids=str,
)
def test_no_usable_answer(service, standin, fault):
    standin.faults.plan(fault)
    with pytest.raises(Unavailable):
        service.person(MOTHER)
    assert service.person(MOTHER)


def test_test_persons_do_not_count_in_production(standin):
    assert PopulationRegister({**standin.place(), "test_persons": ""}).person(MOTHER) is None


def answered(body):
    """What the client makes of this answer of some register."""
    server = LocalServer(lambda request: Reply(200, body, "text/xml"))
    server.start()
    try:
        place = {"url": f"http://localhost:{server.port}/", "test_persons": "1"}
        return PopulationRegister(place).person(MOTHER)
    finally:
        server.stop()


def soap(inside, before=""):
    return (
        f'{before}<s:Envelope xmlns:s="{SOAP}" xmlns:b="{RESPONDER}" xmlns:p="{NAMESPACE}"><s:Body>'
        f"<b:GetPersonsForProfileResponse>{inside}</b:GetPersonsForProfileResponse></s:Body></s:Envelope>"
    ).encode()


IDENTITY = f"<p:requestedPersonalIdentity><p:extension>{MOTHER}</p:extension></p:requestedPersonalIdentity>"
OWN = f"<p:personalIdentity><p:extension>{MOTHER}</p:extension></p:personalIdentity>"


def row(fields):
    inside = f"{IDENTITY}<p:personRecord>{fields}</p:personRecord>"
    return f"<b:requestedPersonRecord>{inside}</b:requestedPersonRecord>"


def test_entities_and_document_types_are_refused(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("hemligt")
    evil = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]>'
    with pytest.raises(Unavailable):
        answered(soap(row(f"{OWN}<p:name><p:surname>&e;</p:surname></p:name>"), evil))
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    with pytest.raises(Unavailable):
        answered(soap(row(f"{OWN}<p:name><p:surname>&b;</p:surname></p:name>"), bomb))


def test_an_answer_without_end_is_cut():
    with pytest.raises(Unavailable):
        answered(b" " * 10_000_001)


def test_an_answer_about_somebody_else_is_not_used():
    other = row(OWN).replace(MOTHER, FATHER)
    assert answered(soap(other)) is None


def test_remarks_in_the_answer_are_not_read_and_cut_nothing_off():
    """As some gateway on the way leaves them."""
    name = "<p:name><p:givenName>Ma<!-- b -->ria</p:givenName><p:surname>Ek</p:surname></p:name>"
    remarked = soap(row(OWN + name)).replace(b"<s:Body>", b"<s:Body><!-- via gateway --><?node 7?>")
    assert answered(remarked).name == "Maria Ek"


def test_a_coordination_number_without_a_day_is_asked_for_as_one():
    day_unknown = next(f"19540160123{digit}" for digit in range(10) if pn.is_valid(f"19540160123{digit}"))
    assert pn.parse(day_unknown).kind == pn.Kind.COORDINATION
    client = PopulationRegister({"url": "http://localhost:1/"})
    for number, root in ((day_unknown, ROOT), (COORDINATION, ROOT), (MOTHER, PERSONAL)):
        assert f"root>{root}<" in client._question([number]).decode()


def test_protection_fails_closed():
    for told in ("", "<p:protectedPersonIndicator>?</p:protectedPersonIndicator>"):
        assert answered(soap(row(OWN + told))).protected
    safe = "<p:protectedPersonIndicator>false</p:protectedPersonIndicator>"
    assert not answered(soap(row(OWN + safe))).protected
    outside = "<p:protectedPopulationRecord>1</p:protectedPopulationRecord>"
    assert answered(soap(row(OWN + safe + outside))).protected


def test_a_record_without_number_is_nonsense():
    with pytest.raises(Unavailable):
        answered(soap(row("<p:testIndicator>true</p:testIndicator>")))


@pytest.mark.parametrize(
    "body", [b"", b"<x/>", b"{}", f'<s:Envelope xmlns:s="{SOAP}"><s:Body/></s:Envelope>'.encode()]
)
def test_nonsense(body):
    with pytest.raises(Unavailable):
        answered(body)


def custody(fields):
    xml = (
        f'<p:personRecord xmlns:p="{NAMESPACE}">{OWN}'
        "<p:protectedPersonIndicator>0</p:protectedPersonIndicator>"
        f"<p:relationship><p:relationshipId><p:personalIdentity><p:extension>{MOTHER}</p:extension>"
        f"</p:personalIdentity></p:relationshipId>{fields}</p:relationship></p:personRecord>"
    )
    return record(etree.fromstring(xml)).guardians


V = "<p:relationshipType>V</p:relationshipType>"


def test_only_clear_custody_counts():
    assert len(custody(V)) == 1
    assert custody("<p:relationshipType>MO</p:relationshipType>") == ()
    assert custody(f"{V}<p:deregistration/>") == ()
    assert custody(f"{V}<p:relationshipToDate><p:value>soon</p:value></p:relationshipToDate>") == ()
    (one,) = custody(f"{V}<p:relationshipToDate><p:value>2020</p:value></p:relationshipToDate>")
    assert one.until == date(2020, 1, 1)
    (one,) = custody(f"{V}<p:relationshipFromDate><p:value>2020-12</p:value></p:relationshipFromDate>")
    assert one.since == date(2021, 1, 1)


@pytest.mark.parametrize(
    ("value", "latest", "day"),
    [
        ("20240229", False, date(2024, 2, 29)),
        ("2024-02-29", True, date(2024, 2, 29)),
        ("202402", True, date(2024, 3, 1)),
        ("202412", True, date(2025, 1, 1)),
        ("2024", False, date(2024, 1, 1)),
        ("2024", True, date(2025, 1, 1)),
        ("20240230", False, None),
        ("", False, None),
        ("abc", False, None),
    ],
)
def test_partial_dates(value, latest, day):
    element = etree.fromstring(f'<p:d xmlns:p="{NAMESPACE}"><p:value>{value}</p:value></p:d>')
    assert partial_date(element, latest=latest) == day


def test_nobody_is_shown_when_a_record_is_printed(service):
    assert MOTHER not in repr(service.person(MOTHER)) and "Ek" not in repr(service.person(MOTHER))


def test_cannot_start_in_production(standin, monkeypatch):
    monkeypatch.setenv("VARDVAG_MODE", "production")
    with pytest.raises(NotInProduction):
        standin.start()
