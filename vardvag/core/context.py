"""What every template may use. Parts on higher floors add theirs with `register` when they load."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from vardvag.core import clock
from vardvag.core.actor import Anonymous, ResidentActor, StaffActor
from vardvag.core.personal_number import SWEDEN, age

_sources: list[Callable[[HttpRequest], dict[str, Any]]] = []


def register(source: Callable[[HttpRequest], dict[str, Any]]) -> None:
    """`source(request)` gives more names: the region's name, phone, the actor's notices. Lists of several parts
    under one name (`staff_links`) are joined."""
    if source not in _sources:
        _sources.append(source)


def house(request: HttpRequest) -> dict[str, Any]:
    actor = getattr(request, "actor", None) or Anonymous()
    found: dict[str, Any] = {
        "actor": actor,
        "is_resident": isinstance(actor, ResidentActor),
        "is_staff": isinstance(actor, StaffActor),
        "demo": settings.DEMO,
        "world_url": settings.WORLD_URL if settings.DEMO else "",
        "language": actor.language,
        "scheme": _one_of(request.COOKIES.get("theme"), ("light", "dark"), "auto"),
        "idle_minutes": settings.STAFF_IDLE if isinstance(actor, StaffActor) else settings.RESIDENT_IDLE,
        "density": _one_of(request.COOKIES.get("density"), ("dense",), "normal"),
        "shortcuts": _one_of(request.COOKIES.get("keys"), ("off",), "on"),
        "region_name": "",
        "service_name": "Vårdväg",
        "support_phone": "",
        "support_hours": "",
        "inbox_unread": 0,
    }
    if isinstance(actor, ResidentActor):
        found["actor_patient_age"] = age(actor.patient.birth_date, clock.now().astimezone(SWEDEN).date())
    for source in _sources:
        for name, value in source(request).items():
            found[name] = [*found.get(name, []), *value] if isinstance(value, list) else value
    return found


def _one_of(said: str | None, known: tuple[str, ...], usual: str) -> str:
    return said if said in known else usual
