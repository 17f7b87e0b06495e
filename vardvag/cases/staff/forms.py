"""Shapes of what staff send; the rules check the sense."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from vardvag.cases.lists import VIEWS, Filters
from vardvag.cases.models import ClosedHow, ProtectedOpening
from vardvag.cases.rules import CLOSES_WITHOUT_REPLY, MESSAGE_LIMIT, Verb

HOW = {
    ClosedHow.PHONE: _("Löst per telefon"),
    ClosedHow.DUPLICATE: _("Dubblett"),
    ClosedHow.WITHDRAWN: _("Invånaren behöver inte längre svar"),
    ClosedHow.WRONG_UNIT: _("Fel mottagning"),
    ClosedHow.OTHER: _("Annat"),
    ClosedHow.ANSWERED: _("Besvarat"),
}

CLOSES = [(how, HOW[how]) for how in CLOSES_WITHOUT_REPLY]

WHY: dict[str, Any] = {
    ProtectedOpening.Why.ANSWER: _("Jag ska besvara ärendet"),
    ProtectedOpening.Why.ASSESS: _("Jag ska bedöma eller fördela ärendet"),
    ProtectedOpening.Why.CONTACT: _("Personen har ringt eller är här"),
    ProtectedOpening.Why.COLLEAGUE: _("Jag hjälper en kollega"),
    ProtectedOpening.Why.OTHER: _("Annat"),
}


class QueueForm(forms.Form):
    """The queue's address: unknown words fall back to what is usual, never to an error."""

    vy = forms.ChoiceField(choices=[(v, v) for v in VIEWS], required=False)
    typ = forms.SlugField(required=False, max_length=60)
    grupp = forms.IntegerField(required=False, min_value=1)
    person = forms.IntegerField(required=False, min_value=1)
    bradska = forms.IntegerField(required=False, min_value=1, max_value=5)
    alder = forms.IntegerField(required=False, min_value=1, max_value=365)
    sida = forms.IntegerField(required=False, min_value=1, max_value=2000)

    def view(self, usual: str) -> str:
        return str(self._said("vy") or usual)

    def page(self) -> int:
        return int(self._said("sida") or 1)

    def filters(self) -> Filters:
        return Filters(
            type_key=str(self._said("typ") or ""),
            group_id=self._said("grupp"),
            owner_id=self._said("person"),
            urgency=self._said("bradska"),
            older_than_days=self._said("alder"),
        )

    def _said(self, name: str) -> Any:
        self.is_valid()
        return self.cleaned_data.get(name)


class ReplyForm(forms.Form):
    verb = forms.ChoiceField(choices=[(v, v) for v in (Verb.REPLY, Verb.PARTIAL, Verb.ASK)])
    body = forms.CharField(required=False, max_length=MESSAGE_LIMIT, strip=False)
    key = forms.UUIDField()
    seen_seq = forms.IntegerField(min_value=0)
    promised = forms.DateField(
        required=False,
        input_formats=["%Y-%m-%d"],  # the languages' own formats have the month before the day
        error_messages={"invalid": _("Skriv datumet så här: 2026-11-24.")},
    )


class NoteForm(forms.Form):
    body = forms.CharField(required=False, max_length=MESSAGE_LIMIT, strip=False)
    key = forms.UUIDField()


class DraftForm(forms.Form):
    form = forms.ChoiceField(choices=[("reply", ""), ("note", "")])
    body = forms.CharField(required=False, strip=False)
    key = forms.UUIDField()
    device = forms.CharField(required=False, max_length=40)
    use_other = forms.BooleanField(required=False)


class GiveForm(forms.Form):
    """To whom: `to` is person:<id> or group:<id>."""

    to = forms.RegexField(
        regex=r"^(person|group):\d{1,12}$",
        error_messages={"required": _("Välj vem."), "invalid": _("Välj vem.")},
    )
    reason = forms.CharField(required=False, max_length=300)
    cases = forms.CharField(required=False)

    def whom(self) -> dict[str, int]:
        kind, number = self.cleaned_data["to"].split(":")
        return {"staff_id" if kind == "person" else "group_id": int(number)}


class ReasonForm(forms.Form):
    reason = forms.CharField(required=False, max_length=300)


class UrgencyForm(ReasonForm):
    urgency = forms.TypedChoiceField(
        choices=[("", "–"), *((str(n), str(n)) for n in range(1, 6))],
        coerce=int,
        empty_value=None,
        required=False,
    )


class EndForm(ReasonForm):
    how = forms.ChoiceField(
        choices=CLOSES,
        error_messages={"required": _("Välj varför ärendet avslutas utan svar.")},
    )
    cases = forms.CharField(required=False)


class OpeningForm(forms.Form):
    """Why a protected person's case is opened; the action says what is missing."""

    why = forms.CharField(required=False, max_length=10)
    words = forms.CharField(required=False, max_length=2000)


class MoveForm(ReasonForm):
    unit_id = forms.IntegerField(error_messages={"required": _("Välj mottagning.")})
