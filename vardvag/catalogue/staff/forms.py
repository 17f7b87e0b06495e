"""Shapes of what staff write; the rules check the sense."""

from django import forms
from django.utils.translation import gettext_lazy as _

from vardvag.catalogue.actions import Written
from vardvag.catalogue.models import StandardText

KINDS = {
    StandardText.Kind.REPLY: _("Helt svar"),
    StandardText.Kind.PHRASE: _("Fras"),
    StandardText.Kind.CLOSING: _("Avslutning"),
}


class TextForm(forms.Form):
    """`version`: of the text as it was when the page was opened."""

    title = forms.CharField(
        max_length=120,
        error_messages={
            "required": _("Skriv ett namn, så att du hittar frasen."),
            "max_length": _("Namnet är för långt. Högst 120 tecken."),
        },
    )
    code = forms.CharField(
        max_length=60, error_messages={"required": _("Skriv en kort kod, till exempel aterkoppling.")}
    )
    body = forms.CharField(
        max_length=8000,
        strip=False,
        error_messages={
            "required": _("Skriv texten."),
            "max_length": _("Texten är för lång. Högst 8 000 tecken."),
        },
    )
    kind = forms.ChoiceField(choices=list(KINDS.items()), initial=StandardText.Kind.PHRASE)
    language = forms.ChoiceField(choices=[("sv", _("svenska")), ("en", _("engelska"))], initial="sv")
    unit = forms.BooleanField(required=False)
    version = forms.IntegerField(required=False)

    def clean_code(self) -> str:
        return str(self.cleaned_data["code"]).strip().removeprefix(".").lower()

    def clean_body(self) -> str:
        body = str(self.cleaned_data["body"]).replace("\r\n", "\n").strip()
        if not body:
            raise forms.ValidationError(_("Skriv texten."))
        return body

    def written(self) -> Written:
        given = self.cleaned_data
        return Written(given["code"], given["title"], given["body"], given["language"], given["kind"])

    @staticmethod
    def initial_of(text: StandardText) -> dict[str, object]:
        names = ("title", "code", "body", "kind", "language", "version")
        return {name: getattr(text, name) for name in names}
