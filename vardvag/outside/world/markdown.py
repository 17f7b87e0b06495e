"""The simple markdown of BankID's texts, as the app shows it: here headings are lines and bold is bold."""

import re
from html import escape

_HEADING = re.compile(r"^#+ *", re.MULTILINE)
_BOLD = re.compile(r"\*\*?([^*\n]+)\*\*?")


def as_html(text: str) -> str:
    """Without the signs that only the app should see."""
    return _BOLD.sub("<b>\\1</b>", _HEADING.sub("", escape(text)))
