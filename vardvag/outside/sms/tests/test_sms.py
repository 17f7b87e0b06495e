from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from time import monotonic, sleep
from urllib.parse import parse_qs

import httpx
import pytest

from vardvag.core.clock import now
from vardvag.outside.failures import OutcomeUnknown, Refused, TryLater
from vardvag.outside.faults import OK, Fault
from vardvag.outside.journal import Journal
from vardvag.outside.local_server import LocalServer, Reply
from vardvag.outside.sms.client import SmsClient, read_receipt
from vardvag.outside.sms.numbers import NotANumber, NotMobile, masked, normalise, pretty
from vardvag.outside.sms.parts import parts
from vardvag.outside.sms.standin import StandIn
from vardvag.outside.standins import NotInProduction

TO = "+46701740605"


@pytest.fixture
def world():
    standin = StandIn(Journal(), receipt_delay=0.01, slow=4)
    standin.start()
    yield standin
    standin.stop()


@pytest.fixture
def client(world):
    place = {"url": world.url, "user": "demo", "password": "demo", "sender": "Vardvag"}
    client = SmsClient(place, timeout=httpx.Timeout(2))
    yield client
    client.close()


def send(client: SmsClient, callback: str = "") -> str:
    return client.send(to=TO, text="Hej å ä ö & + =", callback=callback)


def test_a_message_arrives_whole_and_can_be_looked_up(world, client):
    id = send(client)
    found = client.look_up(id)
    assert found and (found.to, found.text) == (TO, "Hej å ä ö & + =")
    assert client.look_up("snobody") is None
    assert world.journal.entries("sms")[0].data["text"] == "Hej å ä ö & + ="


@pytest.mark.parametrize(
    ("answer", "failure", "taken"),
    [
        ("credit", TryLater, 0),
        ("refuse", Refused, 0),
        ("error", OutcomeUnknown, 0),
        ("lost", OutcomeUnknown, 0),
        ("drop", OutcomeUnknown, 1),
        ("slow", OutcomeUnknown, 1),
        ("garbled", OutcomeUnknown, 1),
    ],
)
def test_failures_are_told_apart_by_whether_the_message_was_taken(world, client, answer, failure, taken):
    world.plan(answer)
    with pytest.raises(failure):
        send(client)
    until = monotonic() + 20
    while len(world.messages) < taken and monotonic() < until:
        sleep(0.02)
    assert len(client.recent(to=TO, since=now() - timedelta(minutes=1))) == taken


def test_nobody_listening_is_surely_not_sent(world, client):
    world.stop()
    with pytest.raises(TryLater):
        send(client)
    with pytest.raises(TryLater):
        client.recent(to=TO, since=now())


def test_wrong_password_waits_for_an_operator(world):
    client = SmsClient({"url": world.url, "user": "demo", "password": "no", "sender": "Vardvag"})
    with pytest.raises(TryLater, match="401"):
        send(client)


def test_the_list_is_read_to_its_end_and_only_for_the_number(world, client):
    for _ in range(103):
        world.take({"from": "Vardvag", "to": TO, "message": "m"})
    world.take({"from": "Vardvag", "to": "+46701740606", "message": "m"})
    assert len(client.recent(to=TO, since=now() - timedelta(minutes=1))) == 103
    assert client.recent(to=TO, since=now() + timedelta(minutes=1)) == []


def test_the_receipt_is_repeated_until_it_is_taken(world, client):
    got: list[dict[str, list[str]]] = []

    class Door(BaseHTTPRequestHandler):
        def do_POST(self):
            got.append(parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            self.send_response(500 if len(got) == 1 else 204)
            self.end_headers()

        def log_message(self, *args):
            pass

    door = HTTPServer(("127.0.0.1", 0), Door)
    Thread(target=door.serve_forever, args=(0.02,), daemon=True).start()
    id = send(client, f"http://127.0.0.1:{door.server_address[1]}/kvitto/")
    until = monotonic() + 20
    while len(got) < 2 and monotonic() < until:
        sleep(0.02)
    door.shutdown()
    door.server_close()
    receipt = read_receipt({k: v[0] for k, v in got[1].items()})
    assert receipt and (receipt.id, receipt.state) == (id, "delivered")
    found = client.look_up(id)
    assert found and found.state == "delivered" and found.delivered


def against(body: bytes, fault: Fault = OK) -> tuple[LocalServer, SmsClient]:
    """The client and a provider that always answers so."""
    server = LocalServer(lambda request: Reply(200, body, "application/json"))
    server.start()
    server.faults.stay(fault.kind, seconds=fault.seconds)
    place = {"url": f"http://localhost:{server.port}/a1", "user": "u", "password": "p", "sender": "Vardvag"}
    return server, SmsClient(place, timeout=httpx.Timeout(1))


@pytest.mark.parametrize(
    ("body", "fault"),
    [(b" " * 5_000_000 + b"{}", OK), (b'{"id": "s1"}' + b" " * 88, Fault("drip", 20))],
    ids=["without end", "byte by byte"],
)
def test_an_answer_costs_limited_time_and_memory(body, fault):
    """A worker has few threads, and each would be held for hours."""
    server, client = against(body, fault)
    try:
        began = monotonic()
        with pytest.raises(OutcomeUnknown):
            send(client)
        with pytest.raises(TryLater):
            client.look_up("s1")
        assert monotonic() - began < 5
    finally:
        server.stop()


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"error": "later"}',
        b'{"data": null}',
        b'{"data": [null]}',
        b'{"data": {}}',
        b'{"data": ["x"]}',
        b"[" * 99_999,
        b"null",
    ],
)
def test_a_list_that_cannot_be_read_says_nothing_of_what_was_sent(body):
    server, client = against(body)
    try:
        with pytest.raises(TryLater):
            client.recent(to=TO, since=now())
    finally:
        server.stop()


@pytest.mark.parametrize("body", [b'{"id": null}', b'{"id": ""}', b'{"id": {}}', b"[" * 99_999])
def test_a_message_taken_without_an_id_is_looked_for_later(body):
    server, client = against(body)
    try:
        with pytest.raises(OutcomeUnknown):
            send(client)
    finally:
        server.stop()


@pytest.mark.parametrize(
    "fields", [{}, {"id": "s1"}, {"id": "../x", "status": "sent"}, {"id": "s1", "status": "read"}]
)
def test_what_is_no_receipt_is_not_read_as_one(fields):
    assert read_receipt(fields) is None


@pytest.mark.parametrize(
    "written", ["0701740605", "070-174 06 05", "+46 70 174 06 05", "0046701740605", "+46(0)701740605"]
)
def test_numbers_as_people_write_them(written):
    assert normalise(written) == TO


@pytest.mark.parametrize("written", ["", "hej", "070", "070174060599999", "+999 12 34", "7" * 500])
def test_what_is_no_number(written):
    with pytest.raises(NotANumber):
        normalise(written)


def test_a_landline_gets_no_sms_and_foreign_mobiles_do():
    with pytest.raises(NotMobile):
        normalise("08-465 004 11")
    assert normalise("+47 406 12 345") == "+4740612345"
    assert pretty(TO) == "070-174 06 05"
    assert masked(TO) == "•••05"


def test_parts_count_what_the_operator_charges():
    assert parts("å" * 160) == 1
    assert parts("å" * 161) == 2
    assert parts("–" + "a" * 69) == 1
    assert parts("–" + "a" * 70) == 2
    assert parts("€" * 81) == 2


def test_the_stand_in_refuses_production(monkeypatch):
    monkeypatch.setenv("VARDVAG_MODE", "production")
    with pytest.raises(NotInProduction):
        StandIn(Journal()).start()
