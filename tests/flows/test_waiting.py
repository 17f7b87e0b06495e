"""A resident waits for somebody to begin (DIR-10, R7): what the pages say, and what they never say."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from lxml import html

from tests import acting
from tests.cluster import as_system
from tests.flows.test_triage import Talk, moved_to
from vardvag.audit.models import Entry
from vardvag.cases import lists
from vardvag.cases.models import Case
from vardvag.cases.standing import standing
from vardvag.cases.tests.test_queue import actor_of
from vardvag.cases.tests.told import case_of
from vardvag.catalogue.models import CaseTypeVersion
from vardvag.core import border, clock
from vardvag.core.compiled import fetch
from vardvag.core.personal_number import SWEDEN
from vardvag.demo.cast import ANNA, MARIA, PRIYA, SARA
from vardvag.identity.models import Person, Staff
from vardvag.inbox.models import ContactSettings
from vardvag.organisation.models import UnitSettings

Make = Callable[..., Case]
TUESDAY, SUNDAY = 1, 6


@pytest.fixture
def open_hours(shift: Callable[[timedelta], None], world: object) -> None:
    """A Tuesday at half past ten; what the world had waiting has no urgency, and so comes last."""
    moved_to(shift, TUESDAY, 10)
    with as_system():
        Case.objects.filter(state__in=("new", "distributed")).update(urgency=None)


@pytest.fixture
def make(open_hours: None) -> Make:
    """A case of an interview, Anna's where nobody is said: `make(3, ago=10)` arrived ten minutes ago."""
    with as_system():
        plain = case_of("recept")
        version = CaseTypeVersion.objects.filter(case_type__key="sok-vard").latest("pk")

    def made(urgency: int | None, *, ago: float = 0, begun: float | None = None, **more: Any) -> Case:
        now = clock.now()
        with as_system():
            one = Case.objects.get(pk=plain.pk)
            one.pk, one.public_id, one.draft_id, one.response = None, uuid4(), uuid4(), None
            one.number, one._state.adding = f"9-{uuid4().int % 10**9}", True
            one.type_version, one.type_key, one.urgency = version, "sok-vard", urgency
            one.arrived_at = one.waiting_since = now - timedelta(minutes=ago)
            one.due_at = one.promised_at = one.arrived_at + timedelta(hours=24)
            if begun is not None:
                one.state, one.begun_at = "begun", now - timedelta(minutes=begun)
            for name, value in more.items():
                setattr(one, name, value)
            one.save()
            return one

    return made


@pytest.fixture
def anna(open_hours: None) -> Client:
    return acting.resident(ANNA.number)


@pytest.fixture
def at_work(open_hours: None) -> Client:
    """Sara is logged in at the clinic."""
    return acting.staff(SARA.hsa_id)


@pytest.fixture
def others(world: object) -> dict[str, Any]:
    """Columns of somebody else's case."""
    with as_system():
        priya = Person.objects.get(personal_number=PRIYA.number)
    return {"patient": priya, "author_id": priya.pk, "patient_name": priya.name}


def section(client: Client, case: Case, page: str = "") -> str:
    """What is said of the waiting; '' where nothing is."""
    answer = client.get(f"/arenden/{case.public_id}/{page}")
    assert answer.status_code == 200
    found = html.fromstring(answer.content.decode()).xpath("//section[contains(@class,'waiting')]")
    return " ".join(found[0].text_content().split()) if found else ""


# --- place --------------------------------------------------------------------------------------------------------


def test_the_place_is_the_one_in_the_staffs_own_queue(make, anna):
    # Given cases of every urgency, of many ages, due at the same time and not, in two orders of arriving.
    mine = [make(urgency, ago=ago) for urgency in (4, 2, 3, None, 2) for ago in (5, 50, 5)]
    with as_system():
        sara = actor_of(SARA, mine[0].unit_id)
        rows, now = [], clock.now()
        for number in range(1, 9):
            rows += lists.queue(
                actor=sara, view="new", filters=lists.Filters(), now=now, page=number, log=False
            ).rows
        shown = [
            row.pk
            for row in rows
            if row.state in ("new", "distributed") and row.group_name == mine[0].group_name
        ]
    # Then each is told how many stand above it there.
    with transaction.atomic():
        border._set((), (mine[0].patient_id,), None)
        for case in mine:
            found = standing(case=case, now=now)
            assert found and found.ahead == (None if case.urgency is None else shown.index(case.pk)), (
                case.urgency
            )


def test_place_and_nothing_of_the_others(make, anna, at_work, others):
    # Given two before Anna, one after, and one that lies with a person.
    with as_system():
        sara = Staff.objects.get(hsa_id=SARA.hsa_id)
    for urgency, ago in ((3, 30), (3, 20), (4, 50)):
        make(urgency, ago=ago, **others)
    make(2, ago=40, **others, state="distributed", owner=sara, owner_name=sara.name)
    case = make(3, ago=10)
    # Then her pages say so, and no urgency, name or time of theirs.
    for page in ("", "skickat/"):
        said = section(anna, case, page)
        assert "2 ärenden står före ditt i kön" in said and "gått före" not in said
        assert not any(
            word in said.lower() for word in ("prio", "grad", PRIYA.name.lower(), sara.name.lower())
        )


def test_why_the_order_changed_is_said_when_somebody_more_urgent_comes_later(make, anna, at_work, others):
    case = make(3, ago=10)
    assert "står först i kön" in section(anna, case) and "gått före" not in section(anna, case)
    make(4, **others)
    make(2, **others)
    said = section(anna, case)
    assert "1 ärende står före ditt" in said
    assert said.count("Någon med mer brådskande behov har gått före.") == 1


def test_of_another_patients_case_the_database_says_nothing(make, others):
    case, theirs = make(3), make(3, **others)
    with transaction.atomic():
        border._set((), (case.patient_id,), None)
        asked = "select count(*) from cases_standing(%s, %s, %s)"
        assert fetch(asked, [case.pk, clock.now(), ["nurse"]]) == [(1,)]
        assert fetch(asked, [theirs.pk, clock.now(), ["nurse"]]) == [(0,)]


# --- how long -----------------------------------------------------------------------------------------------------


def test_the_time_is_a_range_of_what_others_waited(make, anna, at_work, others):
    # Given six of the same urgency begun within the hour, after 26 to 38 minutes, and others of another urgency.
    for length in (26, 28, 30, 33, 36, 38):
        make(3, ago=20 + length, begun=20, **others)
        make(4, ago=22, begun=20, **others)
    said = section(anna, make(3))
    assert "Omkring 25–40 minuter tills någon börjar med det" in said
    assert "den senaste timmen" in said


def test_closed_hours_are_not_waited(make, anna, at_work, others):
    """Sent in the evening before, begun 125 to 129 minutes after the opening."""
    for later in range(5):
        make(3, ago=15 * 60, begun=25 - later, **others)
    assert "Omkring 2–3 timmar tills någon börjar med det" in section(anna, make(3))


def test_too_little_to_go_on_is_said_with_the_promise(make, anna, at_work, others):
    make(3, ago=40, begun=20, **others)
    said = section(anna, make(3))
    assert "Vi vet inte hur länge det dröjer. Du får svar senast i morgon kl. 10.30." in said
    assert "minuter" not in said and "Räknat" not in said


def test_longer_than_usual_is_said(make, anna, at_work, others):
    for length in (5, 6, 7, 8, 9):
        make(3, ago=20 + length, begun=20, **others)
    assert "Det dröjer längre än det brukar. Du får svar senast" in section(anna, make(3, ago=60))


def test_what_will_not_be_done_today_is_said_by_its_day(make, anna, at_work, others):
    """Five and a half hours are left of the day."""
    for length in (9, 10, 11, 12, 13):
        make(3, arrived_at=clock.now() - timedelta(days=1, hours=24 - length), begun=20, **others)
    assert "Troligen börjar någon med det" in section(anna, make(3))


# --- hours and staffing -------------------------------------------------------------------------------------------


def test_while_closed_it_says_when_it_opens_and_what_to_do_until_then(make, shift):
    moved_to(shift, SUNDAY, 20)
    case, urgent = make(3), make(2)
    anna = acting.resident(ANNA.number)
    said = section(anna, case)
    assert "öppnar i morgon kl. 08.00. Ditt ärende ligger kvar och läses då." in said
    assert "minuter" not in said and "Ring 1177 nu" not in said
    assert "Ring 1177 nu, de svarar dygnet runt." in section(anna, urgent)


def test_near_closing_it_says_what_happens_then(make, shift):
    moved_to(shift, TUESDAY, 15)
    acting.staff(SARA.hsa_id)
    said = section(acting.resident(ANNA.number), make(3))
    assert "stänger i dag kl. 16.00. Hinner ingen börja innan dess" in said
    assert "läses i morgon kl. 08.00" in said


def test_with_nobody_at_work_no_time_is_promised(make, anna, others):
    for length in (26, 28, 30, 33, 36):
        make(3, ago=40 + length, begun=40, **others)
    said = section(anna, make(3))
    assert "Just nu är ingen inne och läser ärenden" in said and "minuter" not in said
    acting.staff(SARA.hsa_id)
    assert "Just nu" not in section(anna, make(3)) and "minuter" in section(anna, make(3))


# --- never ----------------------------------------------------------------------------------------------------------


def test_nothing_of_a_queue_where_112_was_said(make, anna, at_work):
    """Nor when staff have lowered it since: the words of the result stand on the page."""
    case = make(1)
    for page in ("", "skickat/"):
        assert section(anna, case, page) == ""
    answer = at_work.post(
        f"/personal/arenden/{case.public_id}/bradska/", {"urgency": "3", "reason": "Ringt, lugnt"}
    )
    assert answer.status_code < 400
    with as_system():
        case.refresh_from_db()
    assert case.urgency == 3
    for page in ("", "skickat/"):
        assert section(anna, case, page) == ""


def test_nothing_of_a_queue_for_other_kinds_and_when_somebody_has_begun(make, anna, at_work):
    assert section(anna, make(3, type_key="fornya-recept")) == ""
    for state in ("begun", "waiting", "answered"):
        assert section(anna, make(3, state=state)) == ""


def test_a_unit_that_does_not_show_it_says_the_promise(make, anna, at_work, others):
    # Given the administrator turns it off on the unit's page.
    make(3, ago=20, **others)
    case = make(3)
    assert "1 ärende står före ditt" in section(anna, case)
    boss = acting.staff(MARIA.hsa_id)
    page = html.fromstring(boss.get("/personal/mottagningen/").content.decode())
    (form,) = [one for one in page.forms if one.action.endswith("/mottagningen/")]
    assert "shows_waiting" in form.form_values().__str__()
    fields = dict(form.form_values())
    del fields["shows_waiting"]
    assert boss.post("/personal/mottagningen/", fields).status_code == 302
    # Then neither place nor time, but the promise, and the change is in the log.
    said = section(anna, case)
    assert "före ditt" not in said and "Du får svar senast i morgon kl. 10.30." in said
    with as_system():
        assert "shows_waiting" in Entry.objects.filter(verb="save_settings").latest("pk").details
        assert not UnitSettings.objects.get(unit_id=case.unit_id).shows_waiting


# --- telling, leaving, renewing -------------------------------------------------------------------------------------


def test_the_page_may_be_closed_and_how_one_is_told(make, anna, at_work):
    case = make(3)
    with as_system():
        ContactSettings.objects.filter(person_id=case.author_id).delete()
    said = section(anna, case)
    assert (
        "Du kan stänga sidan. Du har inte valt sms eller e-post" in said and "Välj sms eller e-post" in said
    )
    with as_system():
        ContactSettings.objects.create(
            person_id=case.author_id,
            mobile="+46701740605",
            mobile_verified_at=clock.now(),
            sms_for=["answers"],
        )
    assert "Vi hör av oss med sms till" in section(anna, case)
    assert "Blir du sämre" in said and "112" in said


def test_the_links_lead_to_writing_and_to_an_open_way_out(make, anna, at_work):
    case = make(3)
    page = html.fromstring(anna.get(f"/arenden/{case.public_id}/skickat/").content.decode())
    add, leave = (page.xpath(f"//a[text()='{text}']/@href")[0] for text in (
        "Lägg till något", "Lämna kön och ta tillbaka ärendet"
    ))  # fmt: skip
    assert add == f"/arenden/{case.public_id}/#skriv"
    there = html.fromstring(anna.get(leave.split("#")[0]).content.decode())
    assert there.xpath("//details[@id='lamna'][@open]//form[contains(@action,'/aterta/')]")


def test_an_open_page_is_told_when_somebody_begins(make, anna, at_work):
    case = make(3)
    address = f"/arenden/{case.public_id}/kolaget/"
    headers = {"X-Requested-With": "background"}
    before = html.fromstring(anna.get(address, headers=headers).content.decode())
    assert "står i kö" in before.text_content() and before.xpath("//*[@id='waiting-line']")
    assert anna.get(address)["Location"] == f"/arenden/{case.public_id}/"
    at_work.post(f"/personal/arenden/{case.public_id}/ta/", {"version": case.version})
    after = anna.get(address, headers=headers).content.decode()
    assert "arbetar med ditt ärende" in after and "står i kö" not in after
    assert acting.resident(PRIYA.number).get(address, headers=headers).status_code == 404


def test_two_statements_more_and_none_where_nobody_waits(make, anna, at_work):
    waits, begun = make(3), make(3, state="begun")
    counted = {}
    for case in (waits, begun):
        anna.get(f"/arenden/{case.public_id}/")
        with CaptureQueriesContext(connection) as caught:
            anna.get(f"/arenden/{case.public_id}/")
        kept = (
            "organisation_unitsettings",
            "organisation_openinghours",
            "organisation_specialday",
            "catalogue_",
        )
        counted[case.pk] = [
            q["sql"] for q in caught.captured_queries if not any(one in q["sql"] for one in kept)
        ]
    assert len(counted[waits.pk]) - len(counted[begun.pk]) == 2
    assert not [sql for sql in counted[begun.pk] if "cases_standing" in sql]


def test_what_is_sent_while_the_unit_is_closed_promises_no_answer_before_it_opens(shift, world):
    # Given Anna, who seeks care for a red leg on a Sunday, and a unit that opens on Monday at eight.
    moved_to(shift, SUNDAY, 11)
    anna = acting.resident(ANNA.number)
    talk = Talk(anna, duration="2 d", spreading_redness=True, temp="38.4", feels_feverish=True)
    talk.answer(
        talk.choose(talk.begin("Rodnaden på benet sprider sig och jag har feber"), "hudinfektion_rodnad")
    )

    # When she sends it, staff's clock runs at once, and she is promised what an open unit can keep.
    talk.page(anna.post(f"{talk.root}skicka/", follow=True))
    with as_system():
        case = Case.objects.get(draft_id=talk.root.strip("/").split("/")[1])
    assert (case.urgency, case.due_at - case.arrived_at) == (2, timedelta(hours=2))
    assert f"{case.promised_at.astimezone(SWEDEN):%A %H}" == "Monday 10"
    assert "senast" not in section(anna, case)
