"""New pages in place of the old, when something is wrong: whoever runs goes on running."""

import signal
import subprocess
import sys
import time

import pytest

from vardvag.config import embedded, renewing, upgrade
from vardvag.config import supervisor as supervising
from vardvag.config.place import Trouble

# A page process in short: says when it answers, leaves when told to.
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
)
POLITE = """
import signal, sys, time
def leave(number, frame):
    time.sleep(0.5)
    print("finished", flush=True)
    sys.exit()
signal.signal(signal.SIGTERM, leave)
print("begun", flush=True)
time.sleep(60)
"""


@pytest.fixture
def house(monkeypatch, tmp_path):
    monkeypatch.setenv("VARDVAG_DATA", str(tmp_path))
    made = supervising.Supervisor()
    made.children = {"worker": supervising.Child("worker", [])}
    return made


def worker_is_next(house):
    """What is in its list and does not run is started by the supervisor."""
    return "vardvag.config.work" in house.children["worker"].command


def started(name, text):
    child = supervising.Child(name, [])
    child.process = subprocess.Popen(
        [sys.executable, "-c", text], stdout=subprocess.PIPE, text=True,
        preexec_fn=embedded.die_with_parent(signal.SIGKILL),
    )  # fmt: skip
    assert child.process.stdout.readline()
    return child


def test_an_answer_that_finds_no_room_takes_nobody_along(house, monkeypatch):
    """On a full disk `kill -USR1` ended the whole product."""

    def full(path, text):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(upgrade, "_write", full)
    monkeypatch.setattr(renewing, "_succeed", lambda house, new: None)
    renewing.renew(house)
    assert worker_is_next(house)


def test_a_new_version_that_cannot_be_executed_is_not_renewed(house, monkeypatch):
    def gone(house, new):
        raise FileNotFoundError(2, "No such file or directory", "/opt/vardvag-1.3/bin/python")

    monkeypatch.setattr(renewing, "_succeed", gone)
    renewing.renew(house)
    assert worker_is_next(house)
    assert "/opt/vardvag-1.3/bin/python" in (house.folder / "upgrade.answer").read_text()


def test_who_cannot_go_back_takes_nobody_along(house, monkeypatch):
    """The first new page answers, the second does not, and the old version's files are gone meanwhile."""
    monkeypatch.setenv("WEB_PROCESSES", "2")
    tried = []

    def succeed(house, new):
        tried.append(new.name)
        if len(tried) > 1:
            raise Trouble("the new pages did not start")

    monkeypatch.setattr(renewing, "_succeed", succeed)
    renewing.renew(house)
    assert tried == ["web", "web-2", "web"] and worker_is_next(house)
    assert "did not start" in (house.folder / "upgrade.answer").read_text()


def test_old_pages_that_never_leave_are_ended(house, monkeypatch):
    monkeypatch.setattr(renewing, "ENDING", 0.3, raising=False)
    old = started("web", STUBBORN)
    try:
        house.leaving = [(old, time.monotonic() - 1)]
        until = time.monotonic() + 5
        while house.leaving:
            assert time.monotonic() < until
            renewing.see_off(house)
            time.sleep(0.05)
        assert not old.running()
    finally:
        old.process.kill()


def test_a_stop_waits_for_old_pages_too(house):
    """In the minute after an upgrade they hold requests; they were killed when the database was gone already."""
    old = started("web", POLITE)
    try:
        house.leaving = [(old, time.monotonic() + 60)]
        house._stop()
        assert not old.running() and old.process.stdout.read() == "finished\n"
    finally:
        old.process.kill()
