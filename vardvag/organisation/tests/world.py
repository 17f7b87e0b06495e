"""A small region for this part's tests: one provider, two units, staff, a family. Call as the system role."""

from datetime import UTC, date, datetime

from vardvag.core import personal_number
from vardvag.core.actor import Role
from vardvag.identity.models import Guardianship, Person, Staff
from vardvag.organisation.models import Assignment, Group, Provider, Region, Unit

NOON = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)  # Friday 12.00 in Sweden


def region(**changes: object) -> Region:
    row, _ = Region.objects.update_or_create(
        pk=1, defaults={"name": "Region Solberga", "service_name": "Vårdväg", **changes}
    )
    return row


def provider(
    hsa_id: str = "SE2321009999-0001", name: str = "Region Solberga", kind: str = "region"
) -> Provider:
    return Provider.objects.get_or_create(hsa_id=hsa_id, defaults={"name": name, "kind": kind})[0]


def unit(number: int = 1, name: str = "Solberga hälsocentral", **changes: object) -> Unit:
    made = Unit.objects.create(
        **{
            "provider": provider(),
            "hsa_id": f"SE2321009999-U{number:03}",
            "name": name,
            "public_name": name,
            "slug": f"enhet-{number}",
            "kind_of_care": "Hälsocentral",
            "municipality": "Solberga",
            "city": "Solberga",
            **changes,
        }
    )
    Group.objects.create(unit=made, name="Ärendemottagare", receivers=True)
    return made


def staff(number: int = 1, given: str = "Sara", surname: str = "Ek", **changes: object) -> Staff:
    return Staff.objects.create(
        **{
            "hsa_id": f"SE2321009999-P{number:03}",
            "given_name": given,
            "surname": surname,
            "title": "Sjuksköterska",
            **changes,
        }
    )


def assignment(who: Staff, where: Unit, *roles: Role, **changes: object) -> Assignment:
    made = Assignment.objects.create(
        **{
            "staff": who,
            "unit": where,
            "roles": [role.value for role in roles or (Role.HANDLER,)],
            "valid_from": date(2020, 1, 1),
            **changes,
        }
    )
    if Role.RECEIVER in roles:
        made.groups.add(Group.objects.get(unit=where, receivers=True))
    return made


def person(born: date, serial: int = 981, given: str = "Anna", **changes: object) -> Person:
    return Person.objects.create(
        **{
            "personal_number": personal_number.generate(born, serial),
            "given_name": given,
            "surname": "Lind",
            "birth_date": born,
            **changes,
        }
    )


def guardian(of: Person, who: Person, **changes: object) -> Guardianship:
    return Guardianship.objects.create(
        **{"guardian": who, "child": of, "since": of.birth_date, "until": None, **changes}
    )
