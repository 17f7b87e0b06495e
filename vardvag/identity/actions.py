"""Sessions: opening, ending, changing whom or where one acts for. The open pages are told at once."""

import secrets
from collections.abc import Callable, Iterable
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from vardvag.audit.actions import record
from vardvag.core.actor import Actor, Anonymous, PersonActor, ResidentActor, Subject
from vardvag.core.facts import Fact
from vardvag.core.live import tell
from vardvag.core.personal_number import SWEDEN, PersonalNumber
from vardvag.identity import access, browser, rules
from vardvag.identity.models import FormerNumber, Person, Session, Staff

# Registry: whoever keeps copies of a person's name or protection is told, in the transaction, when they change.
on_person_changed: list[Callable[[int], None]] = []
# Registry: who tells a person of a login that somebody else may have begun; called with the session's id.
on_login_elsewhere: list[Callable[[int], None]] = []


class Why(StrEnum):
    """Why a session ended; kept in the row and told to the open pages."""

    LOGOUT = "logout"
    EVERYWHERE = "everywhere"  # "logga ut överallt"
    REPLACED = "replaced"  # a new login in the same browser
    CHANGED_ASSIGNMENT = "assignment"
    ASSIGNMENT_GONE = "gone"
    LOCKED = "locked"


class TooYoung(Fact):
    """`own_from`: the age from which the person acts alone."""

    def __init__(self, *, own_from: int) -> None:
        super().__init__(
            _(
                "Du kan logga in själv från den dag du fyller %(age)d år. "
                "Fram till dess sköter din vårdnadshavare dina ärenden."
            )
            % {"age": own_from}
        )


class PersonDeceased(Fact):
    message = _("Det går inte att logga in. Ring supporten så hjälper de dig.")


class StaffGone(Fact):
    message = _("Du finns inte längre i katalogen över personal. Kontakta din behörighetsadministratör.")


class NotSamePerson(Fact):
    message = _(
        "Din e-legitimation har tidigare använts av någon annan här, så vi vågar inte logga in dig med den. "
        "Logga in med BankID eller ring supporten."
    )


class NotYours(Fact):
    message = _(
        "Du kan inte se det här. Det kan bero på att barnet har blivit för gammalt för att du ska se åt det. "
        "Ring mottagningen om du behöver hjälp."
    )


def open_session(
    *,
    actor: Actor,
    person: Person | None = None,
    staff: Staff | None = None,
    assignment_id: int | None = None,
    unit_hsa_id: str = "",
    method: str,
    level: str = "",
    identity: tuple[str, str] = ("", ""),
    id_token: str = "",
    old_key: str = "",
    user_agent: str = "",
    elsewhere: bool = False,
    now: datetime,
) -> str:
    """A new session for exactly one of `person` and `staff`; returns the cookie's value, kept nowhere.

    `old_key` is what the browser's cookie held: that session ends, so nobody is logged in twice in one
    browser (resident and staff least of all) and a key known before login is worth nothing after it.
    Without `assignment_id` a staff session starts in the assignment at `unit_hsa_id` (what the identity
    provider says), or in the only one there is; else the person chooses.
    `identity`: (issuer, subject) where an identity provider proved it. One that has opened somebody else's
    session before is refused: a provider never gives a subject to another person.
    `elsewhere`: the person proved who they are in another place than this browser (a scanned code, a provider's
    page), so whoever began may be another: the person is told.
    Call inside the border (enter_proven or enter_person) when it is a person.
    """
    if (person is None) == (staff is None):
        raise ValueError("one of person and staff")
    if person is not None:
        _may_log_in(person, now)
    if staff is not None and staff.gone_at is not None:
        raise StaffGone
    if staff is not None and assignment_id is None:
        assignment_id = access.assignment_for_login(staff, unit_hsa_id, now)
    if access.belongs_to_another(identity, person=person, staff=staff):
        raise NotSamePerson
    key = secrets.token_urlsafe(32)
    with transaction.atomic():
        if old_key:
            _end(Session.objects.filter(key_hash=access.key_hash(old_key)), Why.REPLACED, now)
        session = Session.objects.create(
            key_hash=access.key_hash(key),
            kind=Session.Kind.RESIDENT if person else Session.Kind.STAFF,
            person=person,
            staff=staff,
            assignment_id=assignment_id,
            method=method,
            level=level[:60],
            issuer=identity[0],
            subject=identity[1],
            id_token=id_token,
            browser=browser.label(user_agent),
            created_at=now,
            seen_at=now,
        )
        if person is not None:
            me = Subject(person.pk, person.given_name, person.surname, person.birth_date, person.protected)
            record(actor=ResidentActor(session.pk, me, me), verb="login", kind="session",
                   object_id=session.pk, patient_id=person.pk, details=(method,), purpose="access", at=now)  # fmt: skip
            for told in on_login_elsewhere if elsewhere else ():
                told(session.pk)
        elif staff is not None:
            record(actor=Anonymous(), verb="login", kind="staff", object_id=staff.pk, details=(method,),
                   purpose="access", at=now)  # fmt: skip
    return key


def _may_log_in(person: Person, now: datetime) -> None:
    today = now.astimezone(SWEDEN).date()
    party = rules.Party(person.birth_date, person.protected, person.deceased_on is not None)
    if party.deceased:
        raise PersonDeceased
    ages = access.ages()
    if not rules.may_act_alone(party, today=today, ages=ages):
        raise TooYoung(own_from=ages[rules.Right.ACT].own_from)


def end_session(*, actor: Actor, key: str, why: Why = Why.LOGOUT, now: datetime) -> Session | None:
    """Logout of one browser; returns the session that ended (its id_token serves logout at the provider)."""
    with transaction.atomic():
        ended = _end(Session.objects.filter(key_hash=access.key_hash(key)), why, now)
        for session in ended:
            record(actor=actor, verb="logout", kind="session", object_id=session.pk,
                   patient_id=session.person_id, purpose="access", at=now)  # fmt: skip
    return ended[0] if ended else None


def end_all_sessions(
    *,
    actor: Actor,
    person: Person | None = None,
    staff: Staff | None = None,
    assignment_ids: Iterable[int] = (),
    why: Why = Why.EVERYWHERE,
    now: datetime,
) -> int:
    """Everywhere a person, a staff member or these assignments are logged in; returns how many ended."""
    sessions = Session.objects.all()
    if person is not None:
        sessions = sessions.filter(person=person)
    elif staff is not None:
        sessions = sessions.filter(staff=staff)
    else:
        sessions = sessions.filter(assignment_id__in=list(assignment_ids))
    with transaction.atomic():
        ended = _end(sessions, why, now)
        for session in ended:
            record(actor=actor, verb="logout_everywhere", kind="session", object_id=session.pk,
                   patient_id=session.person_id, purpose="access", at=now)  # fmt: skip
    return len(ended)


def end_own_sessions(*, actor: PersonActor, session_id: int | None, now: datetime) -> int:
    """One of the actor's own sessions, or all of them; returns how many ended."""
    mine = Session.objects.filter(
        **(
            {"person_id": actor.me.person_id}
            if isinstance(actor, ResidentActor)
            else {"staff_id": actor.staff_id}
        )
    )
    if session_id is not None:
        mine = mine.filter(pk=session_id)
    verb = "logout" if session_id is not None else "logout_everywhere"
    with transaction.atomic():
        ended = _end(mine, Why.EVERYWHERE, now)
        for session in ended:
            record(actor=actor, verb=verb, kind="session", object_id=session.pk,
                   patient_id=session.person_id, purpose="access", at=now)  # fmt: skip
    return len(ended)


def choose_assignment(
    *, session: Session, assignment_id: int, user_agent: str = "", now: datetime
) -> str | None:
    """One session is one assignment: a new session with a new key takes the old one's place.

    The floor above (organisation.actions.choose) checks that the assignment is theirs and in force.
    The new session keeps the old one's age, so that changing unit does not stretch a working day.
    None when the old one has ended since it was read: a logout is never undone by a slow choice.
    """
    key = secrets.token_urlsafe(32)
    with transaction.atomic():
        if not _end(Session.objects.filter(pk=session.pk), Why.CHANGED_ASSIGNMENT, now):
            return None
        Session.objects.create(
            key_hash=access.key_hash(key),
            kind=session.kind,
            staff_id=session.staff_id,
            assignment_id=assignment_id,
            method=session.method,
            level=session.level,
            issuer=session.issuer,
            subject=session.subject,
            id_token=session.id_token,
            browser=browser.label(user_agent) if user_agent else session.browser,
            created_at=session.created_at,
            seen_at=now,
        )
    return key


def act_for(*, actor: ResidentActor, person_id: int, now: datetime) -> Subject:
    """From now on this session acts for the child, or again for the person themselves."""
    subject = next((s for s in (actor.me, *actor.may_act_for) if s.person_id == person_id), None)
    if subject is None:
        raise NotYours
    with transaction.atomic():
        Session.objects.filter(pk=actor.session_id).update(
            acting_for=None if person_id == actor.me.person_id else person_id
        )
        if person_id != actor.patient.person_id:
            switched = ResidentActor(actor.session_id, actor.me, subject, actor.may_act_for, actor.language)
            record(actor=switched, verb="act_for", kind="session", object_id=actor.session_id,
                   patient_id=person_id, purpose="access", at=now)  # fmt: skip
            tell(f"session:{actor.session_id}", "switched")
    return subject


def _end(sessions: QuerySet[Session], why: Why, now: datetime) -> list[Session]:
    ended = list(sessions.filter(ended_at=None).select_for_update(of=("self",)).order_by("pk"))
    for session in ended:
        session.ended_at, session.ended_why = now, why.value
        session.save(update_fields=["ended_at", "ended_why"])
        tell(f"session:{session.pk}", "ended", why=why.value)
    return ended


def change_number(*, actor: Actor, person: Person, number: PersonalNumber, now: datetime) -> Person:
    """The register has given the person another number: the row, its cases and its log stay theirs, and the old
    number still finds them. Call inside a border that opens both numbers."""
    with transaction.atomic():
        FormerNumber.objects.create(person=person, number=person.personal_number, until=now)
        person.personal_number, person.kind = number.digits, number.kind.value
        person.birth_date = number.birth or person.birth_date
        person.save(update_fields=["personal_number", "kind", "birth_date"])
        record(actor=actor, verb="change_number", kind="person", object_id=person.pk, patient_id=person.pk,
               purpose="access", at=now)  # fmt: skip
        for told in on_person_changed:
            told(person.pk)
    return person
