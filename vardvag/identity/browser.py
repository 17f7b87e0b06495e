"""A browser's name in few words, for the person's own list of where they are logged in."""

import re

_BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
_DEVICES = (
    ("iPad", "iPad"), ("iPhone", "iPhone"), ("Android", "Android"), ("CrOS", "Chromebook"),
    ("Windows", "Windows"), ("Macintosh", "Mac"), ("Linux", "Linux"),
)  # fmt: skip


def label(user_agent: str) -> str:
    """ "Firefox på Windows"; never longer than 60 characters, never the raw text."""
    browser = _first(_BROWSERS, user_agent)
    device = _first(_DEVICES, user_agent)
    if browser and device:
        return f"{browser} på {device}"
    return browser or device or "Okänd webbläsare"


def _first(names: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for mark, name in names if re.search(re.escape(mark), text)), "")
