"""Text people have written, as safe HTML: paragraphs kept, https links made by our own linker."""

import re

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

register = template.Library()
LINK = re.compile(r"https://[^\s<>\"'`{}|\\^]{3,500}")
TRAILING = ".,;:!?)]”’"


@register.filter
def linked(text: str) -> SafeString:
    """Plain text with https addresses as links; nothing else of it is markup."""
    parts: list[str] = []
    at = 0
    for match in LINK.finditer(text):
        address = match[0].rstrip(TRAILING)
        parts.append(escape(text[at : match.start()]))
        parts.append(
            format_html(
                '<a class="ds-link" href="{}" rel="noopener noreferrer nofollow" target="_blank">{}'
                '<span class="ds-sr-only"> {}</span></a>',
                address,
                address,
                _("öppnas i en ny flik"),
            )
        )
        at = match.start() + len(address)
    parts.append(escape(text[at:]))
    return mark_safe("".join(parts))  # noqa: S308 - every part is escaped above
