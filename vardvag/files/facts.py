"""Why a file was not taken or cannot be opened, and what to do about it."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from vardvag.core.facts import Fact
from vardvag.files.sandbox.reasons import Reason

_WHAT_WE_TAKE = _(
    "Den sortens fil går inte att skicka. Välj en bild (JPEG, PNG, HEIC, WebP, GIF) eller en pdf."
)
WORDS: dict[Reason, Any] = {
    Reason.EMPTY: _("Filen är tom. Välj en annan fil."),
    Reason.TOO_LARGE: _("Filen är större än 20 MB. Välj en mindre fil eller ta en skärmbild."),
    Reason.UNKNOWN: _WHAT_WE_TAKE,
    Reason.WEB: _WHAT_WE_TAKE,
    Reason.PROGRAM: _WHAT_WE_TAKE,
    Reason.OFFICE: _(
        "Dokument från Word och liknande går inte att skicka. Spara det som pdf och välj pdf-filen."
    ),
    Reason.ARCHIVE: _(
        "Zip-filer går inte att skicka. Packa upp den och välj bilderna eller pdf-filerna i den."
    ),
    Reason.FILM: _("Filmer går inte att skicka. Ta en bild eller beskriv med ord."),
    Reason.SOUND: _("Ljud går inte att skicka. Beskriv med ord i stället."),
    Reason.BROKEN_PICTURE: _("Bilden går inte att öppna. Välj en annan eller ta en ny."),
    Reason.TOO_MANY_PIXELS: _(
        "Bilden har för många bildpunkter. Ta en skärmbild av den och välj skärmbilden."
    ),
    Reason.BROKEN_PDF: _("Pdf-filen går inte att öppna. Spara den på nytt eller ta en skärmbild av den."),
    Reason.LOCKED_PDF: _("Pdf-filen är låst. Spara den utan lösenord eller ta en skärmbild av den."),
    Reason.TOO_MANY_PAGES: _("Pdf-filen har fler än 100 sidor. Välj ut de sidor som behövs."),
    Reason.TOO_HARD: _("Filen är för tung att kontrollera. Ta en skärmbild av den eller en ny bild."),
    Reason.NO_SANDBOX: _(
        "Det går inte att ta emot filer just nu. Det du har skrivit är kvar. Försök igen senare."
    ),
}


class Refused(Fact):
    """`reason`: the code that is counted."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(WORDS[reason])


class Infected(Fact):
    message = _(
        "Filen innehåller skadlig kod och är inte mottagen. Skicka den inte vidare. Välj en annan fil."
    )


class TooMany(Fact):
    def __init__(self, at_most: int) -> None:
        super().__init__(
            _("Du kan bifoga högst %(at_most)d filer. Ta bort någon först.") % {"at_most": at_most}
        )


class TooMuch(Fact):
    def __init__(self, clock: str) -> None:
        words = _(
            "Du har skickat 50 MB filer på en timme, och mer går inte. Försök igen efter kl. %(clock)s."
        )
        super().__init__(words % {"clock": clock})


class Busy(Fact):
    message = _("Många skickar filer just nu. Det du har skrivit är kvar. Vänta en minut och försök igen.")


class NoRoom(Fact):
    message = _("Det går inte att ta emot filer just nu. Det du har skrivit är kvar. Försök igen senare.")


class BadPiece(Fact):
    message = _("Filen kom inte fram hel. Ladda om sidan och bifoga filen igen.")


class NotYours(Fact):
    message = _("Filen finns inte kvar i utkastet. Bifoga den igen.")


class WrongPerson(Fact):
    message = _("Du har bytt person på en annan sida. Ladda om den här sidan och bifoga filen igen.")


class Stale(Fact):
    message = _("Sidan har varit öppen för länge. Ladda om den och bifoga filen igen.")


class NothingChosen(Fact):
    message = _("Ingen fil är vald. Välj en fil och försök igen.")


class NotScannedYet(Fact):
    message = _("Filen kontrolleras och går inte att hämta än. Försök igen om några minuter.")


class NotHolder(Fact):
    message = _("Bilden är känslig och visas bara för den som har ärendet. Ta ärendet om du behöver se den.")


class NoThumbnail(Fact):
    message = _("Bilden är känslig och visas inte i förminskning. Öppna den i ärendet.")


class Gone(Fact):
    message = _("Filen innehöll skadlig kod och är borttagen. Be avsändaren skicka den på ett annat sätt.")


class Lost(Fact):
    message = _("Filen går inte att öppna hos oss. Be avsändaren skicka den igen.")
