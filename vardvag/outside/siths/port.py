"""What the house knows of a staff login: who it was, how sure, and in which assignments."""

from dataclasses import dataclass, field
from datetime import datetime

from vardvag.outside.oidc.port import LoginTrouble, MissingClaim, NotTrusted, ProviderDown, TooWeak
from vardvag.outside.words import Words

LOA3 = "http://id.sambi.se/loa/loa3"


@dataclass(frozen=True, slots=True)
class Commission:
    """One medarbetaruppdrag. Only purpose "Vård och behandling" gives right to patient data."""

    hsa_id: str
    name: str
    purpose: str
    unit_hsa_id: str
    provider_hsa_id: str


@dataclass(frozen=True, slots=True)
class StaffLogin:
    """`commissions` is empty when the provider tells none: the product's own assignments decide then.

    `id_token` is for the logout address and must not be kept longer than the session.
    """

    issuer: str
    subject: str
    employee_hsa_id: str
    given_name: str
    surname: str
    title: str
    commissions: tuple[Commission, ...]
    acr: str
    at: datetime  # when the person signed in
    id_token: str = field(repr=False)


WORDS: dict[type[LoginTrouble], Words] = {
    NotTrusted: Words(
        "Inloggningen kunde inte bekräftas. Börja om; händer det igen, kontakta din lokala support.",
        "The login could not be confirmed. Start again; if it happens again, contact your local support.",
    ),
    TooWeak: Words(
        "Inloggningen är inte säker nog för patientuppgifter. Logga in med SITHS e-legitimation på "
        "tillitsnivå 3.",
        "This login is not strong enough for patient data. Log in with SITHS e-ID at assurance level 3.",
    ),
    MissingClaim: Words(
        "Inloggningstjänsten lämnade inte ditt HSA-id eller ditt namn. Be den som ansvarar för HSA-katalogen "
        "hos din arbetsgivare att rätta dina uppgifter.",
        "The login service did not give your HSA-id or your name. Ask whoever is responsible for the HSA "
        "catalogue at your employer to correct your record.",
    ),
    ProviderDown: Words(
        "Inloggningstjänsten för SITHS svarar inte. Försök igen om en stund. Håller det i sig, följ "
        "enhetens reservrutin.",
        "The SITHS login service is not answering. Try again in a while. If it goes on, follow your unit's "
        "continuity routine.",
    ),
}
