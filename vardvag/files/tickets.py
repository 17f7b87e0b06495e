"""What a page lets its reader upload: signed, so that neither draft, patient nor number can be chosen by others.

Bound to the person and to whom they act for: a page left open while switching to a child takes nothing for the
wrong one.
"""

from dataclasses import asdict, dataclass
from uuid import UUID

from django.core import signing

from vardvag.core.actor import PersonActor, ResidentActor
from vardvag.files.facts import Stale, WrongPerson
from vardvag.files.rules import uploader

_SALT = "vardvag.files.ticket"
_GOOD_FOR = 12 * 3600  # seconds: no session lives longer


@dataclass(frozen=True, slots=True)
class Ticket:
    kind: str
    who: int
    patient_id: int
    draft_key: str
    at_most: int


def write(*, actor: PersonActor, patient_id: int, draft_key: UUID | str, at_most: int) -> str:
    kind, who = uploader(actor)
    ticket = Ticket(kind, who, patient_id, str(UUID(str(draft_key))), at_most)
    return signing.dumps(asdict(ticket), salt=_SALT)


def read(text: str, *, actor: PersonActor) -> Ticket:
    """Raises Stale for one that is not ours or too old, WrongPerson for one of another person or patient."""
    try:
        ticket = Ticket(**signing.loads(text, salt=_SALT, max_age=_GOOD_FOR))
    except (signing.BadSignature, TypeError):
        raise Stale from None
    if (ticket.kind, ticket.who) != uploader(actor):
        raise WrongPerson
    if isinstance(actor, ResidentActor) and ticket.patient_id != actor.patient.person_id:
        raise WrongPerson
    return ticket
