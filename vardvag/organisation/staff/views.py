"""Choosing the assignment to work in: after login with several, and whenever one changes unit. And where those begin
who have no queue."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from vardvag.core import clock, doors
from vardvag.core.actor import ResidentActor, StaffActor
from vardvag.core.doors import PublicRequest, StaffRequest
from vardvag.identity import cookies
from vardvag.organisation import access, actions
from vardvag.organisation.keeper import HouseKeeper, session_without_assignment

HOME = "/personal/"


@require_safe
@doors.staff()
def start(request: StaffRequest) -> HttpResponse:
    """What the roles of this assignment open; whom to ask when it is nothing."""
    actor = request.actor
    givers = access.may_be_asked(unit_id=actor.unit_id, at=clock.now())
    roles = sorted(role.value for role in actor.roles)
    return render(request, "organisation/staff/start.html", {"roles": roles, "givers": givers})


@require_http_methods(["GET", "HEAD", "POST"])
@doors.public
def choose(request: PublicRequest) -> HttpResponse:
    """Public by its door, since nobody is anywhere before they have chosen; the session says who it is."""
    now, actor = clock.now(), request.actor
    session = session_without_assignment(request)
    if session is None or session.staff_id is None or isinstance(actor, ResidentActor):
        refused = HouseKeeper().refuse(request, door="staff", actor=actor)
        assert isinstance(refused, HttpResponse)
        return refused
    problem = ""
    if request.method == "POST":
        wanted = request.POST.get("uppdrag", "")
        key = (
            actions.choose(
                session=session, assignment_id=int(wanted), user_agent=request.headers.get("User-Agent", ""),
                now=now,
            )
            if wanted.isascii() and wanted.isdecimal() and len(wanted) < 19
            else None
        )  # fmt: skip
        if key is not None:
            target = cookies.target(request)
            response = HttpResponseRedirect(target.path if target else HOME)
            cookies.set_session_cookie(response, key)
            cookies.forget_target(response)
            return response
        problem = _("Välj ett av uppdragen i listan.")
    return render(
        request,
        "organisation/staff/choose.html",
        {
            "assignments": access.assignments_of(staff_id=session.staff_id, now=now),
            "staff": session.staff,
            "current": actor.assignment_id if isinstance(actor, StaffActor) else None,
            "problem": problem,
        },
        status=422 if problem else 200,
    )
