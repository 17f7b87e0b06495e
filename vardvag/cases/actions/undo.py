"""Taking back: a reply for ten seconds, a move for ten minutes, what was done with many at once for a day."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from vardvag.cases.actions.changes import commit, restore, snapshot
from vardvag.cases.actions.drafts import first_revision
from vardvag.cases.actions.moves import give_to_receivers, tell_later
from vardvag.cases.models import Attachment, Case, Draft, Event, Message, State
from vardvag.cases.rules import UNDO_MOVE, UNDO_REPLY, NothingToUndo, TooLate, Verb
from vardvag.core.actor import StaffActor
from vardvag.core.compiled import Compiled
from vardvag.files import actions as files
from vardvag.inbox.actions import take_back_from_staff
from vardvag.organisation.access import group_at, is_present

UNDOABLE = {
    Verb.TAKE, Verb.DISTRIBUTE, Verb.GIVE_BACK, Verb.CLOSE, Verb.CLOSE_WITHOUT_REPLY, Verb.REPLY,
    Verb.PARTIAL, Verb.ASK, "urgency", "unread",
}  # fmt: skip


_LAST = Compiled(
    lambda case_id, version: Event.objects.filter(
        case_id=case_id, version=version, undone_at=None
    ).order_by("-id")[:1],
    case_id=int, version=int,
)  # fmt: skip


def undoable(*, actor: StaffActor, case: Case, now: datetime) -> Event | None:
    """The actor's own last act in the case, if it was the last of all and is still young enough."""
    event = _LAST.first(case_id=case.pk, version=case.version)
    if event is None or event.actor_id != actor.staff_id or event.actor_kind != "staff":
        return None
    limit = UNDO_REPLY if event.message_id else UNDO_MOVE
    return event if event.verb in UNDOABLE and now < event.at + limit else None


@transaction.atomic
def undo(*, actor: StaffActor, case: Case, event_id: int, now: datetime) -> Event:
    """Put the columns back. An undone reply becomes the writer's draft again, files and all; the resident
    never saw it. Undone already (the answer was lost, and the form sent again): nothing more happens. Raises
    TooLate when time or somebody else has gone by."""
    event = undoable(actor=actor, case=case, now=now)
    if event is None or event.pk != event_id:
        mine = Event.objects.filter(case=case, actor_kind="staff", actor_id=actor.staff_id)
        done = mine.filter(pk=event_id, undone_at__isnull=False).first()
        if done is None:
            raise TooLate()
        return done
    if event.message is not None:
        _back_to_draft(case=case, message=event.message, actor=actor, now=now)
    return _undo(actor=actor, case=case, event=event, now=now)


@dataclass(slots=True)
class Undone:
    """How many cases were put back, and the numbers of those left alone because somebody has acted since."""

    cases: int = 0
    left: list[str] = field(default_factory=list)


@transaction.atomic
def undo_batch(*, actor: StaffActor, acts: Iterable[Event], now: datetime) -> Undone:
    """The acts of `access.batch_to_undo`. Raises NothingToUndo when none of them stands as it was."""
    done = Undone()
    for act in acts:
        if act.case.version != act.version:
            done.left.append(act.case.number)
            continue
        back = _undo(actor=actor, case=act.case, event=act, now=now)
        if act.verb == Verb.CLOSE_WITHOUT_REPLY and act.at + UNDO_MOVE <= now:
            tell_later(back, at=now)  # the resident has been told that it was closed
        done.cases += 1
    if not done.cases:
        raise NothingToUndo()
    return done


def _undo(*, actor: StaffActor, case: Case, event: Event, now: datetime) -> Event:
    """The columns as they were; an owner or a group that has gone since gives the case to the receivers."""
    before = snapshot(case)
    restore(case, event.before)
    if case.state != State.CLOSED and _nobody_there(case, now):
        give_to_receivers(case)
        case.state = State.NEW if case.state == State.DISTRIBUTED else case.state
    if event.verb == Verb.DISTRIBUTE:
        take_back_from_staff(actor=actor, key=f"assigned:{event.pk}")
    event.undone_at = now
    event.undone_key = event.message.key if event.message is not None else None
    event.message = None
    event.save(update_fields=["undone_at", "undone_key", "message"])
    return commit(actor=actor, case=case, before=before, verb="undo", now=now, reason=event.verb)


def _nobody_there(case: Case, now: datetime) -> bool:
    if case.owner_id is not None:
        return not is_present(unit_id=case.unit_id, staff_id=case.owner_id, at=now)
    return case.group_id is None or group_at(unit_id=case.unit_id, group_id=case.group_id) is None


def _back_to_draft(*, case: Case, message: Message, actor: StaffActor, now: datetime) -> None:
    """What the writer had begun to write since is kept beside, and offered."""
    draft, made = Draft.objects.select_for_update(of=("self",)).get_or_create(
        case=case,
        author_kind=Message.Author.STAFF,
        author_id=actor.staff_id,
        form="reply",
        defaults={
            "provider_id": case.provider_id,
            "body": message.body,
            "saved_at": now,
            "revision": first_revision(),
        },
    )
    if not made:
        draft.body, draft.other_body = message.body, draft.body or draft.other_body
        draft.revision += 1
        draft.saved_at, draft.sheet = now, ""
        draft.save(update_fields=["body", "other_body", "revision", "saved_at", "sheet"])
    held = [a.file for a in Attachment.objects.select_related("file").filter(message=message)]
    message.delete()
    files.release(actor=actor, files=held, draft_key=draft.key, now=now)
