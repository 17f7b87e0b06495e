"""Opening hours in words: "måndag–torsdag 08.00–16.00"."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from vardvag.core import dates
from vardvag.organisation.queries import Days, Opening, SpecialHours
from vardvag.organisation.rules import Hours


@dataclass(frozen=True, slots=True)
class Line:
    days: str
    hours: str
    why: str = ""


def spans(hours: Iterable[Hours]) -> str:
    said = ", ".join(f"{h.opens:%H.%M}–{h.closes:%H.%M}" for h in hours)
    return said or _("Stängt")


def weekly(days: Iterable[Days], language: str) -> list[Line]:
    names = dates.DAYS["en" if language == "en" else "sv"]
    return [
        Line(names[d.first] if d.first == d.last else f"{names[d.first]}–{names[d.last]}", spans(d.hours))
        for d in days
    ]


def special(days: Iterable[SpecialHours], language: str) -> list[Line]:
    return [Line(_day(d.day, language), spans(d.hours), d.why) for d in days]


def opening_line(opening: Opening, *, now: datetime, language: str) -> str:
    """Telefontid nu till kl. 16.00. · Telefonen öppnar i morgon kl. 08.00."""
    if opening.closes is not None:
        return _("Telefonen är öppen nu, till kl. %(time)s.") % {"time": dates.clock(opening.closes)}
    if opening.opens is not None:
        return _("Telefonen öppnar %(when)s.") % {
            "when": dates.moment(opening.opens, now=now, language=language)
        }
    return _("Telefontider saknas.")


def _day(on: date, language: str) -> str:
    names = dates.DAYS["en" if language == "en" else "sv"]
    return f"{names[on.weekday()]} {dates.day(on, language=language, year=False)}"
