"""Taking a file in: read, limited, scanned, rebuilt, stored encrypted, written down."""

import logging
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import IO

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.utils import timezone

from vardvag.audit import actions as audit
from vardvag.core.actor import PersonActor, StaffActor
from vardvag.files import names, store, vault
from vardvag.files.actions.drafts import log_act
from vardvag.files.facts import Busy, Infected, NoRoom, Refused, TooMany, TooMuch
from vardvag.files.models import Attempt, File
from vardvag.files.rules import AT_MOST, HOUR, LARGEST, cost, fits_on_disk, free_again, uploader
from vardvag.files.sandbox import run
from vardvag.files.sandbox.magic import HEAD, identify
from vardvag.files.sandbox.reasons import Reason, Rejected
from vardvag.files.sandbox.rebuilt import Limits, Rebuilt
from vardvag.files.scanning import scan

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Received:
    """What became of several files: those taken, and (name, why) of the others."""

    files: list[File] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    busy: bool = False  # one was refused for want of a turn: the same will do in a moment


def upload_all(
    *,
    actor: PersonActor,
    uploads: Iterable[UploadedFile],
    purpose: str,
    patient_id: int,
    provider_id: int | None = None,
    draft_key: uuid.UUID | str | None = None,
    at_most: int | None = None,
    intimate: bool = False,
    now: datetime,
) -> Received:
    """Each by itself: one that is refused does not take the others with it."""
    received = Received()
    for one in uploads:
        try:
            file = upload(
                actor=actor,
                stream=one,
                name=one.name or "",
                purpose=purpose,
                patient_id=patient_id,
                provider_id=provider_id,
                draft_key=draft_key,
                at_most=at_most,
                intimate=intimate,
                now=now,
            )
        except (Refused, Infected, TooMany, TooMuch, Busy, NoRoom) as fact:
            received.refused.append((names.shown(one.name or ""), str(fact.message)))
            received.busy |= isinstance(fact, Busy)
        else:
            received.files.append(file)
    return received


def upload(
    *,
    actor: PersonActor,
    stream: IO[bytes] | UploadedFile,
    name: str,
    purpose: str,
    patient_id: int,
    provider_id: int | None = None,
    draft_key: uuid.UUID | str | None = None,
    at_most: int | None = None,
    intimate: bool = False,
    now: datetime,
) -> File:
    """A harmless, encrypted twin of what the stream holds. The same bytes again in a draft are the same file.

    Raises Refused, Infected, TooMany, TooMuch, Busy or NoRoom. Every try is counted, refused ones too, so
    catch the fact inside the transaction.
    """
    kind, who = uploader(actor)
    if isinstance(actor, StaffActor):
        provider_id = actor.provider_id
    draft = uuid.UUID(str(draft_key)) if draft_key else None
    most = at_most or AT_MOST[kind]
    data, digest = _read(stream, kind, who, now)
    if there := known(kind, who, draft, digest, intimate=intimate):
        return there
    check_hour(kind, who, len(data), now)
    check_room(draft, most)
    check_disk(len(data))
    try:
        identify(data[:HEAD])
        verdict = scan(data, timeout=10)
        if verdict is File.State.INFECTED:
            tried(kind, who, len(data), "infected", now)
            audit.record(
                actor=actor,
                verb="upload_file",
                kind="file",
                patient_id=patient_id,
                provider_id=provider_id or 0,
                result="infected",
                at=now,
            )
            raise Infected
        rebuilt = run.rebuild(data, Limits(side=settings.FILES_SIDE))
    except Rejected as no:
        log.info("a file was not taken", extra={"reason": no.reason, "detail": no.detail})
        seconds = Limits().cpu if no.reason is Reason.TOO_HARD else 0
        tried(kind, who, cost(len(data), seconds), no.reason, now)
        raise Refused(no.reason) from None
    except run.Busy:
        tried(kind, who, 0, "busy", now)
        raise Busy from None
    taken = cost(len(data), rebuilt.cpu_ms / 1000)
    check_hour(kind, who, taken, now, last=True)
    tried(kind, who, taken, "", now)
    if draft:  # two files sent side by side must not both take the last place
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(hashtext(%s))", [f"files.draft {draft}"])
        if there := known(kind, who, draft, digest, intimate=intimate):
            return there
        check_room(draft, most)
    key, stored_as = vault.new_key(), store.new_name()
    try:
        store.put(stored_as, key, _parts(rebuilt, data, verdict, intimate=intimate))
    except store.Full:
        log.error("no room for files in the data folder")
        raise NoRoom from None
    file = File.objects.create(
        patient_id=patient_id,
        provider_id=provider_id,
        uploaded_by_kind=kind,
        uploaded_by_id=who,
        draft_key=draft,
        purpose=purpose,
        name=names.clean(name, rebuilt.content_type),
        kind=File.Kind.PDF if rebuilt.content_type == "application/pdf" else File.Kind.IMAGE,
        content_type=rebuilt.content_type,
        size=len(rebuilt.body),
        width=rebuilt.width,
        height=rebuilt.height,
        pages=rebuilt.pages,
        sha256=sha256(rebuilt.body).hexdigest(),
        original_sha256=digest,
        stored_as=stored_as,
        wrapped_key=vault.wrap(key, stored_as),
        state=verdict,
        intimate=intimate,
        created_at=now,
        kept_at=now,
    )
    log_act(actor, file, "upload_file", now)
    return file


def _read(stream: IO[bytes] | UploadedFile, kind: str, who: int, now: datetime) -> tuple[bytes, str]:
    """At most LARGEST bytes are ever held."""
    told = getattr(stream, "size", None) or 0
    data = stream.read(LARGEST + 1) if told <= LARGEST else b""
    if told > LARGEST or len(data) > LARGEST:
        tried(kind, who, LARGEST, Reason.TOO_LARGE, now)
        raise Refused(Reason.TOO_LARGE)
    return data, sha256(data).hexdigest()


def known(
    kind: str, who: int, draft: uuid.UUID | None, digest: str, *, intimate: bool = False
) -> File | None:
    """The same bytes, already in the draft. Chosen again as intimate, it becomes so; never the other way."""
    if draft is None:
        return None
    mine = File.objects.of_draft(draft).uploaded_by(kind, who)
    found = mine.filter(original_sha256=digest).exclude(state=File.State.INFECTED).first()
    if found and intimate and not found.intimate:
        found.intimate = True
        found.save(update_fields=["intimate"])
        transaction.on_commit(partial(store.erase, found.stored_as, store.THUMBNAIL))
    return found


def check_hour(kind: str, who: int, size: int, now: datetime, *, last: bool = False) -> None:
    """`last`: what is taken of the hour is written next, so files sent side by side take turns from here on."""
    if last:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(hashtext(%s))", [f"files.hour {kind} {who}"])
    tries = Attempt.objects.filter(uploader_kind=kind, uploader_id=who, at__gt=now - HOUR).order_by("at")
    if again := free_again(list(tries.values_list("at", "size")), size, now=now):
        raise TooMuch(timezone.localtime(again).strftime("%H.%M"))


def check_disk(more: int) -> None:
    """Uploads stop before they fill the disk that everything else lives on."""
    if not fits_on_disk(free=store.free(), more=more):
        log.error("uploads are refused: the data folder's reserve is reached")
        raise NoRoom


def check_room(draft: uuid.UUID | None, at_most: int) -> None:
    if draft and File.objects.of_draft(draft).count() >= at_most:
        raise TooMany(at_most)


def _parts(rebuilt: Rebuilt, original: bytes, verdict: File.State, *, intimate: bool) -> dict[str, bytes]:
    """The original only until the scanner has seen it; no thumbnail of what is intimate."""
    parts = {store.BODY: rebuilt.body}
    if not intimate:
        parts[store.THUMBNAIL] = rebuilt.thumbnail
    if rebuilt.preview:
        parts[store.PREVIEW] = rebuilt.preview
    if verdict is File.State.UNSCANNABLE:
        parts[store.ORIGINAL] = original
    return parts


def tried(kind: str, who: int, size: int, reason: str, now: datetime) -> Attempt:
    return Attempt.objects.create(uploader_kind=kind, uploader_id=who, at=now, size=size, reason=reason)
