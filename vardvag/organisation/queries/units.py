"""The directory of units: found, listed, named."""

from collections.abc import Sequence
from dataclasses import dataclass

from vardvag.core import compiled
from vardvag.organisation import search
from vardvag.organisation.models import Unit, UnitSettings
from vardvag.organisation.queries.kept import keep
from vardvag.organisation.rules import swedish


def receiving_unit(unit_id: int) -> int:
    """Where cases to the unit go: a branch sends them to its mother."""
    unit = _in_use().get(unit_id)
    return unit.mother_id if unit is not None and unit.mother_id else unit_id


def directory() -> list[search.Entry]:
    """Every unit in use, in Swedish alphabetical order; practice units too (marked)."""
    return keep(("directory",), _directory)


def _in_use() -> dict[int, Unit]:
    """By id, with the provider; shared by everybody: never changed."""
    return keep(
        ("units",), lambda: Unit.objects.filter(archived_at=None).select_related("provider").in_bulk()
    )


def _directory() -> list[search.Entry]:
    closed = set(UnitSettings.objects.filter(accepts_cases=False).values_list("unit_id", flat=True))
    found = [
        search.Entry(
            unit.pk, unit.hsa_id, unit.public_name, unit.slug, unit.kind_of_care, tuple(unit.specialities),
            unit.municipality, unit.city, unit.street, unit.phone, unit.provider_id, unit.provider.name,
            unit.mother_id, closed.isdisjoint((unit.pk, unit.mother_id)), unit.practice,
            search.weighed(unit),
        )
        for unit in _in_use().values()
    ]  # fmt: skip
    return sorted(found, key=lambda entry: swedish(entry.name))


def find_units(text: str, *, kind_of_care: str = "", municipality: str = "") -> list[search.Entry]:
    """Units a resident may choose, best first; misspellings and lost dots are understood."""
    among = [
        entry
        for entry in directory()
        if not entry.practice
        and (not kind_of_care or entry.kind_of_care == kind_of_care)
        and (not municipality or entry.municipality == municipality)
    ]
    return search.find(text[:100], among)


def units_of(provider_id: int) -> list[search.Entry]:
    return [entry for entry in directory() if entry.provider_id == provider_id]


@dataclass(frozen=True, slots=True)
class Choices:
    kinds_of_care: list[str]
    municipalities: list[str]


def choices() -> Choices:
    """What one can filter the directory by."""
    shown = [entry for entry in directory() if not entry.practice]
    return Choices(
        sorted({e.kind_of_care for e in shown if e.kind_of_care}, key=swedish),
        sorted({e.municipality for e in shown if e.municipality}, key=swedish),
    )


def my_units(*, person_id: int, used: Sequence[int] = ()) -> list[Unit]:
    """The patient's listed unit first, then those used before, newest first; none that is closed down."""
    found = compiled.fetch("select listed_unit_id from identity_person where id = %s", [person_id])
    ids = list(dict.fromkeys([*(listed for (listed,) in found if listed), *used]))[:10]
    units = _in_use()
    return [units[pk] for pk in ids if pk in units]


def unit_name(unit_id: int | None) -> str:
    """Public name, from the directory; '' for none or one no longer in use."""
    unit = _in_use().get(unit_id or 0)
    return unit.public_name if unit is not None else ""
