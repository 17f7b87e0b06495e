"""The only way from a page to a case. "Not yours" and "does not exist" are the same 404."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import Q, QuerySet
from django.http import Http404

from vardvag.audit.actions import record
from vardvag.cases.models import Attachment, Case, Draft, Event, Message, ProtectedOpening
from vardvag.cases.rules import (
    AGAIN_WITHIN,
    SEES_ALL,
    UNDO_BATCH,
    NothingMarked,
    SomeGone,
    UndoneSince,
    WrongPlace,
    may_see,
)
from vardvag.cases.rules import WORKS_WITH_CASES as WORKS_WITH_CASES
from vardvag.cases.rules import ReasonFirst as ReasonFirst
from vardvag.core.actor import ResidentActor, StaffActor
from vardvag.core.compiled import Compiled, fetch
from vardvag.core.live import tell
from vardvag.files.access import check_circle, log_intimate
from vardvag.files.models import File
from vardvag.identity.models import Staff
from vardvag.organisation.access import in_force
from vardvag.organisation.models import Assignment, Group


def _locked(rows: QuerySet[Case], lock: bool) -> QuerySet[Case]:
    return rows.select_for_update(of=("self",)) if lock else rows


def cases_of_unit(actor: StaffActor) -> QuerySet[Case]:
    """What this staff member may see in lists at the unit they work for."""
    rows = Case.objects.filter(unit_id=actor.unit_id)
    if actor.has(*SEES_ALL):
        return rows
    if actor.has(*WORKS_WITH_CASES):
        mine = rows.filter(owner_id=actor.staff_id)
        return mine | rows.filter(group_id__in=actor.group_ids) if actor.group_ids else mine
    return rows.none()


def _at_unit(public_id: UUID, unit_id: int) -> QuerySet[Case]:
    return Case.objects.select_related("patient").filter(public_id=public_id, unit_id=unit_id)


_CASE = Compiled(_at_unit, public_id=UUID, unit_id=int)
_CASE_LOCKED = Compiled(
    lambda public_id, unit_id: _locked(_at_unit(public_id, unit_id), True), public_id=UUID, unit_id=int
)


def _for_staff(actor: StaffActor, public_id: UUID, lock: bool) -> Case:
    case = (_CASE_LOCKED if lock else _CASE).first(public_id=public_id, unit_id=actor.unit_id)
    if case is None or not may_see(
        actor=actor, unit_id=case.unit_id, owner_id=case.owner_id, group_id=case.group_id
    ):
        raise Http404
    return case


@dataclass(frozen=True, slots=True)
class Asked:
    """What a form asks for, to know it again in the history. `columns` of the case that it names, as an event does."""

    verbs: Collection[str]
    reason: str = ""
    columns: dict[str, str] = field(default_factory=dict)

    def is_told_by(self, event: Event, actor: StaffActor | ResidentActor) -> bool:
        kind = "staff" if isinstance(actor, StaffActor) else "resident"
        return (
            event.undone_at is None
            and (event.actor_kind, event.actor_id) == (kind, author(actor)[1])
            and event.verb in self.verbs
            and event.reason == self.reason.strip()[:300]
            and all(str(event.after.get(column)) == value for column, value in self.columns.items())
        )


def did_just_now(*, actor: StaffActor, public_id: UUID, asked: Asked, now: datetime) -> bool:
    """Whether the last act in the case was this very one: the same form has come once more, because its answer was
    lost on the way."""
    mine = Event.objects.filter(case__public_id=public_id, provider_id=actor.provider_id)
    last = mine.order_by("-id").first()
    return last is not None and last.at >= now - AGAIN_WITHIN and asked.is_told_by(last, actor)


def did_since(*, actor: StaffActor | ResidentActor, case: Case, asked: Asked, since: str) -> bool:
    """Whether this person has done the same since the page (its version) that the form stood on, whatever others have
    done after: a form that was slow on its way, while its second try was answered."""
    seen = _version(case, since)
    if seen >= case.version:
        return False
    return any(asked.is_told_by(one, actor) for one in Event.objects.filter(case=case, version__gt=seen))


def _version(case: Case, since: str) -> int:
    """Of the page that a form stood on; a form that does not say is taken for one of the page as it is."""
    return int(since) if since.isascii() and since.isdecimal() and len(since) < 10 else case.version


def nothing_undone(*, case: Case, since: str) -> None:
    """`since`: the version of the case on the page that a form stood on. Raises UndoneSince."""
    seen = _version(case, since)
    if seen < case.version and Event.objects.filter(case=case, verb="undo", version__gt=seen).exists():
        raise UndoneSince()


def opening_of(*, actor: StaffActor, case: Case) -> ProtectedOpening | None:
    """Why the actor opened a protected person's case, in this login."""
    return ProtectedOpening.objects.filter(case=case, session_id=actor.session_id).first()


def _with_reason(actor: StaffActor, public_id: UUID, lock: bool) -> Case:
    """PROT-1: a protected person's case is opened with a reason, also when the mark came while it was open."""
    case = _for_staff(actor, public_id, lock)
    if case.protected and opening_of(actor=actor, case=case) is None:
        raise ReasonFirst
    return case


def case_to_open(*, actor: StaffActor, public_id: UUID, lock: bool = False) -> Case:
    """For asking why, and for keeping what the actor has typed: nothing of the person is shown."""
    return _for_staff(actor, public_id, lock)


def case_for_staff(
    *, actor: StaffActor, public_id: UUID, now: datetime, verb: str = "read", lock: bool = False
) -> Case:
    """`verb` names the read in the log. A locked case is about to be changed and the action logs that; a page
    that then shows the case after all (something was refused) calls `log`. Raises ReasonFirst."""
    case = _with_reason(actor, public_id, lock)
    if not lock:
        log(actor=actor, case=case, verb=verb, now=now)
    return case


def check_reach(*, actor: StaffActor | ResidentActor, public_id: UUID, lock: bool = False) -> Case:
    """Before slow work (decoding files) that must not hold the case's lock: 404 for what is out of reach.
    Nothing of the case is shown, so nothing is logged; what is done with it locks it anew. `lock`: there is no
    such work this time."""
    if isinstance(actor, StaffActor):
        return _with_reason(actor, public_id, lock)
    return _for_resident(actor, public_id, lock)


def cases_for_staff(*, actor: StaffActor, public_ids: Collection[UUID]) -> list[Case]:
    """Many at once, locked in one order. Raises NothingMarked, and SomeGone when one is out of reach (moved,
    or with somebody else by now): all or none."""
    wanted = set(public_ids)
    if not wanted:
        raise NothingMarked()
    rows = cases_of_unit(actor).filter(public_id__in=wanted).order_by("id")
    found = list(rows.select_for_update(of=("self",)))
    if len(found) != len(wanted):
        raise SomeGone()
    return found


def acts_at_once(*, actor: StaffActor, since: datetime) -> QuerySet[Event]:
    """What was done with many cases at once at the unit: the actor's own, all for those who see all."""
    rows = Event.objects.filter(
        case__unit_id=actor.unit_id, provider_id=actor.provider_id, batch__isnull=False, at__gt=since
    )
    mine = Q() if actor.has(*SEES_ALL) else Q(actor_kind="staff", actor_id=actor.staff_id)
    return rows.filter(mine)


def batch_to_undo(*, actor: StaffActor, batch: UUID, now: datetime) -> list[Event]:
    """The acts of one batch that still stand, their cases locked in one order; 404 for a batch out of reach."""
    acts = acts_at_once(actor=actor, since=now - UNDO_BATCH).filter(batch=batch)
    if not acts.exists():
        raise Http404
    cases = Case.objects.filter(pk__in=acts.values("case_id")).order_by("id")
    locked = {case.pk: case for case in cases.select_for_update(of=("self",))}
    found = list(acts.filter(undone_at=None, case_id__in=locked).order_by("case_id"))
    for act in found:
        act.case = locked[act.case_id]
    return found


def batch_named(*, actor: StaffActor, name: str, now: datetime) -> tuple[UUID, bool]:
    """The page's own name of an act on many cases, and whether it was done under it, undone since or not: sent again it
    is not done again. One at a time; a name that is none, or somebody else's, is exchanged for a new one."""
    try:
        batch = UUID(name)
    except ValueError:
        return uuid4(), False
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext(%s))", [f"cases.batch {batch}"])
    acts = Event.objects.filter(provider_id=actor.provider_id, batch=batch, at__gt=now - UNDO_BATCH)
    done = acts.first()
    if done is None or (done.actor_kind, done.actor_id) == ("staff", actor.staff_id):
        return batch, done is not None
    return uuid4(), False


def openings_to_review(*, actor: StaffActor) -> QuerySet[ProtectedOpening]:
    """At the manager's unit."""
    return ProtectedOpening.objects.filter(unit_id=actor.unit_id)


def _of_patient(public_id: UUID, patient_id: int) -> QuerySet[Case]:
    return Case.objects.filter(public_id=public_id, patient_id=patient_id)


_MINE = Compiled(
    lambda public_id, patient_id: _of_patient(public_id, patient_id).select_related("unit__provider"),
    public_id=UUID, patient_id=int,
)  # fmt: skip
_MINE_LOCKED = Compiled(
    lambda public_id, patient_id: _locked(_of_patient(public_id, patient_id), True),
    public_id=UUID, patient_id=int,
)  # fmt: skip


def _for_resident(actor: ResidentActor, public_id: UUID, lock: bool) -> Case:
    asked = _MINE_LOCKED if lock else _MINE
    case = asked.first(public_id=public_id, patient_id=actor.patient.person_id)
    if case is None:
        raise Http404
    return case


def receiver_of_cases(
    *, actor: StaffActor, staff_id: int | None = None, group_id: int | None = None, now: datetime
) -> Staff | Group:
    """Somebody at the unit whose roles open cases, or one of its groups in use. Raises WrongPlace.

    The row is held until the cases are stored: it cannot end in between and leave them with somebody who is
    gone (X-1). Called before the cases are locked, as those do who end assignments and remove groups."""
    found: Staff | Group | None = None
    if staff_id:
        at_unit = Assignment.objects.filter(in_force(now), unit_id=actor.unit_id, staff_id=staff_id)
        works = at_unit.filter(roles__overlap=[role.value for role in WORKS_WITH_CASES])
        held = works.select_related("staff").select_for_update(of=("self",), no_key=True).first()
        found = held.staff if held else None
    elif group_id:
        groups = Group.objects.filter(unit_id=actor.unit_id, pk=group_id, archived_at=None)
        found = groups.select_for_update(of=("self",), no_key=True).first()
    if found is None:
        raise WrongPlace()
    return found


def case_for_resident(
    *, actor: ResidentActor, public_id: UUID, now: datetime, verb: str = "read", lock: bool = False
) -> Case:
    """The patient's own case, or the child's the resident acts for now."""
    case = _for_resident(actor, public_id, lock)
    if not lock:
        log(actor=actor, case=case, verb=verb, now=now)
    return case


def cases_of_patient(actor: ResidentActor) -> QuerySet[Case]:
    return Case.objects.filter(patient_id=actor.patient.person_id)


_LAST_SHOWN = (
    "select coalesce(max(seq) filter (where released_at <= now), 0),"
    " coalesce(bool_or(author_kind = 'staff' and read_at is null and released_at <= now), false),"
    " min(seq) filter (where released_at > now)"
    " from cases_message, (select %s::timestamptz as now) as given where case_id = %s"
)


def read_receipt(*, actor: ResidentActor, case: Case, now: datetime) -> None:
    """Part of the log of what was read: which messages the resident has now been shown, and when.
    Called when the thread has been fetched (decision 0007). The case is locked before its messages, as
    everywhere; nothing is locked where nothing is new."""
    ((last, unread, held),) = fetch(_LAST_SHOWN, [now, case.pk])
    if held is not None:  # the resident's own later words do not make a reply seen that has yet to come
        last = min(last, held - 1)
    if last <= case.resident_seen_seq and not unread:
        return
    held_case = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    last = max(last, held_case.resident_seen_seq)  # another page of the same person may have been shown more
    shown = Message.objects.filter(case=case, released_at__lte=now)
    shown.filter(author_kind=Message.Author.STAFF, read_at=None).update(read_at=now)
    Case.objects.filter(pk=case.pk).update(resident_seen_seq=last, resident_seen_at=now)
    tell(f"case:{case.public_id}", "case", id=str(case.public_id), verb="read")


def message_file(*, actor: ResidentActor | StaffActor, public_id: UUID, file_id: UUID, now: datetime) -> File:
    """A file of a message in a case the actor may see; reading it is logged. Raises NotHolder."""
    if isinstance(actor, StaffActor):
        case = case_for_staff(actor=actor, public_id=public_id, now=now, verb="read_file")
    else:
        case = case_for_resident(actor=actor, public_id=public_id, now=now, verb="read_file")
    rows = Attachment.objects.select_related("file", "message").filter(case=case, file__public_id=file_id)
    if isinstance(actor, ResidentActor):
        rows = rows.filter(message__released_at__lte=now)
    found = rows.first()
    if found is None:
        raise Http404
    file = found.file
    if isinstance(actor, StaffActor):
        check_circle(intimate=file.intimate, staff_id=actor.staff_id, owner_id=case.owner_id)
    if file.intimate:
        log_intimate(actor=actor, file=file)
    return file


def draft_in_case(*, actor: ResidentActor | StaffActor, case: Case, form: str) -> Draft | None:
    kind, who = author(actor)
    return Draft.objects.filter(case=case, author_kind=kind, author_id=who, form=form).first()


def author(actor: ResidentActor | StaffActor) -> tuple[str, int]:
    if isinstance(actor, StaffActor):
        return Message.Author.STAFF, actor.staff_id
    return Message.Author.RESIDENT, actor.me.person_id


def log(*, actor: ResidentActor | StaffActor, case: Case, verb: str, now: datetime) -> None:
    """A protected person's case is read on the ground the reader has given."""
    opened = opening_of(actor=actor, case=case) if case.protected and isinstance(actor, StaffActor) else None
    record(
        actor=actor,
        verb=verb,
        kind="case",
        at=now,
        object_id=case.pk,
        patient_id=case.patient_id,
        provider_id=case.provider_id,
        unit_id=case.unit_id,
        ground=f"protected:{opened.why}" if opened else "",
    )
