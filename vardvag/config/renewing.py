"""New pages and a new worker in place of the old, while people work. What `vardvag upgrade` (or SIGUSR1) asks for."""

import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING

from vardvag.config import upgrade
from vardvag.config.place import Trouble
from vardvag.config.saying import say

if TYPE_CHECKING:
    from vardvag.config.supervisor import Child, Supervisor

LEAVING = 60.0  # seconds that old pages may take to finish what they hold
ENDING = 15.0  # seconds more, once they were told to end
READY = 60.0  # seconds that new pages may take to answer
WORKER = 20.0  # seconds that the old worker may take to finish its jobs; what it does not is done again


def renew(house: "Supervisor") -> None:
    """Old worker out, new pages in beside the old, new worker in, old pages told to leave; or back to what was.

    The old worker goes first: it would fail at jobs that only the new version knows.
    """
    before, renewed = house.program, list["Child"]()
    try:
        house.program = upgrade.asked(house.folder)
        say(f"Renewing pages and worker with {house.program.package} ...")
        finish(house.children["worker"])
        for new in house.pages():
            _succeed(house, new)
            renewed.append(new)
    except (Trouble, OSError) as problem:
        house.program = before
        for old in house.pages():
            if old.name in {new.name for new in renewed}:
                _go_back(house, old)
        _answer(house, f"Not renewed: {problem}")
    else:
        _answer(house, "")
    house.children["worker"] = house.worker()  # the supervisor starts it, again and again if need be


def _go_back(house: "Supervisor", old: "Child") -> None:
    try:
        _succeed(house, old)
    except (Trouble, OSError) as problem:
        say(f"{old.name} stays of the new version: {problem}")


def _answer(house: "Supervisor", why_not: str) -> None:
    say(why_not or "Renewed.")
    try:
        upgrade.answer(house.folder, why_not)
    except OSError as problem:
        say(f"vardvag upgrade could not be told: {problem}")


def see_off(house: "Supervisor") -> None:
    """Old pages that have left are forgotten, those that do not leave are ended."""
    for child, until in list(house.leaving):
        if child.process is not None and child.running():
            late = time.monotonic() - until
            if late > ENDING:
                child.process.kill()
            elif late > 0:
                child.process.terminate()
            continue
        house.leaving.remove((child, until))
        if child.process is not None:
            house.forget_open_pages(child.process.pid)


def _succeed(house: "Supervisor", new: "Child") -> None:
    """Beside those of the same name on the same sockets; once it answers, they are told to give way. Raises Trouble."""
    old = house.children.get(new.name)
    reading, writing = os.pipe()
    plain, fds = new.environment, new.pass_fds
    new.environment, new.pass_fds = {**plain, "VARDVAG_READY": str(writing)}, (*fds, writing)
    try:
        house.launch(new)
        os.close(writing)
        os.set_blocking(reading, False)
        _wait_for_word(house, new, reading)
    except BaseException:
        finish(new)
        if old is not None:
            house.children[new.name] = old
        raise
    finally:
        os.close(reading)
    new.environment, new.pass_fds = plain, fds  # a restart after a crash has nobody to tell
    if old is not None and old.process is not None:
        house.leaving.append((old, time.monotonic() + LEAVING))
        if old.running():
            old.process.send_signal(signal.SIGUSR1)


def _wait_for_word(house: "Supervisor", new: "Child", reading: int) -> None:
    until = time.monotonic() + READY
    while time.monotonic() < until:
        try:
            if os.read(reading, 16):
                return
            raise Trouble(f"the new pages did not start, {house.where_said(new.name)} says why")
        except BlockingIOError:
            house.pause(0.05)
    raise Trouble(f"the new pages were not ready within a minute, {house.where_said(new.name)} may say why")


def finish(child: "Child") -> None:
    if child.process is None:
        return
    if child.running():
        child.process.terminate()
    try:
        child.process.wait(WORKER)
    except subprocess.TimeoutExpired:
        child.process.kill()
        child.process.wait()
