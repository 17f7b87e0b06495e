"""PROT-1: a protected person's case asks why first; a protected guardian is named to nobody."""

from datetime import timedelta
from uuid import uuid4

import pytest

from tests import acting
from tests.cluster import as_system
from vardvag.audit.models import Entry
from vardvag.cases import actions
from vardvag.cases.models import Draft, ProtectedOpening
from vardvag.cases.tests.told import case_of, mine, reply, text, url, write
from vardvag.core import clock
from vardvag.core.actor import SystemActor
from vardvag.demo import cast
from vardvag.identity.models import Person

pytestmark = pytest.mark.usefixtures("world")
WHO = cast.LINNEA.surname
PAGES = ("", "trad/", "fakta/", "historik/", "fraser/", "varfor/", f"filer/{uuid4()}/")
ACTS = ("kopiera/", "kontakt/", "ta/", "avsluta/", "paminn/", "bradska/", "last/")


def words() -> str:
    with as_system():
        return str(case_of("skyddad").messages.order_by("seq")[0].body)


def give_reason(client, why="answer", said="", name="skyddad"):
    return client.post(url(name, "skal/"), {"why": why, "words": said})


def mark(person: cast.Resident, protected: bool = True) -> int:
    """As the register does: the person's row, then the job."""
    with as_system():
        row = Person.objects.get(personal_number=person.number)
        row.protected = protected
        row.save(update_fields=["protected"])
        actions.patient_changed(actor=SystemActor("test"), patient_id=row.pk, now=clock.now())
        return row.pk


def test_nothing_is_shown_or_done_before_a_reason(sara):
    before = case_of("skyddad")
    asked = url("skyddad", "skal/")
    for page in PAGES:
        answer = sara.get(url("skyddad", page))
        assert (answer.status_code, answer.url) == (303, asked), page
        live = sara.get(url("skyddad", page), headers={"X-Requested-With": "live"})
        assert live.status_code == 403 and live.content == b""
    for page in ACTS:
        assert sara.post(url("skyddad", page), {"reason": "x"}).url == asked
    shown = text(sara.get(asked))
    assert WHO not in shown and words()[:30] not in shown and cast.LINNEA.given_name not in shown
    assert case_of("skyddad").version == before.version
    with as_system():
        assert not Entry.objects.filter(
            object_id=before.pk, verb__startswith="read", actor_name=cast.SARA.name
        ).filter(at__gt=clock.now() - timedelta(minutes=1))


def test_a_reason_opens_it_for_this_login_and_stands_in_the_log(sara, ali):
    assert give_reason(sara).url == url("skyddad")
    assert words()[:30] in text(sara.get(url("skyddad")))
    with as_system():
        entries = Entry.objects.filter(object_id=case_of("skyddad").pk, ground="protected:answer")
        assert {entry.verb for entry in entries} >= {"open_protected", "read"}
    assert sara.get(url("skyddad", "skal/")).url == url("skyddad")  # not asked again
    assert ali.get(url("skyddad")).status_code == 303  # another person
    assert acting.staff(cast.SARA.hsa_id).get(url("skyddad")).status_code == 303  # another login


@pytest.mark.parametrize(("why", "said"), [("", ""), ("nyfiken", ""), ("other", ""), ("other", "   ")])
def test_no_reason_or_an_empty_one_is_refused_with_the_cure(sara, why, said):
    answer = give_reason(sara, why, said)
    assert answer.status_code == 422 and "Välj varför du öppnar ärendet" in text(answer)
    assert sara.get(url("skyddad")).status_code == 303


def test_the_mark_takes_effect_while_somebody_writes_and_the_words_are_kept(sara):
    reply(sara, "recept", "", key=uuid4())
    mark(cast.ANNA)
    answer = reply(sara, "recept", "Halvskrivet svar")
    assert answer.url == url("recept", "skal/") + "?sparat=1"
    with as_system():
        assert Draft.objects.get(case=case_of("recept"), form="reply").body == "Halvskrivet svar"
    assert "sparat som utkast" in text(sara.get(answer.url))
    give_reason(sara, name="recept")
    assert "Halvskrivet svar" in text(sara.get(url("recept")))


def test_the_manager_reviews_the_openings_and_others_do_not_see_them(sara):
    give_reason(sara, "other", "Ska ringa upp")
    assert sara.get("/personal/skyddade-oppningar/").status_code == 404
    maria = acting.staff(cast.MARIA.hsa_id)
    page = text(maria.get("/personal/skyddade-oppningar/"))
    assert "Ska ringa upp" in page and cast.SARA.name in page and WHO not in page
    with as_system():
        one = ProtectedOpening.objects.get()
    maria.post("/personal/skyddade-oppningar/", {"sedd": [str(one.pk)]})
    with as_system():
        one.refresh_from_db()
    assert one.reviewed_at is not None and one.reviewed_by == cast.MARIA.name


def test_a_protected_guardian_is_named_to_neither_staff_nor_the_other_guardian(sara):
    anna, johan = acting.resident(cast.ANNA.number), acting.resident(cast.JOHAN.number)
    with as_system():
        elsa = Person.objects.get(personal_number=cast.ELSA.number)
    for guardian in (anna, johan):
        guardian.post("/byt-person/", {"person": elsa.pk})
    write(anna, "feber", "En sak till från mig")
    whole = f"{cast.ANNA.given_name} {cast.ANNA.surname}"
    seen = (
        lambda: text(sara.get(url("feber"))),
        lambda: text(sara.get(url("feber", "historik/"))),
        lambda: text(sara.get(url("feber", "trad/"))),
        lambda: text(sara.post(url("feber", "kopiera/"))),
        lambda: text(johan.get(mine("feber"))),
    )
    assert all(whole in page() for page in seen)
    mark(cast.ANNA)
    for page in seen:
        assert whole not in page() and "Vårdnadshavare (skyddad)" in page()
    contact = text(sara.post(url("feber", "kontakt/")))
    assert whole not in contact
    mark(cast.ANNA, protected=False)
    assert whole in seen[0]()


def test_a_protected_persons_row_has_no_name_age_or_words(sara):
    page = text(sara.get("/personal/?vy=all"))
    row = page[page.index(f'data-row="{case_of("skyddad").public_id}"') :].partition("</tr>")[0]
    assert WHO not in row and words()[:20] not in row and 'class="age"' not in row
    assert "Skyddade uppgifter" in row


def test_nothing_protected_is_found_by_text(sara):
    """Only by the whole personal number or the case's."""
    word = max(words().replace(".", " ").replace(",", " ").split(), key=len)
    number = str(case_of("skyddad").public_id)
    assert number not in text(sara.post("/personal/sok/", {"sok": word}))
    assert number in text(sara.post("/personal/sok/", {"sok": cast.LINNEA.number}))
    assert number in text(sara.post("/personal/sok/", {"sok": case_of("skyddad").number}))
