"""The campaigns of `make attacks` and `make leaving` in short: every attack once, every ending once, over HTTP against
the real product. The long ones and what each check was seen to find: docs/attacks.md."""

import shutil
from collections.abc import Iterator

import pytest

from tools.attacks import endings, leaving, logins, relay
from tools.attacks.sabotage import SABOTAGES
from tools.attacks.stage import Stage
from tools.chaos.product import ROOT
from tools.chaos.sabotage import broken


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    one = Stage(seed=11)
    try:
        one.start()
        yield one
    finally:
        one.close()


def test_no_attack_gets_the_wrong_browser_in(stage: Stage) -> None:
    logins.right_ways(stage)
    found = [wrong for attack in logins.ATTACKS for wrong in logins.judge(stage, attack)]
    assert found == [] and len(logins.ATTACKS) >= 20


def test_whoever_is_relayed_is_warned_and_told(stage: Stage) -> None:
    found: list[str] = []
    figures = relay.measured(stage, times=2, found=found)
    assert found == [] and (figures["warned"], figures["notices"]) == (2, 2)


def test_what_is_over_is_over(stage: Stage) -> None:
    number = len(endings.ENDINGS)
    found, figures = leaving.campaign(stage, times=number, browser=False)
    assert found == [] and (figures["endings"], figures["streams"]) == (number, number)


@pytest.mark.parametrize("name", SABOTAGES)
def test_every_sabotage_fits_the_product(name: str) -> None:
    copy = broken(name, ROOT, SABOTAGES)
    try:
        for path, *_ in SABOTAGES[name].edits:
            if path.endswith(".py"):
                compile((copy / path).read_text(), path, "exec")
    finally:
        shutil.rmtree(copy)
