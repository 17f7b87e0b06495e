"""The product's own pages show the told world."""

import pytest

from tests import acting
from vardvag.demo import cast, main_cases

SEEN_BY = {1: cast.SARA, 3: cast.MIKAEL, 22: cast.FATIMA}


@pytest.mark.parametrize(
    "member", [cast.SARA, cast.AMIR, cast.MIKAEL, cast.FATIMA], ids=lambda m: m.given_name
)
def test_queues_show_what_lies_there(world, member):
    page = acting.staff(member.hsa_id).get("/personal/?vy=all")
    assert page.status_code == 200
    text = page.content.decode()
    unit = member.assignments[0][0]
    told = [c for c in main_cases.CASES if c.unit == unit and c.owner is member]
    opened = [c for c in told if c.state in ("distributed", "begun", "waiting", "answered")]
    assert all(str(c.public_id) in text for c in opened)
    assert not any(str(c.public_id) in text for c in main_cases.CASES if c.unit != unit)


@pytest.mark.parametrize("main", main_cases.CASES, ids=lambda c: c.name)
def test_every_main_case_opens_for_both_sides(world, main):
    path = f"{main.public_id}/"
    client = acting.staff(SEEN_BY[main.unit].hsa_id)
    staff = client.get(f"/personal/arenden/{path}")
    if staff.status_code == 303:  # protected: a reason is asked for first
        client.post(staff["Location"], {"why": "answer"})
        staff = client.get(f"/personal/arenden/{path}")
    assert staff.status_code == 200
    assert main.patient.surname in staff.content.decode()
    if main.author is None:
        assert acting.resident(main.patient.number).get(f"/arenden/{path}").status_code == 200


@pytest.mark.parametrize(
    "who",
    [cast.ANNA, cast.JOHAN, cast.MAJA, cast.PRIYA, cast.LINNEA, cast.PER, cast.EBBA],
    ids=lambda r: r.given_name,
)
def test_residents_start_page_opens(world, who):
    page = acting.resident(who.number).get("/")
    assert page.status_code == 200
