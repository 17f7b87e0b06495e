"""Decisions about interviews. Pure: values and `now` in, an answer or a fact out."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from vardvag.core.actor import Role
from vardvag.core.facts import Fact

KEPT_DAYS = 30  # an interview that was not sent
WORDS_AT_MOST = 3000
REASONS_AT_MOST = 3
CONSENTS = ("medication", "record")
KEEPS_CONTENT = (Role.MEDICAL_COORDINATOR, Role.REGIONAL_ADMIN)
APPROVALS = 2
SOON = {1: timedelta(minutes=15), 2: timedelta(hours=2), 3: timedelta(hours=24)}


class NothingTold(Fact):
    message = _("Skriv vad du vill ha hjälp med, med några ord.")


class NoReason(Fact):
    message = _("Välj det som stämmer bäst, eller Något annat.")


class TooManyReasons(Fact):
    message = _("Välj högst tre. Ta bort krysset för det som stämmer minst.")


class AnsweredElsewhere(Fact):
    message = _("Frågan är redan besvarad, kanske i en annan flik. Här är nästa.")


class ChangedElsewhere(Fact):
    message = _("Det här har ändrats i en annan flik eller på en annan enhet. Läs igenom hur det är nu.")


class TooYoung(Fact):
    message = _("Barn som inte har fyllt ett år bedöms i samtal. Ring 1177, dygnet runt.")


class OwnProposal(Fact):
    message = _("Den som har skrivit ett protokoll kan inte godkänna det. Be en kollega.")


class NotEnoughApprovals(Fact):
    message = _("Två andra ska ha godkänt protokollet innan det tas i bruk.")


class GoldenFails(Fact):
    """With what failed."""

    message = _("Protokollets egna prov går inte igenom. Rätta dem och föreslå igen.")

    def __init__(self, problems: list[str]) -> None:
        super().__init__(problems=problems)
        self.problems = problems


class BadProtocol(Fact):
    """`str()` has a line for each fault: place, what, cure."""

    message = _("Protokollet går inte att läsa. Rätta det som står nedan och föreslå igen.")

    def __init__(self, problems: list[str]) -> None:
        super().__init__(problems=problems)
        self.problems = problems


class SameRules(Fact):
    """As the version of that number, with other golden cases or another sign-off."""

    message = _(
        "Samma frågor och regler finns redan som version {version}. Skriv ett annat versionsnummer i protokollet, så"
        " blir det en ny version att godkänna."
    )

    def __init__(self, version: str) -> None:
        super().__init__(str(self.message).format(version=version))


class NotNow(Fact):
    message = _("Versionen kan inte tas i bruk eller ur bruk nu. Ladda om sidan och se vad som gäller.")


class OtherInUse(Fact):
    message = _(
        "En annan version har tagits i bruk sedan sidan visades. Läs vad som skulle ändras nu, och tryck igen om det"
        " ändå är den här som ska gälla."
    )


def due_at(urgency: int, *, since: datetime, otherwise: datetime) -> datetime:
    """When an answer is promised: the urgent ones by the clock, the others as the unit promises."""
    return since + SOON[urgency] if urgency in SOON else otherwise
