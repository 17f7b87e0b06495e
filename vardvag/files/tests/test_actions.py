"""Uploading, sending, taking back and removing, by people with the rights of their transaction."""

import io
import threading
import time
from contextlib import nullcontext
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.http import Http404

from vardvag.core.actor import Actor
from vardvag.core.clock import now
from vardvag.files import access, actions, rules, store, vault
from vardvag.files.models import Attempt, File
from vardvag.files.sandbox import run
from vardvag.files.sandbox.reasons import Reason
from vardvag.files.sandbox.rebuilt import Limits, Rebuilt
from vardvag.files.tests import corpus
from vardvag.files.tests.people import (
    ALVA,
    ANNA,
    DRAFT,
    OTHER_PROVIDER,
    OTTO,
    PROVIDER,
    as_actor,
    given,
    on_disk,
    resident,
    staff,
    uploaded,
)

pytestmark = pytest.mark.django_db


def content(file: File, part: str = store.BODY) -> bytes:
    return b"".join(store.get(file.stored_as, part, vault.unwrap(file.wrapped_key, file.stored_as)))


def log_of(file: File) -> list[tuple[str, str, int | None]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select verb, actor_kind, patient_id from audit_entry where object_kind = 'file' and object_id = %s"
            " order by id",
            [file.pk],
        )
        return list(cursor.fetchall())


def test_a_photo_is_kept_encrypted_without_its_place() -> None:
    data = corpus.jpeg(exif=corpus.gps())
    file = uploaded(resident(), data, name="..\\semester\\Anna\u202e gpj.exe.JPG")
    assert (file.name, file.kind, file.content_type, file.state) == (
        "Anna gpj.exe.jpg",
        "image",
        "image/jpeg",
        "clean",
    )
    body = content(file)
    assert body.startswith(b"\xff\xd8\xff") and corpus.GPS_CANARY not in body
    assert len(content(file, store.THUMBNAIL)) <= 30 * 1024
    names = on_disk()
    assert len(names) == 2
    assert str(file.public_id) not in " ".join(names)
    for path in names:
        stored = store._folder(file.stored_as).joinpath(path).read_bytes()
        assert b"\xff\xd8\xff" not in stored and corpus.GPS_CANARY not in stored
    assert log_of(file) == [("upload_file", "resident", ANNA.person_id)]


def test_a_pdf_is_kept_with_its_first_page() -> None:
    file = uploaded(resident(), corpus.pdf(corpus.active_pdf, pages=3), name="Remiss.PDF")
    assert (file.name, file.kind, file.pages) == ("Remiss.pdf", "pdf", 3)
    assert content(file, store.PREVIEW).startswith(b"\xff\xd8\xff")


def test_the_same_file_twice_is_one() -> None:
    first = uploaded(resident())
    assert uploaded(resident()) == first
    assert uploaded(resident(), draft_key=uuid4()) != first
    assert len(on_disk()) == 4


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", Reason.EMPTY),
        (corpus.SVG, Reason.WEB),
        (corpus.DOCX, Reason.OFFICE),
        (corpus.jpeg()[:900], Reason.BROKEN_PICTURE),
        (b"\xff\xd8\xff" + b"\0" * (20 * 1024 * 1024), Reason.TOO_LARGE),
    ],
)
def test_a_refusal_names_the_cure_and_is_counted(data: bytes, reason: Reason) -> None:
    with pytest.raises(actions.Refused) as refusal:
        uploaded(resident(), data)
    assert refusal.value.reason is reason
    words = str(refusal.value.message)
    assert words.endswith(".") and any(verb in words for verb in ("Välj", "Spara", "ta en", "Ta en"))
    assert Attempt.objects.get().reason == reason
    assert on_disk() == [] and not File.objects.exists()


def test_a_large_file_is_never_read_whole() -> None:
    read = []

    class Endless(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            read.append(size)
            return b"\xff" * size

    as_actor(resident())
    with pytest.raises(actions.Refused):
        actions.upload(
            actor=resident(),
            stream=Endless(),  # type: ignore[arg-type]
            name="x",
            purpose="case",
            patient_id=ANNA.person_id,
            now=now(),
        )
    told = UploadedFile(
        io.BytesIO(b"cut"), name="x.jpg", size=30 * 1024 * 1024
    )  # as the upload handler leaves it
    received = actions.upload_all(
        actor=resident(), uploads=[told], purpose="case", patient_id=ANNA.person_id, now=now()
    )
    assert received.refused == [
        ("x.jpg", "Filen är större än 20 MB. Välj en mindre fil eller ta en skärmbild.")
    ]
    assert sum(read) <= 20 * 1024 * 1024 + 1


def test_several_files_are_judged_one_by_one() -> None:
    as_actor(resident())
    received = actions.upload_all(
        actor=resident(),
        uploads=[given(), given(corpus.ZIP, "allt.zip"), given(corpus.pdf(), "remiss.pdf")],
        purpose="case",
        patient_id=ANNA.person_id,
        draft_key=DRAFT,
        now=now(),
    )
    assert [file.name for file in received.files] == ["IMG_0001.jpg", "remiss.pdf"]
    assert [name for name, _ in received.refused] == ["allt.zip"]
    assert access.draft_files(actor=resident(), draft_key=DRAFT) == received.files


def test_five_files_for_a_resident() -> None:
    for number in range(5):
        uploaded(resident(), corpus.encoded(corpus.photo(20 + number, 20), "PNG"))
    with pytest.raises(actions.TooMany) as fact:
        uploaded(resident(), corpus.encoded(corpus.photo(99, 20), "PNG"))
    assert "högst 5 filer" in str(fact.value.message)
    actions.remove(actor=resident(), file=File.objects.first(), now=now())  # type: ignore[arg-type]
    assert uploaded(resident(), corpus.encoded(corpus.photo(99, 20), "PNG"))


def test_fifty_megabytes_an_hour() -> None:
    at = now()
    for minutes, size in ((50, 20), (30, 20), (70, 20)):
        Attempt.objects.create(
            uploader_kind="resident",
            uploader_id=ANNA.person_id,
            at=at - timedelta(minutes=minutes),
            size=size * 2**20,
        )
    Attempt.objects.create(uploader_kind="staff", uploader_id=ANNA.person_id, at=at, size=40 * 2**20)
    ten = corpus.jpeg() + b"\0" * (10 * 2**20)
    with pytest.raises(actions.TooMuch):
        uploaded(resident(), ten, now=at)
    assert uploaded(resident(), ten, now=at + timedelta(minutes=10))


def test_sending_and_taking_back() -> None:
    actor = staff()
    files = [uploaded(actor), uploaded(actor, corpus.pdf(), name="svar.pdf")]
    sent = actions.adopt(
        actor=actor, files=reversed(files), patient_id=ANNA.person_id, provider_id=PROVIDER, now=now()
    )
    assert [file.name for file in sent] == ["svar.pdf", "IMG_0001.jpg"]
    assert access.draft_files(actor=actor, draft_key=DRAFT) == []
    with pytest.raises(actions.NotYours):
        actions.adopt(actor=actor, files=files, patient_id=ANNA.person_id, provider_id=PROVIDER, now=now())
    with pytest.raises(actions.NotYours):
        actions.remove(actor=actor, file=files[0], now=now())
    actions.release(actor=actor, files=sent, draft_key=DRAFT, now=now())
    assert access.draft_files(actor=actor, draft_key=DRAFT) == files
    assert [verb for verb, *_ in log_of(files[0])] == ["upload_file", "send_file", "take_back_file"]


def test_nobody_sends_or_removes_anothers_file() -> None:
    mine = uploaded(resident())
    alvas = uploaded(resident(ANNA, ALVA))
    as_actor(resident())
    with pytest.raises(actions.NotYours):  # the mother's own case does not get the child's picture
        actions.adopt(
            actor=resident(), files=[mine, alvas], patient_id=ANNA.person_id, provider_id=PROVIDER, now=now()
        )
    for actor in (resident(OTTO), staff(), resident(OTTO, ALVA)):
        as_actor(actor)
        with pytest.raises(actions.NotYours):
            actions.remove(actor=actor, file=alvas, now=now())
        assert not actions.remove_from_draft(actor=actor, public_id=alvas.public_id, now=now())
        with pytest.raises(actions.NotYours):
            actions.adopt(
                actor=actor, files=[alvas], patient_id=ALVA.person_id, provider_id=PROVIDER, now=now()
            )
    as_actor(resident(ANNA, ALVA))
    assert File.objects.get(pk=alvas.pk).deleted_at is None


def test_a_reply_does_not_take_along_another_patients_file() -> None:
    file = uploaded(staff())
    with pytest.raises(actions.NotYours):
        actions.adopt(actor=staff(), files=[file], patient_id=ALVA.person_id, provider_id=PROVIDER, now=now())


def test_a_removed_file_is_gone_at_once(django_capture_on_commit_callbacks) -> None:
    file = uploaded(resident())
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.remove_from_draft(actor=resident(), public_id=str(file.public_id), now=now())
    file.refresh_from_db()
    assert file.wrapped_key == "" and not file.opens and on_disk() == []
    assert not actions.remove_from_draft(actor=resident(), public_id=str(file.public_id), now=now())
    assert not actions.remove_from_draft(actor=resident(), public_id="nonsense", now=now())
    assert uploaded(resident()).pk != file.pk


def test_a_draft_goes_with_its_files() -> None:
    uploaded(resident())
    uploaded(resident(), corpus.pdf())
    other = uploaded(resident(), draft_key=uuid4())
    assert actions.remove_draft(actor=resident(), draft_key=DRAFT, now=now()) == 2
    assert list(File.objects.unsent()) == [other]


def test_the_border_hides_files_without_our_help() -> None:
    """What the database shows when the part's own filters are left out."""
    draft = uploaded(resident())
    sent = uploaded(resident(), corpus.pdf())
    actions.adopt(actor=resident(), files=[sent], patient_id=ANNA.person_id, provider_id=PROVIDER, now=now())
    reply = uploaded(staff(), corpus.pdf(text=b"Svar"))
    expected: dict[str, tuple[Actor, set[int]]] = {
        "anna": (resident(), {draft.pk, sent.pk}),  # not the reply that staff are still writing
        "otto": (resident(OTTO), set()),
        "anna for alva": (resident(ANNA, ALVA), set()),
        "staff": (staff(), {sent.pk, reply.pk}),
        "staff of another provider": (staff(OTHER_PROVIDER), set()),
    }
    for who, (actor, seen) in expected.items():
        as_actor(actor)
        assert set(File.objects.values_list("pk", flat=True)) == seen, who


@pytest.mark.parametrize("border_off", [False, True])
def test_access_is_narrower_than_the_border(border_off: bool, system) -> None:
    """Also when the database hides nothing (it is asked as the worker, which sees all)."""
    switched_off = system
    draft = uploaded(resident())
    sent = uploaded(resident(), corpus.pdf())
    actions.adopt(actor=resident(), files=[sent], patient_id=ANNA.person_id, provider_id=PROVIDER, now=now())
    assert access.file_for_resident(actor=resident(), public_id=sent.public_id) == sent
    assert log_of(sent)[-1][0] == "read_file"
    with switched_off() if border_off else nullcontext():
        _nobody_gets(draft, sent)
    as_actor(staff())
    assert access.file_for_staff(actor=staff(), public_id=sent.public_id) == sent
    assert access.draft_files(actor=resident(OTTO, ANNA), draft_key=DRAFT) == []


def _nobody_gets(draft: File, sent: File) -> None:
    for refused in (
        lambda: access.file_for_resident(actor=resident(), public_id=draft.public_id),
        lambda: access.draft_file(actor=resident(), public_id=sent.public_id),
        lambda: access.file_for_resident(actor=resident(OTTO), public_id=sent.public_id),
        lambda: access.draft_file(actor=resident(OTTO, ANNA), public_id=draft.public_id),
        lambda: access.draft_file(actor=resident(ANNA, ALVA), public_id=draft.public_id),
        lambda: access.file_for_staff(actor=staff(OTHER_PROVIDER), public_id=sent.public_id),
        lambda: access.file_for_staff(actor=staff(), public_id=draft.public_id),
        lambda: access.draft_file(actor=staff(), public_id=draft.public_id),
        lambda: access.draft_file(actor=resident(), public_id=uuid4()),
    ):
        with pytest.raises(Http404):
            refused()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_do_not_both_take_the_last_place(monkeypatch: pytest.MonkeyPatch) -> None:
    draft, taken, refused = UUID(int=77), [], []
    put = store.put

    def slowly(name: str, key: bytes, parts: dict[str, bytes]) -> None:
        time.sleep(0.3)  # long enough for the others to come to the same place
        put(name, key, parts)

    monkeypatch.setattr(store, "put", slowly)

    def send(number: int) -> None:
        try:
            with transaction.atomic():
                data = corpus.encoded(corpus.photo(30 + number, 30), "PNG")
                taken.append(uploaded(resident(), data, draft_key=draft, at_most=2))
        except actions.TooMany:
            refused.append(number)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(taken), len(refused)) == (2, 2)


@pytest.mark.django_db(transaction=True)
def test_files_sent_side_by_side_share_the_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    taken, refused, together, rebuild = [], [], threading.Barrier(4), run.rebuild

    def side_by_side(data: bytes, limits: Limits) -> Rebuilt:
        done = rebuild(data, limits)
        together.wait(20)
        return done

    monkeypatch.setattr(run, "rebuild", side_by_side)

    def send(number: int) -> None:
        data = corpus.encoded(corpus.photo(30 + number, 30), "JPEG") + bytes(18 * 2**20)
        try:
            with transaction.atomic():
                taken.append(uploaded(resident(), data, draft_key=uuid4()))
        except actions.TooMuch:
            refused.append(number)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(taken), len(refused)) == (2, 2)


def test_a_small_bomb_costs_as_much_of_the_hour_as_a_large_file() -> None:
    """Else one person keeps all that opens files busy with some kilobytes at a time."""
    bomb = corpus.deflate_bomb_pdf()
    with pytest.raises(actions.Refused) as refusal:
        uploaded(resident(), bomb)
    assert refusal.value.reason is Reason.TOO_HARD
    assert len(bomb) < 2**20 and Attempt.objects.get().size == Limits().cpu * rules.SECOND
    assert rules.cost(100, 0.5) == rules.SECOND // 2 and rules.cost(rules.LARGEST, 0.5) == rules.LARGEST
