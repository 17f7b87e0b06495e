"""The pages over HTTP: uploads, what is served and how, and who gets nothing."""

from collections.abc import Callable, Iterator
from datetime import date
from email.message import Message
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.utils import translation

from vardvag.core import border, doors
from vardvag.core.actor import Actor, Anonymous, ResidentActor, StaffActor
from vardvag.files import access, actions, store, tickets
from vardvag.files.facts import NotHolder
from vardvag.files.models import File
from vardvag.files.rules import LARGEST, check_circle, is_minor
from vardvag.files.sandbox import run
from vardvag.files.tests import corpus
from vardvag.files.tests.people import ALVA, ANNA, DRAFT, OTTO, PROVIDER, given, resident, staff, uploaded

pytestmark = pytest.mark.django_db
SHUT = "default-src 'none'; sandbox"


class TestKeeper(doors.Keeper):
    """Lets in whom the test names."""

    __test__ = False
    who: Actor = Anonymous()

    def actor(self, request: HttpRequest) -> Actor:
        border.enter(self.who)
        return self.who

    def refuse(self, request: HttpRequest, *, door: str, actor: Actor) -> HttpResponseBase:
        return HttpResponse("refused", status=403)


@pytest.fixture
def browse(settings) -> Iterator[Callable[[Actor], Client]]:
    settings.DOOR_KEEPER = f"{__name__}.TestKeeper"
    doors.keeper.cache_clear()

    def as_(actor: Actor) -> Client:
        TestKeeper.who = actor
        return Client()

    yield as_
    doors.keeper.cache_clear()


def ticket(actor: ResidentActor | StaffActor, **changes: object) -> str:
    what = {"patient_id": ANNA.person_id, "draft_key": DRAFT, "at_most": 5, **changes}
    return tickets.write(actor=actor, **what)  # type: ignore[arg-type]


def body(response: HttpResponseBase) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]


@pytest.mark.parametrize(("actor", "path"), [(resident(), "/bilagor/"), (staff(), "/personal/bilagor/")])
def test_a_file_sent_by_itself_comes_back_as_a_row(browse, actor, path: str) -> None:
    client = browse(actor)
    answer = client.post(path, {"ticket": ticket(actor), "files": given(corpus.jpeg(exif=corpus.gps()))})
    assert answer.status_code == 200
    file = File.objects.get()
    assert f"{path}{file.public_id}/" in answer.content.decode()
    assert (file.draft_key, file.patient_id, file.purpose) == (DRAFT, ANNA.person_id, "draft")
    assert file.provider_id == (PROVIDER if isinstance(actor, StaffActor) else None)
    again = client.post(path, {"ticket": ticket(actor), "files": given(corpus.jpeg(exif=corpus.gps()))})
    assert again.content == answer.content and File.objects.count() == 1  # a retry after a lost answer

    picture = client.get(f"{path}{file.public_id}/")
    assert picture["Content-Type"] == "image/jpeg" and corpus.GPS_CANARY not in body(picture)
    assert (
        client.post(f"{path}{file.public_id}/ta-bort/", headers={"X-Requested-With": "attach"}).status_code
        == 204
    )
    assert client.get(f"{path}{file.public_id}/").status_code == 404


def test_a_refused_file_says_why_in_the_readers_language(browse) -> None:
    client = browse(resident())
    answer = client.post("/bilagor/", {"ticket": ticket(resident()), "files": given(corpus.MP4, "film.mp4")})
    assert answer.status_code == 422
    assert "Filmer går inte att skicka. Ta en bild eller beskriv med ord." in answer.content.decode()
    empty = client.post("/bilagor/", {"ticket": ticket(resident())})
    assert empty.status_code == 422 and "Ingen fil är vald" in empty.content.decode()


def test_many_at_once_are_asked_to_come_again(browse, monkeypatch) -> None:
    def no_turn(*_: object) -> None:
        raise run.Busy

    monkeypatch.setattr(run, "rebuild", no_turn)
    answer = browse(resident()).post("/bilagor/", {"ticket": ticket(resident()), "files": given()})
    assert answer.status_code == 503 and "Vänta en minut och försök igen" in answer.content.decode()


def test_a_ticket_is_for_one_person_and_one_patient(browse) -> None:
    anna, child = resident(), resident(ANNA, ALVA)
    for actor, text in (
        (child, ticket(anna)),  # switched to the child on another page
        (resident(OTTO), ticket(anna)),
        (staff(), ticket(anna)),
        (anna, ticket(staff())),
        (anna, ticket(anna)[:-2]),
        (anna, ""),
    ):
        path = "/personal/bilagor/" if isinstance(actor, StaffActor) else "/bilagor/"
        answer = browse(actor).post(path, {"ticket": text, "files": given()})
        assert answer.status_code == 422 and "Ladda om" in answer.content.decode()
    assert not File.objects.exists()


def test_the_limit_holds_while_reading(browse) -> None:
    big = SimpleUploadedFile("stor.jpg", b"\xff\xd8\xff" + b"\0" * LARGEST)
    answer = browse(resident()).post("/bilagor/", {"ticket": ticket(resident()), "files": [big, given()]})
    assert "Filen är större än 20 MB" in answer.content.decode()
    assert File.objects.count() == 1


def test_nobody_else_sees_a_draft_file(browse) -> None:
    file = uploaded(resident())
    strangers = [
        (resident(OTTO), "/bilagor/"),
        (resident(ANNA, ALVA), "/bilagor/"),
        (staff(), "/personal/bilagor/"),
        (resident(), "/personal/bilagor/"),
        (Anonymous(), "/bilagor/"),
    ]
    for actor, path in strangers:
        client = browse(actor)
        theirs, nothing = (client.get(f"{path}{i}/") for i in (file.public_id, uuid4()))
        assert theirs.status_code == nothing.status_code and theirs.status_code in (403, 404)
        client.post(f"{path}{file.public_id}/ta-bort/")
    assert browse(resident()).get(f"/bilagor/{file.public_id}/").status_code == 200


def test_a_form_that_removes_goes_back_where_it_came_from_and_nowhere_else(browse) -> None:
    file = uploaded(staff())
    path = f"/personal/bilagor/{file.public_id}/ta-bort/"
    for referer, back in (
        ("http://testserver/personal/arenden/", "http://testserver/personal/arenden/"),
        ("https://evil.example/", "/personal/"),
        ("", "/personal/"),
    ):
        answer = browse(staff()).post(path, headers={"Referer": referer})
        assert (answer.status_code, answer["Location"]) == (303, back)


@pytest.mark.parametrize("thumbnail", [False, True])
@pytest.mark.parametrize("download", [False, True])
@pytest.mark.parametrize("what", ["photo", "drawing", "pdf", "large pdf"])
def test_served_so_that_nothing_runs(what: str, thumbnail: bool, download: bool) -> None:
    data = {
        "photo": corpus.jpeg(),
        "drawing": corpus.drawing(),
        "pdf": corpus.pdf(corpus.active_pdf),
        "large pdf": corpus.pdf_with_photo(side=2000),
    }[what]
    file = uploaded(resident(), data, name="Utslag på armen\r\nX: y.html")
    response = access.serve(file=file, thumbnail=thumbnail, download=download)
    content = body(response)
    assert response.status_code == 200
    assert int(response["Content-Length"]) == len(content)
    pdf_itself = "pdf" in what and download and not thumbnail
    if pdf_itself:
        assert response["Content-Type"] == "application/pdf" and content.startswith(b"%PDF-")
        assert response.streaming == (what == "large pdf")
    elif what == "drawing" and not thumbnail:
        assert response["Content-Type"] == "image/png"
    else:
        assert response["Content-Type"] == "image/jpeg" and content.startswith(b"\xff\xd8\xff")
    disposition = Message()
    disposition["Content-Disposition"] = response["Content-Disposition"]
    assert disposition.get_content_disposition() == ("attachment" if download and not thumbnail else "inline")
    ending = ".pdf" if pdf_itself else ".png" if what == "drawing" and not thumbnail else ".jpg"
    assert disposition.get_filename() == f"Utslag på armenX_ y{ending}"
    assert "filename*=utf-8''" in response["Content-Disposition"]
    assert response["Content-Security-Policy"] == SHUT
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["Cache-Control"] == "no-store"


def test_the_headers_pass_the_middleware(browse) -> None:
    file = uploaded(resident())
    answer = browse(resident()).get(f"/bilagor/{file.public_id}/?liten")
    assert answer["Content-Security-Policy"] == SHUT and answer["Cache-Control"] == "no-store"
    assert answer["X-Content-Type-Options"] == "nosniff" and answer["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("where", [100, -100])
def test_a_changed_file_on_disk_is_not_served(where: int) -> None:
    """Wherever in it: it is answered in words, not broken off."""
    file = uploaded(resident(), corpus.pdf_with_photo(side=2000))
    path = store._folder(file.stored_as) / f"{file.stored_as}.body"
    raw = bytearray(path.read_bytes())
    raw[where] ^= 1
    path.write_bytes(raw)
    assert access.serve(file=file, download=True).status_code == 409


def field(actor: ResidentActor | StaffActor, **context: object) -> str:
    request = RequestFactory().get("/")
    request.actor = actor  # type: ignore[attr-defined]
    text = '{% include "files/attach.html" %}'
    return Template(text).render(Context({"request": request, "draft_key": DRAFT, "files": [], **context}))


def test_the_field_works_with_and_without_script() -> None:
    file = uploaded(resident(), name='"><b>.jpg')
    shown = field(resident(), files=[file], at_most=3)
    assert 'type="file"' in shown and 'name="files"' in shown and "Högst 3 filer" in shown
    assert f'name="remove_file" value="{file.public_id}"' in shown and "formaction" not in shown
    assert "<b>" not in shown
    ours = shown.split('data-attach-ticket="')[1].split('"')[0]
    assert tickets.read(ours, actor=resident()).at_most == 3
    without_patient = field(staff(), files=[])
    assert 'data-attach-ticket=""' in without_patient and "Högst 10 filer" in without_patient
    with_patient = field(staff(), files=[file], patient_id=ANNA.person_id)
    assert "formaction" in with_patient and 'data-attach-ticket=""' not in with_patient


def test_english() -> None:
    with translation.override("en"):
        shown = field(resident())
        assert "At most 5 files" in shown and "Bilder och" not in shown
        with pytest.raises(actions.Refused) as fact:
            uploaded(resident(), corpus.DOCX)
        assert "Save it as a PDF" in str(fact.value.message)


def test_a_sent_file_is_shown_by_what_it_is() -> None:
    def shown(**more: object) -> str:
        file = File(**{"name": "<b>.pdf", "kind": "pdf", "state": "clean", "pages": 2, **more})
        return Template('{% include "files/shown.html" %}').render(Context({"file": file, "href": "/x/"}))

    paper = shown()
    assert 'src="/x/?liten"' in paper and "/x/?hamta" in paper and "(2 sidor)" in paper and "<b>" not in paper
    assert "?hamta" not in shown(kind="image") and "Bild: " in shown(kind="image")
    waiting = shown(state="unscannable")
    assert (
        "?liten" in waiting
        and "kan hämta filen när den är kontrollerad" in waiting
        and "?hamta" not in waiting
    )
    assert "Inte kontrollerad" in shown(state="unscannable", kind="image")
    gone = shown(state="infected")
    assert (
        "skadlig kod" in gone and "behöver skicka en ny" in gone and "href" not in gone and "src" not in gone
    )


@pytest.mark.parametrize("state", ["clean", "unscannable"])
@pytest.mark.parametrize("kind", ["image", "pdf"])
def test_an_intimate_picture_is_never_shown_before_it_is_opened(kind: str, state: str) -> None:
    file = File(name="bild.jpg", kind=kind, state=state, intimate=True, pages=1)
    shown = Template('{% include "files/shown.html" %}')
    holder = shown.render(Context({"file": file, "href": "/x/"}))
    assert "<img" not in holder and 'href="/x/"' in holder and "syns i loggen" in holder
    other = shown.render(Context({"file": file, "href": "/x/", "not_holder": True}))
    assert "/x/" not in other and "Ta ärendet" in other


def test_an_intimate_picture_has_no_thumbnail(browse) -> None:
    """Not in its own draft, not on disk; chosen again without the tick it stays what it was."""
    child = resident(ANNA, ALVA)
    given_ = {"ticket": ticket(child, patient_id=ALVA.person_id), "files": given()}
    row = browse(child).post("/bilagor/", {**given_, "intimate": "1"}).content.decode()
    assert "<img" not in row and "visas bara för den som har hand om ärendet" in row
    file = File.objects.get()
    assert file.intimate
    small = browse(child).get(f"/bilagor/{file.public_id}/?liten")
    assert small.status_code == 409 and "förminskning" in small.content.decode()
    assert browse(child).get(f"/bilagor/{file.public_id}/").status_code == 200
    with pytest.raises(store.Missing):
        store.size(file.stored_as, store.THUMBNAIL)
    browse(child).post("/bilagor/", {**given_, "files": given()})
    assert File.objects.get().intimate


def test_a_picture_chosen_again_with_the_tick_becomes_intimate(django_capture_on_commit_callbacks) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        uploaded(resident())
        file = uploaded(resident(), intimate=True)
    assert file.intimate and File.objects.count() == 1
    with pytest.raises(store.Missing):  # nor has it a thumbnail from before
        store.size(file.stored_as, store.THUMBNAIL)


def test_the_words_about_pictures_of_children_stand_where_a_child_is_concerned() -> None:
    for_child, for_adult = field(resident(ANNA, ALVA)), field(resident())
    assert "Bilden visar underliv, bröst eller rumpa" in for_child and 'name="intimate"' in for_child
    assert "underliv" not in for_adult and 'name="intimate"' not in for_adult
    assert "underliv" not in field(staff(), patient_id=ALVA.person_id)


@pytest.mark.parametrize(
    ("born", "minor"), [(date(2008, 11, 22), True), (date(2008, 11, 21), False), (date(1950, 1, 1), False)]
)
def test_a_child_is_one_until_the_day_of_eighteen(born: date, minor: bool) -> None:
    assert is_minor(born, date(2026, 11, 21)) is minor


def test_only_the_one_who_has_the_case_is_in_the_circle() -> None:
    check_circle(intimate=False, staff_id=1, owner_id=None)
    check_circle(intimate=True, staff_id=1, owner_id=1)
    for owner in (None, 2):
        with pytest.raises(NotHolder):
            check_circle(intimate=True, staff_id=1, owner_id=owner)
