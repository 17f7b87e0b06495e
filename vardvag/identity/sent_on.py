"""The login and logout buttons are forms that are sent on to an identity provider. Its issuer's host is in the policy
of every page (settings); where it publishes other hosts for signing in and out, they are added here."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from vardvag.identity import eid, login


def _elsewhere() -> list[str]:
    found = login.siths().origins() if settings.OUTSIDE["siths"].get("issuer") else frozenset()
    for one in eid.offered():
        found |= eid.provider(one.key).origins()
    return sorted(found)


def form_action(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if response.get("Content-Type", "").startswith("text/html") and (origins := _elsewhere()):
            response._csp_update = {"form-action": origins}  # type: ignore[attr-defined]
        return response

    return middleware
