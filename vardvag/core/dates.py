"""Dates as people read them, in Swedish and English, Swedish time.

Made here once per row rather than in templates: localisation was a fifth of a page's time.
"""

from datetime import date, datetime, timedelta

from vardvag.core.personal_number import SWEDEN

DAYS = {
    "sv": ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
MONTHS = {
    "sv": ("januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober",
           "november", "december"),
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December"),
}  # fmt: skip
SHORT_DAYS = {
    "sv": ("mån", "tis", "ons", "tors", "fre", "lör", "sön"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
SHORT_MONTHS = {
    "sv": ("jan", "feb", "mars", "april", "maj", "juni", "juli", "aug", "sep", "okt", "nov", "dec"),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}
WORDS = {
    "sv": {"today": "i dag", "tomorrow": "i morgon", "yesterday": "i går", "at": "kl.", "min": "min", "h": "tim",
           "d": "dagar", "d1": "dag", "left": "kvar", "since": "sedan"},
    "en": {"today": "today", "tomorrow": "tomorrow", "yesterday": "yesterday", "at": "at", "min": "min",
           "h": "h", "d": "days", "d1": "day", "left": "left", "since": "ago"},
}  # fmt: skip


def _language(language: str) -> str:
    return "en" if language.startswith("en") else "sv"


def clock(at: datetime, *, language: str = "sv") -> str:
    """10.42 in Swedish, 10:42 in English"""
    local = at.astimezone(SWEDEN)
    return f"{local:%H:%M}" if _language(language) == "en" else f"{local:%H.%M}"


def day(on: date, *, language: str = "sv", year: bool = True) -> str:
    """24 november 2026"""
    said = _language(language)
    return f"{on.day} {MONTHS[said][on.month - 1]}" + (f" {on.year}" if year else "")


def _relative(on: date, today: date, said: str) -> str:
    return {-1: WORDS[said]["yesterday"], 0: WORDS[said]["today"], 1: WORDS[said]["tomorrow"]}.get(
        (on - today).days, ""
    )


def moment(at: datetime, *, now: datetime, language: str = "sv") -> str:
    """i dag kl. 16.00 · tisdag 24 november kl. 16.00 · 3 mars 2025 kl. 08.15 (another year)"""
    said = _language(language)
    local, today = at.astimezone(SWEDEN), now.astimezone(SWEDEN).date()
    words = _relative(local.date(), today, said)
    if not words:
        same_year = local.year == today.year
        name = f"{DAYS[said][local.weekday()]} " if abs((local.date() - today).days) < 100 else ""
        words = name + day(local.date(), language=said, year=not same_year)
    return f"{words} {WORDS[said]['at']} {clock(at, language=said)}"


def named(on: date, *, today: date, language: str = "sv") -> str:
    """i dag · i morgon · tisdag 24 november"""
    said = _language(language)
    return _relative(on, today, said) or f"{DAYS[said][on.weekday()]} {day(on, language=said, year=False)}"


def full(at: datetime, *, language: str = "sv") -> str:
    """lördag 21 november 2026 kl. 10.42: for what is read who knows when"""
    said = _language(language)
    local = at.astimezone(SWEDEN)
    words = f"{DAYS[said][local.weekday()]} {day(local.date(), language=said)}"
    return f"{words} {WORDS[said]['at']} {clock(at, language=said)}"


def brief(at: datetime, *, now: datetime, language: str = "sv") -> str:
    """For rows: i dag 16.00 · mån 23 nov 16.00 · 3 mars 2025"""
    said = _language(language)
    local, today = at.astimezone(SWEDEN), now.astimezone(SWEDEN).date()
    if local.year != today.year and abs((local.date() - today).days) > 60:
        return day(local.date(), language=said)
    words = _relative(local.date(), today, said)
    if not words:
        words = f"{SHORT_DAYS[said][local.weekday()]} {local.day} {SHORT_MONTHS[said][local.month - 1]}"
    return f"{words} {clock(at, language=said)}"


def short(at: datetime, *, now: datetime, language: str = "sv") -> str:
    """For dense lists: 16.00 today, else 24/11, else 2025-03-03."""
    local, today = at.astimezone(SWEDEN), now.astimezone(SWEDEN).date()
    if local.date() == today:
        return clock(at, language=language)
    return f"{local.day}/{local.month}" if local.year == today.year else f"{local:%Y-%m-%d}"


def span(length: timedelta, *, language: str = "sv") -> str:
    """14 min · 3 tim · 2 dagar"""
    words = WORDS[_language(language)]
    minutes = max(0, int(length.total_seconds() // 60))
    if minutes < 60:
        return f"{minutes} {words['min']}"
    if minutes < 48 * 60:
        return f"{minutes // 60} {words['h']}"
    days = minutes // 1440
    return f"{days} {words['d1'] if days == 1 else words['d']}"


def left(until: datetime, *, now: datetime, language: str = "sv") -> str:
    """2 tim kvar when it is near, else the day and time in brief; how long past when it has passed."""
    said = _language(language)
    if until <= now:
        return span(now - until, language=said)
    if until - now < timedelta(hours=12):
        return f"{span(until - now, language=said)} {WORDS[said]['left']}"
    return brief(until, now=now, language=said)


def since(at: datetime, *, now: datetime, language: str = "sv") -> str:
    """3 tim sedan"""
    said = _language(language)
    return f"{span(now - at, language=said)} {WORDS[said]['since']}"
