"""Units and care providers from the catalogue's file. Local settings, local hours and groups are out of reach:
nothing here writes them. A unit that vanishes is archived, when nothing is open there."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _

from vardvag.core.personal_number import SWEDEN
from vardvag.organisation.actions.import_report import Change, ImportReport
from vardvag.organisation.actions.registry import open_work
from vardvag.organisation.actions.unit import create_unit_ground
from vardvag.organisation.models import OpeningHours, Provider, Unit
from vardvag.organisation.search import fold
from vardvag.outside.hsa.guard import Allowed, TooMuchGone, gone
from vardvag.outside.hsa.rows import OpenSpan, UnitRow

MAY_VANISH = Allowed(share=0.10, number=3)
KINDS = {"01": "Sjukhus", "02": "Vårdcentral", "03": "Mottagning på distans"}  # codes of businessType
TEXTS = ("name", "public_name", "municipality", "street", "postal_code", "city", "directions")
Kind = OpeningHours.Kind


class UnitImport:
    """One file against what is known; `apply` False looks only."""

    def __init__(self, *, source: str, now: datetime, apply: bool, allow_gone: bool) -> None:
        self.report = ImportReport()
        self._source, self._now, self._apply, self._allow_gone = source, now, apply, allow_gone
        self._today = now.astimezone(SWEDEN).date()
        self._providers = {p.hsa_id: p for p in Provider.objects.all()}
        self._units = {u.hsa_id: u for u in Unit.objects.select_related("provider")}
        self._slugs = {u.slug for u in self._units.values()}
        self._strangers = 0

    def run(self, rows: list[UnitRow]) -> ImportReport:
        for row in rows:
            if row.is_provider:
                self._provider(row)
        taken = [row for row in rows if row.is_unit and not row.is_provider and self._mine(row)]
        try:
            vanished = self._vanished(rows)
        except TooMuchGone as too_much:
            self.report.refused = str(too_much.message)
            return self.report
        for row in taken:
            self._unit(row)
        for row in taken:
            self._mother(row)
        for hsa_id in vanished:
            self._archive(0, self._units[hsa_id])
        if self._strangers:
            self.report.warn(
                0,
                _("%(count)d enheter hör till vårdgivare som inte används här. De är lämnade utanför.")
                % {"count": self._strangers},
                _("Ska en vårdgivare vara med? Lägg in den först med en CSV-fil."),
            )
        return self.report

    def _mine(self, row: UnitRow) -> bool:
        if row.feigned or (not row.public and row.hsa_id not in self._units):
            return False  # a test object, or nothing residents may see
        if row.starts is not None and row.starts > self._today and row.hsa_id not in self._units:
            return False  # a later file brings it
        if row.provider_hsa_id in self._providers:
            return True
        if self._source == "csv":
            self.report.error(
                row.line,
                _("Vårdgivaren %(id)s finns inte.") % {"id": row.provider_hsa_id or "–"},
                _("Rätta vårdgivarens HSA-id, eller lägg en rad för vårdgivaren i filen."),
            )
        else:
            self._strangers += 1
        return False

    def _provider(self, row: UnitRow) -> None:
        known = self._providers.get(row.hsa_id)
        if known is None:
            if self._source != "csv":
                return  # the national file names every provider in the country
            known = Provider(
                hsa_id=row.hsa_id, name=row.name, organisation_number=row.organisation_number,
                kind=_kind_of_provider(row.organisation_number),
            )  # fmt: skip
            self.report.take(Change(row.line, "new", row.name))
        else:
            changed = _differences(known, {"name": row.name, "organisation_number": row.organisation_number})
            if not changed:
                self.report.unchanged += 1
                return
            self.report.take(Change(row.line, "changed", row.name, tuple(changed)))
        if self._apply:
            known.save()
        self._providers[row.hsa_id] = known

    def _unit(self, row: UnitRow) -> None:
        unit = self._units.get(row.hsa_id)
        if row.archived or (row.ends is not None and row.ends <= self._today):
            if unit is not None and unit.archived_at is None:
                self._archive(row.line, unit)
            return
        provider = self._providers[row.provider_hsa_id]
        if unit is None:
            unit = Unit(provider=provider, hsa_id=row.hsa_id, slug=self._slug(row), kind_of_care="Mottagning")
            _differences(unit, _values(row))
            self._units[row.hsa_id] = unit
            self._keep(row, unit, Change(row.line, "new", unit.public_name))
            return
        if unit.provider.hsa_id != row.provider_hsa_id:
            self.report.error(
                row.line,
                _("%(unit)s skulle byta vårdgivare.") % {"unit": unit.public_name},
                _("Ett byte av vårdgivare görs inte med en fil: patienternas ärenden hör till den gamla. "
                  "Lägg upp den nya enheten med eget HSA-id."),
            )  # fmt: skip
            return
        changed = _differences(unit, _values(row))
        if unit.archived_at is not None:
            unit.archived_at = None
            changed.append("archived_at")
        if self._hours_differ(unit, row):
            changed.append("hours")
        if changed:
            self._keep(row, unit, Change(row.line, "changed", unit.public_name, tuple(changed)))
        else:
            self.report.unchanged += 1
            if self._apply:
                Unit.objects.filter(pk=unit.pk).update(source=self._source, fetched_at=self._now)

    def _keep(self, row: UnitRow, unit: Unit, change: Change) -> None:
        self.report.take(change)
        if not self._apply:
            return
        unit.source, unit.fetched_at = self._source, self._now
        unit.save()
        create_unit_ground(unit)
        for kind, spans in ((Kind.PHONE, row.phone_hours), (Kind.VISIT, row.visit_hours)):
            if spans:
                OpeningHours.objects.filter(unit=unit, kind=kind, local=False).delete()
                OpeningHours.objects.bulk_create(
                    OpeningHours(unit=unit, kind=kind, weekday=day, opens=opens, closes=closes)
                    for day, opens, closes in _weekly(spans)
                )

    def _mother(self, row: UnitRow) -> None:
        unit = self._units.get(row.hsa_id)
        if not row.mother_hsa_id or unit is None or unit.archived_at is not None:
            return
        mother = self._units.get(row.mother_hsa_id)
        if mother is None or mother.provider_id != unit.provider_id or mother is unit:
            self.report.error(
                row.line,
                _("Moderenheten %(id)s finns inte hos samma vårdgivare.") % {"id": row.mother_hsa_id},
                _("Rätta moderenhetens HSA-id, eller lämna fältet tomt."),
            )
        elif self._apply and unit.mother_id != mother.pk:
            Unit.objects.filter(pk=unit.pk).update(mother=mother)

    def _vanished(self, rows: list[UnitRow]) -> list[str]:
        """Units of this source that the file no longer has, of the care providers it speaks of."""
        spoken_of = {row.provider_hsa_id for row in rows}
        known = [
            u.hsa_id
            for u in self._units.values()
            if u.source == self._source and u.archived_at is None and u.provider.hsa_id in spoken_of
        ]
        here = [row.hsa_id for row in rows]
        return gone(known, here, Allowed(share=1.0) if self._allow_gone else MAY_VANISH)

    def _archive(self, line: int, unit: Unit) -> None:
        still_open = sum(count(unit.pk) for count in open_work)
        branches = any(u.mother_id == unit.pk and u.archived_at is None for u in self._units.values())
        if still_open or branches:
            self.report.warn(
                line,
                _("%(unit)s finns inte längre i katalogen men har %(count)d öppna ärenden eller en filial.")
                % {"unit": unit.public_name, "count": still_open},
                _("Den är kvar. Flytta eller avsluta ärendena och läs in filen igen."),
            )
            return
        self.report.take(Change(line, "archived", unit.public_name))
        if self._apply:
            unit.archived_at = self._now
            unit.save(update_fields=["archived_at"])

    def _hours_differ(self, unit: Unit, row: UnitRow) -> bool:
        for kind, spans in ((Kind.PHONE, row.phone_hours), (Kind.VISIT, row.visit_hours)):
            if spans:
                had = OpeningHours.objects.filter(unit=unit, kind=kind, local=False)
                if set(had.values_list("weekday", "opens", "closes")) != set(_weekly(spans)):
                    return True
        return False

    def _slug(self, row: UnitRow) -> str:
        base = slugify(fold(row.public_name or row.name))[:100] or "mottagning"
        slug, n = base, 1
        while slug in self._slugs:
            n += 1
            slug = f"{base}-{n}"
        self._slugs.add(slug)
        return slug


def _values(row: UnitRow) -> dict[str, Any]:
    """What the file says; what it does not say stays as it is."""
    said: dict[str, Any] = {name: getattr(row, name) for name in TEXTS}
    said["public_name"] = row.public_name or row.name
    said["phone"] = next(iter(row.phones), "")
    said["kind_of_care"] = next((KINDS.get(k, k) for k in row.kinds if not k.isdigit() or k in KINDS), "")
    said["specialities"] = [text[:60] for text in row.specialities]
    limits = {
        "kind_of_care": 60,
        "phone": 30,
        "municipality": 60,
        "street": 200,
        "city": 100,
        "postal_code": 10,
    }
    return {
        k: v[: limits.get(k, 200)] if isinstance(v, str) and k != "directions" else v for k, v in said.items()
    }


def _differences(row: Any, values: dict[str, Any]) -> list[str]:
    """Sets what is new and not empty; the names of what changed."""
    changed = [name for name, value in values.items() if value and getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    return changed


def _weekly(spans: Iterable[OpenSpan]) -> list[tuple[int, Any, Any]]:
    """(weekday 0-6, opens, closes), once each; a span over the weekend's end is read round."""
    found = {
        ((day - 1) % 7, span.opens, span.closes)
        for span in spans
        for day in range(
            span.from_day, (span.to_day if span.to_day >= span.from_day else span.to_day + 7) + 1
        )
        if span.opens < span.closes
    }
    return sorted(found)


def _kind_of_provider(organisation_number: str) -> str:
    """Regions have numbers from 2321, municipalities from 2120; everybody else is private."""
    digits = re.sub(r"\D", "", organisation_number)
    if digits.startswith("2321"):
        return Provider.Kind.REGION
    return Provider.Kind.MUNICIPALITY if digits.startswith("2120") else Provider.Kind.PRIVATE
