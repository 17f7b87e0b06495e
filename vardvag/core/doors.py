"""The doors. Every page is behind exactly one; the door opens the transaction, finds the actor, sets the border.

The keeper (setting DOOR_KEEPER) turns a request into an actor; it lives on a higher floor.
A whole request is one transaction: the read log is committed before the first byte leaves, and a page that
fails leaves nothing behind. Actions nest as savepoints.
"""

import time
from collections.abc import Callable, Collection
from functools import cache, wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.module_loading import import_string

from vardvag.core import border, database, errors
from vardvag.core.actor import Actor, ResidentActor, Role, StaffActor

P = ParamSpec("P")
_SAFE = ("GET", "HEAD", "OPTIONS")
AGAIN_WITHIN = 3.0  # seconds after a request came


class PublicRequest(HttpRequest):
    actor: Actor


class ResidentRequest(HttpRequest):
    actor: ResidentActor


class StaffRequest(HttpRequest):
    actor: StaffActor


class Keeper:
    """What the door asks of the floor above (see organisation.keeper)."""

    def actor(self, request: HttpRequest) -> Actor:
        """Whoever it is; the border of the transaction is theirs from then on."""
        raise NotImplementedError

    def refuse(self, request: HttpRequest, *, door: str, actor: Actor) -> HttpResponseBase:
        """The answer to somebody at the wrong door: to login, or "not here"."""
        raise NotImplementedError

    def signs(self, session_ids: Collection[int]) -> dict[int, str]:
        """What the actor of each living session stands on, as a text that changes when it does.

        A session that is missing has ended. Live asks every few seconds, for all its pages at once.
        """
        raise NotImplementedError


@cache
def keeper() -> Keeper:
    return cast(Keeper, import_string(settings.DOOR_KEEPER)())


def _enter(request: HttpRequest) -> Actor:
    if connection.savepoint_ids:  # inside another transaction (tests); a new one has no border to leave
        border.leave()
    actor = keeper().actor(request)
    request.actor = actor  # type: ignore[attr-defined]
    translation.activate(actor.language)
    request.LANGUAGE_CODE = actor.language
    return actor


def _mark(view: Any, door: str) -> None:
    view.door = door


def _whole(request: HttpRequest, page: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """The request's only transaction; once more when the database has surely undone it (a deadlock, a connection that
    had died). What nobody knows to be kept is not answered as done (decision 0015), and whoever cannot be answered
    in time, or at all, is told so."""
    outermost = not connection.in_atomic_block
    try:
        try:
            return _once(request, page)
        except OperationalError as problem:
            if not (outermost and database.undone(problem, lost=_lost(problem)) and _ready_again(request)):
                raise
        connection.close()
        return _once(request, page)
    except database.TooLate:
        return errors.away(request) if request.method in _SAFE else errors.unsure(request)
    except OperationalError as problem:
        if _lost(problem) or database.cancelled(problem) or database.unknown(problem):
            return errors.away(request) if request.method in _SAFE else errors.unsure(request)
        raise


def _lost(problem: OperationalError) -> bool:
    """The line that failed may have been exchanged for a living one by now (Django takes the next of the pool to end
    its transaction), or not be known to be dead: then only what failed tells."""
    return connection.connection is None or bool(connection.connection.closed) or database.cut(problem)


def _once(request: HttpRequest, page: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    with database.within(since=request.META.get("vardvag.arrived")):
        connection.ensure_connection()
        database.in_time()
        with transaction.atomic():
            answer = page()
            if request.method not in _SAFE and answer.status_code < 400 and not settings.EMBEDDED:
                _wait_for_standby()
            return answer


def _ready_again(request: HttpRequest) -> bool:
    """Whether the page can be made anew: soon enough, and what was sent can be read once more."""
    arrived = request.META.get("vardvag.arrived")
    if arrived is not None and time.monotonic() - arrived > AGAIN_WITHIN:
        return False
    for _name, sent in request.FILES.lists():
        for file in sent:
            file.seek(0)
    return True


def _wait_for_standby() -> None:
    """A repeated form that finds its work done writes nothing, and such a commit does not wait for a synchronous
    standby: it would tell of what may be on one server only. A record without content makes it wait."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select case when pg_current_xact_id_if_assigned() is null"
            " then pg_logical_emit_message(true, 'vardvag', '') end"
        )


def machine(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Probes: nobody acts, no transaction is opened."""
    _mark(view, "machine")
    return view


def public(
    view: Callable[Concatenate[PublicRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    @wraps(view)
    def door(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        def page() -> HttpResponseBase:
            _enter(request)
            return view(cast(PublicRequest, request), *args, **kwargs)

        return _whole(request, page)

    _mark(door, "public")
    return door


def resident(
    view: Callable[Concatenate[ResidentRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    @wraps(view)
    def door(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        def page() -> HttpResponseBase:
            actor = _enter(request)
            if not isinstance(actor, ResidentActor):
                return keeper().refuse(request, door="resident", actor=actor)
            return view(cast(ResidentRequest, request), *args, **kwargs)

        return _whole(request, page)

    _mark(door, "resident")
    return door


def staff(
    *roles: Role,
) -> Callable[
    [Callable[Concatenate[StaffRequest, P], HttpResponseBase]],
    Callable[Concatenate[HttpRequest, P], HttpResponseBase],
]:
    """Staff with any of these roles at the unit they work for; no roles named: any assignment."""

    def hang(
        view: Callable[Concatenate[StaffRequest, P], HttpResponseBase],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @wraps(view)
        def door(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            def page() -> HttpResponseBase:
                actor = _enter(request)
                if not isinstance(actor, StaffActor) or (roles and not actor.has(*roles)):
                    return keeper().refuse(request, door="staff", actor=actor)
                return view(cast(StaffRequest, request), *args, **kwargs)

            return _whole(request, page)

        _mark(door, "staff")
        door.roles = roles  # type: ignore[attr-defined]
        return door

    return hang
