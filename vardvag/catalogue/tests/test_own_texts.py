"""Standard texts of one's own and of the unit: made, changed, placed, put away, counted."""

import pytest

from tests import acting
from tests.cluster import as_system
from vardvag.audit.models import Entry
from vardvag.catalogue import actions, queries
from vardvag.catalogue.models import StandardText
from vardvag.core.actor import StaffActor
from vardvag.demo import cast
from vardvag.identity.models import Staff
from vardvag.organisation.models import Assignment, Unit

pytestmark = pytest.mark.usefixtures("world")
PAGE = "/personal/fraser/"


@pytest.fixture
def sara(world):
    return acting.staff(cast.SARA.hsa_id)


@pytest.fixture
def maria(world):
    """The unit's manager."""
    return acting.staff(cast.MARIA.hsa_id)


def actor_of(who: cast.Employee) -> StaffActor:
    with as_system():
        member = Staff.objects.get(hsa_id=who.hsa_id)
        unit = Unit.objects.get(pk=Assignment.objects.filter(staff=member).order_by("pk")[0].unit_id)
    return StaffActor(
        1, member.pk, member.hsa_id, member.name, "", 1, unit.pk, unit.public_name, unit.provider_id
    )


def make(client, **more):
    sent = {
        "title": "Provsvar kommer",
        "code": "provsvar",
        "body": "Hej {fornamn}! Svaret kommer {dag}.",
        "kind": "phrase",
        "language": "sv",
        **more,
    }
    return client.post(f"{PAGE}ny/", sent)


def one(code: str) -> StandardText:
    with as_system():
        return StandardText.objects.get(code=code, retired_at=None)


def codes(who: cast.Employee) -> list[str]:
    found = queries.phrases(actor=actor_of(who), type_key="", language="sv")
    return [text.code for text in found]


def said(answer) -> str:
    return str(answer.content.decode())


def test_ones_own_text_is_ones_own(sara):
    assert make(sara).status_code == 303
    assert "Provsvar kommer" in said(sara.get(PAGE))
    assert "provsvar" in codes(cast.SARA) and "provsvar" not in codes(cast.ALI)
    ali = acting.staff(cast.ALI.hsa_id)
    address = f"{PAGE}{one('provsvar').pk}/"
    assert ali.get(address).status_code == 404
    for page in ("", "plats/", "lagg-undan/", "anvand/"):
        assert ali.post(address + page, {"vart": "first"}).status_code == 404
    assert one("provsvar").used == 0


def test_the_units_texts_are_kept_by_the_manager_and_used_by_all(sara, maria):
    assert make(maria, unit="1").status_code == 303
    assert {"provsvar"} <= set(codes(cast.SARA)) & set(codes(cast.ALI))
    assert "provsvar" not in codes(cast.FATIMA)
    assert sara.get(f"{PAGE}{one('provsvar').pk}/").status_code == 404
    answer = make(sara, unit="1", code="en-till")
    assert answer.status_code == 409 and "Gör en egen i stället" in said(answer)
    assert not StandardText.objects.filter(code="en-till").exists()


@pytest.mark.parametrize(
    ("more", "cure"),
    [
        ({"code": "Å ä"}, "Koden får ha 2 till 30 tecken"),
        ({"code": "x"}, "Koden får ha 2 till 30 tecken"),
        ({"body": "Hej {fornamn"}, "En klammer saknar"),
        ({"body": " "}, "Skriv texten"),
        ({"title": ""}, "Skriv ett namn"),
        ({"body": "x" * 8001}, "Högst 8 000 tecken"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stands(sara, more, cure):
    answer = make(sara, **more)
    assert answer.status_code in (409, 422) and cure in said(answer)
    assert "Provsvar kommer" in said(answer) or "Svaret kommer {dag}" in said(answer)
    assert not StandardText.objects.exclude(staff=None).exists()


def test_a_code_is_used_once_by_each_owner(sara, maria):
    make(sara)
    assert "Koden används redan" in said(make(sara, code=".Provsvar", body="Något annat."))
    assert make(maria).status_code == 303
    assert make(sara, language="en").status_code == 303


def test_a_form_whose_answer_was_lost_may_be_sent_again(sara):
    """Its page sends it again by itself."""
    for _twice in range(2):
        assert make(sara).status_code == 303
    text = one("provsvar")
    sent = {"title": "A", "code": "provsvar", "kind": "phrase", "language": "sv", "version": text.version}
    for _twice in range(2):
        assert sara.post(f"{PAGE}{text.pk}/", {**sent, "body": "Ny"}).status_code == 303
    with as_system():
        verbs = list(
            Entry.objects.filter(object_kind="standard_text").order_by("pk").values_list("verb", flat=True)
        )
    assert verbs == ["make_text", "change_text"]


def test_a_code_taken_by_somebody_at_the_same_moment_is_told(sara, monkeypatch):
    make(sara)
    monkeypatch.setattr(actions, "_code_free", lambda *_args, **_more: None)  # looked a moment before
    assert "Koden används redan" in said(make(sara, body="Något annat."))


def test_the_preview_fills_what_the_house_knows_and_names_the_rest(sara):
    page = said(make(sara, forhandsvisa="1"))
    assert "Hej Anna! Svaret kommer {dag}." in page and "Den som svarar fyller i: dag" in page
    assert not StandardText.objects.filter(code="provsvar").exists()


def test_the_second_to_save_sees_what_the_first_wrote_and_keeps_their_own(sara):
    make(sara)
    text = one("provsvar")
    sent = {"title": "A", "code": "provsvar", "kind": "phrase", "language": "sv", "version": text.version}
    address = f"{PAGE}{text.pk}/"
    assert sara.post(address, {**sent, "body": "Den första"}).status_code == 303
    page = said(sara.post(address, {**sent, "body": "Den andra"}))
    assert "Någon annan ändrade frasen samtidigt" in page and "Den första" in page and "Den andra" in page
    assert one("provsvar").body == "Den första"
    again = {**sent, "body": "Den andra", "version": text.version + 1}
    assert sara.post(address, again).status_code == 303
    assert one("provsvar").body == "Den andra"


def test_a_text_put_away_is_gone_and_its_code_free(sara):
    make(sara)
    pk = one("provsvar").pk
    assert sara.post(f"{PAGE}{pk}/lagg-undan/").status_code == 303
    assert "provsvar" not in codes(cast.SARA)
    assert sara.get(f"{PAGE}{pk}/").status_code == 404
    assert make(sara).status_code == 303


def test_those_placed_come_first_then_those_used_most(sara):
    for code in ("ett", "tva", "tre"):
        make(sara, code=code, title=code)
    for _ in range(3):
        assert sara.post(f"{PAGE}{one('tre').pk}/anvand/").status_code == 204
    sara.post(f"{PAGE}{one('ett').pk}/anvand/")

    def order() -> list[str]:
        return [code for code in codes(cast.SARA) if code in ("ett", "tva", "tre")]

    def place(code: str, where: str) -> None:
        sara.post(f"{PAGE}{one(code).pk}/plats/", {"vart": where})

    assert order() == ["tre", "ett", "tva"]
    place("tva", "first")
    assert order() == ["tva", "tre", "ett"]
    place("ett", "first")
    assert order() == ["ett", "tva", "tre"]
    place("ett", "down")
    assert order() == ["tva", "ett", "tre"]
    place("ett", "up")
    assert order() == ["ett", "tva", "tre"]
    place("ett", "nonsens")
    assert order() == ["ett", "tva", "tre"]
    place("ett", "free")
    assert order() == ["tva", "tre", "ett"]


def test_the_regions_texts_are_counted_and_changed_by_nobody_here(sara, maria):
    with as_system():
        text = StandardText.objects.filter(unit=None, staff=None, language="sv", retired_at=None)[0]
    assert sara.post(f"{PAGE}{text.pk}/anvand/").status_code == 204
    with as_system():
        assert StandardText.objects.get(pk=text.pk).used == text.used + 1
    assert maria.get(f"{PAGE}{text.pk}/").status_code == 404
