"""Django form fields of a page's questions. They check nothing: the rules say what will do."""

import json
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from vardvag.questionnaires.answers import Answers, decimal_text, understood
from vardvag.questionnaires.definition import OTHER, Item, Kind
from vardvag.questionnaires.fhir_write import plain
from vardvag.questionnaires.rules import Page


def field_name(item: Item) -> str:
    return f"q-{item.link_id}"


def other_name(item: Item) -> str:
    return f"q-{item.link_id}~annat"  # a character no link id has


def form_of(page: Page, answers: Answers, language: str, problems: Mapping[str, str]) -> forms.Form:
    """Bound to what the draft holds, with the problems as errors."""
    questions = [item for item in page.items if item.kind.is_question and item.kind is not Kind.FILE]
    data: dict[str, Any] = {}
    for item in questions:
        data |= _data(item, answers.get(item.link_id))
    form = forms.Form(data=data, use_required_attribute=False, auto_id="%s")
    for item in questions:
        form.fields[field_name(item)] = _field(item, language)
        if item.kind is Kind.OPEN_CHOICE:
            form.fields[other_name(item)] = forms.CharField(
                label=_("Skriv vad"),
                required=False,
                max_length=None,
                widget=forms.TextInput(attrs={"class": "ds-input", "maxlength": 200}),
            )
    form.full_clean()
    for item in questions:
        if item.link_id in problems:
            form.add_error(field_name(item), problems[item.link_id])
    return form


def _data(item: Item, answer: Any) -> dict[str, Any]:
    name = field_name(item)
    if item.kind is Kind.OPEN_CHOICE:
        given = answer if isinstance(answer, list) else []
        words = [one["other"] for one in given if isinstance(one, dict)]
        codes = [one for one in given if isinstance(one, str)]
        return {name: [*codes, OTHER] if words else codes, other_name(item): " ".join(words)}
    if item.several:
        return {name: answer if isinstance(answer, list) else []}
    if isinstance(answer, bool):
        return {name: "true" if answer else "false"}
    if item.kind is Kind.DECIMAL and isinstance(understood(item, answer), Decimal):
        return {name: decimal_text(answer)}
    return {name: "" if answer is None else str(answer)}


def _field(item: Item, language: str) -> forms.Field:
    label = item.text.said(language)
    help_text = item.help.text.said(language) if item.help else ""
    choices = [(option.code, option.text.said(language)) for option in item.options]
    several = item.several or item.kind is Kind.OPEN_CHOICE
    if item.kind is Kind.OPEN_CHOICE:
        choices.append((OTHER, _("Annat")))
    widget: forms.Widget
    match item.kind:
        case Kind.BOOLEAN:
            widget = forms.RadioSelect(choices=[("true", _("Ja")), ("false", _("Nej"))])
        case Kind.CHOICE | Kind.OPEN_CHOICE if several:
            widget = forms.CheckboxSelectMultiple(choices=choices)
        case Kind.CHOICE if item.control == "drop-down":
            widget = forms.Select(choices=[("", _("Välj")), *choices])
        case Kind.CHOICE:
            widget = forms.RadioSelect(choices=choices)
        case Kind.TEXT:
            widget = forms.Textarea(attrs={"rows": 6})
        case Kind.DATE:
            widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        case Kind.INTEGER:
            widget = forms.TextInput(attrs={"inputmode": "numeric"})
        case Kind.DECIMAL:
            widget = forms.TextInput(attrs={"inputmode": "decimal"})
        case Kind.PHONE:
            widget = forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"})
        case _:
            widget = forms.TextInput(attrs={"placeholder": item.entry_format} if item.entry_format else {})
    widget.attrs["class"] = "ds-input"
    if several:
        return _Several(label=label, help_text=help_text, required=False, widget=widget)
    return forms.CharField(label=label, help_text=help_text, required=False, widget=widget, strip=False)


class _Several(forms.Field):
    """A list of codes, taken as it comes."""


def conditions(parts: Iterable[tuple[Item, bool]], here: Collection[str]) -> str:
    """For conditions.js: when an item is shown, by fields of the page (`here`). Empty: none of them decides. `parts`:
    the item and the sections around it, each with what its conditions on other pages come to; all must hold."""
    conditional = [(part, elsewhere) for part, elsewhere in parts if part.when]
    if not any(one.question in here for part, _elsewhere in conditional for one in part.when):
        return ""
    return json.dumps(
        [
            {
                "any": part.any_of,
                "elsewhere": elsewhere,
                "of": [
                    {"field": f"q-{one.question}", "op": one.operator.value, "answer": _compared(one.answer)}
                    for one in part.when
                    if one.question in here
                ],
            }
            for part, elsewhere in conditional
        ],
        ensure_ascii=False,
    )


def _compared(answer: Any) -> Any:
    return str(answer).lower() if isinstance(answer, bool) else plain(answer)
