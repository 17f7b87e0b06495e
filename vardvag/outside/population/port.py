"""What the house knows of the population register: who somebody is, where they live, who has custody."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from vardvag.core.facts import Fact
from vardvag.outside.words import Words

DECEASED = "AV"  # the register's reason for deregistration


@dataclass(frozen=True, slots=True)
class Address:
    """Swedish (`postal_code` "12345") or foreign (`country` set; the lines as given)."""

    lines: tuple[str, ...]
    postal_code: str = ""
    city: str = ""
    care_of: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Custody:
    """One person's custody of one child; `since` and `until` (first day without) None: not told."""

    personal_number: str = field(repr=False)
    since: date | None = None
    until: date | None = None

    def holds(self, on: date) -> bool:
        return (self.since is None or self.since <= on) and (self.until is None or on < self.until)


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """`given_name` is the name used (tilltalsnamn), `first_names` all of them.

    A protected person has no address here, whatever the register sent. `name` may be empty for them.
    `referred` are the person's other numbers: older ones, or the new one when this number is withdrawn.
    """

    personal_number: str = field(repr=False)
    given_name: str = field(repr=False)
    first_names: str = field(repr=False)
    middle_name: str = field(repr=False)
    surname: str = field(repr=False)
    protected: bool
    deceased_on: date | None
    deregistered: str  # the register's reason code, "" for a person in the register
    municipality: str  # county and municipality code, "0580"
    address: Address | None = field(repr=False)
    guardians: tuple[Custody, ...] = field(repr=False)  # of this person
    children: tuple[Custody, ...] = field(repr=False)  # whom this person has custody of
    referred: tuple[str, ...] = field(repr=False, default=())

    @property
    def numbers(self) -> tuple[str, ...]:
        """This one and the others of the same person."""
        return self.personal_number, *(number for number in self.referred if number)

    @property
    def deceased(self) -> bool:
        """True also when the register does not tell the day."""
        return self.deceased_on is not None or self.deregistered == DECEASED

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.given_name, self.middle_name, self.surname) if part)

    def guardians_on(self, day: date) -> tuple[str, ...]:
        return tuple(one.personal_number for one in self.guardians if one.holds(day))


class RegisterTrouble(Fact):
    """The register said no or said nothing; until it answers, a person counts as protected."""

    message: Words

    def __init__(self, message: Words | None = None, *, code: str, why: str = "") -> None:
        self.code = code
        super().__init__(message or self.message, code=code)
        if why:
            self.add_note(why)


class Unavailable(RegisterTrouble):
    """Worth another try later."""

    message = Words(
        "Folkbokföringen svarar inte just nu. Uppgifterna hämtas igen om en stund; tills dess visas inte "
        "adress och telefon.",
        "The population register is not answering. We will try again in a while; until then address and "
        "phone are not shown.",
    )


class NotConnected(RegisterTrouble):
    """Our connection is set up wrongly (certificate, address, agreement): an operator must act."""

    message = Words(
        "Vårdväg får inte läsa folkbokföringen. Kontakta supporten, som behöver kontrollera anslutningen.",
        "Vårdväg may not read the population register. Contact support, who need to check the connection.",
    )


class Population(Protocol):
    def person(self, personal_number: str) -> PersonRecord | None: ...

    def persons(self, personal_numbers: Iterable[str]) -> dict[str, PersonRecord]: ...
