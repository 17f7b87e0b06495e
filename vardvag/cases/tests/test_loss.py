"""Nothing typed is lost, nothing unread vanishes, nothing held shows: late clicks, second tabs, undone replies."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest

from tests import acting
from tests.cluster import as_system
from vardvag.cases.actions import changes
from vardvag.cases.models import Case, Draft, Event, Message, Note, State
from vardvag.cases.tests.told import case_of, mine, picture, public_id, reply, text, url, write
from vardvag.core import clock
from vardvag.demo import cast
from vardvag.files.models import File

pytestmark = pytest.mark.usefixtures("world")
HELD = timedelta(seconds=11)


def undo(client, name: str):
    with as_system():
        event = Event.objects.filter(case=case_of(name)).latest("pk")
    return client.post(url(name, "angra/"), {"event": event.pk})


def messages(name: str) -> list[str]:
    with as_system():
        return list(Message.objects.filter(case=case_of(name)).order_by("seq").values_list("body", flat=True))


def test_other_words_from_a_second_tab_are_a_message_of_their_own(anna):
    key = uuid4()
    for body in ("Första fliken", "Andra fliken", "Andra fliken"):
        assert write(anna, "recept", body, key=key).status_code == 303
    assert messages("recept")[1:] == ["Första fliken", "Andra fliken"]


def test_a_second_tab_of_the_same_nurse_is_stopped_with_the_words_kept(sara):
    key, seen = uuid4(), case_of("recept").last_seq
    assert reply(sara, "recept", "Första fliken", key=key, seq=seen).status_code == 303
    answer = reply(sara, "recept", "Andra fliken", key=key, seq=seen)
    assert answer.status_code == 409
    assert "Andra fliken" in text(answer)
    assert reply(sara, "recept", "Andra fliken", key=key).status_code == 303
    assert messages("recept")[1:] == ["Första fliken", "Andra fliken"]


def test_notes_under_one_key_with_other_words_are_both_kept(sara):
    key = str(uuid4())
    for body in ("Ringt, inget svar", "Ringt igen", "Ringt igen"):
        sara.post(url("recept", "anteckna/"), {"body": body, "key": key})
    with as_system():
        assert Note.objects.filter(case=case_of("recept")).count() == 2


def test_an_undone_reply_does_not_take_what_was_begun_since(sara):
    reply(sara, "recept", "Skickat för fort")
    sara.post(url("recept", "utkast/"), {"form": "reply", "body": "Nytt påbörjat", "key": str(uuid4())})
    assert undo(sara, "recept").status_code == 303
    page = text(sara.get(url("recept")))
    assert "Skickat för fort" in page
    assert "Nytt påbörjat" in page


def test_an_undo_whose_answer_was_lost_is_not_too_late_when_sent_again(sara, ali):
    reply(sara, "recept", "Skickat för fort")
    with as_system():
        event = Event.objects.filter(case=case_of("recept")).latest("pk").pk
    for _ in range(2):
        assert sara.post(url("recept", "angra/"), {"event": event}).status_code == 303
    assert ali.post(url("recept", "angra/"), {"event": event}).status_code == 409  # not hers
    with as_system():
        assert Event.objects.filter(case=case_of("recept"), verb="undo").count() == 1


def test_an_undone_reply_is_not_sent_by_its_form_coming_late(sara):
    """The first try was slow on its way; the second was answered, and undone."""
    key, seen = uuid4(), case_of("recept").last_seq
    reply(sara, "recept", "Skickat för fort", key=key, seq=seen)
    undo(sara, "recept")
    late = reply(sara, "recept", "Skickat för fort", key=key, seq=seen)
    assert late.status_code == 409
    assert "Svaret har tagits tillbaka" in text(late)
    assert messages("recept")[1:] == []
    assert (
        reply(sara, "recept", "Skickat för fort", key=key).status_code == 303
    )  # from the page she was shown
    assert messages("recept")[1:] == ["Skickat för fort"]


def test_a_closing_is_not_done_again_by_its_form_coming_late(sara):
    """Nobody would look at the case any more."""
    form = {"how": "duplicate", "reason": "", "version": case_of("recept").version}
    assert sara.post(url("recept", "avsluta/"), form).status_code == 303
    undo(sara, "recept")
    late = sara.post(url("recept", "avsluta/"), form)
    assert late.status_code == 409
    assert "Något har ångrats" in text(late)
    assert case_of("recept").state != State.CLOSED
    again = {**form, "version": re.search(r'name="version" value="(\d+)"', late.content.decode())[1]}
    assert sara.post(url("recept", "avsluta/"), again).status_code == 303


def test_an_undone_reply_is_no_news_to_a_colleague(sara, ali):
    seen = case_of("recept").last_seq
    reply(sara, "recept", "Skickat för fort")
    undo(sara, "recept")
    assert reply(ali, "recept", "Alis svar", seq=seen).status_code == 303


def test_a_file_in_a_reply_is_there_again_after_undo_and_goes_with_the_next(sara, anna, shift):
    assert reply(sara, "recept", "Se bilden", files=picture()).status_code == 303
    with as_system():
        file = File.objects.latest("pk")
    assert anna.get(mine("recept", f"filer/{file.public_id}/")).status_code == 404  # held
    assert undo(sara, "recept").status_code == 303
    assert "blad" in text(sara.get(url("recept")))
    with as_system():
        draft = Draft.objects.get(case=case_of("recept"), author_kind="staff", form="reply")
        assert File.objects.get(pk=file.pk).draft_key == draft.key
    assert reply(sara, "recept", "Se bilden, igen", key=draft.key).status_code == 303
    shift(HELD)
    assert anna.get(mine("recept", f"filer/{file.public_id}/")).status_code == 200
    assert (
        acting.resident(cast.PETRA.number).get(mine("recept", f"filer/{file.public_id}/")).status_code == 404
    )


def test_a_file_sent_with_a_refused_reply_stays_in_the_form(sara, ali):
    seen = case_of("recept").last_seq
    reply(ali, "recept", "Alis svar")
    answer = reply(sara, "recept", "Se bilden", seq=seen, files=picture())
    assert answer.status_code == 409
    assert "blad" in text(answer)


def test_a_residents_file_stays_in_a_refused_form_too(anna):
    answer = write(anna, "recept", "", files=picture())
    assert answer.status_code == 409
    assert "blad" in text(answer)


def test_a_late_click_does_not_close_over_words_nobody_has_read(sara, anna, shift):
    reply(sara, "recept")
    shift(HELD)
    write(anna, "recept", "Jag mår mycket sämre")
    for sent in ({}, {"how": "phone"}):
        answer = sara.post(url("recept", "avsluta/"), sent)
        assert answer.status_code == 409
        assert "ingen har läst" in text(answer)
    many = {"cases": str(public_id("recept")), "how": "phone"}
    assert sara.post("/personal/avsluta-utan-svar/", many).status_code == 409
    assert case_of("recept").state == State.BEGUN
    sara.post(url("recept", "last/"), {"seq": case_of("recept").last_seq})
    assert sara.post(url("recept", "avsluta/")).status_code == 303


def test_a_new_duplicate_is_closed_from_the_queue_unopened(sara):
    sent = {"cases": f"{public_id('recept')},{public_id('tolk')}", "how": "duplicate"}
    assert sara.post("/personal/avsluta-utan-svar/", sent).status_code == 303
    assert {case_of(name).closed_how for name in ("recept", "tolk")} == {"duplicate"}


def test_many_are_closed_all_or_none(sara):
    """The one already closed stops the rest."""
    sent = {"cases": f"{public_id('recept')},{public_id('avslutat')}", "how": "duplicate"}
    assert sara.post("/personal/avsluta-utan-svar/", sent).status_code == 409
    assert case_of("recept").state == State.NEW


def test_a_held_reply_that_also_closes_shows_neither_answer_nor_end(sara, anna, shift):
    reply(sara, "recept", "Hemligt ännu", close=True)
    shown = text(anna.get(mine("recept")))
    assert "Hemligt ännu" not in shown
    assert "Du har fått svar" not in shown
    assert "tyck-till" not in shown
    start = text(anna.get("/"))
    row = start[start.index(mine("recept")) :].split("</a>")[0]
    assert "Mottagningen arbetar med ditt ärende" in row
    with as_system():
        assert Case.objects.get(public_id=public_id("recept")).resident_seen_seq == 1
    shift(HELD)
    assert "Hemligt ännu" in text(anna.get(mine("recept")))


def test_the_residents_live_topic_says_nothing_internal_or_held(sara, monkeypatch):
    said = []
    monkeypatch.setattr(changes, "tell", lambda topic, kind, **ids: said.append((topic, ids)))
    reply(sara, "recept")
    sara.post(url("recept", "anteckna/"), {"body": "Bara vi", "key": str(uuid4())})
    sara.post(url("recept", "bradska/"), {"urgency": "2", "reason": "Andfådd"})
    assert [ids["verb"] for topic, ids in said if topic.startswith("unit:")] == ["reply", "note", "urgency"]
    assert [topic for topic, _ in said if topic.startswith("case:")] == []
    sara.post(url("recept", "ta/"), {"reason": "Mitt"})
    sara.post(url("recept", "lamna-tillbaka/"))
    public = [ids for topic, ids in said if topic.startswith("case:")]
    assert public
    assert all(set(ids) == {"id", "verb"} and ids["verb"] == "changed" for ids in public)


@pytest.mark.parametrize("page", ["ta/", "lamna-tillbaka/", "oppna-igen/"])
def test_a_reason_that_cannot_be_kept_is_refused_in_words(sara, ali, page):
    """NUL, which PostgreSQL keeps nowhere."""
    ali.post(url("recept", "ta/"))
    if page == "oppna-igen/":
        sara.post(url("recept", "avsluta/"), {"how": "phone"})
    before = case_of("recept")
    answer = sara.post(url("recept", page), {"reason": "Ali är\x00 sjuk"})
    assert answer.status_code == 409
    assert "Null-tecken är inte tillåtna" in text(answer)
    after = case_of("recept")
    assert (after.state, after.owner_id) == (before.state, before.owner_id)


def test_thirty_messages_in_ten_minutes_and_then_words(anna, shift):
    case = case_of("recept")
    with as_system():
        Message.objects.bulk_create(
            Message(
                case=case, provider_id=case.provider_id, unit_id=case.unit_id, patient_id=case.patient_id,
                seq=100 + n, author_kind="resident", author_id=case.author_id, author_name="Anna",
                kind="message", body="x", at=clock.now(), released_at=clock.now(), key=uuid4(),
            )
            for n in range(29)
        )  # fmt: skip
        Case.objects.filter(pk=case.pk).update(last_seq=200)
    assert write(anna, "recept", "Den trettionde").status_code == 303
    refused = write(anna, "recept", "En för mycket")
    assert refused.status_code == 409
    assert "ring mottagningen" in text(refused)
    assert "En för mycket" in text(refused)
    shift(timedelta(minutes=11))
    assert write(anna, "recept", "Efter en stund").status_code == 303
