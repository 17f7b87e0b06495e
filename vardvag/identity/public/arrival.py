"""What every way of logging in as a resident shares: the cookie of the attempt, where one was going, the end."""

from contextlib import suppress
from datetime import timedelta
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render

from vardvag.core.facts import Fact
from vardvag.identity import cookies, eid
from vardvag.identity.models import LoginAttempt


def _cookie() -> str:
    return "__Host-login" if settings.SECURE else "login"


def attempt_key(request: HttpRequest) -> str:
    return request.COOKIES.get(_cookie(), "")


def keep_attempt(answer: HttpResponseBase, key: str, lives: timedelta) -> None:
    answer.set_cookie(
        _cookie(), key, max_age=int(lives.total_seconds()), path="/",
        secure=settings.SECURE, httponly=True, samesite="Lax",
    )  # fmt: skip


def agent(request: HttpRequest) -> str:
    return request.headers.get("User-Agent", "")


def address(request: HttpRequest) -> str:
    """The browser's address as the nearest proxy we trust saw it."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.SECURE_PROXY_SSL_HEADER else ""
    for told in (forwarded.rsplit(",", 1)[-1].strip(), request.META.get("REMOTE_ADDR", "")):
        with suppress(ValueError):
            return str(ip_address(told))
    return "127.0.0.1"


def wanted(request: HttpRequest) -> str:
    """Where a resident was going when the door turned them away; never a page of the staff's."""
    target = cookies.target(request)
    return target.path if target and not target.path.startswith("/personal/") else "/"


def refused(request: HttpRequest, fact: Fact, *, status: int = 409) -> HttpResponse:
    """The login page, saying why it came to nothing."""
    context = {"problem": fact, "eids": eid.offered()}
    return render(request, "identity/public/login.html", context, status=status)


def landed(attempt: LoginAttempt, session_key: str) -> HttpResponse:
    answer = HttpResponseRedirect(cookies.local_path(attempt.target or "/"), status=303)
    cookies.set_session_cookie(answer, session_key)
    cookies.forget_target(answer)
    answer.delete_cookie(_cookie(), path="/", samesite="Lax")
    return answer
