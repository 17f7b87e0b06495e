"""A file that arrives piece by piece, so that a broken connection costs one piece and not the whole.

One question, safe to repeat: "here is the piece that begins at `offset`". It is taken only where it fits on what
has arrived; every other time the answer says where to go on. A file is known by the SHA-256 of the whole: who
chooses the same file again, after a lost page or a new login, goes on where it stopped.
"""

import logging
import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from uuid import UUID

from vardvag.core.actor import PersonActor, StaffActor
from vardvag.core.facts import Fact
from vardvag.files import store, vault
from vardvag.files.actions.drafts import remove
from vardvag.files.actions.unfinished import erase_row, throw_away
from vardvag.files.actions.uploading import check_disk, check_hour, check_room, known, tried, upload
from vardvag.files.facts import BadPiece, Busy, NoRoom, Refused, TooMany, TooMuch
from vardvag.files.models import Attempt, File, Incoming
from vardvag.files.rules import LARGEST, PIECE, UNFINISHED, uploader
from vardvag.files.sandbox.magic import HEAD, identify
from vardvag.files.sandbox.reasons import Reason, Rejected
from vardvag.files.tickets import Ticket

log = logging.getLogger(__name__)
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Taken:
    """`file` once it is whole. Without it: go on at `offset`; `fitted` says whether this piece was taken."""

    offset: int
    fitted: bool = False
    file: File | None = None


def take_piece(
    *,
    actor: PersonActor,
    ticket: Ticket,
    digest: str,
    size: int,
    offset: int,
    piece: bytes,
    name: str,
    intimate: bool = False,
    now: datetime,
) -> Taken:
    """`digest`, `size`: of the whole. Raises BadPiece, and what `upload` raises; catch it in the transaction.

    After Busy all pieces are kept: the same question again tries once more to open the whole.
    """
    kind, who = uploader(actor)
    if not _SHA256.fullmatch(digest) or size < 1 or offset < 0 or len(piece) > PIECE:
        raise BadPiece
    draft = UUID(ticket.draft_key)
    if there := known(kind, who, draft, digest, intimate=intimate):
        return Taken(size, file=there)
    if size > LARGEST:
        tried(kind, who, 0, Reason.TOO_LARGE, now)
        raise Refused(Reason.TOO_LARGE)
    row = _row(actor, ticket, digest)
    if row is None:
        if there := known(kind, who, draft, digest, intimate=intimate):  # another tab was faster by a hair
            return Taken(size, file=there)
        if offset:
            return Taken(0)
        _check_first(kind, who, ticket, size, piece, now)
        row = _begin(actor, ticket, digest, size, now)
    if row.size != size:
        raise BadPiece
    if row.arrived < size:
        if offset != row.arrived:
            return Taken(row.arrived)
        if len(piece) != _length(offset, size):
            raise BadPiece
        _keep(row, piece, now)
        if row.arrived < size:
            return Taken(row.arrived, fitted=True)
    return _whole(actor, ticket, row, name, intimate, now)


def call_off(*, actor: PersonActor, ticket: Ticket, digest: str, now: datetime) -> File | None:
    """The sender thought better of it. What has arrived counts in the hour all the same. Whoever breaks off while the
    last piece is being opened does not want the file: it is removed from the draft and returned. Raises NotYours
    when it was sent in that moment."""
    if not _SHA256.fullmatch(digest):
        return None
    row = _row(actor, ticket, digest)  # waits for what is being opened
    if row is not None:
        throw_away([row])
        return None
    there = known(*uploader(actor), UUID(ticket.draft_key), digest)
    if there is not None:
        remove(actor=actor, file=there, now=now)
    return there


def _row(actor: PersonActor, ticket: Ticket, digest: str) -> Incoming | None:
    kind, who = uploader(actor)
    mine = Incoming.objects.filter(
        uploader_kind=kind,
        uploader_id=who,
        patient_id=ticket.patient_id,
        draft_key=ticket.draft_key,
        sha256=digest,
    )
    if isinstance(actor, StaffActor):
        mine = mine.filter(provider_id=actor.provider_id)
    return mine.select_for_update(of=("self",)).first()


def _check_first(kind: str, who: int, ticket: Ticket, size: int, piece: bytes, now: datetime) -> None:
    """What can be known from the first piece is said before the others are sent."""
    check_hour(kind, who, size, now, last=True)
    check_room(UUID(ticket.draft_key), ticket.at_most)
    check_disk(size)
    if not piece:
        raise BadPiece
    try:
        identify(piece[:HEAD])
    except Rejected as no:
        tried(kind, who, len(piece), no.reason, now)
        raise Refused(no.reason) from None
    if len(piece) != _length(0, size):
        raise BadPiece


def _length(offset: int, size: int) -> int:
    """All but the last are whole: crumbs would each be a file on the disk and a line in the row."""
    return min(PIECE, size - offset)


def _begin(actor: PersonActor, ticket: Ticket, digest: str, size: int, now: datetime) -> Incoming:
    kind, who = uploader(actor)
    mine = Incoming.objects.filter(uploader_kind=kind, uploader_id=who).order_by("-at", "-pk").values("pk")
    old = Incoming.objects.filter(pk__in=mine[UNFINISHED - 1 :])  # by itself: a lock takes what it skips, too
    throw_away(old.select_for_update(skip_locked=True, of=("self",)))
    attempt = tried(kind, who, size, "arriving", now)
    fresh = Incoming(
        uploader_kind=kind,
        uploader_id=who,
        patient_id=ticket.patient_id,
        provider_id=actor.provider_id if isinstance(actor, StaffActor) else None,
        draft_key=ticket.draft_key,
        sha256=digest,
        size=size,
        attempt_id=attempt.pk,
        at=now,
    )
    Incoming.objects.bulk_create([fresh], ignore_conflicts=True)  # two tabs began at the same moment
    row = _row(actor, ticket, digest)
    if row is None:
        raise BadPiece
    if row.attempt_id != attempt.pk:
        attempt.delete()
    return row


def _keep(row: Incoming, piece: bytes, now: datetime) -> None:
    check_disk(len(piece))
    key, name = vault.new_key(), store.new_name()
    try:
        store.put(name, key, {store.BODY: piece})
    except store.Full:
        log.error("no room for files in the data folder")
        raise NoRoom from None
    row.pieces.append([name, vault.wrap(key, name)])
    row.arrived += len(piece)
    row.at = now
    row.save(update_fields=["pieces", "arrived", "at"])


def _whole(
    actor: PersonActor, ticket: Ticket, row: Incoming, name: str, intimate: bool, now: datetime
) -> Taken:
    try:
        data = b"".join(
            part
            for stored, wrapped in row.pieces
            for part in store.get(stored, store.BODY, vault.unwrap(wrapped, stored))
        )
    except (store.Missing, vault.Sealed):
        log.exception("the pieces of a file do not open", extra={"incoming": row.pk})
        data = b""
    if sha256(data).hexdigest() != row.sha256:  # lost here, or not what was said: once more from the start
        throw_away([row])
        return Taken(0)
    Attempt.objects.filter(pk=row.attempt_id).delete()  # the upload counts itself
    try:
        file = upload(
            actor=actor,
            stream=BytesIO(data),
            name=name,
            purpose="draft",
            patient_id=ticket.patient_id,
            draft_key=ticket.draft_key,
            at_most=ticket.at_most,
            intimate=intimate,
            now=now,
        )
    except Busy:
        row.attempt_id = tried(row.uploader_kind, row.uploader_id, row.size, "arriving", now).pk
        row.save(update_fields=["attempt_id"])
        raise
    except Fact as fact:
        if isinstance(fact, TooMany | TooMuch):  # not counted as tried, but all of it has come
            tried(row.uploader_kind, row.uploader_id, row.size, "unfinished", now)
        erase_row(row)
        raise
    erase_row(row)
    return Taken(row.size, file=file)
