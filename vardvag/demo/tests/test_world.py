"""The told cases: the same for the same seed, in all states, as the actions would have left them."""

import json
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import vardvag.catalogue
from vardvag.cases.models import State
from vardvag.cases.rules import MOVES, Verb
from vardvag.demo import world
from vardvag.demo.plans import Form
from vardvag.questionnaires import fhir_read

NOW = datetime(2026, 11, 20, 10, 40, tzinfo=UTC)  # a Friday before noon
DATA = Path(vardvag.catalogue.__file__).parent / "data"


def _forms():
    found: dict[str, Form] = {}
    for path in sorted((DATA / "questionnaires").glob("*.json")):
        form = fhir_read.read(json.loads(path.read_text(encoding="utf-8")))
        content = json.loads((DATA / "case_types" / path.name).read_text(encoding="utf-8"))
        days = content.get("deadline_working_days")
        found[path.stem] = Form(
            len(found) + 1, len(found) + 1, len(found) + 1, form, content["name"]["sv"], days
        )
    return found


def _told(now=NOW, residents=900, cases=700):
    sizes = {**world.SIZES, "middle": (residents, cases)}
    world.SIZES.update(sizes)
    made = world.foundation("middle", now)
    world.tell_cases(made, "middle", _forms(), now)
    return made


@pytest.fixture(scope="module")
def tables():
    return _told().rows.tables


def test_the_same_seed_and_moment_give_the_same_world(tables):
    again = _told().rows.tables
    assert again == tables


def test_all_states_and_all_types_are_there(tables):
    cases = tables["cases_case"]
    assert {c["state"] for c in cases} == set(State.values)
    assert {c["type_key"] for c in cases} == set(_forms())
    assert {c["closed_how"] for c in cases if c["closed_how"]} >= {"answered", "phone", "withdrawn"}
    late = [c for c in cases if c["due_at"] and c["due_at"] < NOW]
    today = [c for c in cases if c["due_at"] and c["due_at"].date() == NOW.date() and c["due_at"] > NOW]
    still = [c for c in cases if c["state"] in ("new", "distributed", "begun")]
    assert 0.04 < len(late) / len(still) < 0.35
    assert today


def test_open_cases_have_somebody_and_closed_ones_say_how(tables):
    for case in tables["cases_case"]:
        if case["state"] == "closed":
            assert case["closed_at"]
            assert case["closed_how"]
        else:
            assert case["owner_id"] or case["group_id"]


def test_owners_work_at_the_unit_now(tables):
    here = {(a["staff_id"], a["unit_id"]) for a in tables["organisation_assignment"]
            if not a["paused_at"] and not a["ended_at"]}  # fmt: skip
    for case in tables["cases_case"]:
        assert case["owner_id"] is None or (case["owner_id"], case["unit_id"]) in here


def test_history_follows_the_table_of_moves(tables):
    verbs = {v.value: v for v in Verb}
    state: dict[int, State] = defaultdict(lambda: State.NEW)
    for event in tables["cases_event"]:
        before, after = json.loads(event["before"]), json.loads(event["after"])
        if event["verb"] in verbs:
            expected = MOVES[state[event["case_id"]], verbs[event["verb"]]]
            if "state" in after:
                assert before["state"] == state[event["case_id"]]
            state[event["case_id"]] = expected
    for case in tables["cases_case"]:
        assert state[case["id"]] == case["state"]


def test_nothing_lies_in_the_future_and_time_runs_forward(tables):
    rows = defaultdict(list)
    for message in tables["cases_message"]:
        rows[message["case_id"]].append(message)
        assert message["at"] <= NOW
        assert message["read_at"] is None or message["at"] <= message["read_at"] <= NOW + timedelta(minutes=1)
    for messages in rows.values():
        assert [m["seq"] for m in messages] == list(range(1, len(messages) + 1))
        assert [m["at"] for m in messages] == sorted(m["at"] for m in messages)
    assert all(entry["at"] <= NOW + timedelta(minutes=1) for entry in tables["audit_entry"])


def test_guardians_write_for_children_under_thirteen_and_nobody_for_the_protected(tables):
    people = {p["id"]: p for p in tables["identity_person"]}
    custody = {(g["guardian_id"], g["child_id"]) for g in tables["identity_guardianship"]}
    represented = [c for c in tables["cases_case"] if c["represented"]]
    assert len(represented) > 30
    for case in represented:
        patient, author = people[case["patient_id"]], people[case["author_id"]]
        assert (author["id"], patient["id"]) in custody
        assert not patient["protected"]
        assert not author["protected"]
        assert (NOW.date() - patient["birth_date"]).days < 13 * 365.3
    assert all(c["patient_id"] == c["author_id"] for c in tables["cases_case"] if not c["represented"])


def test_the_log_tells_of_reads_and_acts(tables):
    verbs = Counter(entry["verb"] for entry in tables["audit_entry"])
    assert verbs["open"] == len(tables["cases_case"])
    assert verbs["read"] > verbs["open"]
    assert {entry["ground"] for entry in tables["audit_entry"]} == {"self", "guardian", "assignment"}


def test_a_unit_hardly_repeats_itself(tables):
    for unit in (1, 22):
        words = Counter(c["excerpt"] for c in tables["cases_case"] if c["unit_id"] == unit)
        assert max(words.values()) <= 3


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 11, 22, 2, 10, tzinfo=UTC),  # Sunday, in the night
        datetime(2027, 1, 1, 23, 5, tzinfo=UTC),  # New Year's Day
        datetime(2028, 2, 29, 12, 0, tzinfo=UTC),  # leap day
        datetime(2026, 12, 26, 9, 0, tzinfo=UTC),  # Boxing Day, a Saturday
        datetime(2027, 3, 28, 1, 30, tzinfo=UTC),  # the clocks have just gone forward
        datetime(2027, 5, 10, 5, 1, tzinfo=UTC),  # Monday before anybody is at work
        datetime(2027, 7, 30, 14, 59, tzinfo=UTC),
    ],
    ids=lambda now: f"{now:%a %d %b %H:%M}",
)
def test_the_world_can_be_told_at_any_moment(now):
    made = world.foundation("tests", now)
    world.tell_cases(made, "tests", _forms(), now)
    tables = made.rows.tables
    assert {c["state"] for c in tables["cases_case"]} == set(State.values)
    assert all(m["at"] <= now for m in tables["cases_message"])
    assert all(e["at"] <= now for e in tables["audit_entry"] if e["verb"] != "read")
    late = [c for c in tables["cases_case"] if c["due_at"] and c["due_at"] < now]
    assert [c["patient_name"] for c in late][:1] == ["Greta Holmgren"]
    assert len(late) < len(tables["cases_case"]) / 2
