"""A case between two sides, over HTTP: held replies, undo, collisions, drafts, read states, moves."""

from datetime import timedelta
from uuid import uuid4

import pytest

from tests import acting
from tests.cluster import as_system
from vardvag.audit.models import Entry
from vardvag.cases.models import Case, Draft, Event, Message, Note, State
from vardvag.cases.tests.told import case_of, mine, public_id, reply, url
from vardvag.core import clock
from vardvag.demo import cast

pytestmark = pytest.mark.usefixtures("world")
HELD = timedelta(seconds=11)


def test_a_reply_is_held_ten_seconds_and_then_seen_without_any_job(sara, anna, shift):
    assert reply(sara, "recept").status_code == 303
    assert "Receptet är förnyat" not in anna.get(mine("recept")).content.decode()
    assert "Receptet är förnyat" in sara.get(url("recept")).content.decode()
    shift(HELD)
    page = anna.get(mine("recept")).content.decode()
    assert "Receptet är förnyat" in page
    assert "Du har fått svar" in page


def test_a_held_reply_is_news_also_to_who_wrote_and_read_meanwhile(sara, anna, shift):
    def is_news() -> bool:
        page = anna.get("/arenden/").content.decode()
        row = page.partition(mine("recept"))[2].partition("</a>")[0]
        assert row
        return "Nytt" in row

    reply(sara, "recept")
    assert (
        anna.post(mine("recept", "skriv/"), {"body": "En sak till", "key": str(uuid4())}).status_code == 303
    )
    anna.get(mine("recept"))
    assert not is_news()
    shift(HELD)
    assert is_news()
    anna.get(mine("recept"))
    assert not is_news()


def test_an_undone_reply_is_the_writers_draft_again_and_the_case_as_before(sara, anna, shift):
    before = case_of("recept")
    reply(sara, "recept", "Fel svar, ska inte skickas")
    with as_system():
        event = Event.objects.filter(case=before).latest("pk")
    assert sara.post(url("recept", "angra/"), {"event": event.pk}).status_code == 303
    after = case_of("recept")
    assert (after.state, after.due_at, after.owner_id) == (before.state, before.due_at, before.owner_id)
    assert "Fel svar, ska inte skickas" in sara.get(url("recept")).content.decode()  # in the box
    shift(HELD)
    assert "Fel svar" not in anna.get(mine("recept")).content.decode()


def test_after_ten_seconds_a_reply_cannot_be_undone(sara, shift):
    reply(sara, "recept")
    with as_system():
        event = Event.objects.filter(case=case_of("recept")).latest("pk")
    shift(HELD)
    answer = sara.post(url("recept", "angra/"), {"event": event.pk})
    assert answer.status_code == 409
    assert "Det går inte att ångra längre" in answer.content.decode()


def test_the_second_writer_is_stopped_and_nothing_typed_is_lost(sara, ali):
    seen = case_of("recept").last_seq
    assert reply(sara, "recept", "Saras svar", seq=seen).status_code == 303
    answer = reply(ali, "recept", "Alis långa svar", seq=seen)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Saras svar" in page
    assert "Alis långa svar" in page
    with as_system():
        assert Message.objects.filter(case=case_of("recept"), author_kind="staff").count() == 1


def test_the_same_form_sent_twice_is_one_message(sara):
    key, seen = uuid4(), case_of("recept").last_seq
    for _ in range(2):
        assert reply(sara, "recept", seq=seen, key=key).status_code == 303
    with as_system():
        assert Message.objects.filter(case=case_of("recept"), key=key).count() == 1


def test_both_sides_see_one_order_when_two_wrote_at_the_same_moment(sara, anna, shift):
    """A time is taken when the request comes, a number when the case is free: the later number may bear the earlier
    time."""
    reply(sara, "recept", "Saras ord")
    shift(HELD)
    anna.post(mine("recept", "skriv/"), {"key": uuid4(), "body": "Annas ord"})
    with as_system():
        told = Message.objects.filter(case=case_of("recept"), seq__gt=1).order_by("seq")
        first, second = told
        Message.objects.filter(pk=second.pk).update(at=first.at - timedelta(milliseconds=20))
    for page in (sara.get(url("recept")), anna.get(mine("recept"))):
        text = page.content.decode()
        assert text.index("Saras ord") < text.index("Annas ord")


def test_a_placeholder_left_open_stops_the_reply(sara):
    answer = reply(sara, "recept", "Hej {fornamn}! Välkommen.")
    assert answer.status_code == 409
    assert "klamrar" in answer.content.decode()


def test_a_question_stops_the_clock_and_the_residents_answer_starts_it(sara, anna, shift):
    reply(sara, "recept", "Vilken dos?", verb="ask")
    waiting = case_of("recept")
    assert waiting.state == State.WAITING
    assert waiting.due_at is None
    shift(HELD)
    assert anna.post(mine("recept", "skriv/"), {"body": "10 mg", "key": str(uuid4())}).status_code == 303
    begun = case_of("recept")
    assert begun.state == State.BEGUN
    assert begun.due_at is not None
    assert begun.due_at > clock.now()
    assert begun.unread_by_staff


def test_a_partial_reply_keeps_the_clock_and_may_promise_a_new_day(sara):
    day = (clock.now() + timedelta(days=14)).date()
    while day.weekday() > 4:
        day += timedelta(days=1)
    assert (
        reply(sara, "recept", "Läkaren svarar.", verb="partial", promised=day.isoformat()).status_code == 303
    )
    case = case_of("recept")
    assert case.state == State.BEGUN
    assert case.due_at is not None
    assert case.due_at.date() == day
    assert case.first_reply_at is not None
    assert case.final_reply_at is None


def test_a_note_is_for_staff_and_unknown_to_the_resident(sara, anna):
    sara.post(url("recept", "anteckna/"), {"body": "Ringer läkaren först", "key": str(uuid4())})
    assert "Ringer läkaren först" in sara.get(url("recept")).content.decode()
    assert "Ringer läkaren" not in anna.get(mine("recept")).content.decode()
    with as_system():
        assert Note.objects.filter(body="Ringer läkaren först").count() == 1


def test_taking_over_needs_a_reason(sara, ali):
    sara.post(url("recept", "ta/"))
    refused = ali.post(url("recept", "ta/"))
    assert refused.status_code == 409
    assert case_of("recept").owner_name == "Sara Lindqvist"
    assert ali.post(url("recept", "ta/"), {"reason": "Sara är sjuk"}).status_code == 303
    assert case_of("recept").owner_name == "Ali Mansour"


def test_closing_wants_an_answer_or_a_reason(sara):
    assert sara.post(url("recept", "avsluta/")).status_code == 409
    assert sara.post(url("recept", "avsluta/"), {"how": "other", "reason": ""}).status_code == 409
    assert sara.post(url("recept", "avsluta/"), {"how": "phone", "reason": ""}).status_code == 303
    case = case_of("recept")
    assert (case.state, case.closed_how, case.due_at) == (State.CLOSED, "phone", None)


def test_a_closed_case_opens_again_when_the_resident_writes_within_a_week(sara, anna, shift):
    reply(sara, "recept", close=True)
    assert case_of("recept").state == State.CLOSED
    shift(timedelta(days=6))
    anna = acting.resident(cast.ANNA.number)
    assert (
        anna.post(mine("recept", "skriv/"), {"body": "En sak till", "key": str(uuid4())}).status_code == 303
    )
    assert case_of("recept").state == State.BEGUN


def test_after_a_week_it_stays_closed_and_says_what_to_do(sara, shift):
    reply(sara, "recept", close=True)
    shift(timedelta(days=8))
    anna = acting.resident(cast.ANNA.number)
    answer = anna.post(mine("recept", "skriv/"), {"body": "En sak till", "key": str(uuid4())})
    assert answer.status_code == 409
    assert "Starta ett nytt ärende" in answer.content.decode()


def test_withdrawing_before_anybody_has_begun_ends_the_case(anna):
    assert anna.post(mine("recept", "aterta/"), {"key": str(uuid4())}).status_code == 303
    assert case_of("recept").closed_how == "withdrawn"


def test_withdrawing_later_tells_the_staff(sara, anna):
    sara.post(url("recept", "ta/"))
    anna.post(mine("recept", "aterta/"), {"key": str(uuid4())})
    assert case_of("recept").state == State.BEGUN
    assert "Jag behöver inte längre svar." in sara.get(url("recept")).content.decode()


def test_a_moved_case_is_gone_from_the_old_unit_and_whole_at_the_new(sara):
    with as_system():
        case = Case.objects.get(public_id=public_id("recept"))
        hamnen = Case.objects.get(public_id=public_id("hamnen")).unit
    moved = sara.post(url("recept", "flytta/"), {"unit_id": hamnen.pk, "reason": "Listad där"})
    assert moved.status_code == 303
    assert sara.get(url("recept")).status_code == 404
    mikael = acting.staff(cast.MIKAEL.hsa_id)
    assert mikael.get(url("recept")).status_code == 200
    after = case_of("recept")
    assert after.state == State.NEW
    assert after.owner_id is None
    with as_system():
        assert set(Message.objects.filter(case=case).values_list("unit_id", flat=True)) == {hamnen.pk}


def test_a_case_never_moves_to_another_care_provider(sara):
    torget = case_of("torget").unit_id
    answer = sara.post(url("recept", "flytta/"), {"unit_id": torget, "reason": "Fel"})
    assert answer.status_code == 409
    assert case_of("recept").unit_id != torget


def test_two_devices_drafts_are_both_kept(sara):
    key = str(uuid4())

    def save(body, revision, device):
        sent = {"form": "reply", "body": body, "key": key, "revision": revision, "device": device}
        return sara.post(url("recept", "utkast/"), sent).json()

    first = save("Från datorn", 0, "dator")
    save("Från datorn, mer", first["revision"], "dator")
    late = save("Från mobilen", first["revision"], "mobil")
    assert late["other"] == "Från datorn, mer"
    page = sara.get(url("recept")).content.decode()
    assert "Från mobilen" in page
    assert "Från datorn, mer" in page


def test_a_colleague_never_sees_a_draft(sara, ali):
    sara.post(url("recept", "utkast/"), {"form": "reply", "body": "Hemligt utkast", "key": str(uuid4())})
    assert "Hemligt utkast" not in ali.get(url("recept")).content.decode()


def test_the_resident_opening_the_thread_is_the_receipt(sara, anna, shift):
    reply(sara, "recept")
    shift(HELD)
    anna.get(mine("recept"))
    with as_system():
        assert Message.objects.filter(case=case_of("recept"), author_kind="staff").latest("seq").read_at


def test_staff_opening_a_case_has_not_read_it_until_it_was_on_screen(sara):
    sara.post(url("recept", "olast/"))
    sara.get(url("recept"))
    assert case_of("recept").unread_by_staff
    sara.post(url("recept", "last/"), {"seq": case_of("recept").last_seq})
    assert not case_of("recept").unread_by_staff


def test_every_read_has_its_row_in_the_log(sara, anna):
    with as_system():
        before = Entry.objects.count()
    sara.get(url("recept"))
    anna.get(mine("recept"))
    with as_system():
        rows = Entry.objects.filter(object_kind="case", verb="read").order_by("-pk")[:2]
        assert Entry.objects.count() >= before + 2
        assert {row.actor_kind for row in rows} == {"staff", "resident"}


def test_distributing_many_is_all_or_none(sara):
    names = ("recept", "feber")
    ids = ",".join(str(public_id(n)) for n in names)
    torget_staff = case_of("torget-klart").owner_id or 999999
    refused = sara.post("/personal/fordela/", {"cases": ids, "to": f"person:{torget_staff}"})
    assert refused.status_code == 409
    before = case_of("recept").version
    with as_system():
        group = case_of("recept").unit.groups.exclude(receivers=True).first()
    sara.post("/personal/fordela/", {"cases": ids, "to": f"group:{group.pk}"})
    assert case_of("recept").group_id == group.pk
    assert case_of("recept").version == before + 1


def test_a_draft_is_saved_again_after_sending_with_a_key_of_its_own(sara):
    key = uuid4()
    sara.post(url("recept", "utkast/"), {"form": "reply", "body": "Svar", "key": str(key)})
    reply(sara, "recept", "Svar", key=key)
    with as_system():
        assert not Draft.objects.filter(case=case_of("recept"), author_kind="staff", form="reply").exists()


def test_a_case_on_paper_holds_the_words(anna):
    import pypdfium2  # noqa: PLC0415

    answer = anna.get(mine("recept", "skriv-ut/"))
    assert answer["Content-Type"] == "application/pdf"
    text = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(answer.content))
    assert case_of("recept").number in text
    assert "Anna Bergström" in text


def test_whoever_answers_has_read_what_was_written(sara):
    reply(sara, "recept")
    with as_system():
        read = Message.objects.get(case__public_id=public_id("recept"), seq=1).read_at
    assert read is not None
