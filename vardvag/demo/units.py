"""Region Solberga (data/units.toml): its four care providers and forty units.

HSA-ids carry organisation numbers whose check digit is wrong on purpose: they can belong to nobody.
"""

import tomllib
from dataclasses import dataclass

from vardvag.demo import places
from vardvag.demo.names import DATA

REGION = "Region Solberga"
SERVICE_NAME = "Vårdväg Solberga"


@dataclass(frozen=True, slots=True)
class ProviderSpec:
    key: str
    organisation_number: str
    name: str
    kind: str  # region | private | municipality

    @property
    def prefix(self) -> str:
        return f"SE{self.organisation_number}"

    @property
    def hsa_id(self) -> str:
        return f"{self.prefix}-0000"


@dataclass(frozen=True, slots=True)
class UnitSpec:
    number: int  # 1..40, also in the HSA-id
    provider: ProviderSpec
    name: str
    kind: str
    municipality: str
    town: str
    street: str
    specialities: tuple[str, ...] = ()
    mother: int = 0  # number of the unit whose branch this is
    hours: str = "clinic"  # key of HOURS
    about: str = ""  # "other information" of the contact card
    directions: str = ""
    size: int = 6  # staff
    weight: int = 3  # share of the region's cases
    message: str = ""  # to residents, now
    days: int = 0  # own answer time in working days; 0: the region's
    ages: tuple[int, ...] = (0, 120)  # youngest and oldest patient
    women_only: bool = False

    @property
    def hsa_id(self) -> str:
        return f"{self.provider.prefix}-{1000 + self.number * 7}"

    @property
    def phone(self) -> str:
        return places.landline(self.number * 4 + self.number % 3)

    @property
    def listing(self) -> bool:
        """Whether residents are listed here."""
        return self.kind in ("Hälsocentral", "Vårdcentral") and not self.mother


_tables = tomllib.loads((DATA / "units.toml").read_text(encoding="utf-8"))

PROVIDERS = tuple(ProviderSpec(**table) for table in _tables["provider"])
_by_key = {p.key: p for p in PROVIDERS}


def _unit(table: dict[str, object]) -> UnitSpec:
    values = {k: tuple(v) if isinstance(v, list) else v for k, v in table.items()}
    return UnitSpec(**{**values, "provider": _by_key[str(values["provider"])]})  # type: ignore[arg-type]


def postal(municipality: str) -> int:
    """First postal code of a municipality."""
    return places.named(municipality).postal


UNITS = tuple(_unit(table) for table in _tables["unit"])
BY_NUMBER = {u.number: u for u in UNITS}
SMALL = (1, 2, 3, 22)  # the units of the tests' world: mother, branch, another unit, another provider

# profile -> kind of hours -> [first weekday, last weekday, opens, closes], local time
HOURS: dict[str, dict[str, list[tuple[int, int, str, str]]]] = _tables["hours"]
