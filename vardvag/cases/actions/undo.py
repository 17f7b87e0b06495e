"""Taking back: a reply for ten seconds, a move for ten minutes."""

from datetime import datetime

from django.db import transaction

from vardvag.cases.actions.changes import commit, restore, snapshot
from vardvag.cases.models import Attachment, Case, Draft, Event, Message
from vardvag.cases.rules import UNDO_MOVE, UNDO_REPLY, TooLate, Verb
from vardvag.core.actor import StaffActor
from vardvag.files import actions as files

UNDOABLE = {
    Verb.TAKE, Verb.DISTRIBUTE, Verb.GIVE_BACK, Verb.CLOSE, Verb.CLOSE_WITHOUT_REPLY, Verb.REPLY,
    Verb.PARTIAL, Verb.ASK, "urgency", "unread",
}  # fmt: skip


def undoable(*, actor: StaffActor, case: Case, now: datetime) -> Event | None:
    """The actor's own last act in the case, if it was the last of all and is still young enough."""
    event = Event.objects.filter(case=case, version=case.version, undone_at=None).order_by("-id").first()
    if event is None or event.actor_id != actor.staff_id or event.actor_kind != "staff":
        return None
    limit = UNDO_REPLY if event.message_id else UNDO_MOVE
    return event if event.verb in UNDOABLE and now < event.at + limit else None


@transaction.atomic
def undo(*, actor: StaffActor, case: Case, event_id: int, now: datetime) -> Event:
    """Put the columns back. An undone reply becomes the writer's draft again, files and all; the resident
    never saw it. Raises TooLate when time or somebody else has gone by."""
    event = undoable(actor=actor, case=case, now=now)
    if event is None or event.pk != event_id:
        raise TooLate()
    before = snapshot(case)
    restore(case, event.before)
    if event.message is not None:
        _back_to_draft(case=case, message=event.message, actor=actor, now=now)
    event.undone_at = now
    event.message = None
    event.save(update_fields=["undone_at", "message"])
    return commit(actor=actor, case=case, before=before, verb="undo", now=now, reason=event.verb)


def _back_to_draft(*, case: Case, message: Message, actor: StaffActor, now: datetime) -> None:
    """What the writer had begun to write since is kept beside, and offered."""
    draft, made = Draft.objects.select_for_update(of=("self",)).get_or_create(
        case=case,
        author_kind=Message.Author.STAFF,
        author_id=actor.staff_id,
        form="reply",
        defaults={"provider_id": case.provider_id, "body": message.body, "saved_at": now},
    )
    if not made:
        draft.body, draft.other_body = message.body, draft.body or draft.other_body
        draft.revision += 1
        draft.saved_at = now
        draft.save(update_fields=["body", "other_body", "revision", "saved_at"])
    held = [a.file for a in Attachment.objects.select_related("file").filter(message=message)]
    message.delete()
    files.release(actor=actor, files=held, draft_key=draft.key, now=now)
