"""What the house knows of any login through OpenID Connect: that it began, and why it came to nothing."""

from dataclasses import dataclass, field
from datetime import datetime

from vardvag.core.facts import Fact
from vardvag.outside.words import Words


@dataclass(frozen=True, slots=True)
class Begun:
    """Send the browser to `url`; keep the rest with the login transaction until it comes back."""

    url: str
    state: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    at: datetime
    fresh: bool = False  # a new sign-in was demanded: an older one at the provider does not count


class LoginTrouble(Fact):
    """`message` may be shown, in the words of the system that was asked; `code` is one word for the log."""

    message: Words
    code = "trouble"

    def __init__(self, message: Words | None = None, *, code: str = "", why: str = "") -> None:
        self.code = code or self.code
        super().__init__(message or self.message, code=self.code)
        if why:
            self.add_note(why)


class Cancelled(LoginTrouble):
    code = "cancelled"
    message = Words("Du avbröt inloggningen.", "You cancelled the login.")


class NotThisLogin(LoginTrouble):
    """State, issuer or code do not belong to the login this browser began."""

    code = "not_this_login"
    message = Words(
        "Inloggningen hör inte ihop med den du startade, eller har redan använts. Börja om.",
        "This login does not belong to the one you started, or has been used already. Start again.",
    )


class NotTrusted(LoginTrouble):
    """The token is not what the provider would have sent: shown plainly, logged as a security event."""

    code = "not_trusted"
    message = Words(
        "Inloggningen kunde inte bekräftas. Börja om; händer det igen, kontakta supporten.",
        "The login could not be confirmed. Start again; if it happens again, contact support.",
    )


class TooWeak(LoginTrouble):
    code = "too_weak"
    message = Words(
        "Inloggningen är inte säker nog för patientuppgifter. Välj en e-legitimation på tillitsnivå 3.",
        "This login is not strong enough for patient data. Choose an e-ID at assurance level 3.",
    )


class MissingClaim(LoginTrouble):
    code = "missing_claim"
    message = Words(
        "Inloggningstjänsten berättade inte vem du är. Logga in på ett annat sätt.",
        "The login service did not tell who you are. Log in in another way.",
    )


class ProviderDown(LoginTrouble):
    code = "down"
    message = Words(
        "Inloggningstjänsten svarar inte. Försök igen om en stund.",
        "The login service is not answering. Try again in a while.",
    )
