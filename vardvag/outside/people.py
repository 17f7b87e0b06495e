"""Whom the stand-ins know: `people.json` of the demo, read again when it changes. Others may be typed."""

import json
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any


@dataclass(frozen=True, slots=True)
class Resident:
    personal_number: str  # twelve digits
    name: str
    note: str = ""

    @property
    def given_name(self) -> str:
        return self.name.rsplit(" ", 1)[0]

    @property
    def surname(self) -> str:
        return self.name.rsplit(" ", 1)[-1]


@dataclass(frozen=True, slots=True)
class Staff:
    hsa_id: str
    given_name: str
    surname: str
    title: str = ""
    note: str = ""
    commissions: tuple[dict[str, str], ...] = ()

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.surname}".strip()


class People:
    """`path` may be missing: then nobody is listed, and whoever is typed gets an invented name."""

    def __init__(self, path: Path | None = None) -> None:
        self._path, self._read = path, 0
        self._lock = Lock()
        self._residents: dict[str, Resident] = {}
        self._staff: dict[str, Staff] = {}

    def resident(self, personal_number: str) -> Resident:
        self._refresh()
        found = self._residents.get(personal_number)
        return found or Resident(personal_number, "Kim Utanlista", "inte med i listan")

    def staff_member(self, hsa_id: str) -> Staff:
        self._refresh()
        return self._staff.get(hsa_id.upper()) or Staff(
            hsa_id.upper(), "Kim", "Utanlista", note="inte i listan"
        )

    def residents(self, search: str = "", limit: int = 40) -> list[Resident]:
        """By any part of the name, number or note; every word must be found."""
        self._refresh()
        return _matching(self._residents.values(), search, limit)

    def staff(self, search: str = "", limit: int = 40) -> list[Staff]:
        self._refresh()
        return _matching(self._staff.values(), search, limit)

    def _refresh(self) -> None:
        if self._path is None:
            return
        try:
            changed = self._path.stat().st_mtime_ns
        except OSError:
            return
        with self._lock:
            if changed == self._read:
                return
            try:
                told: dict[str, Any] = json.loads(self._path.read_text(encoding="utf-8"))
                residents = [Resident(**_known(row, Resident)) for row in told.get("residents", [])]
                staff = [_staff(row) for row in told.get("staff", [])]
            except (OSError, ValueError, TypeError):
                return  # half written: the next call reads it whole
            self._residents = {r.personal_number: r for r in residents}
            self._staff = {s.hsa_id.upper(): s for s in staff}
            self._read = changed


def _staff(row: dict[str, Any]) -> Staff:
    fields = _known(row, Staff)
    return Staff(**{**fields, "commissions": tuple(fields.get("commissions") or ())})


def _known(row: dict[str, Any], shape: type) -> dict[str, Any]:
    return {k: v for k, v in row.items() if k in shape.__slots__}  # type: ignore[attr-defined]


def _matching(everyone: Any, search: str, limit: int) -> list[Any]:
    words = search.lower().replace("-", "").split()
    found = []
    for person in everyone:
        number = getattr(person, "personal_number", None) or person.hsa_id
        haystack = f"{person.name} {person.note} {getattr(person, 'title', '')} {number}".lower().replace(
            "-", ""
        )
        if all(word in haystack for word in words):
            found.append(person)
            if len(found) == limit:
                break
    return found
