"""The doors. Every page is behind exactly one; the door opens the transaction, finds the actor, sets the border.

The keeper (setting DOOR_KEEPER) turns a request into an actor; it lives on a higher floor.
A whole request is one transaction: the read log is committed before the first byte leaves, and a page that
fails leaves nothing behind. Actions nest as savepoints.
"""

from collections.abc import Callable, Collection
from functools import cache, wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.module_loading import import_string

from vardvag.core import border
from vardvag.core.actor import Actor, ResidentActor, Role, StaffActor

P = ParamSpec("P")


class PublicRequest(HttpRequest):
    actor: Actor


class ResidentRequest(HttpRequest):
    actor: ResidentActor


class StaffRequest(HttpRequest):
    actor: StaffActor


class Keeper:
    """What the door asks of the floor above (see organisation.keeper)."""

    def actor(self, request: HttpRequest) -> Actor:
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
    border.leave()
    actor = keeper().actor(request)
    border.enter(actor)
    request.actor = actor  # type: ignore[attr-defined]
    translation.activate(actor.language)
    request.LANGUAGE_CODE = actor.language
    return actor


def _mark(view: Any, door: str) -> None:
    view.door = door


def machine(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Probes: nobody acts, no transaction is opened."""
    _mark(view, "machine")
    return view


def public(
    view: Callable[Concatenate[PublicRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    @wraps(view)
    def door(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        with transaction.atomic():
            _enter(request)
            return view(cast(PublicRequest, request), *args, **kwargs)

    _mark(door, "public")
    return door


def resident(
    view: Callable[Concatenate[ResidentRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    @wraps(view)
    def door(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        with transaction.atomic():
            actor = _enter(request)
            if not isinstance(actor, ResidentActor):
                return keeper().refuse(request, door="resident", actor=actor)
            return view(cast(ResidentRequest, request), *args, **kwargs)

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
            with transaction.atomic():
                actor = _enter(request)
                if not isinstance(actor, StaffActor) or (roles and not actor.has(*roles)):
                    return keeper().refuse(request, door="staff", actor=actor)
                return view(cast(StaffRequest, request), *args, **kwargs)

        _mark(door, "staff")
        door.roles = roles  # type: ignore[attr-defined]
        return door

    return hang
