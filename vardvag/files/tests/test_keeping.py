"""What the worker does with stored files, and the scanner: a stand-in, and the real one where it is installed."""

import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection, transaction

from tests import cluster
from vardvag.core.actor import SystemActor
from vardvag.core.clock import now
from vardvag.files import access, actions, store, vault
from vardvag.files.models import Attempt, File
from vardvag.files.tests import corpus
from vardvag.files.tests.people import (
    ANNA,
    DRAFT,
    PROVIDER,
    as_actor,
    on_disk,
    resident,
    staff,
    uploaded,
)
from vardvag.outside.journal import Journal
from vardvag.outside.scanner.standin import EICAR, StandIn

pytestmark = pytest.mark.django_db
SYSTEM = SystemActor(job="files")


@pytest.fixture
def scanner(settings) -> Iterator[StandIn]:
    standin = StandIn(Journal())
    standin.start()
    settings.OUTSIDE = {**settings.OUTSIDE, "scanner": {"address": standin.address}}
    yield standin
    standin.stop()


def dormant(file: File) -> File:
    """As a file is that was taken in while the scanner was away."""
    File.objects.filter(pk=file.pk).update(state=File.State.UNSCANNABLE)
    return file


def test_malware_is_refused_at_once(scanner: StandIn) -> None:
    """It lies behind the end of a picture: the rebuilt one would be clean, but somebody's device is not."""
    with pytest.raises(actions.Infected) as fact:
        uploaded(resident(), corpus.jpeg() + EICAR)
    assert "skadlig kod" in str(fact.value.message)
    assert on_disk() == [] and not File.objects.exists()
    assert Attempt.objects.get().reason == "infected"
    assert uploaded(resident()).opens


@pytest.mark.parametrize("fault", ["broken", "away", "hangs"])
def test_without_an_answer_nothing_is_saved_and_nothing_is_lost(
    scanner: StandIn, fault: str, settings, monkeypatch, system, django_capture_on_commit_callbacks
) -> None:
    if fault == "broken":
        scanner.broken = True
    elif fault == "away":
        scanner.stop()
    else:
        deaf = socket.create_server(("127.0.0.1", 0))
        settings.OUTSIDE["scanner"]["address"] = f"127.0.0.1:{deaf.getsockname()[1]}"
        monkeypatch.setattr("vardvag.files.actions.uploading.scan", _impatient)
        monkeypatch.setattr("vardvag.files.actions.keeping.scan", _impatient)
    file = uploaded(resident())
    assert file.state == File.State.UNSCANNABLE and not file.scanned
    assert access.serve(file=file).status_code == 200  # what we made of it may be looked at
    refused = access.serve(file=file, download=True)
    assert refused.status_code == 409 and "kontrolleras" in refused.content.decode()  # type: ignore[attr-defined]
    assert f"{file.stored_as}.original" in on_disk()
    sent = actions.adopt(
        actor=resident(), files=[file], patient_id=ANNA.person_id, provider_id=PROVIDER, now=now()
    )
    with system(), django_capture_on_commit_callbacks(execute=True):
        assert actions.scan_waiting(actor=SYSTEM, now=now()) == 0
        again = StandIn(Journal())
        again.start()
        settings.OUTSIDE["scanner"]["address"] = again.address
        assert actions.scan_waiting(actor=SYSTEM, now=now()) == 1
        again.stop()
    sent[0].refresh_from_db()
    assert sent[0].scanned and sent[0].scan_tries == 2
    assert access.serve(file=sent[0], download=True).status_code == 200
    assert f"{file.stored_as}.original" not in on_disk()


def test_the_original_is_scanned_when_the_scanner_is_back(
    scanner: StandIn, system, monkeypatch, django_capture_on_commit_callbacks
) -> None:
    """The malware lies behind the picture's end: what we made of it is clean, what came in is not."""
    scanner.broken = True
    bad, good = (uploaded(resident(), data) for data in (corpus.jpeg() + EICAR, corpus.pdf()))
    actions.adopt(
        actor=resident(), files=[bad, good], patient_id=ANNA.person_id, provider_id=PROVIDER, now=now()
    )
    told: list[int] = []
    monkeypatch.setattr("vardvag.files.actions.keeping.on_withdrawn", [told.append])
    scanner.broken = False
    with system(), django_capture_on_commit_callbacks(execute=True):
        assert actions.scan_waiting(actor=SYSTEM, now=now()) == 2
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.state, bad.wrapped_key, good.state) == (File.State.INFECTED, "", File.State.CLEAN)
    assert told == [bad.pk]
    assert on_disk() == [f"{good.stored_as}.{part}" for part in ("body", "preview", "thumbnail")]


def test_an_original_that_was_left_lying_goes_with_the_sweep(scanner: StandIn, system) -> None:
    scanner.broken = True
    answered, waiting = uploaded(resident()), uploaded(resident(), corpus.pdf())
    File.objects.filter(pk=answered.pk).update(state=File.State.CLEAN)  # a crash before the throwing away
    with system():
        actions.sweep(actor=SYSTEM)
    assert [name for name in on_disk() if "original" in name] == [f"{waiting.stored_as}.original"]


def _impatient(data: bytes, *, timeout: float) -> File.State:
    from vardvag.files.scanning import scan  # noqa: PLC0415

    return scan(data, timeout=2)


def test_malware_found_later_is_destroyed(
    scanner: StandIn, monkeypatch, system, django_capture_on_commit_callbacks
) -> None:
    file = dormant(uploaded(resident()))
    actions.adopt(actor=resident(), files=[file], patient_id=ANNA.person_id, provider_id=PROVIDER, now=now())
    monkeypatch.setattr(scanner, "answer", lambda content: b"stream: Win.Test.Bad FOUND\0")
    with system(), django_capture_on_commit_callbacks(execute=True):
        assert actions.scan_waiting(actor=SYSTEM, now=now()) == 1
    file.refresh_from_db()
    assert file.state == File.State.INFECTED and file.wrapped_key == "" and on_disk() == []
    words = access.serve(file=file)
    assert words.status_code == 409 and "skadlig kod" in words.content.decode()  # type: ignore[attr-defined]


def test_an_infected_file_is_not_sent() -> None:
    file = uploaded(resident())
    File.objects.filter(pk=file.pk).update(state=File.State.INFECTED, wrapped_key="")
    with pytest.raises(actions.Gone):
        actions.adopt(
            actor=resident(), files=[file], patient_id=ANNA.person_id, provider_id=PROVIDER, now=now()
        )


def test_what_was_never_sent_is_forgotten(system, django_capture_on_commit_callbacks) -> None:
    start = now()
    loose = uploaded(resident(), draft_key=None, now=start)
    draft = uploaded(resident(), corpus.pdf(), now=start)
    kept = uploaded(resident(), draft_key=uuid4(), now=start)
    sent = uploaded(staff(), draft_key=uuid4(), now=start)
    actions.adopt(actor=staff(), files=[sent], patient_id=ANNA.person_id, provider_id=PROVIDER, now=start)

    def left(after: timedelta) -> set[int]:
        with system(), django_capture_on_commit_callbacks(execute=True):
            actions.forget(actor=SYSTEM, now=start + after)
            return set(File.objects.there().values_list("pk", flat=True))

    assert left(timedelta(hours=23)) == {loose.pk, draft.pk, kept.pk, sent.pk}
    assert left(timedelta(hours=25)) == {draft.pk, kept.pk, sent.pk}
    as_actor(resident())
    assert kept.draft_key
    actions.keep_draft(actor=resident(), draft_key=kept.draft_key, now=start + timedelta(days=20))
    assert left(timedelta(days=31)) == {kept.pk, sent.pk}
    assert left(timedelta(days=51)) == {sent.pk}
    assert left(timedelta(days=4000)) == {sent.pk}
    with system():
        assert list(File.objects.values_list("pk", flat=True)) == [sent.pk]
        assert not Attempt.objects.exists()
    assert len(on_disk()) == 2


def test_the_sweep_compares_disk_and_rows(own_folder: Path, system) -> None:
    there = uploaded(resident())
    lost = uploaded(resident(), corpus.pdf())
    store.erase(lost.stored_as)
    key = vault.new_key()
    store.put("ab" * 16, key, {store.BODY: b"a rolled back upload"})
    store.put("cd" * 16, key, {store.BODY: b"an upload on its way"})
    for path in own_folder.rglob("*.*"):
        if not path.name.startswith("cd" * 16):
            os.utime(path, (1, 1))
    with system():
        assert actions.sweep(actor=SYSTEM) == actions.keeping.Swept(orphans=1, missing=1)
        assert actions.sweep(actor=SYSTEM) == actions.keeping.Swept(orphans=0, missing=1)
    names = on_disk()
    assert [name for name in names if name.startswith("ab" * 16)] == []
    assert f"{'cd' * 16}.body" in names and f"{there.stored_as}.body" in names
    words = access.serve(file=lost)
    assert words.status_code == 409 and "går inte att öppna hos oss" in words.content.decode()  # type: ignore[attr-defined]


def test_a_new_master_key_takes_over(settings, system) -> None:
    settings.FILES_KEYS = ["old"]
    file = uploaded(resident())
    settings.FILES_KEYS = ["new", "old"]
    with system():
        assert actions.rewrap(actor=SYSTEM) == 1
        assert actions.rewrap(actor=SYSTEM) == 0
    settings.FILES_KEYS = ["new"]
    file.refresh_from_db()
    assert access.serve(file=file).status_code == 200
    assert access.draft_files(actor=resident(), draft_key=DRAFT) == [file]


@pytest.fixture(scope="module")
def clamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The real one, with a database of one signature: malware databases cannot be fetched in a test."""
    program = shutil.which("clamd")
    if program is None:
        pytest.skip("clamd is not installed; the stand-in is tested above")
    place = tmp_path_factory.mktemp("clamd")
    (place / "db").mkdir()
    (place / "db" / "t.ndb").write_text(f"Eicar-Test-Signature:0:*:{EICAR.hex()}\n")
    (place / "clamd.conf").write_text(
        f"DatabaseDirectory {place}/db\nLocalSocket {place}/s\nStreamMaxLength 25M\nMaxFileSize 25M\n"
        f"AlertExceedsMax yes\nForeground yes\nUser {'root' if os.geteuid() == 0 else os.environ['USER']}\n"
    )
    server = subprocess.Popen([program, "-c", str(place / "clamd.conf")], stdout=subprocess.DEVNULL)
    for _ in range(100):
        if (place / "s").exists():
            break
        time.sleep(0.05)
    yield str(place / "s")
    server.terminate()
    server.wait()


def test_the_real_scanner(clamd: str, settings) -> None:
    settings.OUTSIDE = {**settings.OUTSIDE, "scanner": {"address": clamd}}
    assert uploaded(resident()).opens
    for hostile in (
        corpus.jpeg() + EICAR,
        corpus.pdf(text=EICAR.replace(b"\\", b"\\\\").replace(b")", b"\\)")),
    ):
        if EICAR not in hostile:
            continue
        with pytest.raises(actions.Infected):
            uploaded(resident(), hostile)


@pytest.mark.django_db(transaction=True)
def test_a_file_is_sent_while_the_scanner_looks_at_it(monkeypatch) -> None:
    """A scanner that hangs holds nobody up: the sender would wait for its answer, and be turned away."""
    with transaction.atomic():
        file = dormant(uploaded(resident()))
    looking, sent = threading.Event(), threading.Event()

    def slow(content: bytes, *, timeout: float) -> File.State:
        looking.set()
        sent.wait(10)
        return File.State.CLEAN

    monkeypatch.setattr("vardvag.files.actions.keeping.scan", slow)

    def work() -> None:
        try:
            with cluster.as_system():
                actions.scan_waiting(actor=SYSTEM, now=now())
        finally:
            connection.close()

    job = threading.Thread(target=work)
    job.start()
    try:
        assert looking.wait(10)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("set local lock_timeout = '2s'")
            as_actor(resident())
            actions.adopt(
                actor=resident(), files=[file], patient_id=ANNA.person_id, provider_id=PROVIDER, now=now()
            )
    finally:
        sent.set()
        job.join()
    with transaction.atomic():
        as_actor(resident())
        file.refresh_from_db()
    assert file.scanned and file.sent_at is not None


def test_a_file_that_cannot_be_read_does_not_keep_others_from_the_scanner(
    scanner: StandIn, system, django_capture_on_commit_callbacks
) -> None:
    lost, good = dormant(uploaded(resident())), dormant(uploaded(resident(), corpus.pdf()))
    store.erase(lost.stored_as)
    with system(), django_capture_on_commit_callbacks(execute=True):
        for _ in range(2):
            actions.scan_waiting(actor=SYSTEM, now=now(), batch=1)
    good.refresh_from_db()
    assert good.scanned
