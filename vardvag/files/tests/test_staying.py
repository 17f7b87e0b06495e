"""The worker that stays: each file has a copy of it for itself, and nobody pays for another's file."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from vardvag.files.sandbox import run, staying, workers
from vardvag.files.sandbox.reasons import Reason, Rejected
from vardvag.files.sandbox.rebuilt import Rebuilt
from vardvag.files.tests import corpus

pytestmark = pytest.mark.skipif(not workers.can_stay(), reason="workers stay on Linux")
KEY = ("PNG", False, False)


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Workers of this test's own, without bubblewrap: then their numbers are known."""
    monkeypatch.setattr(workers, "_staying", {})
    monkeypatch.setattr(run, "_walled_here", lambda: False)
    yield
    for one in workers._staying.values():
        one.dismiss()
        one.process.wait(10)


def small() -> bytes:
    return corpus.encoded(Image.new("RGB", (9, 9)), "PNG")


def slow() -> bytes:
    """Some tenths of a second: many pixels, in a file of some kilobytes."""
    return corpus.encoded(Image.radial_gradient("L").resize((4900, 4900)).convert("RGB"), "PNG")


def stays() -> workers._Staying:
    return workers._staying[KEY]


def copies(of: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{of}/task/{of}/children").read_text().split()]


def until(what: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not what():
        assert time.monotonic() < end
        time.sleep(0.002)


def under_way(pool: ThreadPoolExecutor) -> tuple[Future[Rebuilt], int]:
    """A slow file's answer to come, and the copy at work on it, behind the filter."""
    run.rebuild(small())
    answer = pool.submit(run.rebuild, slow())
    until(lambda: copies(stays().process.pid))
    number = copies(stays().process.pid)[0]
    until(lambda: confined(number))
    return answer, number


def confined(number: int) -> bool:
    return "Seccomp:\t2" in Path(f"/proc/{number}/status").read_text()


def test_one_worker_opens_many_files_each_by_a_copy() -> None:
    run.rebuild(small())
    first = stays()
    assert run.rebuild(corpus.encoded(Image.new("RGB", (11, 9)), "PNG")).width == 11
    assert stays() is first and not copies(first.process.pid)


def test_a_copy_holds_its_own_file_alone() -> None:
    with ThreadPoolExecutor(2) as pool:
        _, first = under_way(pool)
        os.kill(first, signal.SIGSTOP)
        pool.submit(run.rebuild, slow())
        until(lambda: len(copies(stays().process.pid)) == 2)
        second = next(one for one in copies(stays().process.pid) if one != first)
        until(lambda: confined(second))
        os.kill(second, signal.SIGSTOP)
        for one in (first, second):
            assert {int(file.name) for file in Path(f"/proc/{one}/fd").iterdir()} == {0, 1, 2}
            os.kill(one, signal.SIGCONT)


def met(what: signal.Signals) -> tuple[Rejected, workers._Staying]:
    """What is said of a file whose copy met this signal, and the worker it was a copy of."""
    with ThreadPoolExecutor(1) as pool:
        answer, number = under_way(pool)
        before = stays()
        os.kill(number, what)
        with pytest.raises(Rejected) as refusal:
            answer.result(20)
    return refusal.value, before


def test_a_crash_is_the_files_own_and_the_next_has_another_worker() -> None:
    refusal, before = met(signal.SIGSEGV)
    assert refusal.reason is Reason.BROKEN_PICTURE
    assert run.rebuild(small()).width == 9
    assert stays() is not before and before.process.wait(10) == 0


def test_a_worker_that_has_gone_is_begun_anew() -> None:
    with ThreadPoolExecutor(1) as pool:
        answer, number = under_way(pool)
        os.kill(number, signal.SIGSTOP)  # it would soon have ended by itself
        stays().process.kill()
        assert answer.result(20).width == 4096
        until(lambda: not Path(f"/proc/{number}").exists())
    stays().process.kill()
    stays().process.wait(10)
    assert run.rebuild(small()).width == 9


def test_whoever_waits_no_longer_ends_the_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "WALL_SECONDS", 3.0)
    refusal, before = met(signal.SIGSTOP)
    assert refusal.detail == "time"
    assert before.process.wait(10) == 0
    assert run.rebuild(small()).width == 9 and stays() is not before


def test_it_is_begun_anew_after_many_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "FILES", 2)
    run.rebuild(small())
    first = stays()
    run.rebuild(small())
    assert KEY not in workers._staying and first.process.wait(10) == 0
    run.rebuild(small())


def test_it_ends_with_the_process_it_works_for() -> None:
    said = subprocess.run(
        [sys.executable, "-c", "from vardvag.files.sandbox import run, workers\n"
         "from vardvag.files.tests import corpus\n"
         "from PIL import Image\n"
         "run._walled_here = lambda: False\n"
         "run.rebuild(corpus.encoded(Image.new('RGB', (9, 9)), 'PNG'))\n"
         "print(next(iter(workers._staying.values())).process.pid, flush=True)\n"
         "import os; os.kill(os.getpid(), 9)\n"],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    number = int(said.stdout)

    def gone() -> bool:
        try:
            return "(zombie)" in Path(f"/proc/{number}/status").read_text()
        except FileNotFoundError:
            return True

    until(gone)


def test_it_leaves_when_it_has_had_nothing_to_do() -> None:
    code = (
        "import socket, os, sys\n"
        "from vardvag.files.sandbox import staying\n"
        "staying.IDLE = 0.2\n"
        "ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)\n"
        "os.dup2(theirs.fileno(), 0)\n"
        "sys.exit(staying.stay(lambda limits: 0))\n"
    )
    assert staying.IDLE >= 60
    assert subprocess.run([sys.executable, "-c", code], timeout=20).returncode == 0
