"""Shapes of what people type about how they want to hear of news. Whether it makes sense is for the rules."""

from datetime import time

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from vardvag.inbox.models import ContactSettings, StaffNoticeSettings
from vardvag.inbox.wording import MATTERS, STAFF_KINDS

LANGUAGES = settings.LANGUAGES
HOURS = [(f"{hour:02}:00", f"{hour:02}.00") for hour in range(24)]
MINUTES = [
    ("5", _("5 minuter")),
    ("15", _("15 minuter")),
    ("30", _("30 minuter")),
    ("60", _("1 timme")),
    ("240", _("4 timmar")),
]


class ContactForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    sms_for = forms.MultipleChoiceField(choices=list(MATTERS.items()), required=False)
    mail_for = forms.MultipleChoiceField(choices=list(MATTERS.items()), required=False)
    quiet_from = forms.ChoiceField(choices=HOURS)
    quiet_until = forms.ChoiceField(choices=HOURS)
    language = forms.ChoiceField(choices=LANGUAGES)
    name_unit = forms.BooleanField(required=False)
    when_protected = forms.BooleanField(required=False)
    told_of_logins = forms.BooleanField(required=False)

    @staticmethod
    def initial_of(wishes: ContactSettings) -> dict[str, object]:
        return {
            "version": wishes.version,
            "sms_for": wishes.sms_for,
            "mail_for": wishes.mail_for,
            "quiet_from": f"{wishes.quiet_from:%H:00}",
            "quiet_until": f"{wishes.quiet_until:%H:00}",
            "language": wishes.language,
            "name_unit": wishes.name_unit,
            "when_protected": wishes.when_protected,
            "told_of_logins": wishes.told_of_logins,
        }

    def clean_quiet_from(self) -> time:
        return time.fromisoformat(self.cleaned_data["quiet_from"])

    def clean_quiet_until(self) -> time:
        return time.fromisoformat(self.cleaned_data["quiet_until"])


class StaffNoticesForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    sms_for = forms.MultipleChoiceField(choices=list(STAFF_KINDS.items()), required=False)
    mail_for = forms.MultipleChoiceField(choices=list(STAFF_KINDS.items()), required=False)
    digest_minutes = forms.TypedChoiceField(choices=MINUTES, coerce=int)

    @staticmethod
    def initial_of(wishes: StaffNoticeSettings) -> dict[str, object]:
        return {
            "version": wishes.version,
            "sms_for": wishes.sms_for,
            "mail_for": wishes.mail_for,
            "digest_minutes": str(wishes.digest_minutes),
        }


def chosen(form: ContactForm | StaffNoticesForm) -> dict[str, object]:
    """What the page shows as chosen: what was typed, else what is saved."""
    return {name: form[name].value() for name in form.fields}


class AddressForm(forms.Form):
    address = forms.CharField(
        max_length=254, error_messages={"required": _("Skriv adressen du vill använda.")}
    )


class CodeForm(forms.Form):
    code = forms.CharField(max_length=20, error_messages={"required": _("Skriv de sex siffrorna.")})
