"""Who takes part: residents and staff of a benchmark database; sessions are made in the table as a login makes them."""

import random
from dataclasses import dataclass, field
from typing import Any

from tools.bench.pool import Maker


@dataclass
class Resident:
    """`case`: one of their own that can be written in, or ''."""

    key: str
    person: int
    case: str = ""


@dataclass
class Staff:
    key: str
    staff: int
    unit: int


@dataclass
class Said:
    """A text with a token that stands nowhere else. `state`: unknown until an answer tells ok or refused."""

    token: str
    kind: str
    case: str = ""
    state: str = "unknown"
    number: str = ""
    files: int = 0
    unit: int = 0
    more: dict[str, Any] = field(default_factory=dict)


class Crowd(Maker):
    """Maker keeps the sessions; here is the choice of people."""

    def begin(self, units: int) -> None:
        self.db.execute("delete from identity_session")
        (self.terms,) = self.one("select max(id) from catalogue_termsversion where published_at is not null")
        rows = self.all(
            "select unit_id from cases_case where state <> 'closed' group by 1 order by count(*) desc, 1 limit %s",
            units,
        )  # fmt: skip
        self.units = [row[0] for row in rows]
        words = self.all(
            "select distinct split_part(public_name, ' ', 1) from organisation_unit where id = any (%s)",
            self.units,
        )
        self.unit_words = sorted(row[0] for row in words)
        (self.since,) = self.one("select now()")

    def residents(self, count: int, *, besides: set[int] = frozenset()) -> list[Resident]:  # type: ignore[assignment]
        """Those with an open case first, each another person; nobody protected."""
        rows = self.all(
            "select p.id, c.public_id::text from identity_person p left join lateral (select public_id from cases_case"
            " where patient_id = p.id and state <> 'closed' and answerable and not protected order by id desc limit 1)"
            " c on true where not p.protected order by c.public_id is null, md5(p.id::text)"
        )
        chosen = [row for row in rows if row[0] not in besides][:count]
        if len(chosen) < count:
            raise SystemExit(f"{count} residents are needed and {len(chosen)} are there; choose more cases.")
        with self.db.transaction():
            return [Resident(self.key("resident", person), person, case or "") for person, case in chosen]

    def staff(self, count: int) -> list[Staff]:
        """Receivers, one a unit while they last, then the next of each."""
        rows = self.all(
            "select a.staff_id, a.unit_id, row_number() over (partition by a.unit_id order by a.id) n"
            " from organisation_assignment a where a.unit_id = any (%s) and 'receiver' = any (a.roles)"
            " order by n, array_position(%s, a.unit_id)", self.units, self.units,
        )  # fmt: skip
        with self.db.transaction():
            found = [Staff(self.key("staff", staff), staff, unit) for staff, unit, _ in rows[:count]]
        if not found:
            raise SystemExit("The database has no receivers.")
        return [found[n % len(found)] for n in range(count)]

    def words(self, unit: int, count: int = 20) -> list[str]:
        """Words of the unit's open cases."""
        rows = self.all(
            "select distinct (regexp_matches(excerpt, '[a-zåäö]{6,}'))[1] from cases_case where unit_id = %s"
            " and state <> 'closed' limit %s", unit, count,
        )  # fmt: skip
        return [row[0] for row in rows if not self._stopped(row[0])] or ["halsen"]


def token(rng: random.Random) -> str:
    return f"tk-{rng.getrandbits(64):016x}"
