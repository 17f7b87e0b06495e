"""Error pages: what happened, what is saved, what to do, whom to call. No codes but an incident id."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme

from vardvag.core import database
from vardvag.core.actor import Anonymous, ResidentActor, StaffActor
from vardvag.core.logs import request_id

TOO_LARGE = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)


def _language(request: HttpRequest) -> str:
    """Of whom we know, else what this browser has chosen. The thread may still speak the last visitor's."""
    actor: Any = getattr(request, "actor", None)
    if isinstance(actor, ResidentActor | StaffActor):
        return actor.language
    chosen = request.COOKIES.get("lang", "")
    return chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def _page(request: HttpRequest, name: str, status: int, **more: object) -> HttpResponse:
    language = _language(request)
    if not hasattr(request, "actor"):
        request.actor = Anonymous(language)  # type: ignore[attr-defined]
    with translation.override(language):
        said = {"incident": request_id(), **more}
        return render(request, f"core/errors/{name}.html", said, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, TOO_LARGE):
        return _page(request, "too_large", 413)
    return _page(request, "bad_request", 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, "forbidden", 403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _page(request, "stale_form", 403)


def unsure(request: HttpRequest) -> HttpResponse:
    """A commit whose outcome nobody knows (core/database.py), or a form that could not be taken now. The page asks
    again with the same key, which is how it is found out; a form with files cannot be repeated by a page, so there one
    looks."""
    fields = None
    if not request.FILES:
        fields = [(k, v) for k, all in request.POST.lists() if k != "csrfmiddlewaretoken" for v in all]
    back = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/personal/" if request.path.startswith("/personal/") else "/"
    with database.unasked():
        page = _page(request, "unsure", 503, fields=fields, action=request.get_full_path(), back=back)
    page["Retry-After"] = "3"
    return page


def away(request: HttpRequest) -> HttpResponse:
    """A page that could not be fetched now; nothing was changed."""
    with database.unasked():
        page = _page(request, "away", 503, again=request.get_full_path())
    page["Retry-After"] = "10"
    return page


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The same for what is not yours and what does not exist."""
    return _page(request, "not_found", 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Without context: whatever failed may fail again."""
    page = render_to_string("core/errors/server_error.html", {"incident": request_id()})
    return HttpResponse(page, status=500)


def in_words(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: an address that only takes what a form sends is no blank page when it is opened by itself."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if response.status_code == 405 and not getattr(response, "content", b"x"):
            page = _page(request, "only_sent", 405)
            page["Allow"] = response["Allow"]
            return page
        return response

    return middleware
