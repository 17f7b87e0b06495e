"""A form whose answer was lost is sent again: it lands as the first time and is done once."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from tests.cluster import as_system
from vardvag.cases.models import Draft, Event
from vardvag.cases.tests.told import case_of, mine, public_id, reply, url
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
