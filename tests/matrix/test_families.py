"""Four families of holes that others have had (Zulip): the stream, the move, the export and the edit event (G15)."""

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pypdfium2
import pytest
from django.conf import settings
from django.db import transaction
from django.urls import reverse

from tests.cluster import as_system
from tests.matrix import people, things
from tests.matrix.people import HERE, NEXT, Who
from tests.matrix.things import Thing
from vardvag.cases.models import Case, Message
from vardvag.core.live import door, telling, topics
from vardvag.core.live.hub import Hub
from vardvag.demo import cast, main_cases
from vardvag.organisation.models import Unit

T = TypeVar("T")


@pytest.fixture
def planted(world: object) -> tuple[list[Thing], dict[str, Who]]:
    return things.plant(), {who.name: who for who in people.everybody()}


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """Every event that leaves for open pages, in the order told."""
    events: list[dict[str, Any]] = []
    monkeypatch.setattr(telling, "send", lambda sent: events.extend(json.loads(one) for one in sent))
    yield events


class Stream:
    """An open page of somebody, by the product's own WebSocket code, in the test's transaction."""

    def __init__(self, who: Who) -> None:
        self.said: list[dict[str, Any]] = []
        self.code = 0
        headers = [(b"host", b"testserver"), (b"origin", b"http://testserver")]
        headers.append((b"cookie", f"{settings.SESSION_KEY_COOKIE}={who.key}".encode()))
        self.scope = {"type": "websocket", "path": "/live/", "headers": headers}
        self.words: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def send(self, message: Any) -> None:
        if message["type"] == "websocket.close":
            self.code = message["code"]
        elif "text" in message:
            self.said.append(json.loads(message["text"]))

    async def run(self) -> None:
        self.words.put_nowait({"type": "websocket.connect"})
        await door.live(self.scope, self.words.get, self.send)

    def say(self, do: str, topic: str) -> None:
        self.words.put_nowait({"type": "websocket.receive", "text": json.dumps({"do": do, "topic": topic})})

    def heard(self, kind: str) -> list[dict[str, Any]]:
        return [one for one in self.said if one["kind"] == kind]


def in_the_test(work: Callable[..., T], *arguments: Any) -> T:
    """On the test's own connection, in its transaction, as if no event loop were running."""
    loop = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    try:
        return work(*arguments)
    finally:
        asyncio._set_running_loop(loop)


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    def whole(work: Any, *arguments: Any) -> Any:
        with transaction.atomic():
            return work(*arguments)

    async def apart(work: Any, *arguments: Any) -> Any:
        return in_the_test(whole, work, *arguments)

    hub = Hub()
    monkeypatch.setattr(door, "_in_thread", apart)
    monkeypatch.setattr(door, "HUB", hub)
    monkeypatch.setattr(door, "BURST", 10_000.0)
    monkeypatch.setattr(door, "TOPICS", 10_000)
    yield hub


async def settle() -> None:
    for _ in range(30):
        await asyncio.sleep(0)


def may_hear(who: Who, topic: str, found: dict[str, Thing]) -> bool:
    prefix, _, rest = topic.partition(":")
    if topic == "me":
        return who.kind != "nobody"
    if prefix == "unit":
        return who.kind == "staff" and rest == str(who.unit) and bool(who.roles & things.WORKS)
    return prefix == "case" and rest in found and found[rest].opens(who)


def test_every_topic_that_there_is_is_tried() -> None:
    assert set(topics._rules) == {"case", "unit"}


def test_the_stream_is_deaf_to_strangers(planted: Any, live: Hub) -> None:
    """Everybody asks for every topic; a stranger hears what one hears of a topic that is not there."""
    listed, everybody = planted
    found = {str(thing.values["public_id"]): thing for thing in listed if thing.kind == "case"}
    units = people.places().values()
    asked = [*(f"case:{public}" for public in found), *(f"unit:{unit.pk}" for unit in units), "me"]
    nothing = [
        "case:", "case:1", "case:00000000-0000-4000-8000-000000000000", "unit:0", "unit:x", "person:1", "staff:1",
        "session:1", "nobody", "*", "case:*", "unit:" + "9" * 30,
    ]  # fmt: skip
    faults, subscribed = [], 0

    async def scene(who: Who) -> Stream:
        stream = Stream(who)
        task = asyncio.create_task(stream.run())
        await settle()
        for topic in (*asked, *nothing):
            stream.say("subscribe", topic)
        await settle()
        for _ in range(200):
            if stream.words.empty():
                break
            await settle()
        for topic, unit in zip(asked, [None] * len(asked), strict=True):
            live.dispatch(json.dumps({"topic": topic, "kind": "case", "id": "secret", "unit": unit}))
        await settle()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return stream

    for who in everybody.values():
        stream = asyncio.run(scene(who))
        if who.kind == "nobody":
            if stream.code != door.LOGGED_OUT or stream.said:
                faults.append(f"{who.name}: {stream.code} {stream.said[:2]}")
            continue
        open_ = {one["topic"] for one in stream.heard("subscribed")}
        subscribed += len(open_)
        for topic in (*asked, *nothing):
            if (topic in open_) != may_hear(who, topic, found):
                faults.append(f"{who.name}: {topic} {'opened' if topic in open_ else 'refused'}")
            refused = [one for one in stream.heard("refused") if one["topic"] == topic]
            if topic not in open_ and refused != [{"kind": "refused", "topic": topic}]:
                faults.append(f"{who.name}: {topic} is refused as {refused}")
        heard = {one["topic"] for one in stream.heard("case")}
        if heard - open_:
            faults.append(f"{who.name} heard {heard - open_}")
    assert not faults, faults[:30]
    assert subscribed > len(everybody)


def post(who: Who, name: str, public_id: Any, **form: Any) -> Any:
    return who.client().post(reverse(name, args=[public_id]), form)


def test_a_move_takes_everything_along(
    planted: Any,
    live: Hub,
    told: Any,
    django_capture_on_commit_callbacks: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The old unit loses page, file, search, stream and what was written; the new one has it."""
    _, everybody = planted
    monkeypatch.setattr(door, "RECHECK", 0.0)
    sara, old, new = (
        everybody[name] for name in ("the nurse with the case", "receiver, here", "receiver, next")
    )
    with as_system():
        case = Case.objects.get(public_id=main_cases.case("eksem").public_id)
        Message.objects.filter(case=case).update(body="HemligFlytt")
        unit = Unit.objects.get(hsa_id=people.places()[NEXT].hsa_id)
        pictures = [str(a.file.public_id) for m in case.messages.all() for a in m.attachments.all()]
    topic = f"case:{case.public_id}"
    streams: dict[str, Stream] = {}

    def move() -> None:
        with django_capture_on_commit_callbacks(execute=True):
            answer = post(
                sara, "cases/staff/move", case.public_id, unit_id=unit.pk, reason="fel", version=case.version
            )
        assert answer.status_code == 303, answer.content.decode()[:2000]

    async def scene() -> None:
        tasks = []
        for name, who in (("old", old), ("new", new)):
            streams[name] = Stream(who)
            tasks.append(asyncio.create_task(streams[name].run()))
        await settle()
        for stream in streams.values():
            stream.say("subscribe", topic)
        await settle()
        assert [one["topic"] for one in streams["old"].heard("subscribed")] == [topic]
        assert streams["new"].heard("refused")
        assert "HemligFlytt" in in_the_test(page, old, case)
        in_the_test(move)
        for event in told:
            live.dispatch(json.dumps(event))
        live.dispatch(json.dumps({"topic": topic, "kind": "case", "id": "after the move"}))
        await settle()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(scene())
    assert "after the move" not in json.dumps(streams["old"].said)
    assert streams["old"].heard("refused") == [{"kind": "refused", "topic": topic}]
    for who in (sara, old):
        assert who.client().get(reverse("cases/staff/case", args=[case.public_id])).status_code == 404
        for picture in pictures:
            address = reverse("cases/staff/file", args=[case.public_id, picture])
            assert who.client().get(address).status_code == 404
            assert who.client().get(address, {"liten": "1"}).status_code == 404
        for words in ("HemligFlytt", case.number, cast.NILS.number):
            found = who.client().post(reverse("cases/staff/search"), {"sok": words}).content.decode()
            assert str(case.public_id) not in found
    assert "HemligFlytt" in page(new, case)
    assert new.unit != old.unit


def page(who: Who, case: Case) -> str:
    return str(who.client().get(reverse("cases/staff/case", args=[case.public_id])).content.decode())


def test_what_is_exported_is_what_may_be_seen(planted: Any) -> None:
    """The resident's PDF and the clinic's copy: no note, no held reply, nobody else's draft, no intimate picture."""
    listed, everybody = planted
    case = listed[0].values["public_id"]
    for name in ("guardian for her daughter", "the other guardian"):
        answer = everybody[name].client().get(reverse("cases/resident/pdf", args=[case]))
        assert answer.status_code == 200
        paper = pypdfium2.PdfDocument(answer.content)
        text = "\n".join(sheet.get_textpage().get_text_range() for sheet in paper)
        assert "HemligFeber" in text
        assert not [
            word for word in ("HemligNot", "HemligHallet", "HemligKladd", "HemligPappas") if word in text
        ]
    copy = (
        everybody["the nurse with the case"]
        .client()
        .get(reverse("cases/staff/copy", args=[case]))
        .content.decode()
    )
    assert not [word for word in ("HemligKladd", "HemligPappas") if word in copy]


def test_events_say_nothing_and_only_where_they_may(
    planted: Any, told: list[dict[str, Any]], django_capture_on_commit_callbacks: Any
) -> None:
    """All that a nurse can do with a case: what goes to the case's topic, which the resident hears, names nobody and
    tells of nothing internal or held; no event has a word that somebody wrote."""
    listed, everybody = planted
    case, sara = listed[0].rows[0], everybody["the nurse with the case"]
    acts: dict[str, dict[str, Any]] = {
        "note": {"body": "HemligNot2"}, "urgency": {"urgency": 2, "reason": "HemligSkal2"}, "unread": {},
        "reply": {"body": "HemligSvar2", "kind": "reply", "seq": 99}, "undo": {},
        "draft": {"body": "HemligKladd2", "form": "reply", "revision": 0},
        "give_back": {"reason": "HemligSkal3"}, "take": {"reason": "HemligSkal4"},
    }  # fmt: skip
    done = []  # type: ignore[var-annotated]
    for name, given in acts.items():
        told.clear()
        form = {
            "key": "6a1f9e0e-0000-4000-8000-00000000000" + str(len(done)),
            "version": case.version,
            **given,
        }
        with django_capture_on_commit_callbacks(execute=True):
            answer = post(sara, f"cases/staff/{name}", case.public_id, **form)
        assert answer.status_code < 500, name
        case.refresh_from_db()
        done.append((name, answer.status_code, list(told)))
        assert "Hemlig" not in json.dumps(told), name
        for event in told:
            assert event["topic"].split(":")[0] in ("case", "unit", "staff", "person", "session"), event
            if event["topic"].startswith("case:"):
                assert cast.SARA.name not in json.dumps(event), event
                if name in ("note", "urgency", "unread", "reply"):
                    raise AssertionError(f"the resident's page is told of a {name}: {event}")
            if event["topic"].startswith("unit:"):
                assert event["topic"] == f"unit:{people.places()[HERE].pk}", event
    assert sum(status in (200, 204, 303) for _, status, _ in done) >= 5, done
