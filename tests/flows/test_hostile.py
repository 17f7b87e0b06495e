"""Hostile input in the size of a suite: `make hostile` is the whole of it (docs/hostile.md).

Every address, found from the product's own list, is asked what it never expected, as somebody whom its door lets in.
What each answer may not be stands in tools/hostile/judge.py.
"""

import json
import logging
import random
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.signals import got_request_exception, request_finished, request_started
from django.db import connection

from tools.hostile import corpus, judge, kept, parsers, pieces, place
from tools.hostile.ask import Answer, Asked, Pages, read
from tools.hostile.cases import URLENCODED, query
from tools.hostile.learning import learning
from tools.hostile.routes import Form, Route, Walk, headers
from vardvag.organisation.keeper import HouseKeeper

BROKEN = "".join(("före\x00efter", "<vvx>", '"><script>__ran(1)</script>', "\u202e😀"))
# Fields that many forms share, beside those that each page is found to ask for.
USUAL = {
    "key": "6f9f1b0e-3c0b-4b57-9a3e-0f3b3a1d0c11",
    "version": "1",
    "revision": "0",
    "verb": "reply",
    "form": "reply",
}


@pytest.fixture
def quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def walked(world: object, quiet: None) -> tuple[Pages, Walk]:
    pages = Pages()
    walk = Walk(pages, place.people())
    with learning() as learnt:
        walk.briefly(learnt)
    return pages, walk


def test_no_address_breaks_on_what_it_never_expected(walked: tuple[Pages, Walk]) -> None:
    pages, walk = walked
    chance, wrong, asked_of = random.Random(24), [], 0
    for route in walk.routes.values():
        who = walk.people[route.door]
        for asked in tries(route, who, chance):
            asked_of += 1
            wrong += [
                f"{route.name}: {one}\n  {asked}" for one in judge.faults(route.name, asked, pages.ask(asked))
            ]
    assert not wrong, "\n".join(wrong[:20])
    assert asked_of > 5 * len(walk.routes) and not pages.connects


def tries(route: Route, who: dict[str, str], chance: random.Random) -> Iterator[Asked]:
    """Six requests: all fields hostile, one of them, a hostile address, another encoding, a broken file, a cookie."""
    path = route.paths[0].encode()
    names = sorted(route.fields | {"body"})
    some = {name: USUAL.get(name, chance.choice(corpus.ANYTHING)) for name in names}
    yield Asked("POST", path, headers(who, URLENCODED), query([(n, BROKEN.encode()) for n in names]))
    yield Asked(
        "POST",
        path,
        headers(who, URLENCODED),
        query([(n, v.encode("utf-8", "replace")) for n, v in some.items()]),
    )
    yield Asked(
        "GET",
        path + b"?" + query([(n, chance.choice(corpus.ANYTHING).encode("utf-8", "replace")) for n in names]),
        headers(who),
    )
    yield Asked("POST", path + b"?a=%ff", headers(who, f"{URLENCODED}; charset=zlib"), b"a=%&b")
    cut = b'--g\r\nContent-Disposition: form-data; name="files"; filename="a\x00.png"\r\n\r\n\xff\xd8'
    yield Asked("POST", path, headers(who, "multipart/form-data; boundary=g"), cut)
    jar = who | {chance.choice(("lang", "theme", "target", "login", "sid")): chance.choice(corpus.IDS)}
    yield Asked("GET", path, headers(jar))


@pytest.mark.parametrize(
    "body", [b"<vvx>", b"<p>Traceback (most recent call last)", b"<div onclick=__ran(1)>", b""]
)
def test_the_judge_sees_what_is_wrong(body: bytes) -> None:
    """Else the tests above would pass on a product that gives everything back."""
    page = [("Content-Type", "text/html"), ("Content-Security-Policy", "x")]
    asked = Asked("GET", b"/")
    assert judge.faults("a", asked, Answer(200 if body else 400, page, body, 0, 0))
    assert not judge.faults("a", asked, Answer(200, page, b"<p>&lt;vvx&gt; __ran(1)</p>", 0, 0))
    assert judge.faults("a", asked, Answer(500, page, b"<p>ord och ord och ord</p>", 0, 0))
    for name in ("Location", "HX-Redirect", "x-onward"):
        assert judge.faults("a", asked, Answer(302, [*page, (name, "//evil.example/")], b"", 0, 0))
        assert not judge.faults("a", asked, Answer(302, [*page, (name, "/logga-in/")], b"", 0, 0))


def test_what_was_typed_stands_in_the_form_that_comes_back(walked: tuple[Pages, Walk]) -> None:
    pages, walk = walked
    here = {name: walk.routes[name] for name in walk.routes if walk.routes[name].forms}
    found = kept.Forms(pages, walk.people).look(here)
    assert not found.faults, "\n".join(f"{what}\n   {asked[:300]}" for what, asked in found.faults.items())
    assert found.refused > 50


def test_forgotten_words_are_seen() -> None:
    route = Route("a", "public", "/", ())
    form = Form("/", "POST", [], "/")
    body = b"<main><p role=alert>Skriv n\xc3\xa5got annat.</p><input name=a value=''></main>"
    answer = Answer(422, [("Content-Type", "text/html")], body, 0, 0)
    assert list(kept.wrong(route, answer, {"a": "ord"})) and not list(kept.wrong(route, answer, {"a": ""}))
    assert form.fields == []


def test_figures_of_pieces_add_up(tmp_path: Path) -> None:
    def piece(number: int, **more: object) -> Path:
        told = {"goal": "G22", "campaign": "scripts", "seed": number, "commit": "a", "date": "d", **more}
        output = tmp_path / str(number)
        output.write_text(f"WRONG something\n{json.dumps(told)}\nexit 0\n")
        return output

    one = piece(1, pages=3, columns=9, by_view={"a": 5, "b": 1}, third_party=[], violations=0)
    two = piece(2, pages=4, columns=8, by_view={"a": 5, "c": 4}, third_party=["x"], violations=1)
    [(goal, told)] = pieces.summed([one, two])
    assert goal == "G22" and told["seeds"] == [1, 2] and told["pieces"] == 2 and told["commits"] == ["a"]
    assert (told["pages"], told["columns"], told["violations"], told["third_party"]) == (7, 9, 1, ["x"])
    assert told["views"] == 3 and told["in_each_view"] == [1, 4, 10] and told["fewest"] == ["b", "c", "a"]
    with pytest.raises(ValueError, match="twice"):
        list(pieces.summed([one, one]))


@pytest.mark.parametrize("parser", parsers.parsers(), ids=lambda one: one.name)
def test_mutated_bytes_are_read_or_refused_in_words(parser: parsers.Parser, quiet: None) -> None:
    chance = random.Random(7)
    wrong = {fault for _ in range(150) if (fault := parsers.judged(parser, parsers.mutated(chance, parser)))}
    assert not wrong


def test_asking_leaves_nothing_behind(world: object, quiet: None) -> None:
    """Else the tests that come after would run in another process than they think."""

    def now() -> list[object]:
        signals = (request_started, request_finished, got_request_exception)
        held = [{key for key, *_ in signal.receivers} for signal in signals]
        return [
            *held,
            socket.socket.connect,
            socket.getaddrinfo,
            threading.active_count(),
            connection.connection,
        ]

    pages, before = Pages(), now()
    assert pages.ask(Asked("GET", b"/logga-in/")).status == 200
    assert now() == before and connection.in_atomic_block and connection.is_usable()


def test_a_connection_to_the_outside_is_seen(
    world: object, quiet: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def outward(*_: object, **__: object) -> None:
        with socket.socket() as line:
            line.connect(("127.0.0.1", 1))

    monkeypatch.setattr(HouseKeeper, "actor", outward)
    pages = Pages()
    answer = pages.ask(Asked("GET", b"/logga-in/"))
    assert pages.connects == {"127.0.0.1:1"} and answer.status == 500 and "Refused" in answer.troubles[0]


def test_a_request_comes_as_the_server_would_bring_it() -> None:
    kind = ("Content-Type", b"x/y; charset=zlib")
    given = read(Asked("POST", b"/%C3%A5?a=%ff", (("Cookie", b"\xff"), kind), b"a=1"))
    assert isinstance(given, dict)
    assert given["PATH_INFO"].encode("latin1") == "/å".encode() and given["QUERY_STRING"] == "a=%ff"
    assert given["HTTP_COOKIE"] == "\xff" and given["CONTENT_TYPE"] == "x/y"
    assert (given["wsgi.input"].read(), given["CONTENT_LENGTH"]) == (b"a=1", "3")
    refused = read(Asked("GET", b"/", (("Cookie", b"\x00"),)))
    assert isinstance(refused, bytes) and refused.startswith(b"HTTP/1.1 400 ")
