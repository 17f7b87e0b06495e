"""Many at once, each with a connection of its own, in a world whose changes are stored: one wins, nobody loses."""

import threading
from collections import Counter
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from tests import acting
from tests.cluster import as_system
from tests.flows.test_sending import Browser, answer_all, begin
from vardvag.cases.models import Case, Event, Message
from vardvag.cases.tests.told import case_of, reply, url
from vardvag.core import clock
from vardvag.demo import cast
from vardvag.organisation.models import Assignment


def together(acts: list[Callable[[], int]]) -> Counter[int]:
    """All at the same moment; how often each answer came."""
    gate = threading.Barrier(len(acts))
    answers: Counter[int] = Counter()

    def one(act: Callable[[], int]) -> None:
        try:
            connection.ensure_connection()
            gate.wait(30)
            answers[act()] += 1
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(answers.values()) == len(acts), "one of them failed"
    return answers


def copies(client: Client, number: int) -> list[Client]:
    """The same login in so many tabs."""
    tabs = []
    for _ in range(number):
        tab = acting.nobody()
        tab.cookies = client.cookies.copy()
        tabs.append(tab)
    return tabs


@pytest.mark.usefixtures("stored_world")
class TestTogether:
    def test_twenty_take_and_one_has_it(self) -> None:
        tabs = copies(acting.staff(cast.SARA.hsa_id), 10) + copies(acting.staff(cast.ALI.hsa_id), 10)
        before = case_of("recept").version
        answers = together([lambda tab=tab: tab.post(url("recept", "ta/")).status_code for tab in tabs])
        after = case_of("recept")
        assert after.owner_name in (cast.SARA.name, cast.ALI.name)
        assert after.version == before + 1
        assert answers == {303: 10, 409: 10}  # the winner's own tabs find it theirs already
        with as_system():
            assert Event.objects.filter(case=after, verb="take").count() == 1

    def test_ten_reply_and_one_is_sent(self) -> None:
        tabs = copies(acting.staff(cast.SARA.hsa_id), 5) + copies(acting.staff(cast.ALI.hsa_id), 5)
        seen = case_of("tolk").last_seq
        answers = together(
            [
                lambda n=n, tab=tab: reply(tab, "tolk", f"Svar {n}", seq=seen).status_code
                for n, tab in enumerate(tabs)
            ]
        )
        assert answers == {303: 1, 409: 9}
        with as_system():
            sent = Message.objects.filter(case=case_of("tolk"), author_kind="staff")
            assert sent.count() == 1
        assert case_of("tolk").last_seq == seen + 1

    def test_a_draft_sent_from_many_tabs_is_one_case(self) -> None:
        anna = acting.resident(cast.ANNA.number)
        draft = ready_draft(anna)
        answers = together(
            [lambda tab=tab: tab.post(f"/utkast/{draft}/skicka/").status_code for tab in copies(anna, 6)]
        )
        assert answers == {303: 6}
        with as_system():
            assert Case.objects.filter(draft_id=draft).count() == 1
            case = Case.objects.get(draft_id=draft)
            assert Message.objects.filter(case=case).count() == 1
        again = anna.post(f"/utkast/{draft}/skicka/")
        assert again["Location"] == f"/arenden/{case.public_id}/skickat/"

    def test_the_resident_writes_from_many_tabs_while_reading(self) -> None:
        """Reading stamps messages, writing locks the case: in the same order, or the database ends one of them."""
        anna = acting.resident(cast.ANNA.number)
        page = f"/arenden/{case_of('svar').public_id}/"
        before = case_of("svar").last_seq
        acts: list[Callable[[], int]] = []
        for n, tab in enumerate(copies(anna, 8)):
            if n % 2:
                acts.append(lambda tab=tab: tab.get(page).status_code)
            else:
                acts.append(
                    lambda n=n, tab=tab: (
                        tab.post(f"{page}skriv/", {"body": f"Ord {n}", "key": str(uuid4())}).status_code
                    )
                )
        assert together(acts) == {200: 4, 303: 4}
        with as_system():
            seqs = list(
                Message.objects.filter(case=case_of("svar")).order_by("seq").values_list("seq", flat=True)
            )
        assert seqs == list(range(1, before + 5))

    def test_giving_to_somebody_who_is_just_leaving_strands_nothing(self) -> None:
        from vardvag.core.actor import SystemActor  # noqa: PLC0415
        from vardvag.organisation.actions import end_assignment  # noqa: PLC0415

        sara = acting.staff(cast.SARA.hsa_id)
        case = case_of("försenat")
        with as_system():
            jonas = Assignment.objects.select_related("staff", "unit").get(
                staff__hsa_id=cast.JONAS.hsa_id, unit=case.unit
            )

        def give() -> int:
            sent = {"cases": str(case.public_id), "to": f"person:{jonas.staff_id}"}
            return sara.post("/personal/fordela/", sent).status_code

        def end() -> int:
            with as_system():
                end_assignment(
                    actor=SystemActor("test"), assignment=jonas, reason="test", now=clock.now(), gone=True
                )
            return 0

        together([give, end])
        assert case_of("försenat").owner_id is None
        assert case_of("försenat").group_id is not None


def ready_draft(anna: Client) -> str:
    """A message to the unit, filled in page by page and not yet sent."""
    browser = begin(Browser(anna), case_of("recept").unit.slug, "skicka-meddelande")
    answer_all(browser)
    assert browser.url.endswith("/kontrollera/")
    return browser.url.split("/")[-3]
