"""Residents log in with another e-ID at its provider, and come back."""

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from vardvag.core import clock, doors
from vardvag.core.doors import PublicRequest
from vardvag.core.facts import Fact
from vardvag.identity import cookies, login
from vardvag.identity import eid as eids
from vardvag.identity.public import arrival


def _redirect_uri(key: str) -> str:
    return settings.PUBLIC_URL + reverse("identity/public/eid_back", args=[key])


def _offered(key: str) -> str:
    if key not in {one.key for one in eids.offered()}:
        raise Http404
    return key


@require_POST
@doors.public
def eid(request: PublicRequest) -> HttpResponse:
    key = _offered(request.POST.get("eid", ""))
    try:
        started, url = eids.start(
            key=key,
            target=arrival.wanted(request),
            ip=arrival.address(request),
            user_agent=arrival.agent(request),
            redirect_uri=_redirect_uri(key),
            old_key=arrival.attempt_key(request),
            language=request.actor.language,
            now=clock.now(),
        )
    except Fact as fact:
        return arrival.refused(request, fact, status=503)
    answer = HttpResponseRedirect(url, status=303)
    arrival.keep_attempt(answer, started.key, login.ELSEWHERE_LIVES)
    return answer


@require_safe
@doors.public
def back(request: PublicRequest, eid: str) -> HttpResponse:
    """The provider's answer. A GET that opens a session, as the protocol says; state, nonce, PKCE, the provider's
    own address and the browser's cookie bind it to the login that was started here."""
    key, now = _offered(eid), clock.now()
    try:
        attempt = login.attempt_of(arrival.attempt_key(request), now=now, of=login.EID, lock=True)
        session_key = eids.finish(
            actor=request.actor,
            attempt=attempt,
            key=key,
            query=request.GET.dict(),
            redirect_uri=_redirect_uri(key),
            old_session=cookies.session_key(request),
            user_agent=arrival.agent(request),
            now=now,
        )
    except Fact as fact:
        return arrival.refused(request, fact)
    return arrival.landed(attempt, session_key)
