"""From draft to message and back, and out."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from functools import partial

from django.db import transaction

from vardvag.audit import actions as audit
from vardvag.core import compiled
from vardvag.core.actor import Actor, PersonActor
from vardvag.files import store
from vardvag.files.actions.unfinished import drop_pieces_of
from vardvag.files.facts import Gone, NotYours
from vardvag.files.models import File
from vardvag.files.rules import HOUR, uploader

_KEEP = (
    "update files_file set kept_at = %s where deleted_at is null and sent_at is null and draft_key = %s"
    " and uploaded_by_kind = %s and uploaded_by_id = %s and kept_at < %s"
)


def adopt(
    *, actor: PersonActor, files: Iterable[File], patient_id: int, provider_id: int, now: datetime
) -> list[File]:
    """The draft is sent: its files belong to the provider from now on. Returned in the order given.

    One that waits for the scanner goes along, and can be saved when it is clean. Raises NotYours, Gone.
    """
    wanted = [file.pk for file in files]
    kind, who = uploader(actor)
    mine = File.objects.unsent().uploaded_by(kind, who).filter(patient_id=patient_id)
    found = {file.pk: file for file in mine.filter(pk__in=wanted).select_for_update(of=("self",))}
    if len(found) != len(set(wanted)):
        raise NotYours
    if any(file.state == File.State.INFECTED for file in found.values()):
        raise Gone
    drop_pieces_of(actor=actor, draft_keys={file.draft_key for file in found.values() if file.draft_key})
    for file in found.values():
        file.provider_id, file.sent_at, file.draft_key = provider_id, now, None
        file.save(update_fields=["provider_id", "sent_at", "draft_key"])
        log_act(actor, file, "send_file", now)
    return [found[pk] for pk in wanted]


def release(*, actor: PersonActor, files: Iterable[File], draft_key: uuid.UUID, now: datetime) -> list[File]:
    """The sending was undone: the files lie in a draft again. Raises NotYours."""
    wanted = [file.pk for file in files]
    kind, who = uploader(actor)
    mine = File.objects.there().uploaded_by(kind, who).exclude(sent_at=None)
    found = list(mine.filter(pk__in=wanted).select_for_update(of=("self",)).order_by("id"))
    if len(found) != len(set(wanted)):
        raise NotYours
    for file in found:
        file.sent_at, file.draft_key, file.kept_at = None, draft_key, now
        file.save(update_fields=["sent_at", "draft_key", "kept_at"])
        log_act(actor, file, "take_back_file", now)
    return found


def remove(*, actor: PersonActor, file: File, now: datetime) -> None:
    """One's own, not yet sent. Its key is destroyed at once. Raises NotYours."""
    kind, who = uploader(actor)
    mine = File.objects.unsent().uploaded_by(kind, who).filter(pk=file.pk)
    found = mine.select_for_update(of=("self",)).first()
    if found is None:
        raise NotYours
    destroy(actor, found, now)


def remove_from_draft(*, actor: PersonActor, public_id: uuid.UUID | str, now: datetime) -> bool:
    """As a form's button asks: what is not there (any more) is as good as removed. True: it was there."""
    try:
        wanted = uuid.UUID(str(public_id))
    except ValueError:
        return False
    kind, who = uploader(actor)
    mine = File.objects.unsent().uploaded_by(kind, who).filter(public_id=wanted)
    found = mine.select_for_update(of=("self",)).first()
    if found is not None:
        destroy(actor, found, now)
    return found is not None


def keep_draft(*, actor: PersonActor, draft_key: uuid.UUID, now: datetime) -> None:
    """The draft was saved: its files are kept as long as it. Writes at most once an hour."""
    kind, who = uploader(actor)
    compiled.act(_KEEP, [now, draft_key, str(kind), who, now - HOUR])


def remove_draft(*, actor: PersonActor, draft_key: uuid.UUID, now: datetime) -> int:
    """The draft is thrown away, and its files with it; how many."""
    kind, who = uploader(actor)
    mine = File.objects.of_draft(draft_key).uploaded_by(kind, who)
    found = list(mine.select_for_update(of=("self",)))
    for file in found:
        destroy(actor, file, now)
    drop_pieces_of(actor=actor, draft_keys=[draft_key])
    return len(found)


def destroy(actor: Actor, file: File, now: datetime, *, verb: str = "remove_file") -> None:
    """Without its key the content is gone even where a copy of the disk survives; the bytes follow."""
    file.wrapped_key = ""
    if verb == "remove_file":
        file.deleted_at = now
    file.save(update_fields=["wrapped_key", "deleted_at", "state"])
    log_act(actor, file, verb, now)
    transaction.on_commit(partial(store.erase, file.stored_as))


def log_act(actor: Actor, file: File, verb: str, now: datetime) -> None:
    audit.record(
        actor=actor,
        verb=verb,
        kind="file",
        object_id=file.pk,
        patient_id=file.patient_id,
        provider_id=file.provider_id or 0,
        details=[file.kind],
        at=now,
    )
