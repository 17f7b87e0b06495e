"""G16: each of the application's checks switched off, the database still refuses across care providers and families.
And the other way round: with the border in the database open, the application's checks refuse alone."""

import sys
import time
from collections import defaultdict
from typing import Any

import pytest
from django.db import connection

from tests.cluster import as_system
from tests.matrix import knocking, mutants, people, size, things
from tests.matrix.knocking import Cell, Knocking
from vardvag.core.actor import StaffActor

# Whom the border in the database stops. Of what is nobody's in particular (assignments, groups, imports, standard
# texts) it knows nothing; that is the application's alone.
STOPPED = (
    f"every role, {people.OTHER}", f"every role, {people.FAR}", "never a guardian", "guardian of another child",
    "nobody",
)  # fmt: skip
BEHIND = {
    "case",
    "case file",
    "draft",
    "resident's file",
    "staff's file",
    "item",
    "delivery",
    "batch",
    "interview",
}
COLLEAGUE = f"every role, {people.NEXT}"
EACH = 6  # requests of a check in the suite


def prepared() -> tuple[list[things.Thing], list[Cell], list[Cell], str]:
    """Cells of those whom the database stops, and of a colleague whom it does not."""
    planted, knocks = things.plant(), people.everybody()
    slug = people.places()[people.HERE].slug
    ours = [
        t for t in planted if "Torget" not in t.name and "Fjarran" not in t.name and t.kind in {*BEHIND, ""}
    ]

    def of(names: tuple[str, ...]) -> list[Cell]:
        who = [one for one in knocks if one.name in names]
        found, seen = [], set()
        for cell in knocking.cells(who, ours, slug):
            if cell.method in ("get", "post") and (cell.thing is None or cell.thing.kind in BEHIND):
                key = (cell.who.name, cell.address.name, cell.method, cell.thing and cell.thing.kind)
                if key not in seen:
                    found.append(cell)
                seen.add(key)
        return found

    return ours, of(STOPPED), of((COLLEAGUE,)), slug


def passing(cells: list[Cell], run: Knocking) -> dict[Any, list[Cell]]:
    """Which functions of ours each cell runs through."""
    through: dict[Any, list[Cell]] = defaultdict(list)
    seen: set[Any] = set()

    def note(frame: Any, event: str, _: Any) -> None:
        if event == "call" and "/vardvag/" in frame.f_code.co_filename:
            seen.add(frame.f_code)

    for cell in cells:
        seen.clear()
        sys.setprofile(note)
        try:
            run.go([cell])
        finally:
            sys.setprofile(None)
        for code in seen:
            through[code].append(cell)
    return through


def sampled(cells: list[Cell], name: str) -> list[Cell]:
    return cells if size.REQUESTS else size.dice(name).sample(cells, min(EACH, len(cells)))


def test_with_each_check_off_the_database_refuses(world: object) -> None:
    began = time.monotonic()
    ours, strangers, colleague, slug = prepared()
    calm = Knocking(ours, slug, database_alone=True)
    through = passing(strangers if size.REQUESTS else size.dice("calm").sample(strangers, 120), calm)
    assert not calm.faults, calm.faults[:10]
    found = mutants.everything()
    met = [m for m in found if (code := mutants.real(m)) and code.__code__ in through]
    tried = met if len(met) <= size.MUTANTS else size.dice("mutants").sample(met, size.MUTANTS)
    faults, requests, felt = [], 0, 0
    for mutant in tried:
        code = mutants.real(mutant).__code__  # type: ignore[union-attr,assignment]
        with mutants.switched_off(mutant):
            run = Knocking(ours, slug, database_alone=True)
            run.go(sampled(through[code], str(mutant)))
            near = Knocking(ours, slug, database_alone=True)
            near.go(colleague if size.REQUESTS else [])
        requests += run.requests + near.requests
        felt += bool(near.faults)
        faults += [f"without {mutant}: {fault}" for fault in run.faults]
    size.told("G16", checks=len(found), met_by_strangers=len(met), switched_off=len(tried), requests=requests,
              felt_within_the_provider=felt, refused=len(tried) - len({f.split(": ")[0] for f in faults}),
              faults=len(faults), seconds=round(time.monotonic() - began))  # fmt: skip
    assert len(found) > 100 and len(met) > 20
    assert not faults, "\n".join(faults[:30])


OFF = {
    "cases/staff/case": [("vardvag.cases.access", "unit_id"), ("vardvag.cases.access", "may_see")],
    "cases/staff/queue": [("vardvag.cases.lists", "unit_id")],
    "inbox/staff/reached": [("vardvag.inbox.access", "within unit_id")],
    "triage/staff/wrong": [("vardvag.cases.access", "unit_id"), ("vardvag.cases.access", "may_see")],
}


@pytest.mark.parametrize("page", OFF)
def test_a_check_that_is_off_is_really_off(world: object, page: str) -> None:
    """A colleague of the same provider, whom only the application stops, gets in without the checks of the page."""
    ours, _, colleague, slug = prepared()
    mine = [cell for cell in colleague if cell.address.name == page]
    calm = Knocking(ours, slug)
    calm.go(mine)
    assert not calm.faults, calm.faults
    found = mutants.everything()
    off = [m for m in found for module, what in OFF[page] if m.module == module and what in m.what]
    with mutants.switched_off(*off):
        run = Knocking(ours, slug)
        run.go(mine)
    assert run.faults


def test_roles_alone_do_not_carry_across_the_border(world: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every door open to everybody's role: `has` is what doors, access and actions ask."""
    ours, strangers, _, slug = prepared()
    monkeypatch.setattr(StaffActor, "has", lambda self, *roles: True)
    run = Knocking(ours, slug, database_alone=True)
    run.go(strangers if size.REQUESTS else size.dice("has").sample(strangers, 60))
    assert not run.faults, run.faults[:10]


def test_with_the_border_open_the_application_refuses(world: object) -> None:
    """As vardvag_system every row is there: what is told apart is told apart by our own checks."""
    began = time.monotonic()
    planted, knocks = things.plant(), people.everybody()
    slug = people.places()[people.HERE].slug
    cells = knocking.cells(knocks, planted, slug)
    number = size.REQUESTS // 5 or 250
    run = Knocking(planted, slug)
    with as_system():
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from cases_case")
            assert cursor.fetchone()[0] > 10
        run.go(knocking.chosen(cells, number, size.dice("open border")))
    size.told(
        "G16 reversed", requests=run.requests, leaks=len(run.faults), seconds=round(time.monotonic() - began)
    )
    assert not run.faults, "\n".join(run.faults[:30])
