"""A form whose answer was lost is sent again: it lands as the first time and is done once."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from lxml import html

from tests.cluster import as_system
from vardvag.cases.models import Attachment, Draft, Event, State
from vardvag.cases.tests.told import case_of, mine, picture, public_id, reply, text, url, write
from vardvag.demo import cast
from vardvag.identity.models import Staff
from vardvag.organisation.models import Unit

ACTS: dict[str, tuple[str, dict[str, str], str]] = {  # page, what is sent, verb
    "give back": ("lamna-tillbaka/", {}, "give_back"),
    "close": ("avsluta/", {}, "close"),
    "without reply": ("avsluta/", {"how": "phone", "reason": ""}, "close_without_reply"),
    "reopen": ("oppna-igen/", {"reason": "Patienten ringde."}, "reopen"),
    "remind": ("paminn/", {}, "remind"),
    "move": ("flytta/", {"reason": "Listad där."}, "move"),
}


def acts(verb: str) -> int:
    with as_system():
        return Event.objects.filter(case__public_id=public_id("recept"), verb=verb).count()


def ready(sara: Client, act: str) -> dict[str, str]:
    """Recept as the act needs it; what is sent."""
    page, sent, _verb = ACTS[act]
    sara.post(url("recept", "ta/"))
    if act == "close":
        reply(sara, "recept")
    if act == "remind":
        reply(sara, "recept", "Vilken dos?", verb="ask")
    if act == "reopen":
        sara.post(url("recept", "avsluta/"), {"how": "phone", "reason": ""})
    if act == "move":
        case = case_of("recept")
        with as_system():
            other = Unit.objects.filter(provider_id=case.provider_id).exclude(pk=case.unit_id).first()
        assert other is not None
        return {**sent, "unit_id": str(other.pk)}
    return sent


@pytest.mark.parametrize("act", ACTS)
def test_it_lands_as_the_first_time(sara: Client, shift: Any, act: str) -> None:
    sent = ready(sara, act)
    page, _sent, verb = ACTS[act]
    first = sara.post(url("recept", page), sent)
    assert first.status_code == 303
    again = sara.post(url("recept", page), sent)
    assert (again.status_code, again["Location"]) == (303, first["Location"])
    assert acts(verb) == 1


@pytest.mark.parametrize("act", ["close", "without reply", "reopen"])
def test_somebody_elses_is_told(sara: Client, ali: Client, act: str) -> None:
    sent = ready(sara, act)
    page, _sent, _verb = ACTS[act]
    assert sara.post(url("recept", page), sent).status_code == 303
    assert ali.post(url("recept", page), sent).status_code == 409


@pytest.mark.parametrize(
    ("act", "other"),
    [("move", "unit_id"), ("move", "reason"), ("without reply", "how"), ("without reply", "reason")],
)
def test_what_asks_for_something_else_is_not_taken_for_done(sara: Client, act: str, other: str) -> None:
    sent = ready(sara, act)
    page, _sent, verb = ACTS[act]
    assert sara.post(url("recept", page), sent).status_code == 303
    changed = {**sent, other: {"how": "duplicate", "reason": "Något annat"}.get(other, "1")}
    assert sara.post(url("recept", page), changed).status_code in (404, 409)
    assert acts(verb) == 1


def test_not_after_something_else_has_happened(sara: Client) -> None:
    sent = ready(sara, "without reply")
    sara.post(url("recept", "avsluta/"), sent)
    sara.post(url("recept", "oppna-igen/"), {"reason": "Fel ärende."})
    assert sara.post(url("recept", "avsluta/"), sent).status_code == 303
    assert acts("close_without_reply") == 2


def _first_then_late(client: Client, address: str, form: dict[str, Any], meanwhile: Any) -> Any:
    """The second try of the form is answered, something else happens, and the first try arrives."""
    assert client.post(address, form).status_code == 303
    assert meanwhile().status_code == 303
    return client.post(address, form)


def version() -> dict[str, Any]:
    return {"version": case_of("recept").version}


def take(client: Client) -> Any:
    return client.post(url("recept", "ta/"), {"reason": "Jag tar det", **version()})


def test_a_late_taking_over_takes_nothing_from_who_has_it_since(sara: Client, ali: Client) -> None:
    take(ali)
    form = {"reason": "Ali är i möte", **version()}
    late = _first_then_late(sara, url("recept", "ta/"), form, lambda: take(ali))
    assert late.status_code == 303
    assert case_of("recept").owner_name == cast.ALI.name


def test_a_late_giving_back_takes_nothing_from_who_has_it_since(sara: Client, ali: Client) -> None:
    take(sara)
    late = _first_then_late(sara, url("recept", "lamna-tillbaka/"), version(), lambda: take(ali))
    assert late.status_code == 303
    assert case_of("recept").owner_name == cast.ALI.name


def test_a_late_giving_takes_nothing_from_who_has_it_since(sara: Client, ali: Client) -> None:
    with as_system():
        amir = Staff.objects.get(hsa_id=cast.AMIR.hsa_id).pk
    form = {
        "cases": str(public_id("recept")),
        "fran": str(public_id("recept")),
        "to": f"person:{amir}",
        **version(),
    }
    late = _first_then_late(sara, "/personal/fordela/", form, lambda: take(ali))
    assert late.status_code == 303
    assert case_of("recept").owner_name == cast.ALI.name


def test_a_late_closing_does_not_close_what_a_colleague_has_opened_again(sara: Client, ali: Client) -> None:
    def reopen() -> Any:
        return ali.post(url("recept", "oppna-igen/"), {"reason": "Ingen dubblett", **version()})

    form = {"how": "duplicate", "reason": "", **version()}
    assert _first_then_late(sara, url("recept", "avsluta/"), form, reopen).status_code == 303
    assert case_of("recept").state != State.CLOSED


def test_a_late_urgency_does_not_lower_a_colleagues(sara: Client, ali: Client) -> None:
    def higher() -> Any:
        return ali.post(url("recept", "bradska/"), {"urgency": "1", "reason": "Ringde, andnöd", **version()})

    form = {"urgency": "4", "reason": "Lugnt", **version()}
    assert _first_then_late(sara, url("recept", "bradska/"), form, higher).status_code == 303
    assert case_of("recept").urgency == 1


def test_a_late_withdrawal_does_not_end_what_has_been_written_since(anna: Client) -> None:
    form = {"key": str(uuid4()), **version()}
    late = _first_then_late(
        anna, mine("recept", "aterta/"), form, lambda: write(anna, "recept", "Vänta, det är värre")
    )
    assert late.status_code == 303
    assert case_of("recept").state == State.NEW


def test_the_page_says_which_version_a_withdrawal_stands_on(anna: Client) -> None:
    (form,) = html.fromstring(text(anna.get(mine("recept")))).xpath("//form[contains(@action,'aterta')]")
    assert form.xpath(".//input[@name='version']/@value") == [str(case_of("recept").version)]


def test_the_same_again_from_a_page_that_has_seen_it_undone_by_a_colleague_is_done(
    sara: Client, ali: Client
) -> None:
    take(sara)
    take(ali)
    assert sara.post(url("recept", "ta/"), {"reason": "Jag tar det", **version()}).status_code == 303
    assert case_of("recept").owner_name == cast.SARA.name


def test_one_undone_of_many_is_undone_also_when_it_is_sent_again(sara: Client) -> None:
    both = f"{public_id('recept')},{public_id('tolk')}"
    sara.post("/personal/avsluta-utan-svar/", {"cases": both, "how": "duplicate", "batch": str(uuid4())})
    with as_system():
        event = Event.objects.filter(case=case_of("recept")).latest("pk").pk
    assert [sara.post(url("recept", "angra/"), {"event": event}).status_code for _ in range(2)] == [303, 303]


def _names() -> list[str]:
    with as_system():
        found = Attachment.objects.filter(case=case_of("recept")).order_by("id")
        return list(found.values_list("file__name", flat=True))


def test_the_same_words_with_another_picture_are_another_message(anna: Client) -> None:
    """The first answer was lost; before trying again, she took a better picture."""
    key = uuid4()
    for name, colour in (("ett.png", "green"), ("tva.png", "blue"), ("tva.png", "blue")):
        sent = write(anna, "recept", "Här är bilden", key=key, files=picture(name, colour))
        assert sent.status_code == 303
    assert _names() == ["ett.png", "tva.png"]


def test_the_same_words_and_picture_are_the_same_message(anna: Client) -> None:
    key = uuid4()
    for _ in range(2):
        assert write(anna, "recept", "Här är bilden", key=key, files=picture()).status_code == 303
    assert _names() == ["blad.png"]
    assert case_of("recept").last_seq == 2


@pytest.mark.parametrize(("verb", "close"), [("partial", False), ("ask", False), ("reply", True)])
def test_words_sent_in_one_way_are_not_acknowledged_in_another(sara: Client, verb: str, close: bool) -> None:
    key, seen = uuid4(), case_of("recept").last_seq
    assert reply(sara, "recept", "Vi återkommer", key=key, seq=seen).status_code == 303
    other = reply(sara, "recept", "Vi återkommer", verb=verb, key=key, seq=seen, close=close)
    assert other.status_code == 409
    assert "Texten är redan skickad" in text(other)
    assert case_of("recept").last_seq == seen + 1


def test_words_sent_that_also_closed_are_acknowledged_again(sara: Client, ali: Client) -> None:
    key, seen = uuid4(), case_of("recept").last_seq
    for _ in range(2):
        sent = reply(sara, "recept", "Klart", key=key, seq=seen, close=True)
        assert sent.status_code == 303
        ali.post(url("recept", "oppna-igen/"), {"reason": "Ringde"})
    assert case_of("recept").state != State.CLOSED


def test_words_that_arrived_are_no_draft_any_more(anna: Client, sara: Client) -> None:
    """The page does not know whether its words arrived: it saves them as a draft, and sends them again."""
    for who, address, page in ((anna, mine, "skriv/"), (sara, url, "anteckna/")):
        form = {"form": "note"} if who is sara else {}
        sent = {"body": "Jag mår bättre", "key": str(uuid4()), **form}
        assert who.post(address("recept", page), sent).status_code == 303
        assert who.post(address("recept", "utkast/"), sent).status_code == 200
        assert who.post(address("recept", page), sent).status_code == 303
        with as_system():
            assert not Draft.objects.filter(case__public_id=public_id("recept")).exists()


def test_other_words_that_are_being_written_stay(anna: Client) -> None:
    sent = {"body": "Jag mår bättre", "key": str(uuid4())}
    anna.post(mine("recept", "skriv/"), sent)
    anna.post(mine("recept", "utkast/"), {"body": "Och en sak till", "key": str(uuid4())})
    anna.post(mine("recept", "skriv/"), sent)
    with as_system():
        assert Draft.objects.get(case__public_id=public_id("recept")).body == "Och en sak till"
