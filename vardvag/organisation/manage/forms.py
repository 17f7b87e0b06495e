"""Shapes of what administrators type. Whether it makes sense is for the rules."""

from datetime import date, time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from vardvag.core.actor import Role, StaffActor
from vardvag.organisation.access import groups_of
from vardvag.organisation.actions.unit import LocalTexts, Opens
from vardvag.organisation.models import Assignment, UnitSettings
from vardvag.organisation.staffing_rules import ROLE_NAMES, grantable

DAY = _("Skriv datumet så här: 2026-11-24.")
ISO = ["%Y-%m-%d"]  # what the languages allow besides is a month before a day
CLOCK = _("Skriv klockslaget så här: 08:00.")


class RolesForm(forms.Form):
    """Roles, groups and last day of an assignment; `reason` is kept in the history."""

    roles = forms.MultipleChoiceField(
        choices=list(ROLE_NAMES.items()),
        error_messages={"required": _("Välj minst en roll.")},
    )
    groups = forms.TypedMultipleChoiceField(coerce=int, required=False)
    valid_until = forms.DateField(required=False, input_formats=ISO, error_messages={"invalid": DAY})
    reason = forms.CharField(
        max_length=200, error_messages={"required": _("Skriv varför, till exempel ”ny tjänst”.")}
    )

    def __init__(
        self, *args: object, actor: StaffActor, held: Assignment | None = None, **more: object
    ) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]
        self.held = set(held.roles) if held else set()
        self.offered = {r.value for r in grantable(actor.roles)} | self.held
        self.fields["roles"].choices = [c for c in ROLE_NAMES.items() if c[0] in self.offered]  # type: ignore[attr-defined]
        self.fields["groups"].choices = [  # type: ignore[attr-defined]
            (g.pk, g.name) for g in groups_of(unit_id=actor.unit_id) if not g.receivers
        ]

    def clean_roles(self) -> list[Role]:
        return [Role(value) for value in self.cleaned_data["roles"]]

    def as_it_is(self, assignment: Assignment) -> bool:
        """Whether what the form asks for is so already."""
        given = self.cleaned_data
        groups = {group.pk for group in assignment.groups.all() if not group.receivers}
        return (set(given["roles"]), set(given["groups"]), given["valid_until"]) == (
            {Role(role) for role in assignment.roles},
            groups,
            assignment.valid_until,
        )

    @staticmethod
    def initial_of(assignment: Assignment) -> dict[str, object]:
        return {
            "roles": assignment.roles,
            "groups": [g.pk for g in assignment.groups.all()],
            "valid_until": assignment.valid_until.isoformat() if assignment.valid_until else "",
            "reason": "",
        }


class AddForm(RolesForm):
    hsa_id = forms.CharField(
        max_length=31,
        error_messages={"required": _("Skriv personens HSA-id, till exempel SE2321000156-1A2B.")},
    )
    valid_from = forms.DateField(input_formats=ISO, error_messages={"invalid": DAY, "required": DAY})
    field_order = ("hsa_id", "roles", "groups", "valid_from", "valid_until", "reason")


class ReasonForm(forms.Form):
    reason = forms.CharField(
        max_length=200, error_messages={"required": _("Skriv varför, till exempel ”föräldraledig”.")}
    )


class GroupForm(forms.Form):
    name = forms.CharField(max_length=100, error_messages={"required": _("Skriv gruppens namn.")})


class VersionField(forms.IntegerField):
    """The version a form was opened with. What is none counts as an old one, whose refusal says what to do."""

    NONE = -1

    def clean(self, value: Any) -> int:
        try:
            found = super().clean(value)
        except forms.ValidationError:
            return self.NONE
        return found if 0 <= found < 2**31 else self.NONE


class TextsForm(forms.Form):
    version = VersionField()
    internal_name = forms.CharField(max_length=200, required=False)
    other_information = forms.CharField(max_length=5000, required=False)
    directions = forms.CharField(max_length=2000, required=False)
    answer_working_days = forms.IntegerField(
        min_value=1,
        max_value=60,
        required=False,
        error_messages={
            "invalid": _("Skriv ett antal dagar, till exempel 2, eller lämna tomt."),
            "min_value": _("Skriv minst 1 dag, eller lämna tomt."),
            "max_value": _("Skriv högst 60 dagar."),
        },
    )
    shows_staff_names = forms.BooleanField(required=False)
    shows_waiting = forms.BooleanField(required=False)
    accepts_cases = forms.BooleanField(required=False)
    staff_message = forms.CharField(max_length=300, required=False)
    resident_message = forms.CharField(max_length=300, required=False)

    def texts(self) -> LocalTexts:
        given = self.cleaned_data
        return LocalTexts(**{name: given[name] for name in LocalTexts.__slots__})

    @staticmethod
    def initial_of(settings: UnitSettings) -> dict[str, object]:
        found = {name: getattr(settings, name) for name in LocalTexts.__slots__}
        return {
            **found,
            "answer_working_days": settings.answer_working_days or "",
            "version": settings.version,
        }


class HoursForm(forms.Form):
    """Up to four openings a day, fields named opens-0-0 (weekday, which); empty ones are left out."""

    version = VersionField()

    def clean(self) -> dict[str, object]:
        given = super().clean() or {}
        self.rows: list[Opens] = []
        for day in range(7):
            for nth in range(4):
                opens, closes = self._time(f"opens-{day}-{nth}"), self._time(f"closes-{day}-{nth}")
                if opens is None and closes is None:
                    continue
                if opens is None or closes is None:
                    self.add_error(
                        None, _("Fyll i både när det öppnar och när det stänger, eller lämna båda tomma.")
                    )
                elif opens >= closes:
                    self.add_error(None, _("Stängningstiden måste vara efter öppningstiden."))
                else:
                    self.rows.append(Opens(day, opens, closes))
        return given

    def _time(self, name: str) -> time | None:
        written = str(self.data.get(name, "")).strip().replace(".", ":")
        if not written:
            return None
        try:
            found = time.fromisoformat(written.zfill(5) if ":" in written else f"{int(written):02}:00")
            if found.tzinfo is not None:  # 08:00+01:00
                raise ValueError
            return found
        except ValueError:
            self.add_error(None, CLOCK)
            return None


class SpecialDayForm(forms.Form):
    day = forms.DateField(input_formats=ISO, error_messages={"invalid": DAY, "required": DAY})
    opens = forms.TimeField(required=False, error_messages={"invalid": CLOCK})
    closes = forms.TimeField(required=False, error_messages={"invalid": CLOCK})
    why = forms.CharField(max_length=100, required=False)

    def clean(self) -> dict[str, object]:
        given = super().clean() or {}
        opens, closes = given.get("opens"), given.get("closes")
        if (opens is None) != (closes is None):
            self.add_error("closes", _("Fyll i båda tiderna, eller lämna båda tomma om det är stängt."))
        elif opens is not None and closes is not None and opens >= closes:
            self.add_error("closes", _("Stängningstiden måste vara efter öppningstiden."))
        return given

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        return day


class UploadForm(forms.Form):
    """At most 50 MB: the national file packed is some ten."""

    kind = forms.ChoiceField(choices=[("units", _("Mottagningar")), ("staff", _("Personal"))])
    file = forms.FileField(
        error_messages={
            "required": _("Välj en fil."),
            "empty": _("Filen är tom. Kontrollera att det är rätt fil."),
        }
    )

    def clean_file(self) -> object:
        file = self.cleaned_data["file"]
        if file.size > 50 * 1024 * 1024:
            raise forms.ValidationError(
                _("Filen är större än 50 MB. Läs in den med kommandot vardvag import-units.")
            )
        return file
