"""What markup made in Python is made of. Whatever comes in is escaped, unless it was made here."""

import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import cast

from django.utils.safestring import SafeString

NOTHING = SafeString("")
_special = re.compile("[&<>\"']").search


def escaped(value: object) -> str:
    """As Django's `conditional_escape`, in a tenth of its steps: a page has hundreds of values."""
    kind = type(value)
    if kind is SafeString:
        return cast(str, value)
    if kind is not str:
        if isinstance(value, int):
            return str(value)
        if hasattr(value, "__html__"):
            return str(value.__html__())
    text = str(value)
    return escape(text) if _special(text) else text


def fill(pattern: str, *values: object) -> SafeString:
    """`pattern` is a constant of the code's, with a `{}` for each value; braces in a value are only braces."""
    return SafeString(pattern.format(*[escaped(value) for value in values]))


def joined(made: Iterable[SafeString]) -> SafeString:
    return SafeString("".join(made))


def attributes(pairs: Mapping[str, object]) -> SafeString:
    """` a="b"` for every value that is not None, False or empty; True gives the name alone."""
    made = [
        f" {escaped(name)}" if value is True else f' {escaped(name)}="{escaped(value)}"'
        for name, value in pairs.items()
        if value is not None and value is not False and value != ""
    ]
    return SafeString("".join(made))
