"""What is done with many cases at once is undone whole for a day; who was told is told no more."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from tests import acting
from tests.cluster import as_system
from vardvag.cases import actions
from vardvag.cases.models import Event, State
from vardvag.cases.tests.told import case_of, public_id, text, url, write
from vardvag.core import clock
from vardvag.core.actor import SystemActor
from vardvag.demo import cast
from vardvag.identity.models import Staff
from vardvag.inbox.models import DigestLine, InboxItem, StaffNotice

pytestmark = pytest.mark.usefixtures("world")
TWO = ("recept", "försenat")
PAGE = "/personal/massatgarder/"


def marked(*names: str) -> str:
    return ",".join(str(public_id(name)) for name in names)


def batch_of(answer) -> UUID:
    assert answer.status_code == 303
    return UUID(answer.url.rpartition("gjort=")[2])


def close_two(client, *names: str) -> UUID:
    sent = {"cases": marked(*(names or TWO)), "how": "duplicate", "reason": "", "vy": "late"}
    return batch_of(client.post("/personal/avsluta-utan-svar/", sent))


def give_two(client, to: cast.Employee) -> UUID:
    with as_system():
        person = Staff.objects.get(hsa_id=to.hsa_id)
    return batch_of(
        client.post("/personal/fordela/", {"cases": marked(*TWO), "to": f"person:{person.pk}", "vy": "new"})
    )


def undo(client, batch: UUID):
    return client.post(f"{PAGE}{batch}/angra/")


def test_the_same_act_sent_again_is_not_done_again_undone_or_not(sara, ali):
    sent = {"cases": marked(*TWO), "how": "duplicate", "reason": "", "vy": "late", "batch": str(uuid4())}
    batch = batch_of(sara.post("/personal/avsluta-utan-svar/", sent))
    assert str(batch) == sent["batch"]
    assert batch_of(sara.post("/personal/avsluta-utan-svar/", sent)) == batch
    assert undo(sara, batch).status_code == 303
    assert batch_of(sara.post("/personal/avsluta-utan-svar/", sent)) == batch  # slow on its way
    assert {case_of(name).state for name in TWO} != {State.CLOSED}
    with as_system():
        assert Event.objects.filter(batch=batch).exclude(verb="undo").count() == 2
    other = batch_of(ali.post("/personal/avsluta-utan-svar/", sent))  # somebody else's name is no key
    assert other != batch
    assert {case_of(name).state for name in TWO} == {State.CLOSED}
    assert sara.post("/personal/avsluta-utan-svar/", sent | {"batch": "x' or"}).status_code == 409  # closed


def test_a_closing_of_many_is_offered_undone_at_once_and_put_back_whole_a_day_later(sara, shift):
    before = {name: case_of(name) for name in TWO}
    batch = close_two(sara)
    bar = text(sara.get(f"/personal/?vy=late&gjort={batch}"))
    assert "2 ärenden avslutade utan svar" in bar and f"{PAGE}{batch}/angra/" in bar
    shift(timedelta(hours=23, minutes=59))
    sara = acting.staff(cast.SARA.hsa_id)  # another day, another login
    assert "Ångra 2 ärenden" in text(sara.get(PAGE))
    assert undo(sara, batch).status_code == 303
    for name in TWO:
        now, then = case_of(name), before[name]
        assert (now.state, now.due_at, now.closed_at, now.closed_how) == (then.state, then.due_at, None, "")
    page = text(sara.get(PAGE))
    assert "2 är ångrade" in page and "Ångra 2" not in page
    assert undo(sara, batch).status_code == 409  # and again changes nothing


def test_after_a_day_it_is_too_late(sara, shift):
    batch = close_two(sara)
    shift(timedelta(hours=24, minutes=1))
    sara = acting.staff(cast.SARA.hsa_id)
    assert undo(sara, batch).status_code == 404
    assert case_of("recept").state == State.CLOSED


def test_a_case_changed_since_is_left_alone_and_named(sara, anna):
    batch = close_two(sara)
    write(anna, "recept", "Jag behöver fortfarande svar")
    changed = case_of("recept")
    undo(sara, batch)
    left = case_of("recept")
    assert (left.state, left.version) == (changed.state, changed.version)
    assert case_of("försenat").state == State.NEW
    page = text(sara.get(PAGE))
    assert changed.number in page and "Ändrade sedan dess" in page


def test_a_batch_of_which_all_has_changed_says_so(sara, anna):
    batch = close_two(sara, "recept")
    write(anna, "recept", "Svara ändå")
    answer = undo(sara, batch)
    assert answer.status_code == 409 and "Det finns inget kvar att ångra" in text(answer)


def test_an_undone_distribution_tells_nobody_who_has_not_been_told(sara):
    batch = give_two(sara, cast.AMIR)
    with as_system():
        events = list(Event.objects.filter(batch=batch))
        notices = [StaffNotice.objects.get(key=f"assigned:{event.pk}") for event in events]
        amir = Staff.objects.get(hsa_id=cast.AMIR.hsa_id)
        told = DigestLine.objects.create(
            staff=amir, notice=notices[0], due_at=clock.now(), told_at=clock.now()
        )
        waiting = DigestLine.objects.create(staff=amir, notice=notices[1], due_at=clock.now())
    undo(sara, batch)
    with as_system():
        assert DigestLine.objects.filter(pk=told.pk).exists()  # what has gone out is not denied
        assert not DigestLine.objects.filter(pk=waiting.pk).exists()
        assert [StaffNotice.objects.filter(pk=n.pk).exists() for n in notices] == [True, False]
    assert {case_of(name).owner_id for name in TWO} == {None}


def test_the_resident_told_of_a_closing_is_told_that_it_is_open_again(sara, shift):
    def told() -> list[str]:
        with as_system():
            for event in Event.objects.filter(
                case=case_of("recept"), verb__in=("close_without_reply", "undo")
            ):
                actions.tell_of(actor=SystemActor("test"), event_id=event.pk, now=clock.now())
            items = InboxItem.objects.filter(object_id=public_id("recept"), kind__in=("closed", "reopened"))
            return list(items.order_by("pk").values_list("kind", flat=True))

    batch = close_two(sara)
    shift(timedelta(minutes=30))
    assert told() == ["closed"]
    undo(acting.staff(cast.SARA.hsa_id), batch)
    assert told() == ["closed", "reopened"]


def test_an_owner_who_has_gone_since_gets_nothing_back(sara):
    with as_system():
        case = case_of("recept")
        gone = Staff.objects.get(hsa_id=cast.MIKAEL.hsa_id)  # works at another unit
        case.owner, case.owner_name, case.state = gone, gone.name, "distributed"
        case.save(update_fields=["owner", "owner_name", "state"])
    undo(sara, give_two(sara, cast.AMIR))
    after = case_of("recept")
    assert after.owner_id is None and after.group is not None and after.group.receivers
    assert after.state == State.NEW


def test_receivers_undo_each_others_handlers_their_own_strangers_nothing(sara, ali, amir):
    batch = close_two(sara)
    fatima = acting.staff(cast.FATIMA.hsa_id)
    for stranger in (amir, fatima):
        assert str(batch) not in text(stranger.get(PAGE))
        assert undo(stranger, batch).status_code == 404
    assert undo(ali, batch).status_code == 303
    assert undo(sara, uuid4()).status_code == 404


def test_one_given_from_its_own_page_is_no_batch(sara):
    with as_system():
        person = Staff.objects.get(hsa_id=cast.AMIR.hsa_id)
    sent = {"cases": marked("recept"), "fran": marked("recept"), "to": f"person:{person.pk}"}
    assert sara.post("/personal/fordela/", sent).url == url("recept")
    assert "Inget har gjorts med flera" in text(sara.get(PAGE))
