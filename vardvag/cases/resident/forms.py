"""Shapes of what residents send; the rules check the sense."""

from django import forms
from django.utils.translation import gettext_lazy as _

from vardvag.cases.rules import MESSAGE_LIMIT


class MessageForm(forms.Form):
    body = forms.CharField(required=False, max_length=MESSAGE_LIMIT, strip=False)
    key = forms.UUIDField()
    device = forms.CharField(required=False, max_length=40)
    use_other = forms.BooleanField(required=False)


class RatingForm(forms.Form):
    score = forms.TypedChoiceField(
        label=_("Hur nöjd är du med hur ditt ärende hanterades?"),
        choices=[
            ("5", _("Mycket nöjd")),
            ("4", _("Nöjd")),
            ("3", _("Varken nöjd eller missnöjd")),
            ("2", _("Missnöjd")),
            ("1", _("Mycket missnöjd")),
        ],
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": _("Välj ett av alternativen.")},
    )
    comment = forms.CharField(
        label=_("Vill du säga något mer?"), required=False, max_length=2000, widget=forms.Textarea
    )
