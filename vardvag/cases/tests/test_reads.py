"""Every page that shows something of a case has exactly its row in the log, also when it shows it as a refusal."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest

from tests import acting
from tests.cluster import as_system
from tests.flows.test_sending import Browser, answer_all, begin
from vardvag.audit.models import Entry
from vardvag.cases.models import Attachment, Case
from vardvag.cases.tests.told import case_of, mine, picture, reply, text, url, write
from vardvag.core import clock
from vardvag.demo import cast

pytestmark = pytest.mark.usefixtures("world")
READS = (
    "read",
    "read_new",
    "read_history",
    "read_contact",
    "read_file",
    "read_receipt",
    "save_copy",
    "list",
    "search",
)


def rows(act: Callable[[], object]) -> list[tuple[str, str, int | None]]:
    """(verb, kind, patient) of the reads that the act added to the log."""
    with as_system():
        last = Entry.objects.order_by("pk").last()
    act()
    with as_system():
        new = Entry.objects.filter(pk__gt=last.pk if last else 0, verb__in=READS).order_by("pk")
        return [(row.verb, row.object_kind, row.patient_id) for row in new]


BESIDE = ("list", "queue", None)  # the reader's other cases and the patient's earlier ones, shown beside


@pytest.mark.parametrize(
    ("page", "verb", "beside"),
    [
        ("", "read", [BESIDE]),
        ("trad/", "read_new", []),
        ("trad/?fakta", "read_new", [BESIDE]),
        ("fakta/", "read_new", [BESIDE]),
        ("historik/", "read_history", []),
        ("varfor/", "read_history", []),
        ("fraser/", "read_new", []),
    ],
)
def test_staff_pages(sara, page, verb, beside):
    patient = case_of("recept").patient_id
    assert rows(lambda: sara.get(url("recept", page))) == [(verb, "case", patient), *beside]


def test_the_cases_beside_another_are_named_in_the_log(sara):
    """One's own ongoing and the patient's earlier ones."""
    sara.get(url("recept"))
    with as_system():
        shown = Entry.objects.filter(verb="list").latest("pk").details
    assert {str(case_of("skyddad").pk), str(case_of("avslutat").pk)} <= set(shown)
    assert str(case_of("recept").pk) not in shown


def test_contact_and_file(sara, anna):
    case = case_of("recept")
    write(anna, "recept", "Se bilden", files=picture())
    assert rows(lambda: sara.post(url("recept", "kontakt/"))) == [("read_contact", "case", case.patient_id)]
    with as_system():
        file = Attachment.objects.select_related("file").filter(case=case)[0].file
    page = url("recept", f"filer/{file.public_id}/")
    assert rows(lambda: sara.get(page)) == [("read_file", "case", case.patient_id)]


def test_lists_and_searches_name_the_cases_they_showed(sara):
    assert rows(lambda: sara.get("/personal/?vy=mine")) == [("list", "queue", None)]
    with as_system():
        shown = Entry.objects.filter(verb="list").latest("pk").details
    assert str(case_of("skyddad").pk) in shown
    sent = {"sok": case_of("recept").number}
    assert rows(lambda: sara.post("/personal/sok/", sent)) == [("search", "queue", None)]


def test_the_residents_pages(anna):
    patient = case_of("recept").patient_id
    for page, verb in (("", "read"), ("skickat/", "read_receipt"), ("skriv-ut/", "save_copy")):
        assert rows(lambda page=page: anna.get(mine("recept", page))) == [(verb, "case", patient)]


def test_a_refusal_that_shows_the_case_is_a_read_of_it(sara, anna):
    patient = case_of("recept").patient_id
    one = [("read", "case", patient)]
    whole = [*one, BESIDE]
    assert rows(lambda: reply(sara, "recept", "")) == whole
    assert rows(lambda: reply(sara, "recept", "Svar", seq=0)) == whole
    assert rows(lambda: sara.post(url("recept", "anteckna/"), {"body": " ", "key": str(uuid4())})) == whole
    assert rows(lambda: sara.post(url("recept", "avsluta/"))) == whole
    assert rows(lambda: write(anna, "recept", "")) == one
    assert rows(lambda: anna.post(mine("recept", "tyck-till/"), {})) == one


def test_out_of_reach_is_404_and_no_read(amir, sara):
    for client, name in ((amir, "skyddad"), (sara, "torget"), (sara, "astma")):
        for page in ("", "trad/", "fakta/", "historik/", "fraser/", f"filer/{uuid4()}/"):
            assert rows(lambda c=client, n=name, p=page: c.get(url(n, p))) == []
            assert client.get(url(name, page)).status_code == 404
        for page in (
            "ta/",
            "svara/",
            "anteckna/",
            "utkast/",
            "avsluta/",
            "kontakt/",
            "last/",
            "flytta/",
            "angra/",
        ):
            assert client.post(url(name, page), {"body": "x"}).status_code == 404
    petra = acting.resident(cast.PETRA.number)
    for page in ("", "skickat/", "skriv-ut/"):
        assert rows(lambda p=page: petra.get(mine("recept", p))) == []
        assert petra.get(mine("recept", page)).status_code == 404


def test_ten_cases_a_day_to_a_unit_and_then_words(anna):
    browser = answer_all(begin(Browser(anna), case_of("recept").unit.slug, "skicka-meddelande"))
    draft = browser.url.split("/")[-3]
    with as_system():
        case = case_of("recept")
        mine_here = Case.objects.filter(patient=case.patient, unit=case.unit)
        mine_here.update(arrived_at=clock.now() - timedelta(days=3))
        for n in range(10):
            case.pk, case.public_id, case.draft_id, case.response = None, uuid4(), uuid4(), None
            case.number, case.arrived_at = f"00-{n:06d}", clock.now() - timedelta(hours=1)
            case._state.adding = True
            case.save()
    refused = anna.post(f"/utkast/{draft}/skicka/")
    assert refused.status_code == 409
    assert "Ring dem om du behöver mer hjälp" in text(refused)
    with as_system():
        Case.objects.filter(number="00-000000").update(arrived_at=clock.now() - timedelta(hours=25))
    assert anna.post(f"/utkast/{draft}/skicka/").status_code == 303
