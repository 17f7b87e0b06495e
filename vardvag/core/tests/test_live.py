"""The live WebSocket over real sockets, a real PostgreSQL between the teller and the page."""

import asyncio
import json
import socket
import threading
import time
from contextlib import suppress
from datetime import date
from unittest import mock

import pytest
import uvicorn
from django.db import connection, transaction
from uvicorn.protocols.utils import ClientDisconnected
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from tests import cluster
from vardvag.config.asgi import application
from vardvag.core import doors
from vardvag.core.actor import Anonymous, ResidentActor, StaffActor, Subject
from vardvag.core.live import door, tell, telling, topics
from vardvag.core.live.hub import REMEMBERED, Hub

pytestmark = pytest.mark.django_db(transaction=True)


def staff(number, unit=1, session=None):
    return StaffActor(
        session_id=session or number, staff_id=number, hsa_id=f"T{number}", name=f"Sara {number}", title="",
        assignment_id=number, unit_id=unit, unit_name="", provider_id=1,
    )  # fmt: skip


def resident(number):
    me = Subject(number, "Kim", "Test", date(1990, 1, 1))
    return ResidentActor(number, me, me)


class Keeper(doors.Keeper):
    """Who has which cookie, as a table the test changes."""

    actors: dict = {}

    def actor(self, request):
        return self.actors.get(request.COOKIES.get("sid"), Anonymous())

    def signs(self, session_ids):
        return {a.session_id: repr(a) for a in self.actors.values() if a.session_id in session_ids}


class Server:
    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        config = uvicorn.Config(application, log_config=None, ws_max_size=4096, ws_per_message_deflate=False)
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.socket]}, daemon=True)
        self.thread.start()

    def stop(self):
        self.server.should_exit = True
        self.thread.join(10)

    def open(self, sid="a", origin=None, path="/live/"):
        headers = {"Cookie": f"sid={sid}"}
        origin = origin or f"http://127.0.0.1:{self.port}"
        return Page(
            connect(
                f"ws://127.0.0.1:{self.port}{path}", origin=origin, additional_headers=headers, legacy=True
            )
        )


class Page:
    def __init__(self, socket):
        self.socket = socket

    def say(self, do, topic):
        self.socket.send(json.dumps({"do": do, "topic": topic}))

    def hear(self, kind, seconds=5.0):
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            with suppress(TimeoutError):
                event = json.loads(self.socket.recv(timeout=left))
                if event["kind"] == kind:
                    return event
        raise AssertionError(f"no {kind} within {seconds} s")

    def silent(self, kind, seconds=0.4):
        with pytest.raises(AssertionError):
            self.hear(kind, seconds)

    def code(self, seconds=6.0):
        until = time.monotonic() + seconds
        try:
            while time.monotonic() < until:
                self.socket.recv(timeout=max(0.01, until - time.monotonic()))
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006
        except TimeoutError:
            pass
        raise AssertionError("still open")


@pytest.fixture
def server(settings, monkeypatch):
    settings.DOOR_KEEPER = f"{__name__}.Keeper"
    doors.keeper.cache_clear()
    monkeypatch.setattr(topics, "_rules", {})
    monkeypatch.setattr(door, "RECHECK", 0.3)
    topics.register(
        "unit", lambda actor, rest: rest == str(getattr(actor, "unit_id", "")), by_actor_alone=True
    )
    topics.register("case", lambda actor, rest: rest in OPEN_CASES, presence=True)
    OPEN_CASES.clear()
    OPEN_CASES.add("c1")
    Keeper.actors = {"a": staff(1), "b": staff(2), "r": resident(9)}
    door.HUB.listening = False  # the test before may have put back what it found
    server = Server()
    until = time.monotonic() + 10
    while not door.HUB.listening and time.monotonic() < until:
        time.sleep(0.02)
    yield server
    server.stop()
    door.HUB.listening = False
    doors.keeper.cache_clear()


OPEN_CASES: set = set()
LEFT_BEHIND = "select name, setting from pg_settings where source = 'session' and name = 'synchronous_commit'"


def test_what_is_told_on_commit_reaches_the_page(server):
    page = server.open()
    assert page.hear("ready")["me"] == "staff:1"
    page.say("subscribe", "unit:1")
    page.hear("subscribed")
    with transaction.atomic():
        tell("unit:1", "case", id="c1", verb="open")
        tell("unit:1", "case", id="c1", verb="open")
        page.silent("case", 0.2)
    assert page.hear("case") == {"topic": "unit:1", "kind": "case", "id": "c1", "verb": "open"}
    page.silent("case", 0.2)


def test_a_page_hears_for_how_long_its_topic_has_been_quiet(server, monkeypatch):
    """What happened between its rendering and its subscription, it fetches again."""
    monkeypatch.setattr(door.HUB, "_heard_since", time.monotonic() - 1000)
    monkeypatch.setattr(door.HUB, "_last", {})
    page, other = server.open(), server.open()
    page.say("subscribe", "unit:1")
    assert page.hear("subscribed")["quiet"] == REMEMBERED
    tell("unit:1", "case", id="c1")
    page.hear("case")
    time.sleep(0.2)
    other.say("subscribe", "unit:1")
    assert 0.2 <= other.hear("subscribed")["quiet"] < 5
    monkeypatch.setattr(door.HUB, "listening", False)
    assert door.HUB.quiet("unit:1") == 0


def test_what_is_rolled_back_is_never_told(server):
    page = server.open()
    page.say("subscribe", "unit:1")
    page.hear("subscribed")
    with suppress(ZeroDivisionError), transaction.atomic():
        tell("unit:1", "case", id="never")
        raise ZeroDivisionError
    with transaction.atomic():
        with suppress(ZeroDivisionError), transaction.atomic():
            tell("unit:1", "case", id="never either")
            raise ZeroDivisionError
        tell("unit:1", "case", id="yes")
    assert page.hear("case")["id"] == "yes"


def test_a_topic_of_others_is_refused_and_looks_like_one_that_does_not_exist(server):
    page = server.open()
    for topic in ("unit:2", "case:c2", "nothing:1", "session:1", "staff:2", "unit:1 ", "*", ""):
        page.say("subscribe", topic)
        assert page.hear("refused")["topic"] == topic
    tell("unit:2", "case", id="secret")
    page.silent("case")


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
def test_a_foreign_page_is_refused_at_the_handshake(server, origin):
    with pytest.raises(InvalidStatus) as refused:
        server.open(origin=origin)
    assert refused.value.response.status_code == 403


def test_nobody_is_told_to_log_in(server):
    assert server.open(sid="unknown").code() == door.LOGGED_OUT


def test_logout_closes_every_open_page_at_once(server):
    pages = [server.open("a"), server.open("a")]
    other = server.open("b")
    for page in (*pages, other):
        page.hear("ready")
    del Keeper.actors["a"]
    tell("session:1", "ended")
    assert [page.code(2) for page in pages] == [door.LOGGED_OUT] * 2
    other.say("subscribe", "unit:1")
    other.hear("subscribed")


def test_a_session_that_ends_without_a_word_is_found_by_the_sweep(server, monkeypatch):
    page = server.open("a")
    page.hear("ready")
    del Keeper.actors["a"]
    assert page.code(6) == door.LOGGED_OUT


def test_lost_rights_take_the_topic_away(server):
    page = server.open("a")
    page.say("subscribe", "unit:1")
    page.hear("subscribed")
    Keeper.actors["a"] = staff(1, unit=7)
    tell("session:1", "changed")
    assert page.hear("refused")["topic"] == "unit:1"
    page.hear("resync")
    tell("unit:1", "case", id="c1")
    page.silent("case")


def test_an_authorisation_is_not_trusted_for_long(server):
    page = server.open("a")
    page.say("subscribe", "case:c1")
    page.hear("subscribed")
    OPEN_CASES.clear()
    time.sleep(0.4)
    tell("case:c1", "case", id="c1")
    assert page.hear("refused")["topic"] == "case:c1"
    page.silent("case")


def test_me_is_mine_alone(server):
    mine, theirs, patient = server.open("a"), server.open("b"), server.open("r")
    for page in (mine, theirs, patient):
        page.say("subscribe", "me")
        page.hear("subscribed")
    tell("staff:1", "inbox", unread=1)
    tell("person:9", "inbox", unread=2)
    assert mine.hear("inbox") == {"topic": "me", "kind": "inbox", "unread": 1}
    assert patient.hear("inbox") == {"topic": "me", "kind": "inbox", "unread": 2}
    theirs.silent("inbox")


def test_presence_counts_people_not_tabs_and_is_for_staff_only(server):
    tabs, other, patient = [server.open("a"), server.open("a")], server.open("b"), server.open("r")
    for page in (*tabs, other, patient):
        page.say("subscribe", "case:c1")
        page.hear("subscribed")
    for page in tabs:
        page.say("reading", "case:c1")
    assert other.hear("presence")["people"] == [{"who": "staff:1", "name": "Sara 1", "doing": "reading"}]
    other.silent("presence", 0.2)
    tabs[0].say("writing", "case:c1")
    assert other.hear("presence")["people"][0]["doing"] == "writing"
    patient.say("writing", "case:c1")
    patient.silent("presence", 0.2)
    tabs[0].socket.close()
    assert other.hear("presence")["people"][0]["doing"] == "reading"
    tabs[1].say("left", "case:c1")
    assert other.hear("presence")["people"] == []


def test_what_is_not_for_the_page_is_no_sign_of_life_to_it(server, monkeypatch):
    monkeypatch.setattr(door, "PING", 1.0)
    reader, patient = server.open("b"), server.open("r")
    for page in (reader, patient):
        page.say("subscribe", "case:c1")
        page.hear("subscribed")
    over = time.monotonic() + 2.5
    while time.monotonic() < over:
        for doing in ("reading", "writing"):
            reader.say(doing, "case:c1")
            time.sleep(0.25)
    patient.hear("ping", 0.1)


def test_who_is_there_already_is_told_to_the_newcomer(server):
    first, second = server.open("a"), server.open("b")
    first.say("subscribe", "case:c1")
    first.say("reading", "case:c1")
    first.hear("presence")
    second.say("subscribe", "case:c1")
    assert second.hear("presence")["people"][0]["who"] == "staff:1"


def test_garbage_is_borne_a_while_then_shut_out(server):
    page = server.open("a")
    page.socket.send("{")
    page.socket.send(b"\x00\xff")
    page.socket.send(json.dumps([1, 2]))
    page.socket.send("[" * 1500)
    page.say("subscribe", "unit:1")
    page.hear("subscribed")
    with suppress(ConnectionClosed):
        for _ in range(200):
            page.socket.send("nonsense")
    assert page.code() == door.BAD


def test_what_is_no_text_closes_the_stream_and_is_no_error_of_ours(server, caplog):
    page = server.open("a")
    page.socket.send(b"\xff\xfe", text=True)
    assert page.code() == 1007
    said = [record for record in caplog.records if "UTF-8" in record.message]
    assert [record.levelname for record in said] == ["INFO"]


def test_a_message_too_large_closes_the_stream_only(server):
    page, other = server.open("a"), server.open("a")
    with suppress(ConnectionClosed):
        page.socket.send("x" * 10_000)
    assert page.code() == 1009
    other.say("subscribe", "unit:1")
    other.hear("subscribed")


def test_one_session_may_not_open_tabs_without_end(server):
    pages = [server.open("a") for _ in range(door.PER_SESSION)]
    for page in pages:
        page.hear("ready")
    assert server.open("a").code() == door.TOO_MANY
    pages[0].socket.close()
    time.sleep(0.2)
    server.open("a").hear("ready")


def test_a_lost_database_connection_ends_in_resync(server):
    page = server.open("a")
    page.say("subscribe", "unit:1")
    page.hear("subscribed")
    with cluster.admin() as admin:
        admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and query like 'listen%%'"
            " or query = 'select 1' and datname = %s and pid <> pg_backend_pid()",
            [connection.settings_dict["NAME"]] * 2,
        )
    page.hear("resync")
    tell("unit:1", "case", id="after")
    assert page.hear("case")["id"] == "after"


def test_a_page_that_does_not_read_is_told_to_fetch_again():
    async def scene():
        stream = door.Listening({}, None, None)  # type: ignore[arg-type]
        for number in range(door.QUEUE + 10):
            stream.offer("unit:1", str(number))
        return stream._queue.qsize(), stream._queue.get_nowait()

    assert asyncio.run(scene()) == (1, None)


def test_a_process_listens_at_the_address_for_it(settings):
    """A pooler of transactions lets one listen, and brings nothing."""
    settings.LIVE_DATABASE = {**telling.parameters(), "application_name": "by itself"}
    hub = Hub()

    async def scene():
        hub.start()
        async with asyncio.timeout(5):
            while not hub.listening:
                await asyncio.sleep(0.01)
        with cluster.admin() as admin:
            found = admin.execute(
                "select count(*) from pg_stat_activity where application_name = 'by itself'"
            )
            there = found.fetchone()[0]
        await hub.stop()
        return there

    assert asyncio.run(scene()) == 1


def test_telling_leaves_no_setting_behind_on_a_connection_that_others_use_next():
    """Behind a pooler of transactions the next commit on it is somebody's letter, which has to wait for the disk."""

    telling.send([json.dumps({"topic": "unit:1", "kind": "case"})])
    assert telling._connection().execute(LEFT_BEHIND).fetchall() == []

    async def scene():
        hub = Hub()
        await hub.publish({"topic": "case:c1", "kind": "presence"})
        try:
            return await (await hub._up.execute(LEFT_BEHIND)).fetchall()
        finally:
            await hub.stop()

    assert asyncio.run(scene()) == []


def test_an_event_too_large_is_a_fault_of_ours():
    with pytest.raises(ValueError, match="send an id"):
        tell("unit:1", "case", text="x" * 9000)


def test_a_page_that_leaves_before_it_is_answered_is_no_fault(caplog):
    async def receive():
        return {"type": "websocket.connect"}

    async def send(message):
        if message["type"] == "websocket.close":
            raise ClientDisconnected  # as uvicorn does

    headers = [(b"origin", b"http://testserver"), (b"host", b"testserver")]
    with (
        mock.patch.object(door, "_own_page", return_value=True),
        mock.patch.object(door.Listening, "run", side_effect=ClientDisconnected),
    ):
        asyncio.run(door.live({"path": "/live/", "headers": headers}, receive, send))
    assert not caplog.records


@pytest.mark.parametrize("origin", ["http://[", "http://[x]", "http://127.0.0.1:x", "//", "\x00"])
def test_an_origin_that_cannot_be_read_is_foreign(origin, caplog):
    said = []

    async def receive():
        return {"type": "websocket.connect"}

    async def send(message):
        said.append(message)

    headers = [(b"origin", origin.encode()), (b"host", b"testserver")]
    asyncio.run(door.live({"path": "/live/", "headers": headers}, receive, send))
    assert said == [{"type": "websocket.close", "code": door.BAD}]


def test_who_listened_before_the_process_did_fetches_again(monkeypatch):
    """What was told between their subscription and the first LISTEN has reached nobody here."""
    hub = Hub()
    asked = []

    class Early:
        session_id = 1
        offer = recheck = None

        def resync(self):
            asked.append(hub.listening)

    async def scene():
        hub.enter(Early())
        hub.start()
        async with asyncio.timeout(5):
            while not hub.listening:
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        await hub.stop()

    asyncio.run(scene())
    assert asked == [True]


def test_rights_that_change_while_a_topic_is_opened_are_the_ones_that_count(server, monkeypatch):
    """A topic that the actor alone decides is never asked about again."""
    let_go, asked = threading.Event(), threading.Event()

    def slowly(actor, rest):
        may = rest == str(actor.unit_id)
        if not asked.is_set():
            asked.set()
            let_go.wait(5)
        return may

    topics.register("unit", slowly, by_actor_alone=True)
    page = server.open("a")
    page.hear("ready")
    page.say("subscribe", "unit:1")
    assert asked.wait(5)
    Keeper.actors["a"] = staff(1, unit=7)
    tell("session:1", "changed")
    page.hear("resync")
    let_go.set()
    assert page.hear("refused")["topic"] == "unit:1"
    tell("unit:1", "case", id="c1")
    page.silent("case")


def test_a_topic_let_go_while_it_is_asked_about_closes_nothing(server, monkeypatch):
    let_go, asked = threading.Event(), threading.Event()

    def slowly(actor, rest):
        if rest not in OPEN_CASES:
            asked.set()
            let_go.wait(5)
        return rest in OPEN_CASES

    topics.register("case", slowly)
    page = server.open("a")
    page.say("subscribe", "case:c1")
    page.hear("subscribed")
    OPEN_CASES.clear()
    time.sleep(0.4)
    tell("case:c1", "case", id="c1")
    assert asked.wait(5)
    page.say("unsubscribe", "case:c1")
    page.say("subscribe", "unit:1")
    time.sleep(0.2)
    let_go.set()
    page.hear("subscribed")
    tell("unit:1", "case", id="c2")
    assert page.hear("case")["id"] == "c2"


def test_what_ends_a_stream_unasked_is_told_to_the_operator(server, monkeypatch, caplog):
    async def broken(self, do, topic):
        raise ZeroDivisionError

    monkeypatch.setattr(door.Listening, "_do", broken)
    page = server.open("a")
    page.say("subscribe", "unit:1")
    assert page.code() == 1011
    assert [r.message for r in caplog.records if r.exc_info and r.levelname == "ERROR"] == [
        "a live stream stumbled"
    ]
