"""Fields of forms with their label, help and error, and the summary of what is to be put right."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.forms import BoundField, Form
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vardvag.core.markup import NOTHING, attributes, fill, joined

register = template.Library()


@register.simple_tag
def field(bound: BoundField, *, count: int = 0) -> SafeString:
    """Label, help, error and the field; choices as a group. `count`: characters allowed, told while typing."""
    told = (
        format_html(
            '<p class="ds-validation-message" id="{}_error">{}</p>',
            bound.auto_id,
            " ".join(map(str, bound.errors)),
        )
        if bound.errors
        else NOTHING
    )
    helped = (
        format_html('<p data-field="description" id="{}_helptext">{}</p>', bound.auto_id, bound.help_text)
        if bound.help_text
        else NOTHING
    )
    if bound.use_fieldset:
        for one in bound.subwidgets:
            one.data["attrs"] |= {"class": "ds-input"} | ({"aria-invalid": "true"} if bound.errors else {})
        choices = format_html_join(
            "",
            '<div class="ds-field">{}<label class="ds-label" for="{}">{}</label></div>',
            ((one.tag(), one.id_for_label, one.choice_label) for one in bound.subwidgets),
        )
        return format_html(
            '<fieldset class="ds-fieldset"{}><legend class="ds-label">{}</legend>{}{}{}</fieldset>',
            attributes({"aria-describedby": bound.aria_describedby}), bound.label, helped, told, choices,
        )  # fmt: skip
    more: dict[str, Any] = {"class": "ds-input"}
    if count:
        more |= {"data-count": count, "maxlength": count}
    left = _("tecken kvar")
    counter = (
        format_html('<p class="field-count" data-count-words="{}" aria-live="off" hidden></p>', left)
        if count
        else NOTHING
    )
    label = format_html('<label class="ds-label" for="{}">{}</label>', bound.id_for_label, bound.label)
    if getattr(bound.field.widget, "input_type", "") == "checkbox":
        return format_html(
            '{}<div class="ds-field">{}{}</div>{}', told, bound.as_widget(attrs=more), label, helped
        )
    return format_html(
        '<div class="ds-field">{}{}{}{}{}</div>', label, helped, told, bound.as_widget(attrs=more), counter
    )


@register.simple_tag
def options(rows: Iterable[tuple[object, object]], chosen: object = "") -> SafeString:
    """Of a `<select>`: (value, text). `chosen` as it stands in the address or the form."""
    said = str(chosen)
    return joined(
        fill('<option value="{}"{}>{}</option>', value, _CHOSEN if said == str(value) else NOTHING, text)
        for value, text in rows
    )


_CHOSEN = SafeString(" selected")


def _named(bound: BoundField) -> str:
    """Namn: or Har det blivit sämre?, before what is wrong with it."""
    label = str(bound.label)
    return label if label.endswith(("?", ".", ":")) else f"{label}:"


@register.simple_tag
def error_summary(found: Form | Mapping[str, object]) -> SafeString:
    """On top of a form that came back: how many things to put right, each a link to its field. `found`: the form, or
    what is wrong by the field's id."""
    if isinstance(found, Form):
        rows = [
            (found[name].id_for_label or found[name].auto_id, f"{_named(found[name])} {error}")
            for name, errors in found.errors.items()
            if name != "__all__"
            for error in errors
        ]
        general = [str(error) for error in found.non_field_errors()]
    else:
        rows, general = [(name, str(told)) for name, told in found.items()], []
    if not rows and not general:
        return NOTHING
    plain = format_html_join("", "<li>{}</li>", ((one,) for one in general))
    links = format_html_join("", '<li><a class="ds-link" href="#{}">{}</a></li>', rows)
    return _summary(plain + links, number=len(rows) + len(general))


@register.simple_block_tag
def faults(content: str, *, number: int = 1, title: str = "") -> SafeString:
    """The same round rows of the page's own: `<li>`s with links to where it is put right."""
    return _summary(content, number=number, title=title)


def _summary(rows: str, *, number: int, title: str = "") -> SafeString:
    heading = title or ngettext(
        "Det finns %(n)s sak att rätta", "Det finns %(n)s saker att rätta", number
    ) % {"n": number}
    return format_html(
        '<div class="ds-error-summary" tabindex="-1" role="alert"><h2 class="ds-heading" data-size="2xs">{}</h2>'
        '<ul class="ds-list">{}</ul></div>',
        heading, rows,
    )  # fmt: skip
