"""What a case is shown with: how urgent, how late, where it stands, whom it is about, what was said."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from vardvag.core.markup import NOTHING, attributes
from vardvag.core.templatetags.ui import icon

register = template.Library()


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
    return format_html('<span class="presence"{}>{}</span>', attributes({"data-writing": writing}), text)


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
        attributes({"data-protected": protected}), guard, who, more,
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
        attributes(more), label, who, when, marked, content,
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
