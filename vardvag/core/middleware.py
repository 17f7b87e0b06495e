"""What happens to every request, cheaply: seen, given safe headers, and taken from our own pages only."""

import logging
import re
import time
import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.http.multipartparser import MultiPartParserError
from django.middleware.csrf import _get_failure_view  # type: ignore[attr-defined]

from vardvag.core import metrics
from vardvag.core.logs import set_request_id

Answer = Callable[[HttpRequest], HttpResponseBase]
log = logging.getLogger("vardvag.request")
_ID = re.compile(r"[0-9A-Za-z-]{8,36}")
_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_PROBES = ("/halsa/", "/matvarden")
_METHODS = _SAFE | {"POST", "PUT", "PATCH", "DELETE"}
_POLICY = ", ".join(
    f"{power}=()"
    for power in (
        *(
            "accelerometer",
            "autoplay",
            "browsing-topics",
            "camera",
            "display-capture",
            "fullscreen",
            "geolocation",
        ),
        *(
            "gyroscope",
            "hid",
            "identity-credentials-get",
            "idle-detection",
            "local-fonts",
            "magnetometer",
            "microphone",
        ),
        *(
            "midi",
            "payment",
            "publickey-credentials-get",
            "screen-wake-lock",
            "serial",
            "usb",
            "xr-spatial-tracking",
        ),
    )
)


def observe(get_response: Answer) -> Answer:
    """A request id, one log line with the route's name (never the path, which may name a case), and the figures."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        given = request.headers.get("X-Request-ID", "")
        identity = given if settings.SECURE_PROXY_SSL_HEADER and _ID.fullmatch(given) else uuid.uuid4().hex
        set_request_id(identity)
        try:
            response = get_response(request)
            taken = time.perf_counter() - began
            match = request.resolver_match
            route = (
                (match.view_name or match.route or "?") if match else "static" if _static(request) else "?"
            )
            method = request.method if request.method in _METHODS else "?"
            response["X-Request-ID"] = identity
            metrics.REQUESTS.labels(method, route, response.status_code).inc()
            metrics.SECONDS.labels(route).observe(taken)
            if route != "static":
                told = {"route": route, "method": method, "status": response.status_code}
                log.info("request", extra={**told, "ms": round(taken * 1000, 1)})
            return response
        finally:
            set_request_id("")

    return middleware


def forms_as_ours(get_response: Answer) -> Answer:
    """Our forms are sent in UTF-8. A content type that names another encoding would have Django read form and address
    by it. Those that are none for texts (zlib, hex) never come this far: the pages' bridge drops the word. Forms with
    files are read, or refused as bad requests."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.encoding is not None:
            request.encoding = "utf-8"
        if request.content_type == "multipart/form-data":
            _parts_read_or_refused(request)
        return get_response(request)

    return middleware


def _parts_read_or_refused(request: HttpRequest) -> None:
    """Python's reader of a part's header fails on numbered and unnumbered pieces of one word (`filename*`,
    `filename*9`): a bad request, as all else that it cannot read."""
    changed: Any = request
    read = request.parse_file_upload

    def reading(*args: Any) -> Any:
        try:
            return read(*args)
        except TypeError as problem:
            raise MultiPartParserError("a part's header cannot be read") from problem

    changed.parse_file_upload = reading


def security_headers(get_response: Answer) -> Answer:
    """Nothing but static files may be kept by anybody; nobody may frame, sniff or embed us."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response["X-Content-Type-Options"] = "nosniff"
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        if not _static(request):  # those are no documents: a page's dozen of them would weigh 9 kB more
            response["Cache-Control"] = "no-store"
            response["X-Frame-Options"] = "DENY"
            response["Permissions-Policy"] = _POLICY
        return response

    return middleware


def onward(get_response: Answer) -> Answer:
    """A form sent by script (once.js) is told where it leads: a script cannot read where a redirect goes."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if request.headers.get("X-Requested-With") == "form" and "Location" in response:
            response["X-Onward"] = response["Location"]
            del response["Location"]
            response.status_code = 204
        return response

    return middleware


def own_site_only(get_response: Answer) -> Answer:
    """A request must be for one of our names (probes may use the address). An unsafe one must come from our own
    pages, beside the CSRF token. Callers that are machines (`csrf_exempt`) prove themselves otherwise and send
    neither header."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(_PROBES):
            request.get_host()  # raises DisallowedHost, which is answered 400
        if request.method in _SAFE:
            return get_response(request)
        site = request.headers.get("Sec-Fetch-Site")
        origin = request.headers.get("Origin")
        own = {f"{request.scheme}://{request.get_host()}", settings.PUBLIC_URL}
        if (site is not None and site != "same-origin") or (origin is not None and origin not in own):
            refused: HttpResponseBase = _get_failure_view()(request, reason="Not from our own pages.")
            return refused
        return get_response(request)

    return middleware


def _static(request: HttpRequest) -> bool:
    return request.path_info.startswith(settings.STATIC_URL)
