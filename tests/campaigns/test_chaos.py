"""Each kind of process is killed once while people write, and the mail server falls silent: nothing acknowledged is
lost, doubled or seen in two orders. The long campaigns: docs/chaos.md."""

import socket
import threading
import time
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tools.chaos import campaigns, statements
from tools.chaos.campaigns import Asked
from tools.chaos.checker import Checker
from tools.chaos.client import Answer, tokens
from tools.chaos.log import FAILED, OK, Log, Read
from tools.chaos.product import ROOT
from tools.chaos.proxy import FAULTS, Proxy
from tools.chaos.sabotage import SABOTAGES, edited


def test_nothing_is_lost_when_everything_is_killed_once() -> None:
    asked = Asked(seed=7, minutes=1.5, writers=4, every=0.6, settle=3.0, source=ROOT, notices=False)
    faults = ("worker", "database", "mail-hole", "web", "tree")
    verdict, nemesis = campaigns.kills(asked, faults, once_each=True)
    assert verdict.violations == []
    assert nemesis.counts == dict.fromkeys(faults, 1)
    assert verdict.figures["acknowledged"] > 2  # a slow machine does little in this time


def test_nothing_is_lost_when_pages_and_worker_die_between_statements_and_are_upgraded() -> None:
    asked = Asked(seed=3, writers=4, every=0.5, settle=3.0, source=ROOT, notices=False)
    verdict, died, done = statements.statements(asked, statements.Wanted(deaths=3, databases=1, upgrades=1))
    assert verdict.violations == []
    assert (done["upgraded"], done["database"]) == (1, 1)
    assert sum(died.values()) == done["web"] + done["work"] > 0


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path / "log")


def checked(log: Log, order: dict[str, list[str]]) -> list[str]:
    checker = Checker(None, log)  # type: ignore[arg-type]
    checker.order = order
    checker._exactly_once()
    checker._one_order()
    return checker.found


def wrote(log: Log, token: str, state: str) -> None:
    log.done(log.invoke("write", "anna#1", case="a", token=token), state)


def test_the_checker_sees_what_is_lost_doubled_refused_and_from_nowhere(log: Log) -> None:
    wrote(log, "tk-1", OK)
    wrote(log, "tk-2", OK)
    wrote(log, "tk-3", FAILED)
    wrote(log, "tk-4", "unknown")
    assert checked(log, {"a": ["tk-1", "tk-2"]}) == []
    assert checked(log, {"a": ["tk-1", "tk-2", "tk-4"]}) == []
    (lost,) = checked(log, {"a": ["tk-1"]})
    (doubled,) = checked(log, {"a": ["tk-1", "tk-2", "tk-2"]})
    (refused,) = checked(log, {"a": ["tk-1", "tk-2", "tk-3"]})
    (nowhere,) = checked(log, {"a": ["tk-1", "tk-2", "tk-9"]})
    found = [lost.split(":")[0], doubled.split(":")[0], refused.split(":")[0], nowhere.split(":")[0]]
    assert found == ["lost", "doubled", "refused and yet there", "from nowhere"]


def test_the_checker_sees_two_orders_and_a_page_that_forgets(log: Log) -> None:
    for token in ("tk-1", "tk-2"):
        wrote(log, token, OK)
    stored = {"a": ["tk-1", "tk-2"]}
    log.read(Read("bo#1", "staff", "a", ("tk-1", "tk-2"), log.now(), "r1"))
    assert checked(log, stored) == []
    log.read(Read("cia#1", "staff", "a", ("tk-2", "tk-1"), log.now(), "r2"))
    assert any(one.startswith("another order: cia#1") for one in checked(log, stored))
    log.reads.pop()
    log.read(Read("bo#1", "staff", "a", ("tk-1",), log.now(), "r3"))
    found = checked(log, stored)
    assert any(one.startswith("seen less than before: bo#1") for one in found)
    assert any(one.startswith("stale: bo#1") for one in found)


class Rows:
    """A database with one notice, sent while the checker looks. `really`: the provider has taken it."""

    def __init__(self, *, really: bool) -> None:
        self.really, self.taken = really, list[Any]()

    def execute(self, text: str, _given: object) -> "Rows":
        self.asked = text
        if "key, provider_ref" in text and self.really:
            self.taken.append(SimpleNamespace(system="mail", data={"message_id": "<a>"}))
        return self

    def fetchall(self) -> list[tuple[str, str]]:
        return [("item:a:mail", "<a>")] if "key, provider_ref" in self.asked else []


def test_a_notice_sent_while_the_checker_looks_is_sent_and_one_that_never_went_is_found(log: Log) -> None:
    found = {}
    for really in (True, False):
        db = Rows(really=really)
        checker = Checker(cast(Any, db), log, partial(iter, db.taken))
        checker._notices(settled=False)
        found[really] = checker.found
    assert found == {True: [], False: ["notice item:a:mail is said to be sent and was not"]}


def test_what_stands_in_the_writing_box_is_not_in_the_thread() -> None:
    page = b'<div class="thread">tk-00000000000000aa</div><div class="composer">tk-00000000000000bb</div>'
    assert tokens(Answer(200, page, "", "", 0.0)) == ["tk-00000000000000aa"]


@pytest.mark.parametrize("name", SABOTAGES)
def test_every_sabotage_fits_the_product(name: str) -> None:
    for path, text in edited(name, ROOT).items():
        compile(text, path, "exec")


def test_the_proxy_breaks_what_it_is_told_to() -> None:
    there = socket.create_server(("127.0.0.1", 0))

    def echo() -> None:
        while True:
            try:
                line, _ = there.accept()
            except OSError:
                return
            with line:
                while piece := line.recv(1000):
                    line.sendall(piece)

    threading.Thread(target=echo, daemon=True).start()
    proxy = Proxy(there.getsockname())

    def said(words: bytes, patience: float = 0.3) -> bytes:
        try:
            with socket.create_connection(("127.0.0.1", proxy.port), timeout=patience) as line:
                line.sendall(words)
                got = b""
                while len(got) < len(words) and (piece := line.recv(1000)):
                    got += piece
                return got
        except OSError as problem:
            return type(problem).__name__.encode()

    words = b"x" * 200
    try:
        assert said(words) == words
        seen = {}
        for fault in (one for one in FAULTS if one != "trickle"):
            proxy.set(fault)
            seen[fault] = said(words)
        assert seen["refuse"] == b"ConnectionRefusedError"
        assert seen["hole"] == seen["slow"] == b"TimeoutError"
        assert len(seen["corrupt"]) == 200 and seen["corrupt"] != words
        assert seen["half"] != words and seen["drop"] != words and seen["reset"] != words
        proxy.set("trickle")
        began = time.monotonic()
        assert said(b"x" * 8) == b"x" * 8 and time.monotonic() - began > 0.35
        proxy.set("ok")
        assert said(words) == words
    finally:
        proxy.stop()
        there.close()
