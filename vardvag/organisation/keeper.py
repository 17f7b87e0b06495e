"""Keeper of the doors: from the session's cookie to an actor, and the answer to somebody at the wrong door.

Queries for a page: one for the session with, for staff, the assignment, unit and groups, which sets the border too;
for a resident one more, the family inside the border. A session whose ground is gone (assignment ended, paused, run
out; staff member gone from the directory; person deceased) is nobody's from that moment, whatever its row says.
"""

from collections.abc import Collection
from dataclasses import replace

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation

from vardvag.core import border, clock
from vardvag.core.actor import Actor, Anonymous, ResidentActor, StaffActor
from vardvag.core.doors import Keeper
from vardvag.core.personal_number import SWEDEN
from vardvag.identity import access as identity
from vardvag.identity import cookies
from vardvag.identity.models import Session
from vardvag.organisation import arrival

RESIDENT_LOGIN = "/logga-in/"
STAFF_LOGIN = "/personal/logga-in/"
CHOOSE = "/personal/uppdrag/"
QUEUE, START = "/personal/", "/personal/start/"
BACKGROUND = (
    "live",
    "background",
)  # X-Requested-With of what a page fetches by itself: keeps no session awake


class HouseKeeper(Keeper):
    def actor(self, request: HttpRequest) -> Actor:
        language = cookies.language(request)
        key = cookies.session_key(request)
        if not key:
            return Anonymous(language or "sv")
        awake = request.headers.get("X-Requested-With") not in BACKGROUND
        return actor_of_key(key, language=language, awake=awake)

    def refuse(self, request: HttpRequest, *, door: str, actor: Actor) -> HttpResponseBase:
        match actor:
            case StaffActor() if door == "staff" and request.path_info == QUEUE and request.method == "GET":
                return HttpResponseRedirect(START)  # where a login leads; not everybody works in the queue
            case StaffActor() if door == "staff":
                return _page(request, "organisation/refused.html", 404)
            case StaffActor() | ResidentActor():
                return _page(
                    request, "organisation/wrong_door.html", 403, other=isinstance(actor, StaffActor)
                )
            case _:
                return _to_login(request, door)

    def signs(self, session_ids: Collection[int]) -> dict[int, str]:
        now = clock.now()
        found = arrival.standing(session_ids, now=now)
        residents = [session for session, one in found.items() if one.is_resident]
        people = identity.standing(residents, now=now) if residents else {}
        return {
            session: f"{one.acting_for_id} {one.rights} {people.get(session)}"
            for session, one in found.items()
        }


def actor_of_key(key: str, *, language: str | None = None, awake: bool = False) -> Actor:
    """Who a session key belongs to right now (the live process asks too), and the border set to theirs; call inside
    a transaction. `awake`: the person did something, so the idle time starts anew. `language`: the browser's
    choice, which goes before the person's own."""
    now = clock.now()
    shown = arrival.of_key(key, now=now)
    if shown is None:
        return Anonymous(language or "sv")
    actor = _staff(shown, language) if shown.person_id is None else _resident(shown, language)
    if actor is None:
        border.leave()
        return Anonymous(language or "sv")
    if awake:
        identity.touch(shown.session_id, seen=shown.seen_at, now=now)
    return actor


def _resident(shown: arrival.Shown, language: str | None) -> ResidentActor | None:
    assert shown.person_id is not None
    family = identity.Family(
        shown.person_id, today=clock.now().astimezone(SWEDEN).date(), ages=identity.ages()
    )
    if family.me is None:
        return None
    patient = family.subject(shown.acting_for_id) or family.me
    actor = ResidentActor(shown.session_id, family.me, patient, family.children, language or family.language)
    if (
        shown.acting_for_id is not None
    ):  # nobody's matters were opened before it was known that they still may
        border.enter(actor)
    return actor


def _staff(shown: arrival.Shown, language: str | None) -> StaffActor | None:
    if shown.at_work is None:
        return None
    return replace(shown.at_work, language=language) if language else shown.at_work


def session_without_assignment(request: HttpRequest) -> Session | None:
    """A logged-in staff member's session, with or without an assignment: for the page that chooses one."""
    session = identity.open_session_of(cookies.session_key(request), now=clock.now())
    return session if session is not None and session.staff_id is not None else None


def _to_login(request: HttpRequest, door: str) -> HttpResponseBase:
    """To the right login, remembering in a cookie (never in the address) where to land afterwards."""
    had_key = bool(cookies.session_key(request))
    staff = door == "staff"
    choose = staff and had_key and session_without_assignment(request) is not None
    login = CHOOSE if choose else STAFF_LOGIN if staff else RESIDENT_LOGIN
    if request.headers.get("HX-Request") or request.headers.get("Sec-Fetch-Dest") == "empty":
        # By a script: the page around it asks for login by itself. Remembered here, a fetch that was under way at
        # logout would lead the next person of that browser to the page that was left.
        return HttpResponse(status=401, headers={"HX-Redirect": login, "Cache-Control": "no-store"})
    response = HttpResponseRedirect(login)
    if request.method in ("GET", "HEAD"):
        path = request.get_full_path()
    else:
        path = _own_path(request.headers.get("Referer", ""), request)
    cookies.remember_target(response, cookies.local_path(path), expired=had_key and not choose)
    response.headers["Cache-Control"] = "no-store"
    return response


def _own_path(address: str, request: HttpRequest) -> str:
    origin = f"{request.scheme}://{request.get_host()}"
    return address.removeprefix(origin) if address.startswith(origin + "/") else "/"


def _page(request: HttpRequest, template: str, status: int, **context: object) -> HttpResponse:
    with translation.override(request.LANGUAGE_CODE):
        response = render(request, template, dict(context), status=status)
    response.headers["Cache-Control"] = "no-store"
    return response
