"""A file that arrives piece by piece: what fits is taken once, all else is told where to go on."""

import threading
from datetime import timedelta
from hashlib import sha256
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client

from vardvag.core.actor import Anonymous, ResidentActor, StaffActor, SystemActor
from vardvag.core.clock import now
from vardvag.files import actions, rules, store, tickets
from vardvag.files.models import Attempt, File, Incoming
from vardvag.files.rules import PIECE
from vardvag.files.sandbox import run
from vardvag.files.tests import corpus
from vardvag.files.tests.people import (
    ALVA,
    ANNA,
    DRAFT,
    OTTO,
    PROVIDER,
    as_actor,
    on_disk,
    resident,
    staff,
    uploaded,
)
from vardvag.files.tests.test_pages import browse, ticket

__all__ = ["browse"]  # the fixture
pytestmark = pytest.mark.django_db
SYSTEM = SystemActor(job="files")
PHOTO = corpus.encoded(corpus.photo(900, 700), "PNG")  # some pieces long
DIGEST = sha256(PHOTO).hexdigest()
assert 2 * PIECE < len(PHOTO) < 8 * PIECE


def send(client: Client, actor: ResidentActor | StaffActor, offset: int, **changes: object) -> HttpResponse:
    """The piece of PHOTO that begins at `offset`."""
    side = "/personal/bilagor/del/" if isinstance(actor, StaffActor) else "/bilagor/del/"
    what = {
        "ticket": ticket(actor),
        "digest": DIGEST,
        "size": len(PHOTO),
        "offset": offset,
        "name": "IMG_0001.png",
        "piece": PHOTO[offset : offset + PIECE] if 0 <= offset < len(PHOTO) else b"",
        **changes,
    }
    piece = what.pop("piece")
    if isinstance(piece, bytes):
        what["piece"] = SimpleUploadedFile("piece", piece)
    return client.post(side, what)  # type: ignore[return-value]


def send_all(client: Client, actor: ResidentActor | StaffActor, **changes: object) -> HttpResponse:
    for offset in range(0, len(PHOTO), PIECE):
        answer = send(client, actor, offset, **changes)
    return answer


@pytest.mark.parametrize("actor", [resident(), staff()])
def test_pieces_become_one_file(browse, actor, django_capture_on_commit_callbacks) -> None:
    client = browse(actor)
    with django_capture_on_commit_callbacks(execute=True):
        first = send(client, actor, 0)
        assert (first.status_code, first.json()) == (202, {"offset": PIECE})
        assert not File.objects.exists()
        done = send_all(client, actor)
    assert done.status_code == 200
    file = File.objects.get()
    assert str(file.public_id) in done.content.decode()
    assert (file.original_sha256, file.draft_key, file.patient_id) == (DIGEST, DRAFT, ANNA.person_id)
    assert file.provider_id == (PROVIDER if isinstance(actor, StaffActor) else None)
    assert not Incoming.objects.exists()
    assert {name.partition(".")[0] for name in on_disk()} == {file.stored_as}  # the pieces are gone
    assert [(a.size, a.reason) for a in Attempt.objects.all()] == [(len(PHOTO), "")]
    again = send(client, actor, PIECE)  # the answer was lost: the same question once more
    assert again.status_code == 200 and again.content == done.content and File.objects.count() == 1


def test_a_repeated_or_misplaced_piece_changes_nothing(browse) -> None:
    client, anna = browse(resident()), resident()
    assert send(client, anna, PIECE).json() == {"offset": 0}  # nothing has begun
    assert not Incoming.objects.exists()
    send(client, anna, 0)
    before = on_disk()
    for offset in (0, 2 * PIECE, PIECE + 1, 10**9):
        answer = send(client, anna, offset, piece=b"x" * 10)
        assert (answer.status_code, answer.json()) == (409, {"offset": PIECE})
    assert on_disk() == before and Incoming.objects.get().arrived == PIECE
    assert send_all(client, anna).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"piece": b"\xff" * (PIECE + 1)},
        {"piece": b""},
        {"piece": "none"},
        {"offset": -1},
        {"size": 0},
        {"size": "många"},
        {"size": len(PHOTO) + 1},  # another size than at first
        {"digest": "x" * 64},
        {"digest": DIGEST[:-1]},
        {"piece": PHOTO[PIECE:], "size": len(PHOTO)},
    ],
)
def test_a_piece_that_cannot_be_right_is_refused(browse, wrong: dict[str, object]) -> None:
    client = browse(resident())
    send(client, resident(), 0)
    answer = send(client, resident(), wrong.pop("offset", PIECE), **wrong)  # type: ignore[arg-type]
    assert answer.status_code == 422 and "Filen kom inte fram hel." in answer.content.decode()
    assert Incoming.objects.get().arrived == PIECE


@pytest.mark.parametrize("digest", ["", "\x00", DIGEST[:-1] + "\x00", DIGEST.upper()])
def test_what_nobody_has_begun_need_not_be_broken_off(browse, digest: str) -> None:
    send(browse(resident()), resident(), 0)
    sent = {"ticket": ticket(resident()), "digest": digest, "cancel": "1"}
    assert browse(resident()).post("/bilagor/del/", sent).status_code == 204
    assert Incoming.objects.get().arrived == PIECE


def test_more_than_was_said_is_not_taken(browse) -> None:
    client, size = browse(resident()), PIECE + 10
    send(client, resident(), 0, size=size)
    assert send(client, resident(), PIECE, size=size, piece=b"x" * 11).status_code == 422
    assert Incoming.objects.get().arrived == PIECE


def test_other_bytes_than_were_said_become_nothing(browse, django_capture_on_commit_callbacks) -> None:
    """Nor can pieces of two files be mixed: the whole must be what it was said to be."""
    with django_capture_on_commit_callbacks(execute=True):
        answer = send_all(browse(resident()), resident(), digest="0" * 64)
    assert (answer.status_code, answer.json()) == (409, {"offset": 0})
    assert not File.objects.exists() and not Incoming.objects.exists() and on_disk() == []


def test_nobody_elses_upload_is_reached(browse) -> None:
    """Even by who knows its digest: all they find is that nothing of theirs has begun."""
    anna = resident()
    send(browse(anna), anna, 0)
    for who in (resident(OTTO), resident(ANNA, ALVA), staff()):
        own = ticket(
            who,
            patient_id=ALVA.person_id
            if isinstance(who, ResidentActor) and who.patient == ALVA
            else who.me.person_id
            if isinstance(who, ResidentActor)
            else ANNA.person_id,
        )
        answer = send(browse(who), who, PIECE, ticket=own)
        assert (answer.status_code, answer.json()) == (409, {"offset": 0})
        stolen = send(browse(who), who, PIECE, ticket=ticket(anna))
        assert stolen.status_code == 422
        browse(who).post("/bilagor/del/", {"ticket": own, "digest": DIGEST, "cancel": "1"})
    other_draft = send(browse(anna), anna, PIECE, ticket=ticket(anna, draft_key=uuid4()))
    assert other_draft.json() == {"offset": 0}
    assert browse(Anonymous()).post("/bilagor/del/", {}).status_code == 403
    as_actor(anna)
    assert Incoming.objects.get().arrived == PIECE


def test_a_new_login_goes_on_where_it_stopped(browse) -> None:
    send(browse(resident()), resident(), 0)
    later = ResidentActor(session_id=99, me=ANNA, patient=ANNA, may_act_for=(ANNA,))
    client = browse(later)
    found = send(client, later, 0)  # a new page knows nothing and begins at the start
    assert (found.status_code, found.json()) == (409, {"offset": PIECE})
    for offset in range(PIECE, len(PHOTO), PIECE):
        answer = send(client, later, offset)
    assert answer.status_code == 200 and File.objects.count() == 1


def test_what_cannot_be_taken_is_said_at_the_first_piece(browse, monkeypatch) -> None:
    client, anna = browse(resident()), resident()
    film = send(client, anna, 0, piece=corpus.MP4)
    assert film.status_code == 422 and "Filmer går inte att skicka" in film.content.decode()
    large = send(client, anna, 0, size=rules.LARGEST + 1)
    assert "större än 20 MB" in large.content.decode()
    monkeypatch.setattr(store, "free", lambda: rules.DISK_RESERVE + len(PHOTO) - 1)
    full = send(client, anna, 0)
    assert full.status_code == 422 and "Det du har skrivit är kvar" in full.content.decode()
    assert not Incoming.objects.exists() and on_disk() == []
    monkeypatch.setattr(store, "free", lambda: rules.DISK_RESERVE + len(PHOTO))
    assert send(client, anna, 0).status_code == 202


def test_unfinished_files_count_in_the_hour(browse) -> None:
    """Also for other patients, and also when they are broken off."""
    anna, size = resident(), 20 * 1024 * 1024
    for digest in ("1" * 64, "2" * 64):
        assert send(browse(anna), anna, 0, size=size, digest=digest).status_code == 202
    child = resident(ANNA, ALVA)
    hers = ticket(child, patient_id=ALVA.person_id)
    much = send(browse(child), child, 0, size=size, ticket=hers)
    assert much.status_code == 422 and "50 MB" in much.content.decode()
    gone = browse(anna).post("/bilagor/del/", {"ticket": ticket(anna), "digest": "1" * 64, "cancel": "1"})
    assert gone.status_code == 204 and Incoming.objects.count() == 1
    assert sorted(Attempt.objects.values_list("size", "reason")) == [
        (PIECE, "unfinished"),
        (size, "arriving"),
    ]
    assert send(browse(child), child, 0, size=size, ticket=hers).status_code == 202


def test_one_persons_unfinished_files_are_few(browse) -> None:
    client, anna = browse(resident()), resident()
    for number in range(rules.UNFINISHED + 3):
        send(client, anna, 0, digest=f"{number:064x}", size=PIECE + 1)
    assert Incoming.objects.count() == rules.UNFINISHED
    assert not Incoming.objects.filter(sha256=f"{0:064x}").exists()  # the oldest made room


def test_many_at_once_lose_nothing(browse, monkeypatch) -> None:
    def no_turn(*_: object) -> None:
        raise run.Busy

    client, anna, opened = browse(resident()), resident(), run.rebuild
    monkeypatch.setattr(run, "rebuild", no_turn)
    assert send_all(client, anna).status_code == 503
    assert Incoming.objects.get().arrived == len(PHOTO)
    monkeypatch.setattr(run, "rebuild", opened)
    assert send(client, anna, len(PHOTO) - len(PHOTO) % PIECE).status_code == 200  # the last piece once more
    assert not Incoming.objects.exists()


def test_an_unfinished_file_is_no_part_of_what_is_sent(browse, system) -> None:
    anna = resident()
    client = browse(anna)
    send(client, anna, 0)
    client.post("/bilagor/", {"ticket": ticket(anna), "files": SimpleUploadedFile("a.jpg", corpus.jpeg())})
    as_actor(anna)
    sent = actions.adopt(
        actor=anna,
        files=File.objects.of_draft(DRAFT),
        patient_id=ANNA.person_id,
        provider_id=PROVIDER,
        now=now(),
    )
    assert len(sent) == 1 and not Incoming.objects.exists()
    late = send(client, anna, PIECE)
    assert (late.status_code, late.json()) == (409, {"offset": 0})
    send_all(client, anna)  # another tab does not know and sends it all
    as_actor(anna)
    assert File.objects.exclude(sent_at=None).count() == 1  # the clinic got what was sent, no more
    with system():
        actions.forget(actor=SYSTEM, now=now() + timedelta(days=31))
        assert File.objects.filter(deleted_at=None).count() == 1


def test_what_never_became_whole_is_forgotten_after_a_day(
    browse, system, django_capture_on_commit_callbacks
) -> None:
    send(browse(resident()), resident(), 0)
    with system(), django_capture_on_commit_callbacks(execute=True):
        actions.sweep(actor=SYSTEM, older_than=-1)
        assert len(on_disk()) == 1  # not taken for an orphan
        assert actions.forget_pieces(actor=SYSTEM, now=now() + timedelta(hours=23)) == 0
        assert actions.forget_pieces(actor=SYSTEM, now=now() + timedelta(hours=25)) == 1
    assert on_disk() == [] and not Incoming.objects.exists()


def test_pieces_on_disk_say_nothing(browse) -> None:
    send(browse(resident()), resident(), 0)
    [file] = [path for path in store._folder(Incoming.objects.get().pieces[0][0]).iterdir()]  # noqa: SLF001
    assert PHOTO[:16] not in file.read_bytes() and PHOTO[1000:1032] not in file.read_bytes()


@pytest.mark.django_db(transaction=True)
def test_two_tabs_at_once_send_one_file(monkeypatch) -> None:
    """The same piece at the same moment, all the way: each is taken once."""
    actor, fitted, files, problems = resident(), [], [], []
    together = threading.Barrier(2)

    def tab() -> None:
        try:
            for offset in range(0, len(PHOTO), PIECE):
                together.wait(30)
                with transaction.atomic():
                    as_actor(actor)
                    taken = actions.take_piece(
                        actor=actor,
                        ticket=tickets.read(ticket(actor), actor=actor),
                        digest=DIGEST,
                        size=len(PHOTO),
                        offset=offset,
                        piece=PHOTO[offset : offset + PIECE],
                        name="a.png",
                        now=now(),
                    )
                fitted.append(taken.fitted)
                files.append(taken.file and taken.file.pk)
        except Exception as problem:
            problems.append(problem)
            together.abort()
        finally:
            connection.close()

    tabs = [threading.Thread(target=tab) for _ in range(2)]
    for one in tabs:
        one.start()
    for one in tabs:
        one.join()
    assert problems == []
    with transaction.atomic():
        as_actor(actor)
        assert {*files} == {None, File.objects.get().pk}
        assert files.count(None) == len(files) - 2  # both tabs got it in the end
        assert fitted.count(True) == -(-len(PHOTO) // PIECE) - 1
        assert not Incoming.objects.exists() and Attempt.objects.count() == 1


def test_a_file_does_not_come_in_crumbs(browse) -> None:
    """Each would be a file on the disk and a line in the row, by the million within one person's hour."""
    client, anna = browse(resident()), resident()
    assert send(client, anna, 0, piece=PHOTO[: PIECE - 1]).status_code == 422
    assert on_disk() == [] and not Incoming.objects.exists()
    send(client, anna, 0)
    assert send(client, anna, PIECE, piece=PHOTO[PIECE : PIECE + 1]).status_code == 422
    assert len(on_disk()) == 1


def test_what_came_for_nothing_counts_in_the_hour(browse) -> None:
    """The draft was filled while it came: the last place was there at the first piece, and is gone at the last."""
    client, anna = browse(resident()), resident()
    one = ticket(anna, at_most=1)
    for offset in range(0, len(PHOTO) - PIECE, PIECE):
        send(client, anna, offset, ticket=one)
    uploaded(anna)
    last = send(client, anna, len(PHOTO) - len(PHOTO) % PIECE, ticket=one)
    assert last.status_code == 422 and "Ta bort någon först" in last.content.decode()
    assert not Incoming.objects.exists()
    assert (len(PHOTO), "unfinished") in Attempt.objects.values_list("size", "reason")


def test_a_file_called_off_when_it_had_just_become_whole_is_no_part_of_the_draft(browse) -> None:
    client, anna = browse(resident()), resident()
    send_all(client, anna)
    file = File.objects.get()
    gone = client.post("/bilagor/del/", {"ticket": ticket(anna), "digest": DIGEST, "cancel": "1"})
    assert gone.json() == {"removed": str(file.public_id)}
    as_actor(anna)
    assert not File.objects.of_draft(DRAFT).exists()
    again = client.post("/bilagor/del/", {"ticket": ticket(anna), "digest": DIGEST, "cancel": "1"})
    assert again.status_code == 204


@pytest.mark.django_db(transaction=True)
def test_a_file_begins_while_another_is_opened() -> None:
    anna, held, begun = resident(), threading.Event(), threading.Event()

    def begin(digest: str) -> bool:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("set local lock_timeout = '2s'")
            as_actor(anna)
            return actions.take_piece(
                actor=anna,
                ticket=tickets.read(ticket(anna), actor=anna),
                digest=digest,
                size=len(PHOTO),
                offset=0,
                piece=PHOTO[:PIECE],
                name="a.png",
                now=now(),
            ).fitted

    def opened() -> None:
        try:
            with transaction.atomic():
                as_actor(anna)
                Incoming.objects.select_for_update(of=("self",)).get()
                held.set()
                begun.wait(10)
        finally:
            connection.close()

    assert begin(DIGEST)
    other = threading.Thread(target=opened)
    other.start()
    try:
        assert held.wait(10) and begin("1" * 64)
    finally:
        begun.set()
        other.join()
