"""Where I am logged in, and out of all of it at once (ID-3). The same page for residents and staff."""

from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from vardvag.core import clock, dates, doors
from vardvag.core.actor import ResidentActor, StaffActor
from vardvag.core.doors import PublicRequest
from vardvag.identity import actions, cookies, eid, queries


@require_http_methods(["GET", "HEAD", "POST"])
@doors.public
def sessions(request: PublicRequest) -> HttpResponseBase:
    """POST: out of one (`session`) or, without a number, out of all, this browser included."""
    actor, now = request.actor, clock.now()
    if not isinstance(actor, ResidentActor | StaffActor):
        return doors.keeper().refuse(request, door="resident", actor=actor)
    if request.method == "POST":
        chosen = request.POST.get("session", "")
        one = int(chosen) if chosen.isascii() and chosen.isdecimal() and len(chosen) < 19 else None
        actions.end_own_sessions(actor=actor, session_id=one, now=now)
        if one is not None and one != actor.session_id:
            return HttpResponseRedirect(reverse("identity/public/sessions"), status=303)
        staff = "?personal" if isinstance(actor, StaffActor) else ""
        answer = HttpResponseRedirect(reverse("identity/public/logged_out") + staff, status=303)
        cookies.forget_session_cookie(answer)
        return answer
    found = [
        {
            "login": login,
            "method": eid.name_of(login.method) or _("e-legitimation"),
            "since": dates.moment(login.since, now=now, language=actor.language),
            "seen": dates.moment(login.seen, now=now, language=actor.language),
        }
        for login in queries.logins(actor=actor, now=now)
    ]
    base = "core/staff.html" if isinstance(actor, StaffActor) else "core/resident.html"
    response: HttpResponse = render(request, "identity/public/sessions.html", {"found": found, "base": base})
    return response
