"""Logging in with BankID: on this device, or another by animated QR code. Whole without JavaScript."""

from contextlib import suppress
from datetime import datetime

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from vardvag.core import clock, doors
from vardvag.core.doors import PublicRequest
from vardvag.core.facts import Fact
from vardvag.identity import cookies, login
from vardvag.identity.models import LoginAttempt
from vardvag.identity.public import arrival
from vardvag.outside.bankid import messages, qr

Kind, State = LoginAttempt.Kind, LoginAttempt.State


def _app_text() -> str:
    """Shown in the BankID app, so that a relayed login is recognised."""
    return _(
        "Du loggar in på **{service}**.\n\nFortsätt bara om du själv har startat inloggningen. "
        "Vi ringer aldrig och ber dig legitimera dig."
    ).format(service="Vårdväg")


@require_POST
@doors.public
def start(request: PublicRequest) -> HttpResponse:
    kind = Kind.OTHER_DEVICE if request.POST.get("mode") == "qr" else Kind.SAME_DEVICE
    try:
        started = login.start_bankid(
            kind=kind,
            target=arrival.wanted(request),
            ip=arrival.address(request),
            user_agent=arrival.agent(request),
            old_key=arrival.attempt_key(request),
            text=_app_text(),
            now=clock.now(),
        )
    except Fact as fact:
        return arrival.refused(request, fact, status=503)
    answer = HttpResponseRedirect(reverse("identity/public/waiting"), status=303)
    arrival.keep_attempt(answer, started.key, login.LIVES)
    return answer


def _shown(attempt: LoginAttempt, now: datetime) -> dict[str, object]:
    """What the waiting page shows: the QR code only while nobody has scanned it."""
    scanning = attempt.state == State.PENDING and attempt.hint in ("outstandingTransaction", "noClient")
    code = ""
    if attempt.kind == Kind.OTHER_DEVICE and scanning and attempt.order_started_at:
        words = qr.text_at(attempt.qr_start_token, attempt.qr_start_secret, attempt.order_started_at, now)
        code = qr.svg(words, title=_("QR-kod för BankID"))
    opens = ""
    if attempt.kind == Kind.SAME_DEVICE and scanning:
        base = settings.OUTSIDE["bankid"].get("app_url", "")
        opens = qr.autostart_url(attempt.auto_start_token, base=base)
    return {"qr": code, "opens": opens, "same": attempt.kind == Kind.SAME_DEVICE}


def _wait(request: PublicRequest, attempt: LoginAttempt, now: datetime, *, status: int = 200) -> HttpResponse:
    mode: messages.Mode = "same" if attempt.kind == Kind.SAME_DEVICE else "qr"
    text = messages.failed if attempt.state == State.FAILED else messages.pending
    context = {
        **_shown(attempt, now),
        "words": text(attempt.hint, mode),
        "failed": attempt.state == State.FAILED,
        "proven": attempt.state == State.PROVEN,
    }
    return render(request, "identity/public/waiting.html", context, status=status)


@require_safe
@doors.public
def waiting(request: PublicRequest) -> HttpResponse:
    now = clock.now()
    try:
        attempt = login.attempt_of(arrival.attempt_key(request), now=now)
    except Fact as fact:
        return arrival.refused(request, fact)
    if attempt.state in (State.CANCELLED, State.USED):  # over, perhaps in another tab
        return HttpResponseRedirect(reverse("identity/public/login"), status=303)
    return _wait(request, attempt, now)


@require_POST
@doors.public
def state(request: PublicRequest) -> HttpResponse:
    """How it goes, asked by the page each second; never gives a session by itself."""
    now = clock.now()
    try:
        attempt = login.attempt_of(arrival.attempt_key(request), now=now, lock=True)
    except Fact as fact:
        return JsonResponse({"state": "failed", "words": str(fact.message)}, status=409)
    words = login.collect(attempt, user_agent=arrival.agent(request), text=_app_text(), now=now)
    shown = _shown(attempt, now)
    return JsonResponse({"state": attempt.state, "words": words, "qr": shown["qr"], "same": shown["same"]})


@require_safe
@doors.public
def back(request: PublicRequest, nonce: str) -> HttpResponse:
    """Where the app sends this device back to. The nonce is only useful with the cookie of the same browser."""
    return render(request, "identity/public/back.html", {"nonce": nonce[:100]})


@require_POST
@doors.public
def done(request: PublicRequest) -> HttpResponse:
    """Asks BankID once more and, when the e-ID is proven, gives this browser its session."""
    now = clock.now()
    try:
        attempt = login.attempt_of(arrival.attempt_key(request), now=now, lock=True)
        login.collect(attempt, user_agent=arrival.agent(request), text=_app_text(), now=now)
        if attempt.state not in (State.PROVEN, State.USED):
            return HttpResponseRedirect(reverse("identity/public/waiting"), status=303)
        if (
            attempt.state == State.PROVEN
            and attempt.kind == Kind.SAME_DEVICE
            and not request.POST.get("nonce")
        ):
            return _wait(request, attempt, now, status=409)  # says to go on in the tab the app opened
        key = login.finish_bankid(
            actor=request.actor,
            attempt=attempt,
            nonce=request.POST.get("nonce", ""),
            old_session=cookies.session_key(request),
            user_agent=arrival.agent(request),
            now=now,
        )
    except Fact as fact:
        return arrival.refused(request, fact)
    return arrival.landed(attempt, key)


@require_POST
@doors.public
def cancel(request: PublicRequest) -> HttpResponse:
    with suppress(Fact):  # nothing under way: the login page is where to go all the same
        login.cancel(login.attempt_of(arrival.attempt_key(request), now=clock.now(), lock=True))
    return HttpResponseRedirect(reverse("identity/public/login"), status=303)
