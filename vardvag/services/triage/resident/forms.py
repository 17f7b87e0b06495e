"""What the interview's pages send: shape only."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from vardvag.services.triage.engine.interview import Question
from vardvag.services.triage.rules import WORDS_AT_MOST

LENGTHS = ("h", "d", "w", "m", "y")  # hours to years
YES_NO = [("yes", _("Ja")), ("no", _("Nej"))]


class ConsentForm(forms.Form):
    """Each by itself; no is an answer like yes."""

    medication = forms.ChoiceField(
        label=_("Får vården läsa din läkemedelslista när de hjälper dig med det här?"),
        help_text=_("Du kan ändå få hjälp om du svarar nej."),
        choices=YES_NO,
        widget=forms.RadioSelect,
        error_messages={"required": _("Svara ja eller nej om läkemedelslistan.")},
    )
    record = forms.ChoiceField(
        label=_("Får vården läsa din journal hos andra vårdgivare när de hjälper dig med det här?"),
        help_text=_("Du kan ändå få hjälp om du svarar nej."),
        choices=YES_NO,
        widget=forms.RadioSelect,
        error_messages={"required": _("Svara ja eller nej om journalen.")},
    )


class _Text(forms.CharField):
    """The end of a line is one character, as the browser counted it; it sends two."""

    def to_python(self, value: Any) -> Any:
        return _one_line_end(super().to_python(value) or "")


def _one_line_end(text: str) -> str:
    return text.replace("\r\n", "\n")


class WordsForm(forms.Form):
    words = _Text(
        label=_("Berätta med egna ord vad du vill ha hjälp med"),
        help_text=_("Vad är det, var sitter det, hur länge har det varat och hur mår du just nu?"),
        max_length=WORDS_AT_MOST,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Skriv vad du vill ha hjälp med, med några ord.")},
    )


class TypedForm(forms.Form):
    """What stands in the field of a question in words; nothing is what stands there, too."""

    question = forms.CharField(max_length=100)
    answer = _Text(max_length=WORDS_AT_MOST, required=False, strip=False)


class NoAnswer(ValueError):
    """Nothing was chosen or written."""


def given(question: Question, posted: QueryDict | Mapping[str, Any]) -> Any:
    """The answer as the engine takes it; None is "I don't know". Raises NoAnswer."""
    several = posted.getlist("answer") if isinstance(posted, QueryDict) else posted.get("answer", [])
    if "unknown" in several or posted.get("unknown"):
        return None
    if question.kind == "multi":
        if not several:
            raise NoAnswer()
        return [] if "none" in several else several  # the button wins over lines ticked before
    first = _one_line_end(several[0]).strip() if several else ""
    if not first and question.kind != "text":
        raise NoAnswer()
    if question.kind == "duration":
        unit = posted.get("unit", "d")
        return f"{first.replace(',', '.')}{unit if unit in LENGTHS else 'd'}"
    return first or None
