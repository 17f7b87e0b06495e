"""Composed reads for pages. The queue: one table, one query; the counters: one more."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from itertools import accumulate
from operator import itemgetter
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.http import Http404
from django.utils.safestring import SafeString

from vardvag.audit.actions import record
from vardvag.cases.access import acts_at_once, cases_of_patient, cases_of_unit, openings_to_review
from vardvag.cases.lists import Listed
from vardvag.cases.models import (
    Attachment,
    Case,
    Draft,
    Event,
    Message,
    Note,
    ProtectedOpening,
    Rating,
    State,
)
from vardvag.cases.rules import (
    SEES_ALL,
    UNDO_BATCH,
    WORKS_WITH_CASES,
)
from vardvag.catalogue.queries import texts_of, texts_of_id
from vardvag.core.actor import ResidentActor, StaffActor
from vardvag.core.compiled import Compiled, fetch
from vardvag.core.personal_number import SWEDEN
from vardvag.identity.models import Person
from vardvag.inbox.models import ContactSettings
from vardvag.organisation.access import units_of_staff

OPEN = ~Q(state=State.CLOSED)
PLACING = ("open", "distribute", "take", "give_back", "reopen", "move", "group_gone")


@dataclass(frozen=True, slots=True)
class Thread:
    """`entries`: messages and, for staff, notes, oldest first. `files`: message id -> its files."""

    case: Case
    entries: list[Message | Note]
    files: dict[int, list[Attachment]]
    drafts: dict[str, Draft] = field(default_factory=dict)


_MESSAGES = Compiled(lambda case_id: Message.objects.filter(case_id=case_id).order_by("seq"), case_id=int)
_NOTES = Compiled(lambda case_id: Note.objects.filter(case_id=case_id).order_by("at"), case_id=int)
_DRAFTS = Compiled(
    lambda case_id, kind, author_id: Draft.objects.filter(
        case_id=case_id, author_kind=kind, author_id=author_id
    ),
    case_id=int, kind=str, author_id=int,
)  # fmt: skip
_ATTACHMENTS = Compiled(
    lambda case_id: Attachment.objects.filter(case_id=case_id).select_related("file").order_by("position"),
    case_id=int,
)


_BESIDE = (
    "select exists (select from cases_attachment where case_id = %s), exists (select from cases_draft"
    " where case_id = %s and author_kind = %s and author_id = %s), exists (select from cases_note where case_id = %s)"
)


def _parts(
    case: Case, kind: Message.Author, author_id: int
) -> tuple[list[Message], list[Note], dict[int, list[Attachment]], dict[str, Draft]]:
    """Most threads have neither files, notes nor a draft: one question for all three, and more where there are any."""
    ((with_files, with_drafts, with_notes),) = fetch(
        _BESIDE, [case.pk, case.pk, kind.value, author_id, case.pk]
    )
    files: dict[int, list[Attachment]] = {}
    for one in _ATTACHMENTS.all(case_id=case.pk) if with_files else []:
        files.setdefault(one.message_id, []).append(one)
    drafts = _DRAFTS.all(case_id=case.pk, kind=kind.value, author_id=author_id) if with_drafts else []
    notes = _NOTES.all(case_id=case.pk) if with_notes else []
    return _MESSAGES.all(case_id=case.pk), notes, files, {draft.form: draft for draft in drafts}


def thread_for_staff(*, actor: StaffActor, case: Case) -> Thread:
    messages, notes, files, drafts = _parts(case, Message.Author.STAFF, actor.staff_id)
    return Thread(case=case, entries=_in_order(messages, notes), files=files, drafts=drafts)


def _in_order(messages: list[Message], notes: list[Note]) -> list[Message | Note]:
    """Messages by number, as the resident sees them: two who write at the same moment have times from before one
    waited for the other. A note stands where its time falls."""
    times = accumulate((one.at for one in messages), max)
    placed: list[tuple[datetime, Message | Note]] = [*zip(times, messages, strict=True)]
    placed += [(note.at, note) for note in notes]
    return [entry for _, entry in sorted(placed, key=itemgetter(0))]


JUST_OUT = timedelta(seconds=20)  # no request lives so long


def thread_for_resident(*, actor: ResidentActor, case: Case, now: datetime) -> Thread:
    """Without notes, and without a reply still held. One that is just out is shown once no undo of its last moment can
    be on its way: that holds the case until it is stored, however long the storing takes."""
    messages, _notes, files, drafts = _parts(case, Message.Author.RESIDENT, actor.me.person_id)
    if any(
        now - JUST_OUT < one.released_at <= now for one in messages if one.author_kind == Message.Author.STAFF
    ):
        case.refresh_from_db(from_queryset=Case.objects.select_for_update(of=("self",)))
        messages, _notes, files, drafts = _parts(case, Message.Author.RESIDENT, actor.me.person_id)
    shown: list[Message | Note] = [one for one in messages if one.released_at <= now]
    return Thread(case=case, entries=shown, files=files, drafts=drafts)


@dataclass(frozen=True, slots=True)
class Batch:
    """What was done with many cases at once. `stands`: how many can still be put back; `left`: cases somebody
    has acted in since."""

    id: UUID
    verb: str
    at: datetime
    who: str
    reason: str
    cases: int
    stands: int
    undone: int
    left: list[Case]


def batches(*, actor: StaffActor, now: datetime) -> list[Batch]:
    """The last day's, newest first."""
    acts = acts_at_once(actor=actor, since=now - UNDO_BATCH).select_related("case").order_by("-at", "case_id")
    found: dict[UUID, list[Event]] = {}
    for act in acts[:1000]:
        if act.batch is not None:
            found.setdefault(act.batch, []).append(act)
    return [_batch(batch, acts) for batch, acts in found.items()]


def _batch(batch: UUID, acts: list[Event]) -> Batch:
    first, standing = acts[0], [act for act in acts if act.undone_at is None]
    left = [act.case for act in standing if act.case.version != act.version]
    return Batch(
        id=batch,
        verb=first.verb,
        at=first.at,
        who=first.actor_name,
        reason=first.reason,
        cases=len(acts),
        stands=len(standing) - len(left),
        undone=len(acts) - len(standing),
        left=left,
    )


def openings(*, actor: StaffActor) -> list[ProtectedOpening]:
    """Protected persons' cases opened at the manager's unit, not reviewed first."""
    rows = (
        openings_to_review(actor=actor)
        .select_related("case")
        .order_by(F("reviewed_at").desc(nulls_first=True), "-id")
    )
    return list(rows[:200])


def hidden_writers(*, case: Case) -> set[int]:
    """Ids of residents whose names are not shown in the case (they wrote for a child, and are protected)."""
    rows = Message.objects.filter(
        case=case, author_kind=Message.Author.RESIDENT, author_protected=True
    ).values_list("author_id", flat=True)
    return {*rows, *([case.author_id] if case.author_protected else [])}


def placing(*, case: Case) -> Event | None:
    """The last act that said with whom the case lies."""
    return Event.objects.filter(case=case, verb__in=PLACING, undone_at=None).order_by("-id").first()


def last_reminder(*, case: Case) -> datetime | None:
    rows = Event.objects.filter(case=case, verb="remind").order_by("-id")
    return rows.values_list("at", flat=True).first()


def urgency_set(*, case: Case) -> Event | None:
    return (
        Event.objects.filter(case=case, verb__in=("urgency", "flagged"), undone_at=None)
        .order_by("-id")
        .first()
    )


panels: list[Callable[[StaffActor | ResidentActor, Case], SafeString]] = []


texts: list[Callable[[Case, str], str]] = []


in_turn: set[str] = (
    set()
)  # case types, said by services, whose residents are told where they stand (cases.standing)


def beside_in_text(*, case: Case, language: str) -> list[str]:
    """The same as plain text for the medical record."""
    return [said for text in texts if (said := text(case, language))]


def beside(*, actor: StaffActor | ResidentActor, case: Case) -> SafeString:
    """What services show of the case under the patient's own words, for whoever may see the case."""
    return SafeString("".join(panel(actor, case) for panel in panels))


def history(*, case: Case) -> list[Event]:
    return list(Event.objects.filter(case=case).order_by("-id")[:200])


def _earlier(patient_id: int, case_id: int, staff_id: int, provider_id: int, today: date) -> QuerySet[Case]:
    units = units_of_staff(staff_id=staff_id, provider_id=provider_id, today=today)
    rows = Case.objects.filter(patient_id=patient_id, unit_id__in=units).exclude(pk=case_id)
    shown = rows.select_related("unit").only("public_id", "title", "unit", "arrived_at", "unit__public_name")
    return shown.order_by("-id")[:20]


_EARLIER = Compiled(_earlier, patient_id=int, case_id=int, staff_id=int, provider_id=int, today=date)


def earlier_cases(*, actor: StaffActor, case: Case, now: datetime) -> list[Case]:
    """The patient's other cases at units of this care provider where the viewer holds an assignment now."""
    return _EARLIER.all(
        patient_id=case.patient_id,
        case_id=case.pk,
        staff_id=actor.staff_id,
        provider_id=actor.provider_id,
        today=now.astimezone(SWEDEN).date(),
    )


def types_in_use(*, actor: StaffActor) -> list[tuple[str, str]]:
    """(key, name) of the case types among the open cases: the queue's filter."""
    rows = cases_of_unit(actor).filter(OPEN).values_list("type_key", "title").distinct()
    return sorted(rows, key=lambda kind: kind[1])


@dataclass(frozen=True, slots=True)
class Contact:
    """Where to reach the patient, and whoever wrote for them (a protected guardian is left out). A protected
    person's address is in no register answer, and must not be guessed from old copies."""

    patient: Person
    author: Person
    phones: list[tuple[str, str]]  # (whose name, E.164)


def contact(*, case: Case) -> Contact:
    shown = {case.patient_id} if case.author_protected else {case.patient_id, case.author_id}
    people = {p.pk: p for p in Person.objects.filter(pk__in=shown)}
    numbers = ContactSettings.objects.filter(person_id__in=people).exclude(mobile="")
    return Contact(
        patient=people[case.patient_id],
        author=people.get(case.author_id, people[case.patient_id]),
        phones=[(people[n.person_id].name, n.mobile) for n in numbers],
    )


_MY_ONGOING = Compiled(
    lambda unit_id, owner_id: Case.objects.filter(OPEN, unit_id=unit_id, owner_id=owner_id)
    .only(*Listed._fields)
    .order_by("urgency", "due_at", "id")[:9],
    unit_id=int, owner_id=int,
)  # fmt: skip


def my_ongoing(*, actor: StaffActor) -> list[Case]:
    """The strip of what I have in hand (Alt+1..9); one's own cases, which whoever works with cases may see."""
    if not actor.has(*SEES_ALL, *WORKS_WITH_CASES):
        return []
    return _MY_ONGOING.all(unit_id=actor.unit_id, owner_id=actor.staff_id)


@dataclass(frozen=True, slots=True)
class Matters:
    """The resident's cases. Of those, by id: `news` have unread words from care, `held` a reply still in its ten
    seconds."""

    open: list[Case]
    closed: list[Case]
    news: set[int]
    held: set[int]


_OPEN = Compiled(
    lambda patient_id: (
        Case.objects.filter(OPEN, patient_id=patient_id).select_related("unit").order_by("-id")[:50]
    ),
    patient_id=int,
)
_UNREAD = (
    "select case_id, released_at from cases_message"
    " where case_id = any (%s) and author_kind = 'staff' and read_at is null"
)


@cache
def _closed(most: int) -> Compiled[Case]:
    return Compiled(
        lambda patient_id: (
            Case.objects.filter(state=State.CLOSED, patient_id=patient_id)
            .select_related("unit")
            .order_by("-closed_at")[:most]
        ),
        patient_id=int,
    )


def matters(*, actor: ResidentActor, now: datetime, closed: int = 10) -> Matters:
    """The list of somebody else's matters is a read of them, and logged; the list of one's own is not."""
    who = actor.patient.person_id
    open_cases, closed_cases = _OPEN.all(patient_id=who), _closed(closed).all(patient_id=who)
    news: set[int] = set()
    held: set[int] = set()
    written = [case.pk for case in (*open_cases, *closed_cases) if case.last_seq > case.resident_seen_seq]
    for case_id, released_at in fetch(_UNREAD, [written]) if written else []:
        (news if released_at <= now else held).add(case_id)
    if actor.represents and (open_cases or closed_cases):
        shown = [str(case.pk) for case in (*open_cases, *closed_cases)]
        record(actor=actor, verb="list", kind="cases", patient_id=who, details=shown, at=now)
    ended = [case for case in closed_cases if case.pk not in held]
    going_on = [case for case in closed_cases if case.pk in held]  # its last answer cannot be seen yet
    return Matters(open=[*going_on, *open_cases], closed=ended, news=news, held=held)


_HELD = Compiled(
    lambda case_id, now: Message.objects.filter(case_id=case_id, released_at__gt=now).order_by("-seq")[:1],
    case_id=int, now=datetime,
)  # fmt: skip
_RATING = Compiled(lambda case_id: Rating.objects.filter(case_id=case_id), case_id=int)


def held(*, case: Case, now: datetime) -> Message | None:
    """The reply that is still in its ten seconds."""
    return _HELD.first(case_id=case.pk, now=now)


def rating(*, case: Case) -> Rating | None:
    return _RATING.first(case_id=case.pk)


def case_of_draft(*, actor: ResidentActor, draft_id: UUID) -> Case:
    """The case a sent draft became; else 404."""
    case = cases_of_patient(actor).filter(draft_id=draft_id).first()
    if case is None:
        raise Http404
    return case


def used_units(*, actor: ResidentActor) -> list[int]:
    """Ids of units the patient has written to, newest first."""
    rows = cases_of_patient(actor).order_by("-id").values_list("unit_id", flat=True)[:100]
    return list(dict.fromkeys(rows))


def titles(case_ids: Collection[int]) -> dict[int, str]:
    """What cases are called in the reader's language, for the patient's log."""
    rows = Case.objects.filter(pk__in=case_ids).select_related("type_version")
    return {case.pk: str(texts_of(case.type_version).name) for case in rows}


_VERSIONS = "select public_id, type_version_id from cases_case where public_id = any (%s)"


def public_titles(public_ids: Collection[UUID]) -> dict[UUID, str]:
    """The same by public id, for the inbox."""
    wanted = list(public_ids)
    rows = fetch(_VERSIONS, [wanted]) if wanted else []
    return {public_id: str(texts_of_id(version_id).name) for public_id, version_id in rows}


def open_at(unit_id: int) -> int:
    """How many cases are open at the unit; one with any is not archived."""
    return Case.objects.filter(unit_id=unit_id).exclude(state=State.CLOSED).count()
