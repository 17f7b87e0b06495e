"""What is being written: nothing typed is lost between pages and devices, nothing sent stays as a draft."""

from typing import Any
from uuid import uuid4

from django.test import Client

from tests.cluster import as_system
from vardvag.cases.models import Draft, Event
from vardvag.cases.tests.told import case_of, mine, public_id, reply, text, url, write


class Page:
    """A page of the case as it stands in one window: its key, its name and what it has heard of the draft."""

    def __init__(self, client: Client, name: str = "", key: str = "") -> None:
        self.client, self.sheet, self.key = client, name, key or str(uuid4())
        self.nth = self.revision = 0
        self.staff = client.get("/personal/").status_code == 200

    def fields(self, body: str) -> dict[str, Any]:
        self.nth += 1
        order = {"sheet": self.sheet, "nth": self.nth, "revision": self.revision}
        return {"body": body, "key": self.key, "form": "reply", **order}

    def save(self, body: str, *, late: dict[str, Any] | None = None) -> dict[str, Any]:
        address = url("recept", "utkast/") if self.staff else mine("recept", "utkast/")
        answer = self.client.post(address, late or self.fields(body))
        assert answer.status_code == 200
        told: dict[str, Any] = answer.json()
        self.revision = told["revision"]
        return told

    def send(self, body: str) -> None:
        sent = reply if self.staff else write
        fields = self.fields(body)
        assert sent(self.client, "recept", fields.pop("body"), **fields).status_code == 303


def drafts() -> list[tuple[str, str]]:
    with as_system():
        found = Draft.objects.filter(case__public_id=public_id("recept"))
        return list(found.values_list("body", "other_body"))


def test_what_was_written_on_the_phone_stays_when_the_computer_sends(anna: Client) -> None:
    phone, computer = Page(anna, "phone"), Page(anna, "computer")
    phone.save("Lång text skriven på telefonen")
    computer.send("Kort från datorn")
    assert drafts() == [("Lång text skriven på telefonen", "")]
    assert "Lång text skriven på telefonen" in text(anna.get(mine("recept")))


def test_nor_when_both_pages_began_with_the_same_draft(anna: Client) -> None:
    phone = Page(anna, "phone")
    phone.save("Hej")
    computer = Page(anna, "computer", phone.key)
    computer.revision = phone.revision
    phone.save("Hej, och sedan en lång text")
    computer.send("Hej då")
    assert drafts() == [("Hej, och sedan en lång text", "")]


def test_a_page_that_sends_is_done_with_its_draft_also_when_its_last_saving_was_not_heard_of(
    anna: Client,
) -> None:
    page = Page(anna, "page")
    page.save("Hej, jag")
    page.revision = 0  # the answer is still on its way
    page.send("Hej, jag har en fråga")
    assert drafts() == []


def test_without_script_what_was_saved_and_sent_is_no_draft_either(anna: Client) -> None:
    page = Page(anna)
    page.save("Hej, jag")
    page.send("Hej, jag har en fråga")
    assert drafts() == []


def test_what_stood_beside_becomes_the_draft_when_the_other_is_sent(anna: Client) -> None:
    phone, computer = Page(anna, "phone"), Page(anna, "computer")
    phone.save("Från telefonen")
    assert computer.save("Från datorn")["other"] == "Från telefonen"
    computer.send("Från datorn, färdigt")
    assert drafts() == [("Från telefonen", "")]
    computer.send("Nästa")  # the old page again: it never held those words
    assert drafts() == [("Från telefonen", "")]


def test_what_stood_beside_and_was_sent_with_the_rest_is_done_with(anna: Client) -> None:
    phone, computer = Page(anna, "phone"), Page(anna, "computer")
    phone.save("Hej")
    computer.save("Hej, jag har en fråga")
    computer.send("Hej, jag har en fråga")
    assert drafts() == []


def test_a_saving_that_comes_after_the_sending_is_no_draft(anna: Client) -> None:
    page = Page(anna, "page")
    slow = page.fields("Hela medd")
    page.send("Hela meddelandet")
    page.save("", late=slow)
    assert drafts() == []


def test_a_saving_that_comes_after_a_later_one_of_the_page_changes_nothing(sara: Client) -> None:
    page = Page(sara, "page")
    page.save("Hej")
    slow = page.fields("Hej, ta en tablett")
    page.save("Hej, ta ingen tablett")
    assert page.save("", late=slow)["other"] == ""
    assert drafts() == [("Hej, ta ingen tablett", "")]


def test_a_draft_begun_anew_is_not_taken_for_the_one_before(sara: Client) -> None:
    first = Page(sara, "a")
    first.save("Flik A ett")
    Page(sara, "b").send("Flik A ett")
    Page(sara, "b").save("Flik B:s nya långa svar")
    assert first.save("Flik A ett och två")["other"] == "Flik B:s nya långa svar"


def test_an_undone_reply_is_kept_beside_what_an_older_page_saves(sara: Client) -> None:
    older = Page(sara, "older")
    reply(sara, "recept", "Det ångrade svaret")
    with as_system():
        event = Event.objects.filter(case=case_of("recept")).latest("pk").pk
    assert sara.post(url("recept", "angra/"), {"event": event}).status_code == 303
    assert older.save("x")["other"] == "Det ångrade svaret"
