"""Staff and their assignments from a file. What an administrator has given, changed or ended here stays as it is; who
leaves the file is ended all the same."""

from collections import defaultdict
from datetime import datetime

from django.utils.translation import gettext as _

from vardvag.core.actor import Role, SystemActor
from vardvag.core.personal_number import SWEDEN
from vardvag.identity.actions import Why, end_all_sessions
from vardvag.identity.models import Staff
from vardvag.organisation import access
from vardvag.organisation.actions.import_report import Change, ImportReport
from vardvag.organisation.actions.staffing import end_assignment, note, put_in_groups
from vardvag.organisation.models import Assignment, Group, StaffingChange, Unit
from vardvag.outside.hsa.guard import Allowed, TooMuchGone, gone
from vardvag.outside.hsa.rows import StaffRow

MAY_VANISH = Allowed(share=0.10, number=3)
PERSON = ("given_name", "surname", "title", "email", "mobile")


class StaffImport:
    """One file against what is known; `apply` False looks only."""

    def __init__(
        self, *, actor: SystemActor, source: str, now: datetime, apply: bool, allow_gone: bool
    ) -> None:
        self.report = ImportReport()
        self._actor, self._source, self._now = actor, source, now
        self._apply, self._allow_gone = apply, allow_gone
        self._today = now.astimezone(SWEDEN).date()
        if apply:  # whoever changes staff waits, so that nothing is decided on what is no longer so
            list(Unit.objects.order_by("pk").select_for_update(of=("self",), no_key=True).values_list("pk"))
        self._changed_here = set(
            StaffingChange.objects.filter(verb="change").values_list("assignment_id", flat=True)
        )
        self._units = {u.hsa_id: u for u in Unit.objects.filter(archived_at=None)}
        self._staff = {s.hsa_id: s for s in Staff.objects.all()}
        self._had = {
            (a.staff.hsa_id, a.unit.hsa_id): a
            for a in Assignment.objects.select_related("staff", "unit").prefetch_related("groups")
        }
        self._groups: dict[int, dict[str, Group]] = defaultdict(dict)
        for group in Group.objects.filter(archived_at=None):
            self._groups[group.unit_id][group.name.casefold()] = group

    def run(self, rows: list[StaffRow]) -> ImportReport:
        try:
            vanished = self._vanished(rows)
        except TooMuchGone as too_much:
            self.report.refused = _(
                "Filen saknar %(missing)d av %(known)d uppdrag som lästs in förut på de mottagningar den nämner. "
                "Den kan vara avbruten. Ingenting är ändrat. Hämta filen igen, eller godkänn bortfallet."
            ) % {"missing": len(too_much.facts["missing"]), "known": too_much.facts["known"]}
            return self.report
        persons: set[str] = set()
        for row in rows:
            unit = self._units.get(row.unit_hsa_id)
            if unit is None:
                self.report.error(
                    row.line,
                    _("Mottagningen %(id)s finns inte eller är arkiverad.") % {"id": row.unit_hsa_id},
                    _("Rätta mottagningens HSA-id, eller läs in enheterna först."),
                )
                continue
            staff, changed = self._person(row, first=row.hsa_id not in persons)
            persons.add(row.hsa_id)
            self._assignment(row, staff, unit, changed)
        for key in vanished:
            self._end(self._had[key])
        self._leave({key[0] for key in vanished} - {row.hsa_id for row in rows})
        self._look_for_receivers({row.unit_hsa_id for row in rows})
        return self.report

    def _person(self, row: StaffRow, *, first: bool) -> tuple[Staff, list[str]]:
        staff = self._staff.get(row.hsa_id)
        if staff is None:
            staff = Staff(hsa_id=row.hsa_id, **{name: getattr(row, name) for name in PERSON})
            self._staff[row.hsa_id] = staff
            if self._apply:
                staff.save()
            return staff, []
        changed = [n for n in PERSON if first and getattr(row, n) and getattr(staff, n) != getattr(row, n)]
        for name in changed:
            setattr(staff, name, getattr(row, name))
        if staff.gone_at is not None:
            staff.gone_at = None
            changed.append("gone_at")
        if changed and self._apply:
            staff.save(update_fields=changed)
        return staff, changed

    def _assignment(self, row: StaffRow, staff: Staff, unit: Unit, changed: list[str]) -> None:
        name = f"{staff.name}, {unit.public_name}"
        groups = self._named_groups(row, unit)
        roles = sorted(role.value for role in row.roles)
        had = self._had.get((row.hsa_id, row.unit_hsa_id))
        if had is None:
            self.report.take(Change(row.line, "new", name))
            if self._apply:
                had = Assignment.objects.create(
                    staff=staff, unit=unit, roles=roles, valid_from=self._today, source=self._source
                )
                put_in_groups(had, [group.pk for group in groups])
                note(self._actor, had, "import", "", self._now)
            return
        if had.ended_at is not None:
            self.report.warn(
                row.line,
                _("%(name)s: uppdraget är avslutat här och läggs inte till igen.") % {"name": name},
                _("Ska personen arbeta där? Lägg till uppdraget på sidan Personal."),
            )
            return
        rights = had.source == self._source and had.pk not in self._changed_here
        if had.pk in self._changed_here and sorted(had.roles) != roles:
            self.report.warn(
                row.line,
                _("%(name)s: rollerna är ändrade här och läses inte in.") % {"name": name},
                _("Ska filens roller gälla? Ändra uppdraget på sidan Personal."),
            )
        given: list[str] = []
        if rights:
            if sorted(had.roles) != roles:
                given.append("roles")
            if not {g.pk for g in groups} <= {g.pk for g in had.groups.all()}:
                given.append("groups")
        changed = [*changed, *given]
        if not changed:
            self.report.unchanged += 1
            return
        self.report.take(Change(row.line, "changed", name, tuple(changed)))
        if self._apply and given:
            had.roles = roles
            had.save(update_fields=["roles"])
            put_in_groups(had, [group.pk for group in (*groups, *had.groups.all())])
            note(self._actor, had, "import", "", self._now)

    def _named_groups(self, row: StaffRow, unit: Unit) -> list[Group]:
        found = []
        for name in row.groups:
            group = self._groups[unit.pk].get(name.casefold())
            if group is not None:
                found.append(group)
            else:
                self.report.warn(
                    row.line,
                    _("Gruppen %(group)s finns inte på %(unit)s.")
                    % {"group": name, "unit": unit.public_name},
                    _(
                        "Uppdraget läses in utan gruppen. Lägg till gruppen på sidan Personal, eller rätta namnet."
                    ),
                )
        return found

    def _vanished(self, rows: list[StaffRow]) -> list[tuple[str, str]]:
        """Imported assignments at the units of the file that it no longer has."""
        units = {row.unit_hsa_id for row in rows}
        known = {
            f"{person} {unit}": (person, unit)
            for (person, unit), a in self._had.items()
            if a.source == self._source and a.ended_at is None and unit in units
        }
        here = {f"{row.hsa_id} {row.unit_hsa_id}" for row in rows}
        allowed = Allowed(share=1.0) if self._allow_gone else MAY_VANISH
        return [known[key] for key in gone(known, here, allowed)]

    def _end(self, assignment: Assignment) -> None:
        name = f"{assignment.staff.name}, {assignment.unit.public_name}"
        self.report.take(Change(0, "ended", name))
        if self._apply:
            end_assignment(
                actor=self._actor, assignment=assignment, reason="import", now=self._now, gone=True
            )

    def _leave(self, hsa_ids: set[str]) -> None:
        """Who has no assignment left anywhere is gone from the directory."""
        if not self._apply:
            return
        for staff in Staff.objects.filter(hsa_id__in=hsa_ids).exclude(assignments__ended_at=None):
            staff.gone_at = self._now
            staff.save(update_fields=["gone_at"])
            end_all_sessions(actor=self._actor, staff=staff, why=Why.ASSIGNMENT_GONE, now=self._now)

    def _look_for_receivers(self, unit_hsa_ids: set[str]) -> None:
        if not self._apply:
            return
        for hsa_id in sorted(unit_hsa_ids & self._units.keys()):
            unit = self._units[hsa_id]
            here = Assignment.objects.filter(access.in_force(self._now), unit=unit)
            if not here.filter(roles__contains=[Role.RECEIVER.value]).exists():
                self.report.warn(
                    0,
                    _("%(unit)s har ingen ärendemottagare.") % {"unit": unit.public_name},
                    _("Ge rollen till någon på sidan Personal."),
                )
