"""Every answer has safe headers; unsafe requests come from our own pages only."""

import json
import logging

import pytest
from django.core.exceptions import DisallowedHost
from django.http import HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.test import RequestFactory

from vardvag.core import health, middleware
from vardvag.core.logs import JsonFormatter

OWN = "http://testserver"


def ok(request):
    return HttpResponse("ok")


@pytest.fixture(autouse=True)
def plain_failure(settings, monkeypatch):
    monkeypatch.setattr(middleware, "_get_failure_view", lambda: lambda r, reason: HttpResponse(status=403))


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin", "Origin": OWN}, 200),
        ({"Origin": OWN}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({}, 200),
        ({"Sec-Fetch-Site": "cross-site", "Origin": OWN}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": OWN + ".evil.example"}, 403),
        ({"Origin": "https://testserver"}, 403),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_only_our_own_pages_may_change_anything(headers, status, method):
    request = RequestFactory().generic(method, "/x", headers=headers)
    assert middleware.own_site_only(ok)(request).status_code == status


def test_a_form_sent_by_script_is_told_where_to_go_on():
    def to_the_receipt(request):
        return HttpResponse(status=303, headers={"Location": "/skickat/"})

    request = RequestFactory().post("/x", headers={"X-Requested-With": "form"})
    told = middleware.onward(to_the_receipt)(request)
    assert (told.status_code, told["X-Onward"], told.get("Location")) == (204, "/skickat/", None)
    assert middleware.onward(ok)(request).status_code == 200
    plain = middleware.onward(to_the_receipt)(RequestFactory().post("/x"))
    assert (plain.status_code, plain["Location"], plain.get("X-Onward")) == (303, "/skickat/", None)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-7", "latin1", "no-such"])
def test_a_form_is_read_as_utf_8_whatever_it_says(encoding):
    kind = f"application/x-www-form-urlencoded; charset={encoding}"
    request = RequestFactory().generic("POST", "/x?a=%C3%A5", b"b=%C3%B6", content_type=kind)
    said = middleware.forms_as_ours(lambda r: HttpResponse(r.GET["a"] + r.POST["b"]))(request)
    assert said.content.decode() == "åö"


def test_a_part_that_python_fails_on_is_a_bad_request():
    head = 'Content-Disposition: form-data; name="f"; filename*=utf-8 a; filename*9=b.png'
    kind = "multipart/form-data; boundary=g"
    body = f"--g\r\n{head}\r\n\r\nx\r\n--g--\r\n".encode()
    with pytest.raises(MultiPartParserError):
        middleware.forms_as_ours(lambda r: HttpResponse(r.POST))(
            RequestFactory().generic("POST", "/x", body, content_type=kind)
        )


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_reading_may_come_from_anywhere(method):
    request = RequestFactory().generic(method, "/x", headers={"Sec-Fetch-Site": "cross-site"})
    assert middleware.own_site_only(ok)(request).status_code == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_only_our_own_names_are_answered(method):
    request = RequestFactory().generic(method, "/logga-in/", headers={"Host": "evil.example"})
    with pytest.raises(DisallowedHost):
        middleware.own_site_only(ok)(request)
    probe = RequestFactory().get("/halsa/redo", headers={"Host": "10.0.0.7:8000"})
    assert middleware.own_site_only(ok)(probe).status_code == 200


def test_nothing_but_static_files_is_kept():
    page = middleware.security_headers(ok)(RequestFactory().get("/arenden/"))
    assert page["Cache-Control"] == "no-store"
    assert page["X-Frame-Options"] == "DENY" and page["X-Content-Type-Options"] == "nosniff"
    assert "geolocation=()" in page["Permissions-Policy"]
    static = middleware.security_headers(ok)(RequestFactory().get("/static/x.css"))
    assert "Cache-Control" not in static and static["X-Content-Type-Options"] == "nosniff"


def test_a_request_is_one_line_without_its_path():
    lines = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(JsonFormatter().format(record))
    middleware.log.addHandler(handler)
    try:
        response = middleware.observe(ok)(RequestFactory().get("/arenden/191212121212/?q=Kim"))
    finally:
        middleware.log.removeHandler(handler)
    (line,) = map(json.loads, lines)
    assert line["method"] == "GET" and line["status"] == 200 and line["ms"] >= 0
    assert line["request"] == response["X-Request-ID"]
    assert "1912" not in lines[0] and "Kim" not in lines[0]


def test_a_request_id_from_outside_counts_behind_a_proxy_only(settings):
    request = RequestFactory().get("/", headers={"X-Request-ID": "from-the-proxy-1"})
    assert middleware.observe(ok)(request)["X-Request-ID"] != "from-the-proxy-1"
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert middleware.observe(ok)(request)["X-Request-ID"] == "from-the-proxy-1"
    request = RequestFactory().get("/", headers={"X-Request-ID": "x\r\nSet-Cookie: a"})
    assert "Set-Cookie" not in middleware.observe(ok)(request)["X-Request-ID"]


def test_figures_are_for_this_machine_or_a_token(settings, db):
    get = RequestFactory().get
    assert health.figures(get("/matvarden")).status_code == 200
    told = health.figures(get("/matvarden", REMOTE_ADDR="192.0.2.7"))
    assert (told.status_code, told.content) == (404, b"Not found\n")
    assert health.figures(get("/matvarden", headers={"X-Forwarded-For": "192.0.2.7"})).status_code == 404
    settings.METRICS_TOKEN = "a-token"
    assert health.figures(get("/matvarden")).status_code == 404
    told = health.figures(get("/matvarden", headers={"Authorization": "Bearer a-token"}))
    assert b"vardvag_requests_total" in told.content


def test_ready_asks_the_database(db):
    assert health.ready(RequestFactory().get("/halsa/redo")).status_code == 200
    assert health.alive(RequestFactory().get("/halsa/liv")).content == b"ok\n"
