"""What a unit decides itself: texts, hours, special days. An import never touches any of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db import IntegrityError, transaction
from django.db.models import F

from vardvag.audit.actions import record
from vardvag.core.actor import StaffActor
from vardvag.organisation.models import Group, OpeningHours, SpecialDay, Unit, UnitSettings
from vardvag.organisation.queries import forget
from vardvag.organisation.staffing_rules import DayTaken, HoursOverlap, SomebodyWasFirst

RECEIVERS = "Ärendemottagare"


@dataclass(frozen=True, slots=True)
class LocalTexts:
    """The unit's own words and choices; `answer_working_days` None: as the region."""

    internal_name: str
    other_information: str
    directions: str
    answer_working_days: int | None
    shows_staff_names: bool
    accepts_cases: bool
    staff_message: str
    resident_message: str
    shows_waiting: bool


@dataclass(frozen=True, slots=True)
class Opens:
    weekday: int
    opens: time
    closes: time


def create_unit_ground(unit: Unit) -> None:
    """What every unit has from its first moment: settings and a group of receivers."""
    UnitSettings.objects.get_or_create(unit=unit)
    Group.objects.get_or_create(unit=unit, receivers=True, defaults={"name": RECEIVERS})


@transaction.atomic
def save_settings(
    *, actor: StaffActor, unit_id: int, version: int, texts: LocalTexts, now: datetime
) -> UnitSettings:
    """`version` is the one the form was opened with; raises SomebodyWasFirst if it is no longer that, unless all
    is as sent already (the form sent again because its answer was lost)."""
    settings, first = _taken(unit_id, version)
    changed = [name for name in LocalTexts.__slots__ if getattr(settings, name) != getattr(texts, name)]
    if not first:
        if changed:
            raise SomebodyWasFirst
        return settings
    for name in changed:
        setattr(settings, name, getattr(texts, name))
    settings.save(update_fields=changed)
    _done(actor, unit_id, "save_settings", changed, now)
    return settings


@transaction.atomic
def save_hours(
    *, actor: StaffActor, unit_id: int, version: int, kind: str, hours: Iterable[Opens], now: datetime
) -> None:
    """The unit's own hours of a kind, all at once; none at all gives the catalogue's hours back. `version` as in
    save_settings."""
    first = _taken(unit_id, version)[1]
    rows = sorted(set(hours), key=lambda h: (h.weekday, h.opens))
    for one, other in zip(rows, rows[1:], strict=False):
        if one.weekday == other.weekday and other.opens < one.closes:
            raise HoursOverlap
    there = OpeningHours.objects.filter(unit_id=unit_id, kind=kind, local=True)
    if not first:
        if {Opens(h.weekday, h.opens, h.closes) for h in there} != set(rows):
            raise SomebodyWasFirst
        return
    there.delete()
    OpeningHours.objects.bulk_create(
        OpeningHours(
            unit_id=unit_id, kind=kind, local=True, weekday=h.weekday, opens=h.opens, closes=h.closes
        )
        for h in rows
    )
    _done(actor, unit_id, "save_hours", [kind], now)


@transaction.atomic
def add_special_day(
    *,
    actor: StaffActor,
    unit_id: int,
    day: date,
    opens: time | None,
    closes: time | None,
    why: str,
    now: datetime,
) -> SpecialDay:
    """A day that differs: closed, or open between two times. The same again is done already."""
    try:
        with transaction.atomic():
            row = SpecialDay.objects.create(
                unit_id=unit_id, day=day, closed=opens is None, opens=opens, closes=closes, why=why
            )
    except IntegrityError as taken:
        same = SpecialDay.objects.filter(
            unit_id=unit_id, day=day, opens=opens, closes=closes, why=why
        ).first()
        if same is None:
            raise DayTaken from taken
        return same
    _done(actor, unit_id, "add_special_day", [], now)
    return row


@transaction.atomic
def remove_special_day(*, actor: StaffActor, unit_id: int, special_day_id: int, now: datetime) -> None:
    """Already gone is as good."""
    if SpecialDay.objects.filter(unit_id=unit_id, pk=special_day_id).delete()[0]:
        _done(actor, unit_id, "remove_special_day", [], now)


def _taken(unit_id: int, version: int) -> tuple[UnitSettings, bool]:
    """The settings, and whether they were at `version` until now (locked and counted up then)."""
    UnitSettings.objects.get_or_create(unit_id=unit_id)
    won = UnitSettings.objects.filter(unit_id=unit_id, version=version).update(version=F("version") + 1)
    return UnitSettings.objects.get(unit_id=unit_id), bool(won)


def _done(actor: StaffActor, unit_id: int, verb: str, details: list[str], now: datetime) -> None:
    forget()
    record(actor=actor, verb=verb, kind="unit", object_id=unit_id, unit_id=unit_id, details=details,
           purpose="administration", at=now)  # fmt: skip
