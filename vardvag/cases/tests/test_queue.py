"""The queue: who sees what in which view, in what order, counted and in pages, in few queries."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import acting
from tests.cluster import as_system
from vardvag.cases import lists
from vardvag.cases.lists import Filters, Listed
from vardvag.cases.models import Case, State
from vardvag.cases.tests.told import case_of, public_id, reply, text, url
from vardvag.core import clock
from vardvag.core.actor import Role, StaffActor
from vardvag.demo import cast
from vardvag.identity.models import Staff
from vardvag.organisation.models import Assignment, Group

pytestmark = pytest.mark.usefixtures("world")


def actor_of(who: cast.Employee, unit_id: int) -> StaffActor:
    staff = Staff.objects.get(hsa_id=who.hsa_id)
    found = Assignment.objects.select_related("unit").get(staff=staff, unit_id=unit_id)
    roles = frozenset(Role(role) for role in found.roles)
    groups = frozenset(found.groups.values_list("pk", flat=True))
    return StaffActor(
        0, staff.pk, staff.hsa_id, staff.name, staff.title, found.pk, found.unit_id, found.unit.public_name,
        found.unit.provider_id, roles, groups,
    )  # fmt: skip


@pytest.fixture
def at_work():
    """`at_work(cast.SARA)`: the actor, inside the border of the system, for asking queries directly."""
    with as_system():
        unit = case_of("recept").unit_id
        yield lambda who: actor_of(who, unit)


def every(actor: StaffActor, view: str, filters: Filters | None = None) -> list[Listed]:
    found, number = [], 1
    while True:
        page = lists.queue(
            actor=actor, view=view, filters=filters or Filters(), now=clock.now(), page=number, log=False
        )
        found += page.rows
        if not page.more:
            return found
        number += 1


def test_receivers_see_the_whole_unit_and_nothing_of_another(at_work):
    sara = at_work(cast.SARA)
    seen = {case.pk for case in (*every(sara, "all"), *every(sara, "closed"))}
    assert seen == set(Case.objects.filter(unit_id=sara.unit_id).values_list("pk", flat=True))


def test_handlers_see_only_what_lies_with_them_or_their_groups(at_work):
    amir = at_work(cast.AMIR)
    seen = {case.pk for view in lists.VIEWS for case in every(amir, view)}
    rows = Case.objects.filter(unit_id=amir.unit_id)
    expected = rows.filter(owner_id=amir.staff_id) | rows.filter(group_id__in=amir.group_ids)
    assert seen == set(expected.values_list("pk", flat=True))
    assert seen
    assert rows.count() > len(seen)


def test_a_handler_gets_404_for_a_colleagues_case(amir):
    assert amir.get(url("skyddad")).status_code == 404
    assert amir.get(url("färdtjänst")).status_code == 200


def test_each_view_holds_what_it_says_and_the_counters_agree(at_work):
    sara, now = at_work(cast.SARA), clock.now()
    views = {view: every(sara, view) for view in lists.VIEWS}
    assert all(c.owner_id is None and c.state in ("new", "distributed", "begun") for c in views["new"])
    assert all(c.owner_id == sara.staff_id and c.state != State.CLOSED for c in views["mine"])
    assert {c.state for c in views["waiting"]} == {State.WAITING}
    assert {c.state for c in views["closed"]} == {State.CLOSED}
    assert all(c.due_at < now for c in views["late"])
    assert all(c.state in ("new", "distributed") for c in views["unbegun"])
    assert all(c.arrived_at < now - timedelta(hours=24) for c in views["unbegun"])
    counts = lists.figures(actor=sara, now=now).counts
    assert {view: len(rows) for view, rows in views.items() if view != "closed"} == {
        view: n for view, n in counts.items() if view != "urgent"
    }
    assert public_id("försenat") in {c.public_id for c in views["late"]}


def test_the_order_is_urgency_then_deadline_and_none_comes_last(at_work):
    sara = at_work(cast.SARA)
    Case.objects.filter(public_id=public_id("recept")).update(urgency=2)
    Case.objects.filter(public_id=public_id("tolk")).update(urgency=1)
    rows = every(sara, "all")
    far = max(c.due_at for c in rows if c.due_at) + timedelta(days=1)
    assert [(c.urgency or 9, c.due_at or far, c.pk) for c in rows] == sorted(
        (c.urgency or 9, c.due_at or far, c.pk) for c in rows
    )
    assert [c.public_id for c in rows[:2]] == [public_id("tolk"), public_id("recept")]
    closed = every(sara, "closed")
    assert [c.closed_at for c in closed] == sorted((c.closed_at for c in closed), reverse=True)


def test_filters_narrow_by_type_person_group_urgency_and_age(at_work):
    sara, now = at_work(cast.SARA), clock.now()
    rows = every(sara, "all")
    one = case_of("recept")
    Case.objects.filter(pk=one.pk).update(urgency=2)
    assert {c.type_key for c in every(sara, "all", Filters(type_key=one.type_key))} == {one.type_key}
    assert {c.pk for c in every(sara, "all", Filters(urgency=2))} >= {one.pk}
    assert {c.owner_id for c in every(sara, "all", Filters(owner_id=sara.staff_id))} == {sara.staff_id}
    old = every(sara, "all", Filters(older_than_days=3))
    assert {c.pk for c in old} == {c.pk for c in rows if c.arrived_at < now - timedelta(days=3)}
    group = Group.objects.get(unit_id=sara.unit_id, receivers=True)
    in_group = Case.objects.filter(unit_id=sara.unit_id, group=group).exclude(state=State.CLOSED)
    assert {c.pk for c in every(sara, "all", Filters(group_id=group.pk))} == set(
        in_group.values_list("pk", flat=True)
    )


def test_a_page_has_fifty_rows_and_the_next_keeps_the_filters(sara, monkeypatch):
    monkeypatch.setattr(lists, "PAGE", 2)
    page = text(sara.get("/personal/?vy=all&alder=1"))
    assert page.count("data-row=") == 2
    assert "vy=all&amp;alder=1&amp;sida=2" in page
    second = text(sara.get("/personal/?vy=all&alder=1&sida=2"))
    assert "sida=1" in second
    rows = [line for line in second.split() if line.startswith("data-row=")]
    assert rows
    assert not set(rows) & {line for line in page.split() if line.startswith("data-row=")}


@pytest.mark.parametrize(
    "asked", ["vy=nonsens", "sida=-1", "grupp=x&person=99999999999", "alder=0", "typ=%00"]
)
def test_a_strange_address_shows_the_usual_queue(sara, asked):
    assert sara.get(f"/personal/?{asked}").status_code == 200


def test_rows_fetched_anew_can_still_be_given_away(sara):
    assert 'value="group:' in text(sara.get("/personal/ko/rader/?vy=all"))


def test_a_protected_patient_is_masked_in_the_queue_and_open_in_the_case(sara):
    queue = text(sara.get("/personal/?vy=mine"))
    assert str(public_id("skyddad")) in queue
    assert "Skyddade uppgifter" in queue
    assert "Linnea" not in queue
    assert case_of("skyddad").excerpt[:20] not in queue
    sara.post(url("skyddad", "skal/"), {"why": "answer"})
    assert "Linnea Ask" in text(sara.get(url("skyddad")))


def test_what_is_red_and_amber_is_said_in_words(sara):
    assert "FÖRFALLET" in text(sara.get("/personal/?vy=late"))
    with as_system():
        now = clock.now()
        Case.objects.filter(public_id=public_id("recept")).update(
            due_at=now + timedelta(hours=2), amber_at=now - timedelta(minutes=1)
        )
    queue = text(sara.get("/personal/?vy=new"))
    row = queue[queue.index(str(public_id("recept"))) :].split("</tr>")[0]
    assert "Snart" in row


def own(client, page: str) -> list[str]:
    """The page's own queries: not the door's, nor facts of units and the region that are kept between requests."""
    with CaptureQueriesContext(connection) as caught:
        assert client.get(page).status_code == 200
    said = [query["sql"] for query in caught.captured_queries]
    inside = max(n for n, sql in enumerate(said) if "set_config" in sql)
    kept = ('FROM "organisation_unit', 'FROM "organisation_region', "SAVEPOINT")
    return [sql for sql in said[inside + 1 :] if not any(words in sql for words in kept)]


def test_few_queries_however_many_rows(sara):
    assert len(own(sara, "/personal/?vy=all")) <= 8
    assert len(own(sara, "/personal/ko/rader/?vy=all")) <= 8
    reply(sara, "recept")
    assert len(own(sara, url("recept"))) <= 14
    assert len(own(sara, url("recept", "trad/"))) <= 8


def test_a_branch_nurse_chooses_the_unit_and_sees_that_one_only():
    fagelsangen = acting.staff(cast.ALI.hsa_id, unit=cast.BY_NUMBER[2].hsa_id)
    assert fagelsangen.get(url("recept")).status_code == 404


def test_what_people_have_written_is_text_in_the_row_and_the_search(sara):
    nasty = "<script>alert('x')</script>\"{0}{x}%s{{ y }}"
    one = Case.objects.filter(public_id=public_id("recept"))
    with as_system():
        one.update(patient_name=f"{nasty} B", excerpt=nasty, title=nasty, owner_name=nasty, group_name=nasty)
    for page in (
        text(sara.get("/personal/?vy=new")),
        text(sara.post("/personal/sok/", {"sok": case_of("recept").number})),
    ):
        row = page[page.index(str(public_id("recept"))) :].split("</tr>")[0]
        assert "<script>" not in page.split("</head>")[1]
        assert row.count("&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;&quot;{0}{x}%s{{") >= 3
