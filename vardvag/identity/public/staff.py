"""Staff log in at the identity provider for SITHS, and come back."""

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from vardvag.core import clock, doors
from vardvag.core.doors import PublicRequest
from vardvag.core.facts import Fact
from vardvag.identity import cookies
from vardvag.identity import login as logins
from vardvag.identity.public import arrival


def _cookie() -> str:
    return "__Host-staff-login" if settings.SECURE else "staff-login"


def _redirect_uri() -> str:
    return settings.PUBLIC_URL + reverse("identity/public/siths_back")


@require_safe
@doors.public
def login(request: PublicRequest) -> HttpResponse:
    found = cookies.target(request)
    return render(
        request,
        "identity/public/staff_login.html",
        {"expired": bool(found and found.expired), "who": request.actor},
    )


@require_POST
@doors.public
def start(request: PublicRequest) -> HttpResponse:
    target = cookies.target(request)
    try:
        started, url = logins.start_staff(
            target=target.path if target and target.path.startswith("/personal/") else "/personal/",
            ip=arrival.address(request),
            user_agent=arrival.agent(request),
            redirect_uri=_redirect_uri(),
            language=request.actor.language,
            now=clock.now(),
        )
    except Fact as fact:
        return render(request, "identity/public/staff_login.html", {"problem": fact}, status=503)
    answer = HttpResponseRedirect(url, status=303)
    answer.set_cookie(
        _cookie(), started.key, max_age=900, path="/", secure=settings.SECURE, httponly=True, samesite="Lax"
    )
    return answer


@require_safe
@doors.public
def back(request: PublicRequest) -> HttpResponse:
    """The provider's answer. A GET that opens a session, as the protocol says; state, nonce, PKCE and the
    browser's cookie bind it to the login that was started here."""
    now = clock.now()
    try:
        attempt = logins.attempt_of(request.COOKIES.get(_cookie(), ""), now=now, of=logins.STAFF, lock=True)
        key = logins.finish_staff(
            actor=request.actor,
            attempt=attempt,
            query=request.GET.dict(),
            redirect_uri=_redirect_uri(),
            old_session=cookies.session_key(request),
            user_agent=arrival.agent(request),
            now=now,
        )
    except Fact as fact:
        return render(request, "identity/public/staff_login.html", {"problem": fact}, status=409)
    answer = HttpResponseRedirect(cookies.local_path(attempt.target or "/personal/"), status=303)
    cookies.set_session_cookie(answer, key)
    cookies.forget_target(answer)
    answer.delete_cookie(_cookie(), path="/", samesite="Lax")
    return answer
