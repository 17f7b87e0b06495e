"""Rows of what stands still: providers, units with hours and groups, staff with assignments, residents."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.utils.text import slugify

from vardvag.demo import calendars, cast, staff, units
from vardvag.demo.people import Person
from vardvag.demo.plans import Ids, Place, Rows, person_uuid
from vardvag.demo.staff import Member
from vardvag.demo.units import PROVIDERS, UnitSpec

ADMITTED = timedelta(days=900)  # ago: since when assignments are valid


def lay(
    rows: Rows, ids: Ids, unit_numbers: tuple[int, ...], members: list[Member], now: datetime
) -> list[Place]:
    """Rows of the organisation and its staff; the places are what cases are told at."""
    specs = [units.BY_NUMBER[n] for n in unit_numbers]
    rows.add(
        "organisation_region", id=1, name=units.REGION, service_name=units.SERVICE_NAME,
        support_phone="08-465 004 90", support_hours="Vardagar kl. 8–16", answer_working_days=2,
        complaint_working_days=1, guardian_until_age=13, unread_reply_days=5,
    )  # fmt: skip
    providers = {p.key: n + 1 for n, p in enumerate(PROVIDERS)}
    for provider in PROVIDERS:
        if any(spec.provider is provider for spec in specs):
            rows.add(
                "organisation_provider", id=providers[provider.key], hsa_id=provider.hsa_id,
                name=provider.name, organisation_number=provider.organisation_number, kind=provider.kind,
            )  # fmt: skip
    for spec in specs:
        _unit(rows, ids, spec, providers[spec.provider.key], now)
    places = [
        Place(spec, providers[spec.provider.key], _groups(rows, ids, spec, members), _here(spec, members), {})
        for spec in specs
    ]
    _staff(rows, ids, members, {place.spec.number: place for place in places}, now)
    return places


def _unit(rows: Rows, ids: Ids, spec: UnitSpec, provider_id: int, now: datetime) -> None:
    where = _postal_code(spec)
    rows.add(
        "organisation_unit", id=spec.number, provider_id=provider_id, mother_id=spec.mother or None,
        hsa_id=spec.hsa_id, name=spec.name, public_name=spec.name, slug=slugify(spec.name),
        kind_of_care=spec.kind, specialities=list(spec.specialities), municipality=spec.municipality,
        street=spec.street, postal_code=where, city=spec.town, phone=spec.phone, directions=spec.directions,
        source="demo", fetched_at=now - timedelta(hours=7), archived_at=None, practice=False,
    )  # fmt: skip
    rows.add(
        "organisation_unitsettings", id=ids.next("organisation_unitsettings"), unit_id=spec.number,
        internal_name="", other_information=spec.about, directions="", answer_working_days=spec.days or None,
        shows_staff_names=spec.kind != "Psykiatri", accepts_cases=True, staff_message="",
        resident_message=spec.message,
    )  # fmt: skip
    for kind in ("visit", "phone", "digital"):
        for weekday, opens, closes in calendars.week(spec, kind):
            rows.add(
                "organisation_openinghours", id=ids.next("organisation_openinghours"), unit_id=spec.number,
                kind=kind, weekday=weekday, opens=opens, closes=closes, local=False,
            )  # fmt: skip


def _postal_code(spec: UnitSpec) -> str:
    """The unit's postal code: the first of its municipality's, moved by its number."""
    number = str(units.postal(spec.municipality) + spec.number % 30)
    return f"{number[:3]} {number[3:]}"


def _here(spec: UnitSpec, members: list[Member]) -> list[Member]:
    return [m for m in members if m.active and m.at(spec.number) is not None]


def _groups(rows: Rows, ids: Ids, spec: UnitSpec, members: list[Member]) -> dict[str, int]:
    wanted = [staff.RECEIVERS]
    for member in members:
        post = member.at(spec.number)
        wanted += [name for name in (post.groups if post else ()) if name not in wanted]
    found = {}
    for name in wanted:
        found[name] = ids.next("organisation_group")
        rows.add(
            "organisation_group", id=found[name], unit_id=spec.number, name=name,
            receivers=name == staff.RECEIVERS,
        )  # fmt: skip
    return found


def _staff(rows: Rows, ids: Ids, members: list[Member], places: dict[int, Place], now: datetime) -> None:
    rng = Random(7)  # noqa: S311 - invented people, not secrets
    for member in members:
        mobile = staff.mobile(rng, member)
        rows.add(
            "identity_staff", id=member.id, hsa_id=member.hsa_id.upper(), given_name=member.given_name,
            surname=member.surname, title=member.title, protected=member.protected, gone_at=None,
            email=member.email, mobile=mobile, language="sv", practice=False, shortcuts="on",
            density="normal",
        )  # fmt: skip
        if member.id <= len(cast.STAFF) and member.active and not member.protected:
            _notices(rows, member, mobile, now)
        for post in member.posts:
            place = places[post.unit]
            assignment = ids.next("organisation_assignment")
            place.assignments[member.id] = assignment
            rows.add(
                "organisation_assignment", id=assignment, staff_id=member.id, unit_id=post.unit,
                roles=[role.value for role in post.roles], valid_from=(now - ADMITTED).date(),
                valid_until=None,
                paused_at=now - timedelta(days=80) if member.paused else None,
                ended_at=now - timedelta(days=30) if member.ended else None,
                last_used_at=now - timedelta(days=rng.randint(0, 9)), source="demo",
            )  # fmt: skip
            for group in post.groups:
                rows.add(
                    "organisation_assignment_groups", id=ids.next("organisation_assignment_groups"),
                    assignment_id=assignment, group_id=place.groups[group],
                )  # fmt: skip


def _notices(rows: Rows, member: Member, mobile: str, now: datetime) -> None:
    """The main characters hear by mail, at most every five minutes, and of what is theirs by SMS too."""
    verified = now - timedelta(days=60)
    rows.add(
        "inbox_staffnoticesettings", staff_id=member.id, email=member.email, email_verified_at=verified,
        email_bad_at=None, mobile=mobile, mobile_verified_at=verified if mobile else None, mobile_bad_at=None,
        sms_for=["assigned"] if mobile else [], mail_for=["new", "assigned", "message", "overdue"],
        digest_minutes=5, version=1,
    )  # fmt: skip


def residents(rows: Rows, ids: Ids, people: list[Person], rng: Random, now: datetime) -> None:
    """Persons, custody and how they want to be told."""
    for person in people:
        rows.add(
            "identity_person", id=person.id, public_id=person_uuid(person), personal_number=person.number,
            kind="coordination" if person.coordination else "personal", given_name=person.given_name,
            surname=person.surname, birth_date=person.born, protected=person.protected,
            deceased_on=person.deceased_on, street=person.street, postal_code=person.postal_code,
            city=person.city, language=person.language, listed_unit_id=person.unit or None,
            register_read_at=now - timedelta(hours=5),
        )  # fmt: skip
        for guardian in person.guardians:
            rows.add(
                "identity_guardianship", id=ids.next("identity_guardianship"), guardian_id=guardian.id,
                child_id=person.id, since=person.born, until=None,
            )  # fmt: skip
        if person.age(now.date()) >= 13 and not person.protected and person.deceased_on is None:
            _contact(rows, person, rng, now)


def _contact(rows: Rows, person: Person, rng: Random, now: datetime) -> None:
    """Most want SMS, some mail too, some nothing."""
    wish = rng.random() if not person.note else 0.5
    if wish > 0.85:
        return
    verified = now - timedelta(days=rng.randint(20, 700))
    mail = wish < 0.3
    rows.add(
        "inbox_contactsettings", person_id=person.id, email=_email(person) if mail else "",
        email_verified_at=verified if mail else None, email_bad_at=None, mobile=person.mobile,
        mobile_verified_at=verified if person.mobile else None, mobile_bad_at=None,
        sms_for=["answers", "reminders"] if person.mobile else [],
        mail_for=["answers"] if mail else [], quiet_from="21:00", quiet_until="08:00",
        language=person.language, name_unit=False, when_protected=False, version=1,
    )  # fmt: skip


def _email(person: Person) -> str:
    return f"invanare{person.id}@post.example"


def relations(rows: Rows, ids: Ids, cases: list[dict[str, Any]]) -> None:
    """A care relation per patient, writer and provider since their first case."""
    since: dict[tuple[int, int], datetime] = {}
    for case in cases:
        for who in (case["patient_id"], case["author_id"]):
            since.setdefault((who, case["provider_id"]), case["arrived_at"])
    for (who, provider), at in since.items():
        rows.add(
            "identity_carerelation", id=ids.next("identity_carerelation"), patient_id=who,
            provider_id=provider, since=at,
        )  # fmt: skip
