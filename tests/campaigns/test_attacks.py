"""The campaigns of `make attacks` and `make leaving` in short: every attack once, every ending once, over HTTP against
the real product. The long ones and what each check was seen to find: docs/attacks.md."""

import shutil
from collections.abc import Iterator
from uuid import uuid4

import pytest

from tools.attacks import endings, leaving, logins, relay
from tools.attacks.__main__ import arguments
from tools.attacks.sabotage import SABOTAGES, broken
from tools.attacks.stage import Failed, Stage
from tools.chaos.product import ROOT


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
    found: list[str] = []
    figures = leaving.campaign(stage, times=number, found=found, browser=False)
    assert found == [] and (figures["endings"], figures["streams"]) == (number, number)


def test_who_got_in_is_told_also_when_the_control_fails(stage: Stage) -> None:
    def thief_is_in_and_the_right_one_is_not(s: Stage) -> logins.Outcome:
        def control() -> None:
            raise Failed("not let in")

        return logins.Outcome([], [s.in_by_bankid(logins.RESIDENTS[0].number)], control)

    found = logins.judge(stage, thief_is_in_and_the_right_one_is_not)
    name = thief_is_in_and_the_right_one_is_not.__name__
    assert found[:2] == [f"{name}: a wrong browser is in", f"control of {name}: not let in"]


def test_a_stream_that_is_refused_is_not_ready(stage: Stage) -> None:
    browser = stage.in_by_bankid(logins.RESIDENTS[0].number)
    stream = leaving.Stream(stage, browser.key, [f"case:{uuid4()}"])
    try:
        assert not stream.ready()
    finally:
        stream.close()


@pytest.mark.parametrize(
    "words",
    ["--only nothing", "leaving --only nothing", "--only mix_up --write", "--sabotage key-kept --write"],
)
def test_what_would_prove_nothing_is_refused(words: str) -> None:
    with pytest.raises(SystemExit):
        arguments(words.split())


@pytest.mark.parametrize("name", SABOTAGES)
def test_every_sabotage_fits_the_product(name: str) -> None:
    copy = broken(name, ROOT)
    try:
        for path, *_ in SABOTAGES[name].edits:
            if path.endswith(".py"):
                compile((copy / path).read_text(), path, "exec")
    finally:
        shutil.rmtree(copy)
