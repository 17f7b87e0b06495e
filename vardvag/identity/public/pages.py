"""The login page and the way out."""

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from vardvag.core import clock, doors
from vardvag.core.actor import Anonymous, StaffActor
from vardvag.core.doors import PublicRequest
from vardvag.identity import cookies, eid
from vardvag.identity.actions import end_session
from vardvag.identity.login import siths


@require_safe
@doors.public
def login(request: PublicRequest) -> HttpResponse:
    found = cookies.target(request)
    return render(
        request,
        "identity/public/login.html",
        {"expired": bool(found and found.expired), "who": request.actor, "eids": eid.offered()},
    )


@require_POST
@doors.public
def logout(request: PublicRequest) -> HttpResponse:
    """Ends the session here and, for staff, leads on to the identity provider's own logout."""
    was_staff = isinstance(request.actor, StaffActor)
    ended = end_session(actor=request.actor, key=cookies.session_key(request), now=clock.now())
    where = reverse("identity/public/logged_out") + ("?personal" if was_staff else "")
    if ended is not None and ended.id_token:
        provider = siths().logout_url(id_token=ended.id_token, return_url=f"{settings.PUBLIC_URL}{where}")
        where = provider or where
    answer = HttpResponseRedirect(where, status=303)
    cookies.forget_session_cookie(answer)
    return answer


@require_safe
@doors.public
def logged_out(request: PublicRequest) -> HttpResponse:
    context = {"still": not isinstance(request.actor, Anonymous), "staff": "personal" in request.GET}
    return render(request, "identity/public/logged_out.html", context)
