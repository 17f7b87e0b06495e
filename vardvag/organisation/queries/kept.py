"""What every request needs of the organisation, kept in the process for a few seconds."""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any, TypeVar

from django.conf import settings
from django.db import transaction

from vardvag.core.compiled import Compiled
from vardvag.core.database import may_be_asked
from vardvag.organisation.models import OpeningHours, Region, SpecialDay, UnitSettings

T = TypeVar("T")
KEEP_SECONDS = 0 if settings.MODE == "test" else 5
FOREVER = 0 if settings.MODE == "test" else 86_400  # what never changes
_kept: dict[tuple[object, ...], tuple[float, Any]] = {}


def keep(key: tuple[object, ...], load: Callable[[], T], seconds: float | None = None) -> T:
    """For `seconds`, a few where nothing is said."""
    found = _kept.get(key)
    for_long = KEEP_SECONDS if seconds is None else seconds
    if found is not None and (monotonic() - found[0] < for_long or not may_be_asked()):
        value: T = found[1]
        return value
    fresh = load()
    _kept[key] = (monotonic(), fresh)
    return fresh


def forget() -> None:
    """Called by actions that change what is kept: now, and once more when the change is committed."""
    _kept.clear()
    transaction.on_commit(_kept.clear)


def region() -> Region:
    """The region's settings; defaults before it is set up, and while nobody can be asked for them."""
    unset = Region(pk=1, name="", service_name="Vårdväg")
    if ("region",) not in _kept and not may_be_asked():
        return unset
    return keep(("region",), lambda: Region.objects.filter(pk=1).first() or unset)


def guardian_age() -> int:
    """Guardians act for children younger than this."""
    return region().guardian_until_age


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """What a unit has beside its row: three queries, once in a while."""

    settings: UnitSettings
    hours: list[OpeningHours]
    special: list[SpecialDay]


_SETTINGS = Compiled(lambda unit_id: UnitSettings.objects.filter(unit_id=unit_id), unit_id=int)
_HOURS = Compiled(
    lambda unit_id: OpeningHours.objects.filter(unit_id=unit_id).order_by("weekday", "opens"), unit_id=int
)
_SPECIAL = Compiled(lambda unit_id: SpecialDay.objects.filter(unit_id=unit_id).order_by("day"), unit_id=int)


def facts_of(unit_id: int) -> UnitFacts:
    return keep(
        ("unit", unit_id),
        lambda: UnitFacts(
            _SETTINGS.first(unit_id=unit_id) or UnitSettings(unit_id=unit_id),
            _HOURS.all(unit_id=unit_id),
            _SPECIAL.all(unit_id=unit_id),
        ),
    )
