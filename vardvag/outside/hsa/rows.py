"""What a file of units or staff says, line by line. The part `organisation` applies it."""

from dataclasses import dataclass, field
from datetime import date, time
from typing import Any, Generic, TypeVar

from vardvag.core.actor import Role


@dataclass(frozen=True, slots=True)
class OpenSpan:
    """Weekdays 1 (Monday) to 7, local time; `comment` as in the catalogue ("Lunchstängt")."""

    from_day: int
    to_day: int
    opens: time
    closes: time
    comment: str = ""


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One unit or care provider. HSA-ids are upper case. Empty means that the file does not say."""

    line: int
    hsa_id: str
    name: str
    public_name: str = ""
    provider_hsa_id: str = ""  # responsible care provider
    mother_hsa_id: str = ""  # branch unit: the unit it belongs to
    organisation_number: str = ""  # ten digits
    is_provider: bool = False
    is_unit: bool = True
    archived: bool = False
    starts: date | None = None
    ends: date | None = None  # first day it is gone
    public: bool = True  # may be shown to residents
    feigned: bool = False  # a test object in the catalogue
    kinds: tuple[str, ...] = ()  # codes of businessType, or words in a CSV
    care_types: tuple[str, ...] = ()
    specialities: tuple[str, ...] = ()  # businessClassificationName
    county_code: str = ""
    municipality_code: str = ""
    municipality: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    directions: str = ""
    phones: tuple[str, ...] = ()
    mail: str = ""
    web: str = ""
    phone_hours: tuple[OpenSpan, ...] = ()
    visit_hours: tuple[OpenSpan, ...] = ()
    drop_in_hours: tuple[OpenSpan, ...] = ()
    notice: str = ""  # temporary information


@dataclass(frozen=True, slots=True)
class StaffRow:
    """One staff member at one unit; a person at two units has two rows."""

    line: int
    hsa_id: str
    given_name: str
    surname: str
    title: str
    unit_hsa_id: str
    roles: frozenset[Role] = frozenset()
    groups: tuple[str, ...] = ()
    email: str = ""
    mobile: str = ""


@dataclass(frozen=True, slots=True)
class LineError:
    """One thing wrong. `line` as an editor counts; the row is left out, the rest goes on."""

    line: int
    field: str  # the column as the file names it
    problem: Any  # translatable text
    cure: Any

    def __str__(self) -> str:
        return f"{self.line}: {self.problem} {self.cure}"


Row = TypeVar("Row", UnitRow, StaffRow)


@dataclass(frozen=True, slots=True)
class Reading(Generic[Row]):
    rows: list[Row] = field(default_factory=list)
    errors: list[LineError] = field(default_factory=list)
