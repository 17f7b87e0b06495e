"""A day, a rush and open pages in small: nothing acknowledged is lost or doubled, every open page follows. The goals in
full: `make load`, docs/performance.md."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tools.chaos.sabotage import broken
from tools.load import compare, runs
from tools.load.__main__ import acted
from tools.load.crowd import Said
from tools.load.sabotage import SABOTAGES

ROOT = runs.ROOT
CASES = 1500
SINCE = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def lines() -> Iterator[dict[str, dict[str, Any]]]:
    """The figures of one short run of each goal, against one product."""
    before = {name: os.environ.get(name) for name in ("VARDVAG_BENCH", "VARDVAG_SECRETS", *runs.PLACES)}
    os.environ["VARDVAG_BENCH"] = str(ROOT / ".cache" / "load")
    os.environ.pop("VARDVAG_SECRETS", None)  # the benchmark's database has its own
    try:
        yield dict(acted(CASES, runs.GOALS, runs.short))
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.__setitem__(name, value)


def test_a_day_loses_and_doubles_nothing(lines: dict[str, dict[str, Any]]) -> None:
    day = lines["g1"]
    assert day["found"] == []
    assert day["5xx"] == 0 and day["requests"] > 50 and day["texts"] > 3


def test_after_a_rush_receipts_database_and_queues_agree(lines: dict[str, dict[str, Any]]) -> None:
    rush = lines["g2"]
    assert rush["found"] == []
    assert (
        rush["receipts"] == rush["notices"] == 10 and rush["pictures"] == 2 and rush["queue_rows_read"] > 10
    )


def test_every_open_page_shows_what_the_database_holds(lines: dict[str, dict[str, Any]]) -> None:
    swarm = lines["g3"]
    assert swarm["found"] == []
    assert swarm["arrivals"] > 5 and swarm["reconnects"] > 3


def test_a_session_that_ends_takes_its_own_pages_along(lines: dict[str, dict[str, Any]]) -> None:
    leaving = lines["g26"]
    assert leaving["found"] == []
    assert leaving["endings"] == 8 and leaving["open"] > 20


class Stored:
    """Answers each question with the next rows."""

    def __init__(self, *answers: list[tuple[Any, ...]]) -> None:
        self.answers = list(answers)

    def execute(self, *_: Any) -> "Stored":
        return self

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self.answers.pop(0)


def texts(said: list[Said], *rows: tuple[str, str]) -> list[str]:
    found = compare.texts(Stored(list(rows)), said, SINCE)  # type: ignore[arg-type]
    return [one.split(":")[0] for one in found]


def test_the_comparison_of_texts_sees_each_fault() -> None:
    said = Said("tk-1", "message", "a", state="ok")
    assert texts([said], ("tk-1", "a")) == []
    assert texts([said]) == ["lost"]
    assert texts([said], ("tk-1", "a"), ("tk-1", "a")) == ["doubled"]
    assert texts([said], ("tk-1", "b")) == ["in another case"]
    assert texts([said], ("tk-1", "a"), ("tk-2", "a")) == ["from nowhere"]
    assert texts([Said("tk-1", "message", "a", state="refused")], ("tk-1", "a")) == ["refused and yet there"]
    assert texts([Said("tk-1", "message", "a")]) == texts([Said("tk-1", "message", "a")], ("tk-1", "a")) == []


def receipts(*rows: tuple[Any, ...], number: str = "26-000001") -> list[str]:
    sent = Said("tk-1", "case", "a", state="ok", number=number, files=1)
    found = compare.receipts(Stored(list(rows)), [sent], SINCE)  # type: ignore[arg-type]
    return [one.split(":")[0] for one in found]


def test_the_comparison_of_receipts_sees_each_fault() -> None:
    whole = ("a", "26-000001", "tk-1", 1, True, True, True, True)
    assert receipts(whole) == []
    assert receipts() == ["lost"]
    assert receipts(whole, ("b", "26-000002", "tk-1", 1, True, True, True, True)) == ["doubled"]
    assert receipts(("a", "26-000002", *whole[2:])) == ["another case than its receipt says"]
    assert receipts((*whole[:3], 0, *whole[4:])) == ["another case than its receipt says"]
    assert receipts((*whole[:7], False)) == ["half a case"]


def test_who_was_on_the_way_to_the_receipt_when_time_was_up_is_no_finding() -> None:
    whole = ("a", "26-000001", "tk-1", 1, True, True, True, True)
    assert receipts(whole, number="") == []
    assert receipts(number="") == ["lost"]


@pytest.mark.parametrize("name", SABOTAGES)
def test_every_sabotage_fits_the_product(name: str) -> None:
    copy = broken(name, ROOT, SABOTAGES)
    try:
        for path, *_ in SABOTAGES[name].edits:
            compile((copy / path).read_text(), path, "exec")
    finally:
        shutil.rmtree(copy)
