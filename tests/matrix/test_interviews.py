"""Questions and triage (R6, G15, G16): an interview is its author's alone while they act for its patient, and of those
who may read its case once it is sent; a report of wrong triage stays with the care provider."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pytest

from tests.cluster import as_system
from tests.matrix import knocking, people, size, things
from tests.matrix.knocking import Cell, Knocking
from tests.matrix.people import FAR, HERE, NEXT, OTHER

WHO = {
    "nobody", "guardian for her daughter", "guardian for herself", "guardian for the brother", "the other guardian",
    "guardian until yesterday", "guardian of another child", "never a guardian", "protected, for herself",
    "the nurse with the case", "physician without the case", f"receiver, {HERE}", f"medical_coordinator, {HERE}",
    f"regional_admin, {NEXT}", f"every role, {HERE}", f"every role, {NEXT}",
    f"every role, {OTHER}", f"every role, {FAR}",
}  # fmt: skip
# Where what was told is read, besides the pages of its own.
BESIDE = {
    "cases/staff/case", "cases/staff/copy", "cases/staff/search", "cases/resident/case", "cases/resident/pdf",
    "cases/resident/start", "cases/resident/receipt",
}  # fmt: skip
SUITE = 40


def reaching(planted: list[things.Thing], names: set[str]) -> list[Cell]:
    """Cells of these by everybody in `names`, the ways that are used."""
    everybody = people.everybody()
    known = [who for who in everybody if who.name in names]
    assert names == {who.name for who in known}
    cells = knocking.cells(known, planted, people.places()[HERE].slug)
    return [
        cell
        for cell in cells
        if cell.method in ("get", "post")
        and (cell.address.name.startswith("triage/") or cell.address.name in BESIDE)
    ]


@pytest.mark.parametrize("border", ["closed", "open"])
def test_what_was_told_reaches_nobody_else(world: object, border: str) -> None:
    """With the border open, by the application's checks alone."""
    planted = things.plant()
    run = Knocking(planted, people.places()[HERE].slug)
    cells = reaching(planted, WHO)
    surely = {(c.who.name, c.address.name, c.thing and c.thing.name): c for c in cells if _surely(c)}
    first = list(surely.values())
    rest = [cell for cell in cells if not _surely(cell)]
    dice = size.dice(f"interviews {border}")
    way: AbstractContextManager[Any] = as_system() if border == "open" else nullcontext()
    with way:
        run.go([*first, *(rest if size.REQUESTS else dice.sample(rest, SUITE))])
    size.told(
        f"G15 interviews, border {border}", requests=run.requests, leaks=len(run.faults), opened=run.opened
    )
    assert not run.faults, "\n".join(run.faults[:30])
    assert run.opened


def _surely(cell: Cell) -> bool:
    """The case page of the cases with an interview behind them, and the reports."""
    if cell.method != "get" or cell.address.name == "triage/staff/reports":
        return cell.method == "get"
    beside = cell.address.name in ("cases/staff/case", "cases/staff/copy", "cases/resident/case")
    return beside and cell.thing is not None and cell.thing.name in ("Feber case", "Skyddad case")
