"""The worker's care of what is stored: scanned at last, forgotten in time, nothing left lying about."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import transaction

from vardvag.core.actor import SystemActor
from vardvag.files import store, vault
from vardvag.files.actions.drafts import destroy
from vardvag.files.models import Attempt, File, Incoming
from vardvag.files.rules import ATTEMPTS_KEPT, DRAFT_KEPT, LOOSE_KEPT, REMOVED_KEPT
from vardvag.files.scanning import scan

log = logging.getLogger(__name__)
on_withdrawn: list[Callable[[int], None]] = []  # registry: told the id of a file found to be infected
_IN_FLIGHT = 3600.0  # seconds: a file this young may belong to a transaction that is not committed yet


@dataclass(frozen=True, slots=True)
class Swept:
    orphans: int  # files without a row, removed
    missing: int  # rows without their file: a fault of the disk or its backup, told in the log


def scan_waiting(*, actor: SystemActor, now: datetime, batch: int = 50) -> int:
    """Show the scanner what came in while it gave no answer; how many files got one. A clean file's original is
    then thrown away, an infected one's content too."""
    answered = 0
    for pk in (
        File.objects.waiting_for_scan().order_by("scan_tries", "id").values_list("pk", flat=True)[:batch]
    ):
        rows = File.objects.waiting_for_scan().filter(pk=pk)
        verdict = _verdict(rows.first())  # not locked: who sends the file does not wait for the scanner
        with transaction.atomic():
            file = rows.select_for_update(skip_locked=True, of=("self",)).first()
            if file is None:
                continue
            file.scan_tries += 1
            if verdict is None:  # counted, or the unreadable would stay first in every batch
                file.save(update_fields=["scan_tries"])
                continue
            file.state = verdict
            if file.state == File.State.INFECTED:
                destroy(actor, file, now, verb="destroy_infected_file")
                for tell in on_withdrawn:
                    tell(file.pk)
            file.save(update_fields=["state", "scan_tries"])
            if file.state == File.State.UNSCANNABLE:
                return answered  # the scanner is still away: the others wait, too
            if file.state == File.State.CLEAN:
                transaction.on_commit(partial(store.erase, file.stored_as, store.ORIGINAL))
            answered += 1
    return answered


def _verdict(file: File | None) -> File.State | None:
    """None where there is nothing to show the scanner."""
    if file is None:
        return None
    try:
        key = vault.unwrap(file.wrapped_key, file.stored_as)
        return scan(_as_it_came(file, key), timeout=60)
    except (store.Missing, vault.Sealed):
        log.exception("a file that waits for the scanner cannot be read", extra={"file": file.pk})
        return None


def _as_it_came(file: File, key: bytes) -> bytes:
    """Files taken in before originals waited for the scanner have only what was made of them."""
    try:
        return b"".join(store.get(file.stored_as, store.ORIGINAL, key))
    except store.Missing:
        return b"".join(store.get(file.stored_as, store.BODY, key))


def forget(*, actor: SystemActor, now: datetime) -> int:
    """Remove what was never sent and what nobody keeps; how many files lost their content."""
    abandoned = File.objects.abandoned(loose_since=now - LOOSE_KEPT, draft_since=now - DRAFT_KEPT)
    count = 0
    for pk in abandoned.values_list("pk", flat=True):
        with transaction.atomic():
            file = abandoned.filter(pk=pk).select_for_update(skip_locked=True, of=("self",)).first()
            if file is not None:
                destroy(actor, file, now)
                count += 1
    File.objects.filter(deleted_at__lt=now - REMOVED_KEPT, sent_at=None).delete()
    Attempt.objects.filter(at__lt=now - ATTEMPTS_KEPT).delete()
    return count


def sweep(*, actor: SystemActor, older_than: float = _IN_FLIGHT) -> Swept:
    """Compare disk and rows. Files without a row (or whose row has no key) go; lost files are told of."""
    on_disk = set(store.names(older_than=older_than))
    kept = set(File.objects.exclude(wrapped_key="").values_list("stored_as", flat=True))
    kept.update(name for pieces in Incoming.objects.values_list("pieces", flat=True) for name, _ in pieces)
    orphans = on_disk - kept
    for name in orphans:
        store.erase(name)
    waiting = set(File.objects.waiting_for_scan().values_list("stored_as", flat=True))
    for name in {
        *store.originals()
    } & kept - waiting:  # a crash came between the answer and the throwing away
        store.erase(name, store.ORIGINAL)
    missing = 0
    for pk, name in File.objects.exclude(wrapped_key="").values_list("pk", "stored_as"):
        if name not in on_disk:
            try:
                store.size(name, store.BODY)
            except store.Missing:
                missing += 1
                log.error("a stored file is missing from the disk", extra={"file": pk})
    return Swept(len(orphans), missing)


def rewrap(*, actor: SystemActor, batch: int = 1000) -> int:
    """After a new master key was put first: wrap the files' keys with it; how many. Content stays."""
    done = 0
    for file in File.objects.exclude(wrapped_key="").only("pk", "wrapped_key", "stored_as").iterator():
        if vault.current(file.wrapped_key):
            continue
        with transaction.atomic():
            locked = (
                File.objects.exclude(wrapped_key="")
                .select_for_update(of=("self",))
                .filter(pk=file.pk)
                .first()
            )
            if locked is None:
                continue
            try:
                key = vault.unwrap(locked.wrapped_key, locked.stored_as)
            except vault.Sealed:
                log.exception("no master key of ours opens this file's key", extra={"file": file.pk})
                continue
            locked.wrapped_key = vault.wrap(key, locked.stored_as)
            locked.save(update_fields=["wrapped_key"])
            done += 1
            if done >= batch:
                break
    return done
