"""The bridge between server and pages, with an application of its own."""

import asyncio
import io
import threading
import time

import pytest
from django.http import parse_cookie

from vardvag.config import waiting
from vardvag.config.pages import Pages, environ

SCOPE = {
    "method": "POST", "path": "/över/", "query_string": b"a=1", "http_version": "1.1", "scheme": "https",
    "server": ("127.0.0.1", 8000), "client": ("192.0.2.7", 5), "headers": [
        (b"host", b"example.org"), (b"content-length", b"3"), (b"cookie", b"a=1"), (b"x-twice", b"1"),
        (b"x-twice", b"2")],
}  # fmt: skip


def told(application, body=b"", **scope):
    sent = []

    async def send(message):
        sent.append(message)

    pages = Pages(application, threads=2)
    asyncio.run(pages({**SCOPE, **scope}, io.BytesIO(body), send))
    return sent


def test_a_page_sees_the_request_and_is_answered_whole():
    seen = {}

    def application(environ, start):
        seen.update(environ, read=environ["wsgi.input"].read(), thread=threading.current_thread().name)
        start("200 OK", [("X-Said", "ja")])
        return [b"hej"]

    first, last = told(application, b"abc")
    assert first["status"] == 200
    assert (b"x-said", b"ja") in first["headers"] and (b"content-length", b"3") in first["headers"]
    assert last == {"type": "http.response.body", "body": b"hej"}
    assert seen["PATH_INFO"].encode("latin1").decode() == "/över/"
    assert (seen["read"], seen["CONTENT_LENGTH"], seen["HTTP_COOKIE"]) == (b"abc", "3", "a=1")
    assert seen["HTTP_X_TWICE"] == "1,2" and seen["wsgi.url_scheme"] == "https"
    assert seen["thread"].startswith("page")
    assert 0 <= time.monotonic() - seen["vardvag.arrived"] < 60


def test_a_file_in_pieces_is_closed_before_a_slow_reader_is_served():
    events = []

    class File:
        def __iter__(self):
            return iter([b"a", b"b", b"c"])

        def close(self):
            events.append("closed")

    def application(environ, start):
        start("200 OK", [("Content-Length", "3")])
        return File()

    sent = told(application)
    assert events == ["closed"]
    assert [m["body"] for m in sent[1:]] == [b"a", b"b", b"c"]
    assert [m.get("more_body", False) for m in sent[1:]] == [True, True, False]
    assert [name for name, _ in sent[0]["headers"]].count(b"content-length") == 1


def test_no_length_is_told_of_an_answer_without_a_body():
    def application(environ, start):
        start("304 Not Modified", [])
        return []

    first, last = told(application)
    assert all(name != b"content-length" for name, _ in first["headers"])
    assert last["body"] == b""


def test_the_encoding_that_a_form_names_is_not_believed():
    kind = b"multipart/form-data; Charset=hex; boundary=x"
    assert environ({**SCOPE, "headers": [(b"content-type", kind)]}, io.BytesIO())["CONTENT_TYPE"] == (
        "multipart/form-data; boundary=x"
    )


@pytest.mark.parametrize(("here", "moved"), [(3, 0), (4, 2)])
def test_a_crowd_is_asked_to_come_again_a_few_at_a_time(monkeypatch, here, moved):
    monkeypatch.setattr(waiting, "requests", here)  # two threads: four are a crowd
    answers = []

    def application(environ, start):
        start("200 OK", [])
        return [b"hej"]

    async def send(message):
        if message["type"] == "http.response.start":
            answers.append((b"connection", b"close") in message["headers"])

    async def asked():
        pages = Pages(application, threads=2)
        for _ in range(16):
            await pages(SCOPE, None, send)

    asyncio.run(asked())
    assert (len(answers), sum(answers)) == (16, moved)


def test_cookies_in_several_lines_are_several_cookies():
    """HTTP/2 may split them; joined by a comma they were one with an odd value, and the person was logged out."""
    cookies = [(b"cookie", b"sid=abc"), (b"cookie", b"csrf=def")]
    found = environ({**SCOPE, "headers": cookies}, io.BytesIO())
    assert parse_cookie(found["HTTP_COOKIE"]) == {"sid": "abc", "csrf": "def"}


def test_a_name_with_an_underscore_is_no_other_name():
    """The proxy sets X-Forwarded-Proto and knows nothing of X_Forwarded_Proto, which anybody may send."""
    headers = [(b"x_forwarded_proto", b"https"), (b"x-forwarded-proto", b"http"), (b"x_request_id", b"mine")]
    found = environ({**SCOPE, "headers": headers}, io.BytesIO())
    assert found["HTTP_X_FORWARDED_PROTO"] == "http" and "HTTP_X_REQUEST_ID" not in found
