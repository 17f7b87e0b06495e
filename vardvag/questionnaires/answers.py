"""What was answered: one answer's shape, and whether it will do. Pure.

Answers are JSON values by link id, so that a draft keeps exactly what was typed:
text, phone and date: str (a date as 2026-05-15) · choice: the option's code · several: list of codes ·
open choice: list of codes and {"other": text} · boolean: bool · integer: int · decimal: str ("36.5") ·
file: list of the files' public ids. What cannot be understood stays as the text it was.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import phonenumbers
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from vardvag.questionnaires.definition import SOURCE_LANGUAGE, Bound, Item, Kind, Value

# Characters, where a form says nothing.
LONGEST = {Kind.STRING: 200, Kind.PHONE: 40, Kind.TEXT: 10_000, Kind.OPEN_CHOICE: 200}
Answers = Mapping[str, Any]
# As people write one. Decimal reads more than that: "1e-900000000" would be written out with all its noughts.
_DECIMAL = re.compile(r"[-+]?(?:[0-9]{1,9}(?:\.[0-9]{0,20})?|\.[0-9]{1,20})")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def tidy(item: Item, raw: Any) -> Any:
    """What was typed as it is kept: trimmed, in its kind's JSON shape where it can be; None when empty."""
    if item.several or item.kind is Kind.OPEN_CHOICE:
        entries = [_entry(one) for one in (raw if isinstance(raw, list) else [raw])]
        return list({str(one): one for one in entries if one not in (None, "")}.values()) or None
    if isinstance(raw, bool):
        return raw if item.kind is Kind.BOOLEAN else None
    if raw is None or isinstance(raw, (list, dict)):
        return None
    text = _plain(str(raw)) if item.kind is Kind.TEXT else " ".join(_plain(str(raw)).split())
    if not text:
        return None
    value = understood(item, text)
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date) else text if value is None else value


def _plain(text: str) -> str:
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _entry(raw: Any) -> Any:
    if isinstance(raw, dict):
        return {"other": " ".join(_plain(str(raw.get("other", ""))).split())}
    return _plain(str(raw)) if raw is not None else None


def understood(item: Item, answer: Any) -> Value | None:
    """One answer as a value to compare and show; None when it is missing or makes no sense."""
    if answer is None or isinstance(answer, (list, dict)):
        return None
    text = str(answer)
    try:
        match item.kind:
            case Kind.BOOLEAN:
                return {"true": True, "false": False}.get(text.lower())
            case Kind.INTEGER:
                digits = text.replace(" ", "")
                return int(digits) if re.fullmatch(r"-?[0-9]{1,9}", digits) else None
            case Kind.DECIMAL:
                digits = text.replace(" ", "").replace(",", ".")
                return Decimal(digits) if _DECIMAL.fullmatch(digits) else None
            case Kind.DATE:
                return date.fromisoformat(text)
            case Kind.PHONE:
                return _phone(text)
            case Kind.CHOICE:
                return text if item.option(text) else None
            case _:
                return text
    except ValueError:
        return None


def _phone(text: str) -> str | None:
    """As it is best written; None when nobody can be called on it."""
    if phonenumbers.is_alpha_number(text):
        return None  # a word beside it ("hem") would be dialled: its letters become digits
    try:
        number = phonenumbers.parse(text, "SE")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    shapes = phonenumbers.PhoneNumberFormat
    shape = shapes.NATIONAL if number.country_code == 46 else shapes.INTERNATIONAL
    return str(phonenumbers.format_number(number, shape))


def values(item: Item, answer: Any) -> tuple[Value, ...]:
    """Every value of an answer, as conditions compare them; free words beside the options do not count."""
    if isinstance(answer, list):
        return tuple(one for one in answer if isinstance(one, str) and (item.option(one) or not item.options))
    value = understood(item, answer)
    return () if value is None else (value,)


def problem(item: Item, answer: Any, today: date) -> str:
    """What to do about the answer, in the reader's language; empty when it will do."""
    if answer in (None, "", []):
        return _missing(item) if item.required else ""
    if isinstance(answer, list):
        return _list_problem(item, answer)
    value = understood(item, answer)
    if value is None:
        return _not_understood(item)
    if isinstance(value, str) and item.kind in LONGEST:
        return _length_problem(item, value)
    return _bound_problem(item, value, today)


def _missing(item: Item) -> str:
    match item.kind:
        case Kind.CHOICE if item.several:
            return _("Välj minst ett av svaren.")
        case Kind.CHOICE | Kind.OPEN_CHOICE:
            return _("Välj ett av svaren.")
        case Kind.BOOLEAN:
            return _("Välj ja eller nej.")
        case Kind.DATE:
            return _("Skriv ett datum.")
        case Kind.INTEGER | Kind.DECIMAL:
            return _("Skriv ett tal.")
        case Kind.PHONE:
            return _("Skriv ett telefonnummer.")
        case Kind.FILE:
            return _("Välj minst en bild eller fil.")
        case _:
            return _("Skriv ett svar.")


def _not_understood(item: Item) -> str:
    match item.kind:
        case Kind.DATE:
            return _("Skriv datumet med år, månad och dag, till exempel 2026-05-15.")
        case Kind.INTEGER:
            return _("Skriv ett helt tal med siffror, till exempel 3.")
        case Kind.DECIMAL:
            return _("Skriv ett tal med siffror, till exempel 36,5.")
        case Kind.PHONE:
            return _("Skriv hela telefonnumret med riktnummer, till exempel 070-174 06 05.")
        case Kind.BOOLEAN:
            return _("Välj ja eller nej.")
        case _:
            return _("Välj ett av svaren i listan.")


def _length_problem(item: Item, text: str) -> str:
    most = item.max_length or LONGEST[item.kind]
    if len(text) <= most:
        return ""
    return _("Texten är för lång. Korta den till högst %(most)s tecken. Nu är den %(now)s.") % {
        "most": most,
        "now": len(text),
    }


def _list_problem(item: Item, answer: list[Any]) -> str:
    if item.kind is Kind.FILE:
        most = item.most_files
        if len(answer) > most:
            return ngettext(
                "Du kan bifoga %(most)s fil. Ta bort de andra.",
                "Du kan bifoga högst %(most)s filer. Ta bort några.",
                most,
            ) % {"most": most}
        return ""
    chosen = [item.option(one) if isinstance(one, str) else None for one in answer]
    for one, option in zip(answer, chosen, strict=True):
        if isinstance(one, dict) and item.kind is Kind.OPEN_CHOICE:
            if not one.get("other"):
                return _("Skriv vad du menar med ”Annat”, eller ta bort det valet.")
            if told := _length_problem(item, one["other"]):
                return told
        elif option is None:
            return _("Välj ett av svaren i listan.")
    if len(answer) > 1 and not item.repeats:
        return _("Välj bara ett av svaren.")
    if item.max_count and len(answer) > item.max_count:
        return _("Välj högst %(most)s av svaren.") % {"most": item.max_count}
    alone = next((option for option in chosen if option and option.exclusive), None)
    if alone and len(answer) > 1:
        return _("Du kan inte välja ”%(option)s” tillsammans med något annat. Ta bort det ena.") % {
            "option": alone.text.said(get_language() or SOURCE_LANGUAGE)
        }
    return ""


def _bound_problem(item: Item, value: Value, today: date) -> str:
    low, high = _limit(item.minimum, today), _limit(item.maximum, today)
    if low is not None and value < low:  # type: ignore[operator]
        if item.minimum and item.minimum.today:
            return _("Välj dagens datum eller ett senare datum.")
        if isinstance(low, date):
            return _("Välj %(day)s eller ett senare datum.") % {"day": date_format(low, "j F Y")}
        return _("Skriv ett tal som är minst %(low)s.") % {"low": _number(low)}
    if high is not None and value > high:  # type: ignore[operator]
        if item.maximum and item.maximum.today:
            return _("Välj dagens datum eller ett tidigare datum.")
        if isinstance(high, date):
            return _("Välj %(day)s eller ett tidigare datum.") % {"day": date_format(high, "j F Y")}
        return _("Skriv ett tal som är högst %(high)s.") % {"high": _number(high)}
    return ""


def _limit(bound: Bound | None, today: date) -> int | Decimal | date | None:
    if bound is None:
        return None
    return today if bound.today else bound.value


def _number(value: int | Decimal) -> str:
    return decimal_text(f"{value:f}") if isinstance(value, Decimal) else str(value)


def decimal_text(stored: str) -> str:
    """As the reader writes it: with a comma, in English a point."""
    return stored if (get_language() or "").startswith("en") else stored.replace(".", ",")


def only(answers: Answers, link_ids: Iterable[str]) -> dict[str, Any]:
    wanted = set(link_ids)
    return {link_id: answer for link_id, answer in answers.items() if link_id in wanted}
