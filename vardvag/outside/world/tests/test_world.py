"""The stand-ins together: the addresses told, the pages used as a person uses them, and the control."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from datetime import date, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from vardvag.core import clock
from vardvag.core import personal_number as pn
from vardvag.outside.bankid import qr
from vardvag.outside.bankid.client import BankId
from vardvag.outside.bankid.port import Browser, Complete, Failed, Unavailable
from vardvag.outside.eid.client import Eid
from vardvag.outside.failures import DeliveryFailure
from vardvag.outside.mail.client import MailClient
from vardvag.outside.oidc.port import TooWeak
from vardvag.outside.population.client import PopulationRegister
from vardvag.outside.siths.client import Siths
from vardvag.outside.sms.client import SmsClient
from vardvag.outside.world.pages import Pages
from vardvag.outside.world.world import World

TOLVAN, CHILD = "191212121212", "201212121212"
BROWSER = Browser("127.0.0.1", "localhost", "test", "d")
PEOPLE = {
    "residents": [
        {"personal_number": TOLVAN, "name": "Tolvan Ek", "note": "pensionär"},
        {"personal_number": CHILD, "name": "Li <Ek>", "note": "barn"},
    ],
    "staff": [
        {"hsa_id": "SE2321000131-1001", "given_name": "Anna", "surname": "Ek", "title": "Sjuksköterska"}
    ],
}
PERSONS = [
    {"personal_number": TOLVAN, "given_name": "Tolvan", "surname": "Ek"},
    {
        "personal_number": CHILD,
        "given_name": "Li",
        "surname": "Ek",
        "guardians": [{"personal_number": TOLVAN, "since": "2012-12-12"}],
    },
]


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    data = tmp_path_factory.mktemp("data")
    world = World(data, 0)
    (world.folder / "people.json").write_text(json.dumps(PEOPLE), encoding="utf-8")
    (world.folder / "population.json").write_text(json.dumps({"persons": PERSONS}), encoding="utf-8")
    served = Pages(world)
    world.start()
    served.start()
    yield served
    served.stop()
    world.stop()


@pytest.fixture
def told(pages):
    for system in ("bankid", "siths", "eid", "population", "sms", "mail", "scanner"):
        pages.world.set_state(system, "ok")
    return pages.world.tell(pages.url)


@pytest.fixture
def web(pages):
    with httpx.Client(base_url=pages.url, follow_redirects=False, trust_env=False) as client:
        yield client


@pytest.fixture(scope="module")
def bankid(pages):
    client = BankId(pages.world.bankid.place(), timeout=2, pauses=())
    yield client
    client.close()


def control(web, **command):
    return web.post("/__control", json=command)


def form(page, action):
    """The hidden fields of the first form with this action, and nothing a person would have to know."""
    inside = re.search(f'<form[^>]*action="{action}".*?</form>', page.text, re.S)
    assert inside, page.text
    return {
        unescape(n): unescape(v)
        for n, v in re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', inside.group())
    }


def take_phone(web, number=TOLVAN):
    sent = web.post("/telefon/vem", data={"number": number})
    assert sent.headers["location"] == "/telefon"


def test_the_addresses_told_work_for_every_client(told, bankid, pages, web):
    kept = pages.world.folder / "outside.json"
    assert json.loads(kept.read_text()) == told and kept.stat().st_mode & 0o777 == 0o600
    assert bankid.auth(BROWSER)
    assert Siths(told["siths"]).begin("http://localhost:1/tillbaka").url
    assert told["eid"] == {"providers": "freja"} and told["eid_freja"]["name"] == "Freja+"
    assert Eid(told["eid_freja"]).begin("http://localhost:1/tillbaka").url
    person = PopulationRegister(told["population"]).person(TOLVAN)
    assert person and person.name == "Tolvan Ek"
    SmsClient(told["sms"]).send(to="+46701740605", text="Du har ett nytt meddelande.", callback="")
    MailClient(told["mail"]).send(
        to="kim@example.se", subject="Nytt", text="Se http://localhost:8000/.", language="sv", key="k1"
    )
    shown = web.get("/").text
    assert "Du har ett nytt meddelande." in shown
    assert '<a href="http://localhost:8000/" rel="noreferrer">' in shown
    only = web.get("/?system=sms").text
    assert "E-post till" not in only and "SMS till" in only


def test_secrets_stay_the_same_when_the_world_starts_again(told, pages):
    again = World(pages.world.folder.parent, 0)
    try:
        assert again.sms.password == told["sms"]["password"]
        assert again.bankid.place()["cert"] == told["bankid"]["cert"]
    finally:
        pages.world.tell(pages.url)


def test_scanning_a_code_with_the_phone(told, bankid, web):
    assert web.get("/telefon").headers["location"] == "/telefon/vem"
    assert "Li &lt;Ek&gt;" in web.get("/telefon/vem").text
    assert "Tolvan" not in web.get("/telefon/vem?q=barn").text
    take_phone(web)
    order = bankid.auth(BROWSER, text="Du loggar in på **Vårdväg** <b>")
    assert "<b>Vårdväg</b> &lt;b&gt;" in web.get("/telefon").text
    content = qr.text_at(order.qr_start_token, order.qr_secret, order.at, clock.now())
    opened = web.post("/telefon/oppna", data={"qr": content})
    shown = web.get(opened.headers["location"])
    assert "Tolvan Ek" in shown.text and "bara om du själv" in shown.text
    done = web.post("/telefon/svar", data={**form(shown, "/telefon/svar"), "code": "123456", "do": "approve"})
    assert "Klart" in done.text
    outcome = bankid.collect(order.ref)
    assert isinstance(outcome, Complete) and outcome.personal_number == TOLVAN
    assert "Tolvan Ek legitimerade sig" in web.get("/").text


def test_the_same_device_way_goes_there_and_back(told, bankid, web):
    order = bankid.auth(BROWSER, return_url="http://localhost:8000/logga-in/tillbaka?n=1")
    link = qr.autostart_url(order.auto_start_token, "", told["bankid"]["app_url"])
    assert urlsplit(link).path == "/telefon/start"
    first = web.get(link)
    chooser = web.get(first.headers["location"])
    found = web.post("/telefon/vem", data={**form(chooser, "/telefon/vem"), "number": TOLVAN})
    shown = web.get(found.headers["location"])
    done = web.post("/telefon/svar", data={**form(shown, "/telefon/svar"), "code": "000000", "do": "approve"})
    assert done.headers["location"] == "http://localhost:8000/logga-in/tillbaka?n=1"
    assert isinstance(bankid.collect(order.ref), Complete)


def test_the_phone_never_sends_anyone_elsewhere(told, bankid, web):
    take_phone(web)
    order = bankid.auth(BROWSER)
    shown = web.get(f"/telefon/start?autostarttoken={order.auto_start_token}&redirect=https://evil.example/")
    fields = form(shown, "/telefon/svar")
    assert "location" not in web.post("/telefon/svar", data={**fields, "do": "cancel"}).headers
    lost = web.get("/telefon/start?autostarttoken=x&redirect=https://evil.example/")
    assert "gäller inte längre" in lost.text and "evil" not in lost.text


@pytest.mark.parametrize("hint", ["certificateErr", "transactionRiskBlocked", "unknown"])
def test_letting_it_go_wrong(told, bankid, web, hint):
    take_phone(web)
    order = bankid.auth(BROWSER)
    shown = web.get(f"/telefon/start?autostarttoken={order.auto_start_token}")
    web.post("/telefon/svar", data={**form(shown, "/telefon/svar"), "do": "fail", "hint": hint})
    assert bankid.collect(order.ref) == Failed(hint)


def test_mistakes_at_the_phone_are_explained(told, bankid, web):
    wrong = web.post("/telefon/vem", data={"typed": "19900114-2381", "token": "t"})
    assert wrong.status_code == 400 and "fyra sista" in wrong.text
    assert form(wrong, "/telefon/vem") == {"token": "t"}
    take_phone(web)
    order = bankid.auth(BROWSER)
    shown = web.get(f"/telefon/start?autostarttoken={order.auto_start_token}")
    again = web.post("/telefon/svar", data={**form(shown, "/telefon/svar"), "do": "approve", "code": "12"})
    assert "sex siffror" in again.text
    assert form(again, "/telefon/svar")["same"] == "1"
    assert "ingen QR-kod" in web.post("/telefon/oppna", data={"qr": "hej"}).text


def test_states_are_felt_by_the_real_clients(told, bankid, web):
    web.post("/hantera/lage", data={"system": "bankid", "state": "down"})
    with pytest.raises(Unavailable):
        bankid.auth(BROWSER)
    assert 'value="down" selected' in web.get("/hantera").text
    for system, send in (
        ("sms", lambda: SmsClient(told["sms"]).send(to="+46701740605", text="x", callback="")),
        (
            "mail",
            lambda: MailClient(told["mail"]).send(to="a@b.se", subject="x", text="x", language="sv", key="k"),
        ),
    ):
        for state in ("down", "fail"):
            control(web, system=system, do="state", state=state)
            with pytest.raises(DeliveryFailure):
                send()
        control(web, system=system, do="state", state="ok")
        send()
    control(web, system="scanner", do="state", state="down")
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://{told['scanner']['address']}/")
    control(web, system="scanner", do="state", state="ok")
    assert web.post("/hantera/lage", data={"system": "moon", "state": "ok"}).status_code == 400
    assert web.post("/hantera/lage", data={"system": "sms", "state": "odd"}).status_code == 400


def test_events_in_the_register_from_the_page(told, web):
    register: Any = PopulationRegister(told["population"])
    assert "Li" in web.get("/hantera?q=barn").text
    today = date.today()  # noqa: DTZ011
    assert register.person(CHILD).guardians_on(today - timedelta(days=2)) == (TOLVAN,)
    web.post("/hantera/handelse", data={"person": CHILD, "what": "custody", "guardian": TOLVAN})
    assert register.person(CHILD).guardians_on(today + timedelta(days=1)) == ()
    move = {"street": "Nygatan 2", "postal_code": "012 34", "city": "Nystad"}
    web.post("/hantera/handelse", data={"person": TOLVAN, "what": "move", **move})
    assert register.person(TOLVAN).address.postal_code == "01234"
    web.post("/hantera/handelse", data={"person": TOLVAN, "what": "dead", "on": "1"})
    assert register.person(TOLVAN).deceased
    web.post("/hantera/handelse", data={"person": TOLVAN, "what": "protected", "on": "1"})
    assert register.person(TOLVAN).protected
    assert "Ta bort skyddade" in web.get(f"/hantera?person={TOLVAN}").text


def test_the_control_plays_the_phone_in_one_step(told, bankid, web):
    assert control(web, system="bankid", do="approve", personal_number=TOLVAN, token="x").status_code == 409
    order = bankid.auth(BROWSER, text="hej")
    assert control(web, system="bankid", do="waiting").json()["waiting"][0]["text"] == "hej"
    assert control(web, system="bankid", do="approve", personal_number=TOLVAN).status_code == 200
    assert isinstance(bankid.collect(order.ref), Complete)
    order = bankid.auth(BROWSER)
    content = qr.text_at(order.qr_start_token, order.qr_secret, order.at, clock.now())
    control(web, system="bankid", do="refuse", personal_number=TOLVAN, qr=content, hint="certificateErr")
    assert bankid.collect(order.ref) == Failed("certificateErr")
    newest = web.get("/__journal?system=bankid").json()[-1]
    assert newest["data"]["hint"] == "certificateErr"
    assert web.get(f"/__journal?after={newest['number']}").json() == []


def test_the_control_of_staff_login(told, web):
    control(web, system="siths", do="told", acr="http://id.sambi.se/loa/loa2")
    siths = Siths(told["siths"])
    begun = siths.begin("http://localhost:1/tillbaka")
    fields = dict(httpx.URL(begun.url).params)
    chosen = web.post(f"{told['siths']['issuer']}/choose", data={**fields, "hsa_id": "SE2321000131-1001"})
    with pytest.raises(TooWeak):
        siths.finish(dict(httpx.URL(chosen.headers["location"]).params), begun, "http://localhost:1/tillbaka")
    assert control(web, system="siths", do="told").status_code == 200


@pytest.mark.parametrize(
    "command",
    [
        {"system": "moon", "do": "state", "state": "ok"},
        {"system": "bankid", "do": "fly"},
        {"system": "bankid"},
        {"system": "siths", "do": "told", "nonsense": 1},
        {"system": "population", "do": "change", "personal_number": "1", "fields": {}},
        {"system": "bankid", "do": "faults", "faults": ["odd"]},
    ],
)
def test_a_wrong_command_says_so(web, command):
    answer = control(web, **command)
    assert answer.status_code == 400 and answer.json()["error"]


def test_other_sites_cannot_steer_the_world(told, web):
    sent = web.post("/__control", content=b'{"system":"sms","do":"state","state":"down"}')
    assert sent.status_code == 415
    assert web.get("/", headers={"host": "evil.example"}).status_code == 403
    data = {"system": "sms", "state": "down"}
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        assert web.post("/hantera/lage", data=data, headers=headers).status_code == 403
    assert web.get("/__control").status_code == 405


def test_language_and_pages_that_are_not_there(web):
    sent = web.get("/sprak?till=en&nasta=/telefon/vem")
    assert sent.headers["location"] == "/telefon/vem"
    assert "Whose phone" in web.get("/telefon/vem").text
    assert web.get("/sprak?till=sv&nasta=https://evil.example").headers["location"] == "/"
    assert web.get("/nowhere").status_code == 404
    for path in ("/", "/telefon/vem", "/hantera", "/?stilla=1"):
        page = web.get(path)
        assert page.status_code == 200 and "<script" not in page.text
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert page.headers["referrer-policy"] == "same-origin"  # else a browser's own forms are refused
    assert 'http-equiv="refresh"' not in web.get("/?stilla=1").text


def start(data, port, code=""):
    run = [sys.executable, "-m", "vardvag.outside.world", "--data", str(data), "--port", str(port)]
    environment = {**os.environ, "VARDVAG_MODE": "demo"}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    command = [sys.executable, "-c", code.format(run=run)] if code else run
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def wait_for(condition, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_as_a_process_it_starts_tells_and_stops(tmp_path):
    process = start(tmp_path, 0)
    told = tmp_path / "world" / "outside.json"
    try:
        assert wait_for(told.exists), process.stderr.read()
        pages = json.loads(told.read_text())["bankid"]["app_url"]
        assert httpx.get(pages.replace("/telefon/start", "/telefon/vem")).status_code == 200
        taken = start(tmp_path / "other", urlsplit(pages).port)
        assert taken.wait(20) == 1 and "choose another PORT" in taken.stderr.read()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert not told.exists()
    finally:
        process.kill()
        process.wait()


PARENT = "import subprocess, time; p = subprocess.Popen({run}); print(p.pid, flush=True); time.sleep(60)"


@pytest.mark.skipif(
    sys.platform != "linux", reason="elsewhere the world looks for its parent every five seconds"
)
def test_it_does_not_outlive_its_parent(tmp_path):
    parent = start(tmp_path, 0, PARENT)
    try:
        pid = int(parent.stdout.readline())
        assert wait_for((tmp_path / "world" / "outside.json").exists)
        parent.kill()
        assert wait_for(lambda: not running(pid), 10)
    finally:
        parent.kill()
        parent.wait()


def running(pid):
    """Alive, and not merely waiting for a parent to take note of its end."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_not_in_production(tmp_path, monkeypatch):
    monkeypatch.setenv("VARDVAG_MODE", "production")
    with pytest.raises(RuntimeError, match="production"):
        World(tmp_path, 0).start()


def test_a_new_number_in_the_register(web, pages, told):
    new = pn.generate(date(1912, 12, 13), 981)
    event = {"person": TOLVAN, "what": "number"}
    assert web.post("/hantera/handelse", data={**event, "number": "12"}).status_code == 400
    assert web.post("/hantera/handelse", data={**event, "number": CHILD}).status_code == 400
    assert web.post("/hantera/handelse", data={**event, "number": new}).status_code == 303
    register = PopulationRegister(told["population"])
    for asked in (TOLVAN, new):
        record = register.person(asked)
        assert record and record.numbers == (new, TOLVAN) and record.name == "Tolvan Ek"


def test_the_other_eid_is_in_the_journal_and_bankids_text_is_plain(web, pages, told, bankid):
    eid = Eid(told["eid_freja"])
    begun = eid.begin("http://localhost:1/tillbaka")
    web.post(
        f"{told['eid_freja']['issuer']}/choose", data={**dict(httpx.URL(begun.url).params), "number": TOLVAN}
    )
    assert "Tolvan Ek legitimerade sig med Freja+" in web.get("/?system=eid").text
    order = bankid.auth(BROWSER, text="# Rubrik\nDu loggar in på **Vårdväg**.")
    assert control(web, system="bankid", do="approve", personal_number=TOLVAN).status_code == 200
    shown = web.get("/?system=bankid").text
    assert "Rubrik\nDu loggar in på <b>Vårdväg</b>." in shown and "**" not in shown and order
