"""What components are made of. Whatever comes in is escaped by `format_html`."""

from collections.abc import Mapping

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

NOTHING = SafeString("")


def attributes(pairs: Mapping[str, object]) -> SafeString:
    """` a="b"` for every value that is not None, False or empty; True gives the name alone."""
    made = [
        format_html(" {}", name) if value is True else format_html(' {}="{}"', name, value)
        for name, value in pairs.items()
        if value is not None and value is not False and value != ""
    ]
    return format_html_join("", "{}", ((one,) for one in made))
