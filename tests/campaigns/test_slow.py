"""The resident's tasks on a slow network that breaks, once; and what every page weighs (`make slow` in short)."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tools.attacks.stage import Stage
from tools.slow import pages
from tools.slow.journey import journey


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    one = Stage(seed=12)
    try:
        one.start()
        yield one
    finally:
        one.close()


def test_nothing_typed_is_lost_and_nothing_sent_twice(stage: Stage, browser: Browser) -> None:
    found, figures = journey(stage, browser, seed=12, cuts=1)
    assert found == []
    assert figures["disconnects"] >= 3 and figures["lost_requests"] >= 5


def test_no_page_is_heavier_than_it_may_be(stage: Stage, browser: Browser) -> None:
    weights = pages.weights(stage, browser)
    assert [fault for one in weights for fault in one.faults()] == []
    sides = [one.side for one in weights]
    assert sides.count("resident") >= 14 and sides.count("staff") >= 14 and sides.count("public") >= 7
    assert sum(len(one.pictures) for one in weights) >= 1
