"""The real client of a resident's e-ID against the stand-in over real sockets: the right way, and what is refused."""

import json
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from vardvag.outside.eid.client import Eid
from vardvag.outside.eid.port import CLAIMS, LEVELS
from vardvag.outside.eid.standin import LOW, StandIn
from vardvag.outside.journal import Journal
from vardvag.outside.oidc.port import Cancelled, MissingClaim, NotThisLogin, NotTrusted, ProviderDown, TooWeak
from vardvag.outside.oidc.standin import Told
from vardvag.outside.people import People
from vardvag.outside.standins import NotInProduction

BACK = "http://localhost:8000/logga-in/e-legitimation/freja/tillbaka/"
WEB = httpx.Client(trust_env=False)
TOLVAN = "191212121212"
CLAIM, COORDINATION = CLAIMS.split()


@pytest.fixture(scope="module")
def provider(tmp_path_factory):
    path = tmp_path_factory.mktemp("people") / "people.json"
    tolvan = {"personal_number": TOLVAN, "name": "Tolvan Ek", "note": "pensionär"}
    path.write_text(json.dumps({"residents": [tolvan], "staff": []}), encoding="utf-8")
    server = StandIn(Journal(), people=People(path))
    server.start()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def honest(provider):
    provider.told = Told()
    provider.faults.stay()


@pytest.fixture
def eid(provider):
    client = Eid(provider.place(), timeout=2.0)
    yield client
    client.close()


def come_back(provider, begun, **chosen):
    """What a browser does: opens the page, chooses who it is and how it goes, is sent back."""
    page = WEB.get(begun.url)
    assert page.status_code == 200 and "Tolvan Ek" in page.text and "Låtsas-Freja+" in page.text
    fields = dict(parse_qsl(urlsplit(begun.url).query))
    sent = WEB.post(f"{provider.issuer}/choose", data={**fields, "number": TOLVAN, **chosen})
    assert sent.status_code == 303, sent.text
    return dict(parse_qsl(urlsplit(sent.headers["location"]).query))


def login(provider, eid, **chosen):
    begun = eid.begin(BACK, fresh=True)
    return eid.finish(come_back(provider, begun, **chosen), begun, BACK)


def test_the_whole_way(provider, eid):
    who = login(provider, eid)
    assert (who.personal_number, who.issuer, who.acr) == (TOLVAN, provider.issuer, LEVELS.split()[0])
    assert who.subject and TOLVAN not in repr(who)
    assert provider.journal.entries("eid")[-1].what == "Tolvan Ek legitimerade sig med Freja+"
    assert login(provider, eid).subject == who.subject


def test_what_is_asked_for(provider, eid):
    query = dict(parse_qsl(urlsplit(eid.begin(BACK, fresh=True).url).query))
    asked = json.loads(query["claims"])["id_token"]
    assert set(asked) == {CLAIM, COORDINATION, "acr"} and asked["acr"]["values"] == sorted(LEVELS.split())
    assert (query["prompt"], query["max_age"], query["code_challenge_method"]) == ("login", "0", "S256")


@pytest.mark.parametrize("number", ["19121212-1212", TOLVAN, [TOLVAN]])
def test_how_a_number_may_be_written(provider, eid, number):
    provider.told = Told(claims={CLAIM: number})
    assert login(provider, eid).personal_number == TOLVAN


def test_a_coordination_number_and_a_claim_of_another_name(provider, eid):
    provider.told = Told(claims={CLAIM: None, COORDINATION: "197010632391"})
    assert login(provider, eid).personal_number == "197010632391"
    other = Eid({**provider.place(), "claim": "nin"}, timeout=2.0)
    with pytest.raises(MissingClaim):
        login(provider, other)
    provider.told = Told(claims={"nin": TOLVAN})
    assert login(provider, other).personal_number == TOLVAN


@pytest.mark.parametrize(
    "number",
    [None, "", "1212121212", "191212121213", "19121212121", "nonsense", "991212121212", 191212121212],
)
def test_no_number_that_can_be_used(provider, eid, number):
    provider.told = Told(claims={CLAIM: number})
    with pytest.raises(MissingClaim) as said:
        login(provider, eid)
    assert "Freja+ lämnade inget personnummer" in str(said.value.message)


def test_the_ways_of_the_page(provider, eid):
    with pytest.raises(TooWeak) as said:
        login(provider, eid, how="low")
    assert "eller logga in med BankID" in str(said.value.message)
    with pytest.raises(MissingClaim):
        login(provider, eid, how="nameless")
    with pytest.raises(Cancelled):
        login(provider, eid, cancel="1")
    begun = eid.begin(BACK)
    fields = dict(parse_qsl(urlsplit(begun.url).query))
    wrong = WEB.post(f"{provider.issuer}/choose", data={**fields, "number": "12"})
    assert "inget personnummer" in wrong.text and "Tolvan Ek" in wrong.text


def test_the_level_is_a_setting(provider):
    with pytest.raises(TooWeak):
        login(provider, Eid({**provider.place(), "levels": LEVELS.split()[1]}, timeout=2.0))
    assert login(provider, Eid({**provider.place(), "levels": LOW + " x"}, timeout=2.0), how="low").acr == LOW


@pytest.mark.parametrize("subject", [None, "", "x" * 256])
def test_a_subject_that_is_none(provider, eid, subject):
    provider.told = Told(claims={"sub": subject})
    with pytest.raises(MissingClaim):
        login(provider, eid)


def test_an_old_sign_in_is_not_this_one(provider, eid):
    provider.told = Told(claims={"auth_time": 1})
    with pytest.raises(NotThisLogin):
        login(provider, eid)


def test_another_providers_answer(provider, eid):
    other = StandIn(Journal(), name="Koppling", people=provider.people)
    other.start()
    try:
        begun = eid.begin(BACK)
        fields = dict(parse_qsl(urlsplit(begun.url).query))
        theirs = dict(parse_qsl(urlsplit(other.sign_in(TOLVAN, fields)).query))
        with pytest.raises(NotThisLogin):
            eid.finish(theirs, begun, BACK)
        provider.told = Told(claims={"iss": other.issuer})
        with pytest.raises(NotTrusted):
            login(provider, eid)
    finally:
        other.stop()


def test_down_and_in_production(provider, monkeypatch):
    gone = Eid({**provider.place(), "issuer": "http://localhost:1/oidc"}, timeout=1.0)
    with pytest.raises(ProviderDown) as said:
        gone.begin(BACK)
    assert "Freja+ svarar inte" in str(said.value.message)
    monkeypatch.setenv("VARDVAG_MODE", "production")
    with pytest.raises(NotInProduction):
        StandIn(Journal()).start()
