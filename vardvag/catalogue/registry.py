"""Services that stand above the catalogue put their own rows on a unit's page, beside the case types."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from vardvag.core.actor import ResidentActor


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """One thing to choose, in the actor's language."""

    category: str
    name: str
    short: str
    url: str


@dataclass(frozen=True, slots=True)
class ServiceEntry:
    """What a service gives the house when it starts. `rows`: what it offers this person at this unit now, beside
    what stands in the catalogue. `begin`: where a case type of kind service leads, given the unit's slug; "" while the
    service cannot be used."""

    key: str
    rows: Callable[[ResidentActor, int, datetime], Sequence[ServiceRow]] = lambda actor, unit_id, now: ()
    begin: Callable[[str], str] = lambda slug: ""


_services: dict[str, ServiceEntry] = {}


def register(entry: ServiceEntry) -> None:
    """Called once, from the service's AppConfig.ready()."""
    if entry.key in _services and _services[entry.key] is not entry:
        raise RuntimeError(f"The service {entry.key} is registered already.")
    _services[entry.key] = entry


def service(key: str) -> ServiceEntry | None:
    return _services.get(key)


def services() -> tuple[ServiceEntry, ...]:
    return tuple(_services.values())
