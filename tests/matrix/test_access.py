"""G15: every address, way and role, at the own unit, another unit, provider and region; guardians in every state;
moved, closed and protected cases, pictures, drafts, files on their way, searches, lists and export: nothing leaks."""

import time
from collections import Counter

import pytest

from tests import secret
from tests.matrix import knocking, people, size, things
from tests.matrix.knocking import ELSEWHERE, Knocking
from vardvag.core.actor import Role

SUITE = 700  # requests


def everything() -> tuple[list[things.Thing], list[people.Who], str]:
    planted = things.plant()
    return planted, people.everybody(), people.places()[people.HERE].slug


def test_what_is_tested_is_what_there_is(world: object) -> None:
    planted, knocks, slug = everything()
    cells = knocking.cells(knocks, planted, slug)
    tested = {cell.address.name for cell in cells} | ELSEWHERE
    assert tested == {address.name for address in secret.addresses()}
    assert {cell.thing.kind for cell in cells if cell.thing} == {
        thing.kind for thing in planted if thing.kind
    }
    roles = {role for who in knocks for role in who.roles}
    assert roles == {role.value for role in Role}
    methods: dict[str, set[str]] = {}
    for cell in cells:
        methods.setdefault(cell.address.name, set()).add(cell.method)
    assert {name for name, found in methods.items() if found != set(knocking.METHODS)} == set()


def test_nothing_leaks_to_anybody(world: object) -> None:
    began = time.monotonic()
    planted, knocks, slug = everything()
    cells = knocking.cells(knocks, planted, slug)
    run = Knocking(planted, slug)
    run.go(knocking.chosen(cells, size.REQUESTS or SUITE, size.dice("matrix")))
    addresses = len({c.address.name for c in cells})
    size.told("G15", requests=run.requests, leaks=len(run.faults), addresses=addresses, people=len(knocks),
              things=len(planted), cells=len(cells), opened=run.opened, statuses=run.statuses,
              seconds=round(time.monotonic() - began))  # fmt: skip
    assert not run.faults, _short(run.faults)
    assert run.opened  # some doors do open


def _short(faults: list[str]) -> str:
    kinds = Counter(fault.split(": ", 1)[-1] for fault in faults)
    return "\n".join(
        [f"{len(faults)} leaks", *(f"{n} x {kind}" for kind, n in kinds.most_common(60)), *faults[:20]]
    )


@pytest.mark.parametrize("name", ["the nurse with the case", "guardian for her daughter", "every role, here"])
def test_those_it_belongs_to_read_it(world: object, name: str) -> None:
    """Else a product that shows nothing to anybody would pass."""
    planted, knocks, _ = everything()
    who = next(one for one in knocks if one.name == name)
    told = ""
    for address in secret.addresses():
        own = address.captures and address.name not in secret.NOBODYS
        for thing in planted if own else ():
            if thing.kind == secret.kind(address) and thing.opens(who):
                told += knocking.said(who.client().get(thing.path(address)))[0]
    kinds = ("case", "interview")
    missing = [t.word for t in planted if t.kind in kinds and t.tells(who) and t.word not in told]
    assert not missing
