"""Components as typed functions. /galleri/ shows each in every state."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

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


@register.inclusion_tag("core/components/problem.html")
def problem(message: object, *, kept: bool = False) -> dict[str, object]:
    """What went wrong, in words that name the cure; `kept`: what was typed is still there."""
    return {"message": message, "kept": kept}


@register.simple_tag
def lateness(state: str, text: str) -> SafeString:
    """A deadline: '' in time, 'soon' amber, 'late' red; always with a word beside the colour."""
    word = {"late": _("FÖRFALLET"), "soon": _("Snart")}.get(state, "")
    marked = format_html('<span class="clock-word">{}</span> ', word) if word else ""
    return format_html('<span class="clock" data-clock="{}">{}{}</span>', state, marked, text)


@register.filter
def safe_svg(made: str) -> SafeString:
    """SVG made by our own code (QR codes); never anything that came from outside."""
    return mark_safe(made)  # noqa: S308
