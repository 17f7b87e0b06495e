"""Getting rid of files that never became whole."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction

from vardvag.core.actor import PersonActor, SystemActor
from vardvag.files import store
from vardvag.files.models import Attempt, Incoming
from vardvag.files.rules import PIECES_KEPT, uploader


def drop_pieces_of(*, actor: PersonActor, draft_keys: Iterable[UUID]) -> None:
    """The draft is sent or thrown away: nothing more arrives in it."""
    kind, who = uploader(actor)
    mine = Incoming.objects.filter(uploader_kind=kind, uploader_id=who, draft_key__in=list(draft_keys))
    throw_away(mine.select_for_update(of=("self",)))


def forget_pieces(*, actor: SystemActor, now: datetime) -> int:
    """Files of which nothing has come for a day; how many."""
    with transaction.atomic():
        old = Incoming.objects.filter(at__lt=now - PIECES_KEPT)
        return throw_away(old.select_for_update(skip_locked=True, of=("self",)))


def throw_away(rows: Iterable[Incoming]) -> int:
    """How many. What they reserved of the hour shrinks to what came."""
    count = 0
    for row in rows:
        Attempt.objects.filter(pk=row.attempt_id).update(size=row.arrived, reason="unfinished")
        erase_row(row)
        count += 1
    return count


def erase_row(row: Incoming) -> None:
    """The pieces follow once the row is gone for certain."""
    for name, _ in row.pieces:
        transaction.on_commit(partial(store.erase, name))
    row.delete()
