"""One value at a time: HSA-ids, dates, yes and no, weekdays, roles. Wrong says problem and cure."""

import re
from contextlib import suppress
from datetime import date, datetime, time
from typing import Any

from django.utils.translation import gettext_lazy as _

from vardvag.core.actor import Role
from vardvag.core.personal_number import SWEDEN
from vardvag.outside.hsa.rows import OpenSpan

# SE + organisation number, or a test object; never å, ä, ö (31 characters at most).
_HSA_ID = re.compile(r"[A-Z]{2,6}\d{10}-[A-Z0-9]{1,24}")
_TOGETHER = re.compile(r"^(\d{8})(\d{6})")  # directories leave the T out: 20261119230000Z
_YES = {"true", "1", "ja", "j", "yes", "y", "sant", "x"}
_NO = {"", "false", "0", "nej", "n", "no", "falskt"}
_DAYS = {
    **dict.fromkeys(("1", "må", "mån", "måndag", "mo", "mon", "monday"), 1),
    **dict.fromkeys(("2", "ti", "tis", "tisdag", "tu", "tue", "tuesday"), 2),
    **dict.fromkeys(("3", "on", "ons", "onsdag", "we", "wed", "wednesday"), 3),
    **dict.fromkeys(("4", "to", "tor", "tors", "torsdag", "th", "thu", "thursday"), 4),
    **dict.fromkeys(("5", "fr", "fre", "fredag", "fri", "friday"), 5),
    **dict.fromkeys(("6", "lö", "lör", "lördag", "sa", "sat", "saturday"), 6),
    **dict.fromkeys(("7", "sö", "sön", "söndag", "su", "sun", "sunday"), 7),
}
_SPAN = re.compile(
    r"\s*(\w+)(?:\s*[-–]\s*(\w+))?\s+(\d{1,2})(?:[.:](\d{2}))?\s*[-–]\s*(\d{1,2})(?:[.:](\d{2}))?\s*(.*)"
)
_SWEDISH = {
    "ärendemottagare": Role.RECEIVER,
    "mottagare": Role.RECEIVER,
    "ärendehanterare": Role.HANDLER,
    "handläggare": Role.HANDLER,
    "lokal administratör": Role.LOCAL_ADMIN,
    "behörighetsadministratör": Role.PERMISSION_ADMIN,
    "konfigurationsadministratör": Role.CONFIG_ADMIN,
    "sjuksköterska": Role.NURSE,
    "läkare": Role.PHYSICIAN,
    "fysioterapeut": Role.PHYSIOTHERAPIST,
    "medicinsk sekreterare": Role.SECRETARY,
    "medicinsk sekreterare (administrativ)": Role.SECRETARY,
    "enhetschef": Role.UNIT_MANAGER,
    "verksamhetschef": Role.UNIT_MANAGER,
    "systemsamordnare": Role.SYSTEM_COORDINATOR,
    "regional administratör": Role.REGIONAL_ADMIN,
    "medicinsk samordnare": Role.MEDICAL_COORDINATOR,
    "support": Role.SUPPORT,
}
ROLES = {
    **_SWEDISH,
    **{role.value: role for role in Role},
    **{role.value.replace("_", " "): role for role in Role},
}
# One word for each role, for error messages.
_NAMES = list({role: word for word, role in reversed(_SWEDISH.items())}.values())[::-1]


class Wrong(ValueError):
    def __init__(self, problem: Any, cure: Any) -> None:
        self.problem, self.cure = problem, cure
        super().__init__(str(problem))


def hsa_id(written: str) -> str:
    found = re.sub(r"\s", "", written).upper()
    if not found:
        raise Wrong(_("HSA-id saknas."), _("Fyll i HSA-id, till exempel SE2321000000-E123."))
    if len(found) > 31 or not _HSA_ID.fullmatch(found):
        raise Wrong(
            _("“%(value)s” är inte ett HSA-id.") % {"value": written[:40]},
            _("Skriv landskod, tio siffror, bindestreck och bokstäver eller siffror: SE2321000000-E123."),
        )
    return found


def name(written: str, limit: int = 200) -> str:
    found = " ".join(written.split())
    if not found:
        raise Wrong(_("Namn saknas."), _("Fyll i namnet."))
    if len(found) > limit:
        raise Wrong(
            _("Namnet är för långt (%(number)s tecken).") % {"number": len(found)},
            _("Korta det till högst %(limit)s tecken.") % {"limit": limit},
        )
    return found


def yes(written: str) -> bool:
    word = written.strip().lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise Wrong(_("“%(value)s” är varken ja eller nej.") % {"value": written[:40]}, _("Skriv ja eller nej."))


def day(written: str) -> date | None:
    """'2026-11-20', '20261120' or a timestamp that begins with one; empty: None. One with a zone is the day it then
    is in Sweden: the catalogue's own zone tells midnight here as the evening before."""
    text = written.strip()
    if not text:
        return None
    with suppress(ValueError, OverflowError):
        moment = datetime.fromisoformat(_TOGETHER.sub(r"\1T\2", text))
        if moment.tzinfo is not None:
            return moment.astimezone(SWEDEN).date()
    for shape, length in (("%Y-%m-%d", 10), ("%Y%m%d", 8)):
        try:
            return datetime.strptime(text[:length], shape).date()  # noqa: DTZ007 - a date has no zone
        except ValueError:
            continue
    raise Wrong(
        _("“%(value)s” är inte ett datum.") % {"value": written[:40]}, _("Skriv datum som 2026-11-20.")
    )


def organisation_number(written: str) -> str:
    found = re.sub(r"[\s-]", "", written)
    if len(found) == 12 and found.startswith("16"):
        found = found[2:]
    if found and not (len(found) == 10 and found.isdigit()):
        raise Wrong(
            _("“%(value)s” är inte ett organisationsnummer.") % {"value": written[:40]},
            _("Skriv tio siffror, till exempel 232100-0000."),
        )
    return found


def postal_code(written: str) -> str:
    """'123 45', however it is written."""
    found = re.sub(r"\s", "", written)
    if found and not (len(found) == 5 and found.isdigit()):
        raise Wrong(
            _("“%(value)s” är inte ett postnummer.") % {"value": written[:40]},
            _("Skriv fem siffror, till exempel 123 45."),
        )
    return f"{found[:3]} {found[3:]}" if found else ""


def clock(written: str) -> time:
    """'08:00', '08:00:00'; '24:00' is the last minute of the day."""
    hours, minutes = (int(part) for part in (written.strip().split(":") + ["0"])[:2])
    return time(23, 59) if (hours, minutes) == (24, 0) else time(hours, minutes)


def spans(written: str) -> tuple[OpenSpan, ...]:
    """'mån-fre 8.00-16.30, lör 10-12' with commas or | between."""
    found = []
    for part in filter(str.strip, re.split(r"[,|]", written)):
        match = _SPAN.fullmatch(part)
        try:
            if match is None:
                raise ValueError
            first, last, h1, m1, h2, m2, comment = match.groups()
            opens, closes = clock(f"{h1}:{m1 or 0}"), clock(f"{h2}:{m2 or 0}")
            days = _DAYS[first.lower()], _DAYS[(last or first).lower()]
            if opens >= closes:
                raise ValueError
        except (ValueError, KeyError):
            raise Wrong(
                _("“%(value)s” går inte att läsa som öppettider.") % {"value": part.strip()[:40]},
                _("Skriv dagar och tider så här: mån-fre 8.00-16.30, lör 10-12."),
            ) from None
        found.append(OpenSpan(days[0], days[1], opens, closes, comment[:19]))
    return tuple(found)


def roles(written: str) -> frozenset[Role]:
    words = words_of(written)
    unknown = [word for word in words if word.lower() not in ROLES]
    if unknown:
        raise Wrong(
            _("Rollen “%(value)s” finns inte.") % {"value": unknown[0][:40]},
            _("Välj bland: %(roles)s.") % {"roles": ", ".join(_NAMES)},
        )
    return frozenset(ROLES[word.lower()] for word in words)


def words_of(written: str) -> tuple[str, ...]:
    """Several values in one cell, with | or + or comma between."""
    return tuple(" ".join(word.split()) for word in re.split(r"[|+,]", written) if word.strip())
