"""Swedish personal identity numbers: personal, coordination and reserve numbers.

The stored form is twelve characters without separator ("199001142380"). Ten digits are read by the rule of
the population register: "-" or nothing means younger than 100 this calendar year, "+" means 100 or older.
Reserve numbers (given by care providers to people without a number) fail the check digit on purpose and are
accepted only in full: "99" first, or a letter P, T or F in place nine.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from vardvag.core import clock
from vardvag.core.facts import Fact

SWEDEN = ZoneInfo("Europe/Stockholm")
_LENGTHS = (10, 12)
_ALLOWED = re.compile(r"^[0-9]{6,8}[-+]?[0-9PTF][0-9]{3}$")
_RESERVE = re.compile(r"^(99[0-9]{10}|[0-9]{8}[PTF][0-9]{3})$")
_BLANK_OR_DASH = str.maketrans({" ": "", "\u00a0": "", "\u2009": "", "\t": "", "\u2010": "-", "\u2011": "-",
                                "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2212": "-"})  # fmt: skip


class Kind(StrEnum):
    PERSONAL = "personal"
    COORDINATION = "coordination"
    RESERVE = "reserve"


class NotAPersonalNumber(Fact):
    """The text is no valid number; the message says what is wrong and how to put it right."""


@dataclass(frozen=True, slots=True)
class PersonalNumber:
    """`digits`: twelve characters. `birth`: None where the number does not say (some reserve numbers)."""

    digits: str
    kind: Kind
    birth: date | None

    def __str__(self) -> str:
        return f"{self.digits[:8]}-{self.digits[8:]}"

    @property
    def masked(self) -> str:
        """For places where the person is known anyway: the last four hidden."""
        return f"{self.digits[:8]}-****"

    def age(self, on: date) -> int | None:
        return None if self.birth is None else age(self.birth, on)


def parse(text: str, *, today: date | None = None) -> PersonalNumber:
    """Read a number as people write it; `today` (Swedish) decides the century. Raises NotAPersonalNumber."""
    today = today or today_in_sweden()
    plain = text.translate(_BLANK_OR_DASH).upper()
    sign = "+" if "+" in plain else "-"
    digits = plain.replace("-", "").replace("+", "")
    if not digits:
        raise NotAPersonalNumber(_("Skriv ett personnummer, till exempel 19900114-2380."))
    if len(digits) not in _LENGTHS:
        raise NotAPersonalNumber(
            _("Ett personnummer har 10 eller 12 siffror. Skriv det så här: ÅÅÅÅMMDD-NNNN.")
        )
    if not _ALLOWED.match(plain):
        raise NotAPersonalNumber(_("Skriv bara siffror och bindestreck, så här: ÅÅÅÅMMDD-NNNN."))
    if len(digits) == 12 and _RESERVE.match(digits):
        return PersonalNumber(digits, Kind.RESERVE, _birth(digits))
    if not digits.isdigit():
        raise NotAPersonalNumber(_("Ett reservnummer skrivs med alla 12 tecken."))
    full = digits if len(digits) == 12 else _with_century(digits, sign, today)
    return _checked(full, today)


def normalise(text: str, *, today: date | None = None) -> str:
    """The stored form: twelve characters. Raises NotAPersonalNumber."""
    return parse(text, today=today).digits


def is_valid(text: str, *, today: date | None = None) -> bool:
    try:
        parse(text, today=today)
    except NotAPersonalNumber:
        return False
    return True


def age(birth: date, on: date) -> int:
    """Whole years on a Swedish date; the new age counts from midnight at the start of the birthday.

    Someone born on 29 February has the birthday on 28 February in common years. No statute says which day; of
    the two we take the earlier, so that a guardian's view ends a day early rather than a day late.
    """
    return on.year - birth.year - (on < birthday(birth, on.year))


def birthday(birth: date, year: int) -> date:
    """The day in `year` on which the age changes (see `age` for 29 February)."""
    if (birth.month, birth.day) == (2, 29) and not _leap(year):
        return date(year, 2, 28)
    return birth.replace(year=year)


def today_in_sweden() -> date:
    return clock.now().astimezone(SWEDEN).date()


def generate(birth: date, serial: int, coordination: bool = False) -> str:
    """A valid twelve-digit test number. `serial` 1-999 (odd man, even woman); 980-999 are kept for tests."""
    if not 1 <= serial <= 999:
        raise ValueError("serial must be 1-999")
    day = birth.day + 60 if coordination else birth.day
    nine = f"{birth.year % 100:02}{birth.month:02}{day:02}{serial:03}"
    return f"{birth.year // 100}{nine}{_check_digit(nine)}"


def _checked(full: str, today: date) -> PersonalNumber:
    coordination = int(full[6:8]) >= 60
    birth = _birth(full)
    if birth is None and not (coordination and full[6:8] == "60"):  # day unknown: coordination numbers only
        raise NotAPersonalNumber(
            _("Datumet i personnumret finns inte. Kontrollera år, månad och dag (ÅÅÅÅMMDD).")
        )
    if birth is not None and birth > today:
        raise NotAPersonalNumber(_("Födelsedatumet har inte varit än. Kontrollera årtalet."))
    if int(full[:2]) < 18:
        raise NotAPersonalNumber(_("Årtalet är för långt tillbaka. Kontrollera de fyra första siffrorna."))
    if full[8:11] == "000" or _check_digit(full[2:11]) != full[11]:
        raise NotAPersonalNumber(
            _("Siffrorna stämmer inte ihop. Kontrollera numret, särskilt de fyra sista siffrorna.")
        )
    return PersonalNumber(full, Kind.COORDINATION if coordination else Kind.PERSONAL, birth)


def _with_century(ten: str, sign: str, today: date) -> str:
    """The newest year that fits the sign; a day that has not been belongs to the century before."""
    youngest = today.year - 100 if sign == "+" else today.year
    year = youngest - (youngest - int(ten[:2])) % 100
    birth = _birth(f"{year}{ten[2:]}")
    if birth is not None and birth > today:
        year -= 100
    return f"{year}{ten[2:]}"


def _birth(full: str) -> date | None:
    day = int(full[6:8])
    try:
        return date(int(full[:4]), int(full[4:6]), day - 60 if day > 60 else day)
    except ValueError:
        return None


def _check_digit(nine: str) -> str:
    """Luhn: weights 2,1,2..., digits of the products summed."""
    total = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(nine))
    return str(-total % 10)


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
