"""What the gallery shows: every component in every state, with invented people and texts."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class Example(forms.Form):
    """One of each kind of field."""

    medicine = forms.CharField(
        label=_("Vilket läkemedel vill du förnya?"), help_text=_("Skriv namn och styrka.")
    )
    words = forms.CharField(
        label=_("Berätta med egna ord"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Vad, var och hur länge?"),
    )
    phone = forms.CharField(
        label=_("Mobilnummer"), widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"})
    )
    mail = forms.EmailField(label=_("E-post"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    day = forms.DateField(label=_("När räcker det till?"), widget=forms.DateInput(attrs={"type": "date"}))
    number = forms.IntegerField(label=_("Antal tabletter kvar"))
    kind = forms.ChoiceField(
        label=_("Typ av vård"), choices=[("", _("Välj")), ("1", _("Primärvård")), ("2", _("Psykiatri"))]
    )
    worse = forms.ChoiceField(
        label=_("Har det blivit sämre?"),
        widget=forms.RadioSelect,
        choices=[("yes", _("Ja")), ("no", _("Nej")), ("", _("Vet inte"))],
    )
    signs = forms.MultipleChoiceField(
        label=_("Har du något av det här?"),
        widget=forms.CheckboxSelectMultiple,
        choices=[("fever", _("Feber")), ("cough", _("Hosta")), ("none", _("Inget av det"))],
    )
    read = forms.BooleanField(label=_("Jag har läst informationen"))
    picture = forms.FileField(label=_("Bild"), help_text=_("JPEG, PNG eller HEIC, högst 20 MB."))


def gallery_shows(*, refused: bool) -> dict[str, Any]:
    form = Example({"number": "tolv", "mail": "anna"}) if refused else Example(initial={"worse": "yes"})
    return {
        "form": form,
        "refused": refused,
        "tones": ("info", "success", "warning", "danger"),
        "levels": (1, 2, 3, 4, 5),
        "under_way": [
            {"done": True, "word": _("Skickat"), "when": "22 nov 21.04"},
            {"done": True, "word": _("Påbörjat"), "when": "23 nov 08.15"},
            {"done": False, "word": _("Svar senast"), "when": "24 nov 16.00"},
        ],
        "just_sent": [
            {"done": True, "word": _("Skickat"), "when": "22 nov 21.04"},
            {"done": False, "word": _("Påbörjat"), "when": ""},
            {"done": False, "word": _("Svar senast"), "when": "24 nov 16.00"},
        ],
        "list_views": [
            (_("Ofördelade"), "#vyer", 4, True),
            (_("Mina"), "#vyer", 6, False),
            (_("Alla"), "#vyer", 31, False),
            (_("Väntar på invånaren"), "#vyer", None, False),
        ],
        "icons": ("info", "check", "warning", "lock", "people", "clock", "pen", "phone", "undo", "file"),
    }
