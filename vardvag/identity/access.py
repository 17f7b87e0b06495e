"""From a cookie to a session, and from a person to those they may act for (used by organisation.keeper)."""

import hashlib
from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Q

from vardvag.core import compiled
from vardvag.core.actor import Subject
from vardvag.core.personal_number import SWEDEN
from vardvag.identity import rules
from vardvag.identity.models import FormerNumber, Guardianship, Person, Session, Staff

TOUCH_EVERY = timedelta(minutes=1)

# Until which age guardians act; the floor above (organisation) keeps the region's choice.
_guardian_until: Callable[[], int] = lambda: rules.Ages().guardian_until  # noqa: E731


def guardian_age_from(source: Callable[[], int]) -> None:
    """Registry: called once at start by the part that keeps the region's settings."""
    global _guardian_until  # noqa: PLW0603 - a registry of one
    _guardian_until = source


def ages() -> rules.AgeTable:
    """The region's table: which right at which age."""
    return rules.age_table(_guardian_until())


def key_hash(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def patience(kind: str) -> rules.Patience:
    resident = kind == Session.Kind.RESIDENT
    idle, absolute = (
        (settings.RESIDENT_IDLE, settings.RESIDENT_ABSOLUTE)
        if resident
        else (settings.STAFF_IDLE, settings.STAFF_ABSOLUTE)
    )
    return rules.Patience(timedelta(minutes=idle), timedelta(minutes=absolute))


def open_session_of(key: str, *, now: datetime) -> Session | None:
    """The living session of a cookie's value, with its staff member (the person is behind the border)."""
    if not 20 <= len(key) <= 100:
        return None
    session = Session.objects.select_related("staff").filter(key_hash=key_hash(key), ended_at=None).first()
    return session if session is not None and is_open(session, now=now) else None


def is_awake(kind: str, *, created: datetime, seen: datetime, now: datetime) -> bool:
    """Neither asleep too long nor too old."""
    return not rules.has_expired(created=created, seen=seen, now=now, patience=patience(kind))


def is_open(session: Session, *, now: datetime) -> bool:
    """Neither ended nor slept too long, and its staff member still in the directory (`staff` is fetched)."""
    if session.ended_at is not None or (session.staff is not None and session.staff.gone_at is not None):
        return False
    return is_awake(session.kind, created=session.created_at, seen=session.seen_at, now=now)


def belongs_to_another(
    identity: tuple[str, str], *, person: Person | None = None, staff: Staff | None = None
) -> bool:
    """Whether this (issuer, subject) has opened a session of somebody else; never so without a subject."""
    issuer, subject = identity
    if not subject:
        return False
    rows = Session.objects.filter(issuer=issuer, subject=subject)
    return rows.exclude(person=person, staff=staff).exists()


def person_of_number(number: str) -> Person | None:
    """By the number they have, or one they had; inside the border, so only whom the reader may come near."""
    return Person.objects.filter(
        Q(personal_number=number) | Q(pk__in=FormerNumber.objects.filter(number=number).values("person_id"))
    ).first()


def touch(session_id: int, *, seen: datetime, now: datetime) -> None:
    """Note that the session is in use, at most once a minute: the one thing a GET writes besides the log.

    A row another request holds is skipped, so pages of one browser never wait for each other.
    """
    if now - seen < TOUCH_EVERY:
        return
    compiled.act(
        "update identity_session set seen_at = %s where id ="
        " (select id from identity_session where id = %s for update skip locked)",
        [now, session_id],
    )


# An array of ids, not "or": the primary key serves it in a register of any size.
FAMILY = """
select p.id, p.given_name, p.surname, p.birth_date, p.protected, p.deceased_on, p.language, g.since, g.until
from identity_person p
left join identity_guardianship g on g.child_id = p.id and g.guardian_id = %s
where p.id = any (array(select child_id from identity_guardianship where guardian_id = %s) || %s::bigint)
"""


class Family:
    """A logged-in person and the children they may act for today, found in one query inside the border."""

    def __init__(self, person_id: int, *, today: date, ages: rules.AgeTable) -> None:
        rows = compiled.fetch(FAMILY, [person_id, person_id, person_id])
        self.me: Subject | None = None
        self.language = "sv"
        mine: rules.Party | None = None
        links: list[tuple[Subject, rules.Party, date, date | None]] = []
        for pk, given, surname, born, protected, deceased, language, since, until in rows:
            subject = Subject(pk, given, surname, born, protected)
            party = rules.Party(born, protected, deceased is not None)
            if pk == person_id:
                self.me, self.language, mine = subject, language, party
            elif since is not None:
                links.append((subject, party, since, until))
        if mine is None or mine.deceased:
            self.me = None
            links = []
        self.children: tuple[Subject, ...] = tuple(
            subject
            for subject, party, since, until in sorted(links, key=_youngest_last)
            if mine is not None
            and rules.may_act_for(mine, party, since=since, until=until, today=today, ages=ages)
        )

    def subject(self, person_id: int | None) -> Subject | None:
        """Whom the session acts for, if it still may; else the person themselves."""
        return next((child for child in self.children if child.person_id == person_id), self.me)


def standing(session_ids: Collection[int], *, now: datetime) -> dict[int, str]:
    """What residents' sessions stand on, as a text that changes when it does: that the person lives, and for whom
    they may act (`Family`, for many at once). Sessions of nobody alive are missing."""
    rows = compiled.fetch("select * from identity_standing(%s::bigint[])", [list(session_ids)])
    today, table = now.astimezone(SWEDEN).date(), ages()
    mine = {session: rules.Party(*party) for session, _, own, *party, _, _ in rows if own}
    found = {session: [person] for session, person, own, *_ in rows if own and not mine[session].deceased}
    for session, child, own, born, protected, deceased, since, until in rows:
        party = rules.Party(born, protected, deceased)
        if not own and rules.may_act_for(
            mine[session], party, since=since, until=until, today=today, ages=table
        ):
            found[session].append(child)
    return {session: str(sorted(people)) for session, people in found.items()}


def _youngest_last(link: tuple[Subject, rules.Party, date, date | None]) -> tuple[date, str]:
    return link[0].birth_date, link[0].given_name


def guardians_of(child_id: int) -> Iterable[int]:
    """Ids of everyone the register has ever named as guardian of the child."""
    return Person.objects.filter(children__child_id=child_id).values_list("id", flat=True)


def readers_of(patient_id: int, *, now: datetime) -> list[int]:
    """Who reads a patient's letters now: the patient, or below the age for it the guardians who may act."""
    return readers_of_each([patient_id], now=now)[patient_id]


def readers_of_each(patient_ids: Collection[int], *, now: datetime) -> dict[int, list[int]]:
    """The same of several patients."""
    found: dict[int, list[int]] = {one: [] for one in patient_ids}
    today = now.astimezone(SWEDEN).date()
    for link in (
        Guardianship.objects.filter(child_id__in=found).select_related("guardian", "child").order_by("id")
    ):
        child, guardian = (
            rules.Party(who.birth_date, who.protected, who.deceased_on is not None)
            for who in (link.child, link.guardian)
        )
        if rules.may_act_for(guardian, child, since=link.since, until=link.until, today=today, ages=ages()):
            found[link.child_id].append(link.guardian_id)
    return {one: readers or [one] for one, readers in found.items()}


# Which assignment a staff login starts in; the floor above knows them.
_assignment: Callable[[Staff, str, datetime], int | None] = lambda staff, unit_hsa_id, now: None  # noqa: E731


def assignments_from(source: Callable[[Staff, str, datetime], int | None]) -> None:
    """Registry: called once at start by the part that keeps assignments."""
    global _assignment  # noqa: PLW0603 - a registry of one
    _assignment = source


def assignment_for_login(staff: Staff, unit_hsa_id: str, now: datetime) -> int | None:
    return _assignment(staff, unit_hsa_id, now)
