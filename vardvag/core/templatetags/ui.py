"""Components as typed functions; /galleri/ shows each in every state. Every template has them without `{% load %}`.

Fields of forms stand in `fields.py`, what a case is shown with in `matters.py`. `mark_safe` stands in this file and in
`texts.py` only, for markup made here.
"""

from collections.abc import Sequence
from typing import Literal

from django import template
from django.conf import settings
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from vardvag.core.markup import NOTHING, attributes, fill, joined

register = template.Library()

Tone = Literal["info", "success", "warning", "danger", "neutral", "accent"]

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


@register.simple_tag
def script_parts() -> SafeString:
    """All that app.js imports, asked for at once: over a slow network they would come one after the other."""
    names = ("once", "net", "drafts", "session", "live", "toast", "unread")
    made = (
        fill('<link rel="modulepreload" href="{}core/{}.js">', settings.STATIC_URL, name) for name in names
    )
    return joined(made)


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
    return format_html('<button class="ds-button"{}>{}{}</button>', attributes(more), text, hint)


@register.simple_tag
def link_button(
    text: str, href: str, *, variant: str = "primary", color: str = "", size: str = ""
) -> SafeString:
    more = {"data-variant": "" if variant == "primary" else variant, "data-color": color, "data-size": size}
    return format_html('<a class="ds-button" href="{}"{}>{}</a>', href, attributes(more), text)


@register.simple_tag
def alert(text: str, tone: Tone = "info", *, title: str = "", live: bool = False) -> SafeString:
    """`live`: said at once by screen readers and given the focus; only for what has just happened."""
    head = format_html('<h2 class="ds-heading" data-size="2xs">{}</h2>', title) if title else NOTHING
    more = {"data-color": tone} | ({"role": "alert", "tabindex": "-1", "data-focus": True} if live else {})
    return format_html(
        '<div class="ds-alert"{}>{}<p class="ds-paragraph">{}</p></div>', attributes(more), head, text
    )


@register.inclusion_tag("core/components/problem.html")
def problem(message: object, *, kept: bool | str = False) -> dict[str, object]:
    """What went wrong, in words that name the cure; `kept`: what was typed is still there, or the
    page's own words for that."""
    return {"message": message, "kept": kept}


@register.simple_tag
def tag(text: str, tone: Tone | str = "neutral") -> SafeString:
    return format_html('<span class="ds-tag" data-size="sm" data-color="{}">{}</span>', tone, text)


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
                attributes({"aria-current": "page" if shown else ""}),
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
        attributes({"open": opened}), summary, content,
    )  # fmt: skip


@register.filter
def safe_svg(made: str) -> SafeString:
    """SVG made by our own code (QR codes); never anything that came from outside."""
    return mark_safe(made)  # noqa: S308
