"""Components as typed functions; /galleri/ shows each in every state. Every template has them without `{% load %}`.

Whatever comes in is escaped by `format_html`. `mark_safe` stands in this file and in `texts.py` only, for markup
made here.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from django import template
from django.forms import BoundField, Form
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

register = template.Library()

Tone = Literal["info", "success", "warning", "danger", "neutral", "accent"]
NOTHING = SafeString("")

_ICONS = {
    "info": '<circle cx="12" cy="12" r="9"/><path d="M12 11v5"/><path d="M12 7.5v.5"/>',
    "check": '<path d="M4.5 12.5l5 5 10-11"/>',
    "warning": '<path d="M12 3.5L2.5 20h19z"/><path d="M12 10v4.5"/><path d="M12 17.2v.3"/>',
    "lock": '<rect x="5" y="11" width="14" height="9.5" rx="2"/><path d="M8 11V7.5a4 4 0 018 0V11"/>',
    "people": '<circle cx="9" cy="8" r="3.5"/><path d="M2.5 20a6.5 6.5 0 0113 0"/><circle cx="18" cy="12.5" r="2.3"/>'
    '<path d="M16.5 17.5a4 4 0 015 2.5"/>',
    "clock": '<circle cx="12" cy="12" r="9"/><path d="M12 7v5.5l3.5 2"/>',
    "pen": '<path d="M4 20l1-4.5L16.5 4l3.5 3.5L8.5 19z"/>',
    "phone": '<path d="M6 3.5l3.5 1L11 9 8.5 11a12 12 0 004.5 4.5l2-2.5 4.5 1.5 1 3.5c-1 2-3 3-5 2.5A18 18 0 013.5 8.5'
    'c-.5-2 .5-4 2.5-5z"/>',
    "undo": '<path d="M8 5L3.5 9.5 8 14"/><path d="M4 9.5h9.5a6 6 0 010 12H9"/>',
    "file": '<path d="M6 3h8l4.5 4.5V21H6z"/><path d="M14 3v5h4.5"/>',
}


def _attributes(pairs: Mapping[str, object]) -> SafeString:
    """` a="b"` for every value that is not None, False or empty; True gives the name alone."""
    made = [
        format_html(" {}", name) if value is True else format_html(' {}="{}"', name, value)
        for name, value in pairs.items()
        if value is not None and value is not False and value != ""
    ]
    return format_html_join("", "{}", ((one,) for one in made))


@register.simple_tag
def icon(name: str) -> SafeString:
    """A drawing beside a word, never instead of one: hidden from screen readers."""
    drawing = mark_safe(_ICONS[name])  # noqa: S308 - drawn above
    return format_html('<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">{}</svg>', drawing)


@register.simple_tag
def kbd(key: str) -> SafeString:
    return format_html("<kbd>{}</kbd>", key)


@register.simple_tag
def button(
    text: str,
    *,
    variant: Literal["primary", "secondary", "tertiary"] = "primary",
    color: str = "",
    size: str = "",
    kind: Literal["submit", "button"] = "submit",
    name: str = "",
    value: str = "",
    key: str = "",
    resting: bool = False,
) -> SafeString:
    """`key`: the key that presses it (core/keys.js), shown beside the word. `resting`: cannot be pressed now."""
    more = {
        "type": kind,
        "data-variant": "" if variant == "primary" else variant,
        "data-color": color,
        "data-size": size,
        "name": name,
        "value": value,
        "data-key": key,
        "aria-keyshortcuts": key,
        "aria-disabled": "true" if resting else "",
    }
    hint = format_html(" <kbd>{}</kbd>", key.upper()) if key else NOTHING
    return format_html('<button class="ds-button"{}>{}{}</button>', _attributes(more), text, hint)


@register.simple_tag
def link_button(
    text: str, href: str, *, variant: str = "primary", color: str = "", size: str = ""
) -> SafeString:
    more = {"data-variant": "" if variant == "primary" else variant, "data-color": color, "data-size": size}
    return format_html('<a class="ds-button" href="{}"{}>{}</a>', href, _attributes(more), text)


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
            _attributes({"aria-describedby": bound.aria_describedby}), bound.label, helped, told, choices,
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


def _named(bound: BoundField) -> str:
    """Namn: or Har det blivit sämre?, before what is wrong with it."""
    label = str(bound.label)
    return label if label.endswith(("?", ".", ":")) else f"{label}:"


@register.simple_tag
def error_summary(form: Form) -> SafeString:
    """On top of a form that came back: how many things to put right, each a link to its field."""
    faults = [
        (form[name].id_for_label or form[name].auto_id, _named(form[name]), error)
        for name, errors in form.errors.items()
        if name != "__all__"
        for error in errors
    ]
    general = [str(error) for error in form.non_field_errors()]
    if not faults and not general:
        return NOTHING
    number = len(faults) + len(general)
    heading = ngettext("Det finns %(n)s sak att rätta", "Det finns %(n)s saker att rätta", number) % {
        "n": number
    }
    rows = format_html_join("", '<li><a class="ds-link" href="#{}">{} {}</a></li>', faults)
    plain = format_html_join("", "<li>{}</li>", ((one,) for one in general))
    return format_html(
        '<div class="ds-error-summary" tabindex="-1" role="alert"><h2 class="ds-heading" data-size="2xs">{}</h2>'
        '<ul class="ds-list">{}{}</ul></div>',
        heading, plain, rows,
    )  # fmt: skip


@register.simple_tag
def alert(text: str, tone: Tone = "info", *, title: str = "", live: bool = False) -> SafeString:
    """`live`: said at once by screen readers; only for what has just happened."""
    head = format_html('<h2 class="ds-heading" data-size="2xs">{}</h2>', title) if title else NOTHING
    more = {"data-color": tone, "role": "alert" if live else ""}
    return format_html(
        '<div class="ds-alert"{}>{}<p class="ds-paragraph">{}</p></div>', _attributes(more), head, text
    )


@register.inclusion_tag("core/components/problem.html")
def problem(message: object, *, kept: bool = False) -> dict[str, object]:
    """What went wrong, in words that name the cure; `kept`: what was typed is still there."""
    return {"message": message, "kept": kept}


@register.simple_tag
def tag(text: str, tone: Tone | str = "neutral") -> SafeString:
    return format_html('<span class="ds-tag" data-size="sm" data-color="{}">{}</span>', tone, text)


def _urgency_word(level: int) -> str:
    return {
        1: _("Omedelbart"),
        2: _("Snart"),
        3: _("I dag"),
        4: _("Kan vänta"),
        5: _("Ingen brådska"),
    }[level]


@register.simple_tag
def urgency(level: int) -> SafeString:
    """Number, word and colour; the number alone carries it where there is no room."""
    return format_html(
        '<span class="urgency" data-urgency="{}"><span class="urgency-number">{}</span> {}</span>',
        level,
        level,
        _urgency_word(level),
    )


@register.simple_tag
def lateness(state: str, text: str) -> SafeString:
    """A deadline: '' in time, 'soon' amber, 'late' red; always with a word and a shape beside the colour."""
    word = {"late": _("FÖRFALLET"), "soon": _("Snart")}.get(state, "")
    marked = format_html('<span class="clock-word">{}</span> ', word) if word else ""
    return format_html('<span class="clock" data-clock="{}">{}{}</span>', state, marked, text)


@register.simple_tag
def presence(text: str, *, writing: bool = False) -> SafeString:
    """Who else is here, in words; amber only for writing."""
    return format_html('<span class="presence"{}>{}</span>', _attributes({"data-writing": writing}), text)


@register.simple_tag
def steps(rows: Sequence[Any]) -> SafeString:
    """The dated steps of a case: each with `done`, `word` and `when` (attributes or keys)."""
    made = []
    for row in rows:
        get = row.get if isinstance(row, Mapping) else lambda name, row=row: getattr(row, name)
        when = format_html(' <span class="step-when">{}</span>', get("when")) if get("when") else NOTHING
        made.append(("yes" if get("done") else "no", get("word"), when))
    inside = format_html_join(
        "", '<li class="step" data-done="{}"><span class="step-word">{}</span>{}</li>', made
    )
    return format_html('<ol class="steps">{}</ol>', inside)


@register.simple_tag
def patient_banner(name: str, age: int, *, protected: bool = False, written_by: str = "") -> SafeString:
    """Whose matters are on screen. Protected identity is a mode, not a note: red border and the routine."""
    who = format_html("<strong>{}</strong> <span>{}</span>", name, _("%(age)s år") % {"age": age})
    more = (
        format_html("<span>{}</span>", _("%(who)s skriver") % {"who": written_by}) if written_by else NOTHING
    )
    guard = (
        format_html("<strong>{} {}</strong>", icon("lock"), _("Skyddade personuppgifter – följ rutinen"))
        if protected
        else NOTHING
    )
    return format_html(
        '<div class="patient-banner" role="note"{}>{}{}{}</div>',
        _attributes({"data-protected": protected}), guard, who, more,
    )  # fmt: skip


@register.simple_tag
def empty_state(text: str, *, link: str = "", href: str = "") -> SafeString:
    """Never an empty page: what there is nothing of, and where to look next."""
    onward = format_html(' <a class="ds-link" href="{}">{}</a>', href, link) if href else NOTHING
    return format_html('<div class="empty-state"><p class="ds-paragraph">{}{}</p></div>', text, onward)


@register.simple_tag
def skeleton(rows: int = 3) -> SafeString:
    """Where rows will come, at their height, while they are fetched."""
    inside = format_html_join(
        "",
        '<span class="ds-skeleton" data-variant="text" aria-hidden="true">{}</span>',
        (("\u00a0" * 60,) for _row in range(rows)),
    )
    return format_html(
        '<div class="skeleton-rows" role="status"><span class="ds-sr-only">{}</span>{}</div>',
        _("Hämtar"),
        inside,
    )


@register.simple_tag
def views(rows: Sequence[tuple[str, str, int | None, bool]], *, label: str) -> SafeString:
    """The views of a list as links with counters: (name, href, count or None, whether it is the one shown)."""
    inside = format_html_join(
        "",
        '<a class="view" href="{}"{}>{}{}</a>',
        (
            (
                href,
                _attributes({"aria-current": "page" if shown else ""}),
                name,
                NOTHING if count is None else format_html(' <span class="view-count">{}</span>', count),
            )
            for name, href, count, shown in rows
        ),
    )
    return format_html('<nav class="views" aria-label="{}">{}</nav>', label, inside)


@register.simple_tag
def pager(number: int, *, before: str = "", after: str = "") -> SafeString:
    """`before`, `after`: addresses of the pages beside this one, empty where there is none."""
    back = (
        format_html('<a class="ds-link" href="{}">‹ {}</a> ', before, _("Föregående")) if before else NOTHING
    )
    on = format_html(' <a class="ds-link" href="{}">{} ›</a>', after, _("Nästa")) if after else NOTHING
    here = _("Sida %(number)s") % {"number": number}
    return format_html(
        '<nav class="pager" aria-label="{}">{}<span>{}</span>{}</nav>', _("Sidor"), back, here, on
    )


@register.simple_tag
def progress(label: str, done: int, total: int) -> SafeString:
    return format_html(
        '<label class="progress"><span>{}</span><progress value="{}" max="{}">{} / {}</progress></label>',
        label, done, total, done, total,
    )  # fmt: skip


@register.simple_block_tag
def table(content: str, *, label: str) -> SafeString:
    """Round a wide table: it scrolls by itself, also by keyboard, and the page never sideways."""
    return format_html(
        '<div class="table-wrap" tabindex="0" role="region" aria-label="{}">{}</div>', label, content
    )


@register.simple_block_tag
def card(content: str) -> SafeString:
    return format_html('<div class="ds-card">{}</div>', content)


@register.simple_block_tag
def details(content: str, *, summary: str, opened: bool = False) -> SafeString:
    return format_html(
        '<details class="ds-details"{}><summary>{}</summary><div>{}</div></details>',
        _attributes({"open": opened}), summary, content,
    )  # fmt: skip


@register.simple_block_tag
def message(
    content: str, *, side: Literal["me", "care", "note"], who: str, when: str, mark: str = ""
) -> SafeString:
    """A bubble of a thread. `note` is seen by staff only and says so; `mark`: Delsvar, Fråga."""
    label = (
        format_html('<span class="note-label">{}</span>', _("Bara personal ser det här"))
        if side == "note"
        else NOTHING
    )
    marked = (
        format_html('<p class="ds-tag" data-size="sm" data-color="info">{}</p>', mark) if mark else NOTHING
    )
    more = {
        "class": "message note" if side == "note" else "message",
        "data-side": "" if side == "note" else side,
    }
    return format_html(
        '<article{}><h2 class="message-head">{}{} · <span class="message-when">{}</span></h2>{}'
        '<div class="message-body pre">{}</div></article>',
        _attributes(more), label, who, when, marked, content,
    )  # fmt: skip


@register.simple_block_tag
def receipt(content: str, *, title: str) -> SafeString:
    """It is stored: green panel; inside what happens next, with dates."""
    return format_html(
        '<div class="receipt"><h1 class="ds-heading" data-size="lg">{} {}</h1>{}</div>',
        icon("check"),
        title,
        content,
    )


@register.filter
def safe_svg(made: str) -> SafeString:
    """SVG made by our own code (QR codes); never anything that came from outside."""
    return mark_safe(made)  # noqa: S308
