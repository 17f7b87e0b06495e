"""Error pages: what happened, what is saved, what to do, whom to call. No codes but an incident id."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from vardvag.core.logs import request_id


def _page(request: HttpRequest, name: str, status: int) -> HttpResponse:
    return render(request, f"core/errors/{name}.html", {"incident": request_id()}, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, "bad_request", 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, "forbidden", 403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _page(request, "stale_form", 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The same for what is not yours and what does not exist."""
    return _page(request, "not_found", 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Without context: whatever failed may fail again."""
    page = render_to_string("core/errors/server_error.html", {"incident": request_id()})
    return HttpResponse(page, status=500)
