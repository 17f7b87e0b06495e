"""The words that leave the house. Fixed texts per kind and language: never anything about health, a patient
or a matter; the unit's name only where the reader has chosen it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from vardvag.inbox.models import ItemKind, Matter, StaffKind


@dataclass(frozen=True, slots=True)
class Notice:
    subject: str  # mail only
    sms: str
    mail: str


MATTERS: dict[str, Matter] = {k: Matter.ANSWERS for k in ItemKind.values} | {
    ItemKind.REMINDER: Matter.REMINDERS
}

# Kinds that ask the reader to do something; all others share one text, so that a text tells as little as
# may be.
_FIRST_LINE = {
    ItemKind.QUESTION: gettext_lazy("Du har ett meddelande som väntar på svar."),
    ItemKind.REMINDER: gettext_lazy("Påminnelse: du har ett meddelande som väntar."),
}
_NEW = gettext_lazy("Du har ett nytt meddelande.")
_FROM = {
    ItemKind.QUESTION: gettext_lazy("Du har ett meddelande från %(unit)s som väntar på svar."),
    ItemKind.REMINDER: gettext_lazy("Påminnelse: du har ett meddelande från %(unit)s som väntar."),
}
_NEW_FROM = gettext_lazy("Du har ett nytt meddelande från %(unit)s.")


def site() -> str:
    """The service's address as people write it."""
    return str(settings.PUBLIC_URL).split("://", 1)[-1].rstrip("/")


def resident(*, kind: str, language: str, site: str, unit: str = "") -> Notice:
    """`site`: the address people know the service by; `unit`: empty unless the reader lets it be named."""
    with translation.override(language):
        if unit:
            first = str(_FROM.get(ItemKind(kind), _NEW_FROM)) % {"unit": unit}
        else:
            first = str(_FIRST_LINE.get(ItemKind(kind), _NEW))
        log_in = _("Logga in på %(site)s för att läsa.") % {"site": site}
        sms = " ".join((first, log_in, _("Svara inte på sms:et.")))
        mail = "\n\n".join(
            (
                first,
                log_in,
                _("Vi skriver aldrig i e-post vad det gäller och skickar aldrig länkar som loggar in dig."),
                _("Du väljer hur du vill få veta under Kontaktuppgifter och aviseringar i menyn."),
                _("Det här meddelandet går inte att svara på."),
            )
        )
        return Notice(subject=first.rstrip("."), sms=sms, mail=mail + "\n")


def code(*, digits: str, minutes: int, language: str, service: str) -> Notice:
    with translation.override(language):
        text = _("%(code)s är din kod till %(service)s. Den gäller i %(minutes)s minuter.") % {
            "code": digits,
            "service": service,
            "minutes": minutes,
        }
        warning = _("Ge den inte till någon.")
        return Notice(subject=_("Din kod"), sms=f"{text} {warning}", mail=f"{text}\n\n{warning}\n")


def login(*, when: str, browser: str, phone: str, language: str, site: str) -> Notice:
    """Somebody is in as the reader. `phone`: of the support, "" when the region has none."""
    with translation.override(language):
        first = _("Någon loggade in som dig på %(site)s %(when)s (%(browser)s).") % {
            "site": site,
            "when": when,
            "browser": browser,
        }
        fine = _("Var det du behöver du inte göra något.")
        out = _("Var det inte du? Logga in, öppna Dina inloggningar i menyn och välj Logga ut överallt.")
        call = _("Ring sedan supporten: %(phone)s.") % {"phone": phone} if phone else ""
        told = " ".join(part for part in (out, call) if part)
        why = _("Vi skriver så här när inloggningen godkändes i en annan enhet eller app än webbläsaren.")
        never = _("Vi ringer aldrig och ber dig legitimera dig.")
        mail = "\n\n".join((first, fine, told, why, never, _("Det här meddelandet går inte att svara på.")))
        return Notice(
            subject=_("Någon loggade in som dig"), sms=" ".join((first, fine, told)), mail=mail + "\n"
        )


_COUNTED = {
    StaffKind.NEW: ngettext_lazy("%(n)s nytt ärende", "%(n)s nya ärenden", "n"),
    StaffKind.ASSIGNED: ngettext_lazy("%(n)s fördelat till dig", "%(n)s fördelade till dig", "n"),
    StaffKind.MESSAGE: ngettext_lazy("%(n)s nytt meddelande", "%(n)s nya meddelanden", "n"),
    StaffKind.OVERDUE: ngettext_lazy("%(n)s försenat ärende", "%(n)s försenade ärenden", "n"),
}


def digest(
    *, counts: Mapping[str, int], units: Iterable[str], urgent: bool, language: str, site: str
) -> Notice:
    """`counts` by StaffKind. Units are named: staff work at several, and a unit says nothing of a patient."""
    with translation.override(language):
        parts = [str(_COUNTED[k] % {"n": counts[k]}) for k in StaffKind if counts.get(k)]
        where = sorted(set(units))
        first = ", ".join(parts)
        if len(where) == 1:
            first = f"{where[0]}: {first}"
        elif where:
            first += " " + ngettext("(%(n)s mottagning)", "(%(n)s mottagningar)", len(where)) % {
                "n": len(where)
            }
        if urgent:
            first = _("Brådskande.") + " " + first
        log_in = _("Logga in på %(site)s.") % {"site": site}
        mail = "\n\n".join((f"{first}.", log_in, _("Du ändrar hur du får veta under Mina aviseringar.")))
        return Notice(subject=first, sms=f"{first}. {log_in}", mail=mail + "\n")
