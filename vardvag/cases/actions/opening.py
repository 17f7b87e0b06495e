"""A draft becomes a case. The draft is the key: sent twice, from two tabs or tried again, it is one case."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from vardvag.audit.actions import together
from vardvag.cases.actions.changes import commit, snapshot
from vardvag.cases.actions.clocks import amber
from vardvag.cases.actions.flags import raise_by_words
from vardvag.cases.actions.moves import give_to_receivers
from vardvag.cases.actions.thread import attach
from vardvag.cases.models import Case, Message, State
from vardvag.cases.rules import ChangedSince, TooManyCases, excerpt
from vardvag.catalogue.queries import Sending, sending
from vardvag.core import compiled
from vardvag.core.actor import ResidentActor
from vardvag.core.compiled import Compiled
from vardvag.files.models import File
from vardvag.identity.models import Person
from vardvag.inbox.actions import tell_staff
from vardvag.inbox.models import StaffKind
from vardvag.organisation.queries import due
from vardvag.questionnaires.access import draft_for_resident
from vardvag.questionnaires.actions import finish
from vardvag.questionnaires.models import Response

CASES_A_DAY = 10  # per person and unit
_SENT = Compiled(
    lambda draft_id, patient_id: Case.objects.filter(draft_id=draft_id, patient_id=patient_id),
    draft_id=UUID, patient_id=int,
)  # fmt: skip
_TODAY = "select count(*) from cases_case where patient_id = %s and unit_id = %s and arrived_at > %s"
_RELATION = (
    "insert into identity_carerelation (patient_id, provider_id, since) values (%s, %s, %s)"
    " on conflict do nothing"
)


@dataclass(frozen=True, slots=True)
class Opening:
    """What a case is opened with, from a form or from a service."""

    key: UUID  # of the draft: sent twice it is one case
    what: Sending
    patient: Person
    language: str
    own_words: str
    files: list[File]
    due_at: datetime
    promised_at: datetime | None = None  # what the resident is told, where it is not the same
    response: Response | None = None
    urgency: int | None = None
    also_said: str = ""  # other words of the patient's that are kept by the service, for the watch
    title: str = ""  # for staff, in Swedish; else the case type's name


@transaction.atomic
def open_case(*, actor: ResidentActor, draft_id: UUID, now: datetime, checked: str = "") -> Case:
    """`checked`: the draft's revision that the resident read through before sending. Raises what questionnaires
    (Incomplete: pages to mend) and catalogue say, ChangedSince and TooManyCases."""
    with together():
        return _open_draft(actor, draft_id, now, checked)


def _open_draft(actor: ResidentActor, draft_id: UUID, now: datetime, checked: str) -> Case:
    draft = draft_for_resident(actor=actor, public_id=draft_id, lock=True)
    if draft.sent_at is not None and (sent := opened_from(actor=actor, key=draft_id)):
        return sent
    if checked and checked != str(draft.revision):
        raise ChangedSince()
    _check_number(actor, draft.unit_id, now)
    what: Sending = sending(actor=actor, draft=draft, now=now)
    answered = finish(actor=actor, draft=draft, now=now, locked=True)
    opening = Opening(
        key=draft_id,
        what=what,
        patient=draft.patient,
        language=draft.language,
        own_words=answered.own_words,
        files=answered.files,
        due_at=due(unit_id=what.unit.pk, since=now, days=what.answer_days),
        response=answered.response,
    )
    return _open(actor, opening, now)


@transaction.atomic
def open_from_service(*, actor: ResidentActor, opening: Opening, now: datetime) -> Case:
    """For a service, which has locked its own draft. The key decides: again, it is the case that was opened.
    Raises TooManyCases."""
    if sent := opened_from(actor=actor, key=opening.key):
        return sent
    _check_number(actor, opening.what.unit.pk, now)
    return _open(actor, opening, now)


def opened_from(*, actor: ResidentActor, key: UUID) -> Case | None:
    return _SENT.first(draft_id=key, patient_id=actor.patient.person_id)


def _check_number(actor: ResidentActor, unit_id: int, now: datetime) -> None:
    yesterday = now - timedelta(days=1)
    if compiled.fetch(_TODAY, [actor.patient.person_id, unit_id, yesterday])[0][0] >= CASES_A_DAY:
        raise TooManyCases()


def _open(actor: ResidentActor, opening: Opening, now: datetime) -> Case:
    what, patient, due_at = opening.what, opening.patient, opening.due_at
    group = what.group if what.group and what.group.archived_at is None else None
    case = Case(
        number=_number(now),
        provider_id=what.unit.provider_id,
        unit=what.unit,
        patient=patient,
        author_id=actor.me.person_id,
        author_name=actor.me.name,
        type_version=what.version,
        type_key=what.version.case_type.key,
        response=opening.response,
        draft_id=opening.key,
        title=(opening.title or what.title)[:120],
        patient_name=patient.name,
        patient_number=patient.personal_number,
        patient_born=patient.birth_date,
        protected=patient.protected,
        represented=actor.represents,
        excerpt=excerpt(opening.own_words),
        language=opening.language,
        state=State.DISTRIBUTED if group else State.NEW,
        urgency=opening.urgency,
        arrived_at=now,
        waiting_since=now,
        due_at=due_at,
        promised_at=opening.promised_at or due_at,
        amber_at=amber(unit_id=what.unit.pk, due_at=due_at),
        answerable=what.answerable,
        last_seq=1,
        resident_seen_seq=1,
        version=1,
    )
    if group:
        case.group, case.group_name = group, group.name
    else:
        give_to_receivers(case)
    compiled.insert(case)
    for who in sorted({patient.pk, actor.me.person_id}):  # the unit may ring whoever wrote
        compiled.act(_RELATION, [who, case.provider_id, now])
    message = Message(
        case=case,
        provider_id=case.provider_id,
        unit_id=case.unit_id,
        patient_id=case.patient_id,
        seq=1,
        author_kind=Message.Author.RESIDENT,
        author_id=actor.me.person_id,
        author_name=actor.me.name,
        for_patient=actor.represents,
        kind=Message.Kind.INTAKE,
        body=opening.own_words,
        at=now,
        released_at=now,
        key=opening.key,
    )
    compiled.insert(message)
    attach(message=message, actor=actor, found=opening.files, now=now)
    commit(actor=actor, case=case, before=snapshot(case), verb="open", now=now, message=message, new=True)
    raise_by_words(actor=actor, case=case, text=f"{opening.own_words}\n{opening.also_said}", now=now)
    tell_staff(
        actor=actor,
        unit=what.unit,
        kind=StaffKind.NEW,
        object_id=case.public_id,
        patient_id=case.patient_id,
        key=f"new:{case.public_id}",
        now=now,
        urgency=case.urgency,
        group_id=case.group_id,
    )
    return case


def _number(now: datetime) -> str:
    """26-004217: the year and a running number, for people on the phone."""
    ((running,),) = compiled.fetch("select nextval('cases_number')", [])
    return f"{now:%y}-{running:06d}"
