"""What the stand-ins of outside systems know: people.json (who logs in) and population.json (register)."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

from vardvag.core.personal_number import SWEDEN
from vardvag.demo.people import Person
from vardvag.demo.staff import Member
from vardvag.demo.units import BY_NUMBER
from vardvag.demo.world import World

ADULT = 13  # years: from then on one logs in oneself


def write(folder: Path, made: World, now: datetime) -> None:
    """Both files, each replaced in one step: a stand-in that is running reads them again."""
    folder.mkdir(parents=True, exist_ok=True)
    today = now.astimezone(SWEDEN).date()
    _replace(folder / "people.json", people(made, today))
    _replace(folder / "population.json", {"persons": [_record(person) for person in made.people]})


def people(made: World, today: date) -> dict[str, Any]:
    """The main characters stand first in both lists."""
    living = [p for p in made.people if p.deceased_on is None and p.age(today) >= ADULT]
    return {
        "residents": [{"personal_number": p.number, "name": p.name, "note": _note(p, today)} for p in living],
        "staff": [
            {
                "hsa_id": m.hsa_id,
                "given_name": m.given_name,
                "surname": m.surname,
                "title": m.title,
                "note": m.note,
                "commissions": _commissions(m),
            }
            for m in made.members
        ],
    }


def _commissions(member: Member) -> list[dict[str, str]]:
    return [
        {
            "commissionHsaId": f"{BY_NUMBER[post.unit].hsa_id}-U",
            "commissionName": f"Vård och behandling, {BY_NUMBER[post.unit].name}",
            "commissionPurpose": "Vård och behandling",
            "healthCareUnitHsaId": BY_NUMBER[post.unit].hsa_id,
            "healthCareUnitName": BY_NUMBER[post.unit].name,
            "healthCareProviderHsaId": BY_NUMBER[post.unit].provider.hsa_id,
            "healthCareProviderName": BY_NUMBER[post.unit].provider.name,
        }
        for post in member.posts
        if member.active
    ]


def _note(person: Person, today: date) -> str:
    """Age, children and what is special, in one line: "38 år, förälder till Elsa, 4 år"."""
    age = f"{person.age(today)} år"
    if person.note:
        return f"{age}. {person.note}"
    parts = [age]
    if person.protected:
        parts.append("skyddade personuppgifter")
    if person.coordination:
        parts.append("samordningsnummer")
    children = [f"{c.given_name}, {c.age(today)} år" for c in person.children if c.age(today) < 18]
    if children:
        parts.append("förälder till " + " och ".join(children))
    if person.language == "en":
        parts.append("engelska")
    return ", ".join(parts)


def _record(person: Person) -> dict[str, Any]:
    record: dict[str, Any] = {
        "personal_number": person.number,
        "given_name": person.given_name,
        "surname": person.surname,
        "address": {"street": person.street, "postal_code": person.postal_code, "city": person.city},
        "municipality": person.municipality,
    }
    if person.protected:
        record |= {"protected": True, "address": {}, "municipality": ""}
    if person.deceased_on:
        record["deceased"] = person.deceased_on.isoformat()
    if person.guardians:
        record["guardians"] = [
            {"personal_number": g.number, "since": person.born.isoformat(), "until": ""}
            for g in person.guardians
        ]
    return record


def _replace(path: Path, content: dict[str, Any]) -> None:
    new = path.with_suffix(".new")
    new.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    new.replace(path)
