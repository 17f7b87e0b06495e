"""What the house knows of a resident's login with another e-ID than BankID."""

from dataclasses import dataclass, field
from datetime import datetime

from vardvag.outside.oidc.port import LoginTrouble, MissingClaim, NotTrusted, ProviderDown, TooWeak
from vardvag.outside.words import Words

# The Swedish e-ID framework: level 3 and what is stronger.
LEVELS = "http://id.elegnamnden.se/loa/1.0/loa3 http://id.elegnamnden.se/loa/1.0/loa4"
CLAIMS = "https://id.oidc.se/claim/personalIdentityNumber https://id.oidc.se/claim/coordinationNumber"
SCOPE = "openid https://id.oidc.se/scope/naturalPersonNumber"


@dataclass(frozen=True, slots=True)
class ResidentLogin:
    """(`issuer`, `subject`) is who it was in the provider's own words; `personal_number` twelve characters."""

    issuer: str
    subject: str = field(repr=False)
    personal_number: str = field(repr=False)
    acr: str
    at: datetime  # when the person signed in


def words_for(name: str) -> dict[type[LoginTrouble], Words]:
    """`name`: the e-ID as the login page calls it."""
    return {
        NotTrusted: Words(
            f"Inloggningen med {name} kunde inte bekräftas. Börja om, eller logga in med BankID. Händer det igen, "
            "ring supporten.",
            f"The login with {name} could not be confirmed. Start again, or log in with BankID. If it happens "
            "again, call support.",
        ),
        TooWeak: Words(
            f"Din inloggning med {name} är inte säker nog för vårdärenden. Skaffa den högre nivån hos {name}, "
            "eller logga in med BankID.",
            f"Your login with {name} is not strong enough for health care. Get the higher level from {name}, or "
            "log in with BankID.",
        ),
        MissingClaim: Words(
            f"{name} lämnade inget personnummer som går att använda. Kontrollera i {name} att ditt personnummer "
            "är registrerat och att du godkänner att det lämnas ut, eller logga in med BankID.",
            f"{name} gave no personal number that can be used. Check in {name} that your personal number is "
            "registered and that you agree to share it, or log in with BankID.",
        ),
        ProviderDown: Words(
            f"{name} svarar inte just nu. Försök igen om en stund, eller logga in med BankID.",
            f"{name} is not answering right now. Try again in a while, or log in with BankID.",
        ),
    }
