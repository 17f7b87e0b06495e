"""`vardvag run` with real processes: started, kept alive through every kill, refused in one line, stopped cleanly."""

import http.server
import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests import cluster
from tests.cluster import ROOT
from tests.product import free_ports
from vardvag.config import embedded, renewing
from vardvag.config import supervisor as supervising
from vardvag.config.place import Trouble

PATIENCE = 90.0  # seconds; a machine under load


class Installation:
    """One data folder. Mode test: no demo region and no world, so only the product's own processes.
    `prepared`: with a database that has its tables already, which saves the test a minute."""

    def __init__(self, *, prepared=False):
        self.folder = Path(tempfile.mkdtemp(prefix="vardvag-run-"))
        self.folder.chmod(0o711)
        (ROOT / ".cache" / "static-test").mkdir(parents=True, exist_ok=True)
        (self.folder / "static").symlink_to(ROOT / ".cache" / "static-test")
        if prepared:
            subprocess.run(["cp", "-a", str(cluster.prepared() / "pg18"), str(self.folder)], check=True)
        self.secrets = {"VARDVAG_SECRETS": str(cluster.CACHE / "secrets")} if prepared else {}
        self.port = free_ports(2)
        self.process = None

    def environment(self, **more):
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("VARDVAG_", "DATABASE_", "DJANGO_"))}
        own = {"VARDVAG_MODE": "test", "VARDVAG_DATA": str(self.folder), "PORT": str(self.port)}
        return {**kept, **own, **self.secrets, **more}

    def start(self):
        self.said = (self.folder.parent / f"{self.folder.name}.said").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "vardvag.config", "run"],
            cwd=ROOT, env=self.environment(), stdout=self.said, stderr=self.said, start_new_session=True,
            preexec_fn=embedded.die_with_parent(signal.SIGTERM),  # a killed test run leaves nothing behind
        )  # fmt: skip
        wait(lambda: "Vårdväg runs on" in self.text() or self.process.poll() is not None, "the start")
        assert self.process.poll() is None, self.text()

    def text(self):
        return Path(self.said.name).read_text()

    def once(self, *words, **environment):
        """A command that is expected to end by itself: (exit code, what it said)."""
        done = subprocess.run(
            [sys.executable, "-m", "vardvag.config", *words],
            cwd=ROOT, env=self.environment(**environment), capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    def ready(self):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/halsa/redo", timeout=20).close()
        except (urllib.error.URLError, OSError):
            return False
        return True

    def pids(self, name):
        """Of our processes: `web`, `work`, `postgres` (its postmaster)."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                command = (entry / "cmdline").read_text().split("\0")
                if name == "postgres":
                    if str(self.folder / "pg18") in command:
                        found.append(int(entry.name))
                elif f"vardvag.config.{name}" in command and f"VARDVAG_DATA={self.folder}\0" in (
                    entry / "environ"
                ).read_text(errors="replace"):
                    found.append(int(entry.name))
            except OSError:
                continue
        return found

    def all(self):
        return [pid for name in ("web", "work", "postgres") for pid in self.pids(name)]

    def remove(self):
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)
        for pid in self.all():
            os.kill(pid, signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)
        (self.folder.parent / f"{self.folder.name}.said").unlink(missing_ok=True)


def wait(fulfilled, what, patience=PATIENCE):
    until = time.monotonic() + patience
    while not fulfilled():
        assert time.monotonic() < until, f"{what} took more than {patience} s"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def installation():
    made = Installation(prepared=True)
    yield made
    made.remove()


@pytest.fixture
def running(installation):
    if installation.process is None or installation.process.poll() is not None:
        installation.start()
    wait(installation.ready, "readiness")
    return installation


def test_a_second_start_on_the_same_data_is_refused_in_one_line(running):
    code, said = running.once("run")
    assert code == 2 and len(said.strip().splitlines()) == 1
    assert str(running.folder) in said and "VARDVAG_DATA" in said


def test_a_command_uses_the_database_that_is_up(running):
    assert running.once("migrate")[0] == 0


def test_the_doctor_finds_nothing_wrong(running):
    code, said = running.once("doctor")
    assert code == 0, said
    assert "PostgreSQL 18" in said


@pytest.mark.parametrize("name", ["web", "work", "postgres"])
def test_a_killed_process_comes_back(running, name):
    (before,) = running.pids(name)
    os.kill(before, signal.SIGKILL)
    wait(lambda: running.pids(name) and running.pids(name) != [before], f"a new {name}")
    wait(running.ready, "readiness")
    wait(lambda: len(running.pids("work")) == 1, "the worker")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly(running, number):
    running.process.send_signal(number)
    assert running.process.wait(30) == 0
    assert running.all() == []
    log = (running.folder / "postgres.log").read_text()
    assert log.rstrip().endswith("database system is shut down")


def test_a_killed_supervisor_takes_everything_with_it(running):
    running.process.kill()
    running.process.wait()
    wait(lambda: running.all() == [], "the end of all processes", 30)
    running.start()
    wait(running.ready, "readiness")


def test_a_killed_tree_is_recovered(running):
    for pid in [running.process.pid, *running.all()]:
        os.kill(pid, signal.SIGKILL)
    running.process.wait()
    running.start()
    wait(running.ready, "readiness")
    assert "not properly shut down" in (running.folder / "postgres.log").read_text()


def test_a_stranger_with_the_servers_old_number_does_no_harm(running):
    """After a container restart the pid in postmaster.pid often belongs to somebody else."""
    (server,) = running.pids("postgres")
    for pid in [running.process.pid, server, *running.all()]:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    running.process.wait()
    wait(lambda: running.all() == [], "the end of all processes", 30)
    pid_file = running.folder / "pg18" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    running.start()
    wait(running.ready, "readiness")


# --- bad surroundings: one line that names the cure, exit code 2 -----------------------------------------


@pytest.fixture
def fresh():
    made = Installation()
    yield made
    made.remove()


def told(result):
    code, said = result
    lines = [line for line in said.strip().splitlines() if line.startswith("vardvag:")]
    assert code == 2, said
    assert len(lines) == 1 and "Traceback" not in said, said
    return lines[0]


def test_a_taken_port(fresh):
    with socket.create_server(("127.0.0.1", fresh.port)):
        assert "PORT=" in told(fresh.once("run"))


@pytest.mark.parametrize("url", ["bogus", "postgresql://nobody@127.0.0.1:1/x"])
def test_a_bad_database_address(fresh, url):
    code, said = fresh.once("run", DATABASE_URL=url)
    assert code == 2 and "DATABASE_URL" in said and "Traceback" not in said


def test_production_without_its_address(fresh):
    assert "PUBLIC_URL" in told(fresh.once("run", VARDVAG_MODE="production"))


def test_production_with_a_stand_in(fresh):
    own = {"VARDVAG_MODE": "production", "PUBLIC_URL": "https://vard.example"}
    assert "BANKID_URL" in told(fresh.once("run", **own, BANKID_URL="https://localhost:8002"))


def test_data_where_it_cannot_be(fresh):
    assert "VARDVAG_DATA" in told(fresh.once("run", VARDVAG_DATA="/proc/nowhere"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has a database user of its own that can be shut out")
def test_data_under_a_closed_folder(fresh):
    closed = fresh.folder / "closed"
    closed.mkdir(mode=0o700)
    assert "/var/lib/vardvag" in told(fresh.once("run", VARDVAG_DATA=str(closed / "data")))
    assert closed.stat().st_mode & 0o777 == 0o700


def test_secrets_of_another_database(fresh):
    assert fresh.once("migrate")[0] == 0
    shutil.rmtree(fresh.folder / "secrets")
    assert "secrets" in told(fresh.once("migrate"))


def test_the_doctor_says_what_is_wrong(fresh):
    with socket.create_server(("127.0.0.1", fresh.port)):
        code, said = fresh.once("doctor")
    assert code == 1
    assert "WRONG  Port" in said and "ok     Data folder" in said


@pytest.fixture
def supervisor(monkeypatch, tmp_path):
    monkeypatch.setenv("VARDVAG_DATA", str(tmp_path))
    made = supervising.Supervisor()
    monkeypatch.setattr(made, "pause", lambda seconds: None)
    return made


def test_words_that_find_no_room_stop_nobody(monkeypatch):
    """A full disk ended the whole product when its output was a file there."""
    full = os.open("/dev/full", os.O_WRONLY)
    monkeypatch.setattr(
        sys, "stdout", io.TextIOWrapper(io.FileIO(full, "w", closefd=True), write_through=True)
    )
    supervising.say("The database stopped; starting it again ...")


def test_a_database_that_takes_its_time_does_not_make_deaf(fresh):
    """Nothing heard a Ctrl-C, or systemd's stop, until an hour of recovery was over."""
    programs = fresh.folder / "programs"
    programs.mkdir(mode=0o755)
    (programs / "postgres").write_text("#!/bin/sh\ntrap 'exit 0' INT\nwhile :; do sleep 0.1; done\n")
    (programs / "postgres").chmod(0o755)
    (fresh.folder / "pg18").mkdir()
    (fresh.folder / "pg18" / "PG_VERSION").write_text("18\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "vardvag.config", "run"], cwd=ROOT, env=fresh.environment(EMBEDPG_BIN=str(programs)),
        preexec_fn=embedded.die_with_parent(signal.SIGKILL),
    )  # fmt: skip
    try:
        wait((fresh.folder / "postgres.log").exists, "the start")
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()


def test_what_cannot_be_started_now_is_tried_again(supervisor, capsys):
    class Server:
        tries = 0

        def start(self, *, pause):
            self.tries += 1
            if self.tries < 3:
                raise Trouble("PostgreSQL stopped at once: No space left on device.")

    server = Server()
    supervisor._start_again(server)
    assert server.tries == 3 and "No space left" in capsys.readouterr().out


def test_a_child_that_cannot_be_started_takes_nobody_along(supervisor, monkeypatch):
    asked = []

    def keep(child):
        asked.append(child.name)
        if child.name == "web":
            raise OSError(28, "No space left on device")
        supervisor.stopping = True

    monkeypatch.setattr(supervisor, "_keep", keep)
    supervisor.children = {name: supervising.Child(name, []) for name in ("web", "worker")}
    supervisor._watch()
    assert asked == ["web", "worker"] and supervisor.children["web"].again_at > time.monotonic()


@pytest.mark.skipif(not supervising.MEMORY.is_dir(), reason="no memory that looks like a disk")
def test_the_figures_of_several_processes_do_not_lie_on_the_disk(supervisor):
    """On a full one each of them was ended by SIGBUS as soon as it counted anything."""
    folder = supervisor._figures(empty=True)
    try:
        assert supervisor.folder not in folder.parents
        assert folder.stat().st_mode & 0o777 == 0o700 and folder.stat().st_uid == os.geteuid()
        supervisor.children = {"web": supervising.Child("web", [])}
        supervisor._stop()
        assert not folder.exists()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


COUNTING = """
import sys
from vardvag.core import metrics
metrics.REQUESTS.labels("GET", "/", "200").inc(int(sys.argv[1]))
metrics.LIVE.set(int(sys.argv[1]))
print("counted", flush=True)
sys.stdin.read()
"""
SUMMED = """
from prometheus_client import generate_latest
from vardvag.core import metrics
print(generate_latest(metrics.whole()).decode())
"""


@pytest.mark.parametrize("way", ["crashed", "gave way to a new one"])
def test_the_figures_of_several_processes_are_added_up(supervisor, way):
    # Given two page processes that have counted.
    folder = supervisor._figures(empty=True)
    told = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(folder)}
    pages = [
        subprocess.Popen(
            [sys.executable, "-c", COUNTING, number], env=told, cwd=ROOT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, preexec_fn=embedded.die_with_parent(signal.SIGTERM),
        )
        for number in ("2", "3")
    ]  # fmt: skip

    def summed():
        asked = [sys.executable, "-c", SUMMED]
        return subprocess.run(asked, env=told, cwd=ROOT, text=True, capture_output=True, check=True).stdout

    try:
        assert [process.stdout.readline() for process in pages] == ["counted\n"] * 2
        assert 'vardvag_requests_total{method="GET",route="/",status="200"} 5.0' in summed()
        assert "vardvag_live_connections 5.0" in summed()

        # When the second is gone.
        pages[1].kill()
        pages[1].wait()
        gone = supervising.Child("web-2", [], process=pages[1])
        if way == "crashed":
            supervisor._keep(gone)
        else:
            supervisor.leaving = [(gone, time.monotonic())]
            renewing.see_off(supervisor)

        # Then its open pages are, and what it counted is not.
        assert "vardvag_live_connections 2.0" in summed()
        assert 'vardvag_requests_total{method="GET",route="/",status="200"} 5.0' in summed()
    finally:
        for process in pages:
            process.kill()
            process.wait()
            process.stdin.close()
            process.stdout.close()
        shutil.rmtree(folder, ignore_errors=True)


# --- ready -----------------------------------------------------------------------------------------------------------


class Page(http.server.BaseHTTPRequestHandler):
    code = 200

    def do_GET(self):
        self.server.asked += 1
        self.send_response(self.code)
        self.end_headers()

    def log_message(self, *given):
        pass


class Proxy(Page):
    code = 503


def serving(handler):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.asked = 0
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def test_our_own_pages_are_not_asked_by_way_of_a_proxy(supervisor, monkeypatch):
    """A house whose proxy stands in `http_proxy`: it knows no 127.0.0.1 of ours, and the start ended after a minute."""
    pages, proxy = serving(Page), serving(Proxy)
    try:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.server_port}")
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.setattr(supervisor, "port", pages.server_port)
        monkeypatch.setattr(supervising.Child, "running", lambda child: pages.asked + proxy.asked < 3)
        supervisor.sockets, supervisor.children = [pages.socket], {"web": supervising.Child("web", [])}
        supervisor._wait_until_ready()
        assert (pages.asked, proxy.asked) == (1, 0)
    finally:
        pages.shutdown()
        proxy.shutdown()


# --- again and again -------------------------------------------------------------------------------------------------


def test_who_fails_for_hours_is_still_started_again(supervisor):
    """An outside database that was away for three hours: the worker's wait grew past every number, and all ended."""
    child = supervising.Child("worker", [sys.executable, "-c", ""], fails=5000)
    child.process = subprocess.Popen(child.command)
    child.process.wait()
    supervisor._keep(child)
    assert child.process is None and 5 < child.again_at - time.monotonic() <= 10


BEATING = """
import asyncio, signal
from vardvag.config import pulse
async def main():
    pulse.begin()
    await asyncio.sleep(600)
asyncio.run(main())
"""


def test_who_lives_and_does_nothing_is_ended_and_started_again(supervisor, monkeypatch, capsys):
    """A page process that hung held every connection it had taken, and nobody but a person would have ended it."""
    monkeypatch.setattr(supervising.pulse, "SILENT", 3.0)
    child = supervising.Child("web", [sys.executable, "-c", BEATING], folder=ROOT)
    quiet = supervising.Child("world", [sys.executable, "-c", "import time; time.sleep(600)"])

    def until(state, what):
        def so():
            for one in (child, quiet):
                supervisor._keep(one)
            return state()

        wait(so, what)

    for one in (child, quiet):
        supervisor.launch(one)
    first, began = child.process, time.monotonic()
    try:
        until(lambda: time.monotonic() > began + 6, "six seconds")  # beats come: nobody is ended
        assert child.process is first and first.poll() is None
        first.send_signal(signal.SIGSTOP)
        until(lambda: child.process is not None and child.process is not first, "a new process")
        assert first.returncode == -signal.SIGKILL and "does nothing" in capsys.readouterr().out
        assert quiet.process.poll() is None  # has never beaten
    finally:
        for one in (child, quiet):
            one.process.kill()
            one.process.wait()


def test_a_busy_supervisor_accuses_nobody(monkeypatch):
    """It was renewing for a minute, or the whole machine slept."""
    now = [100.0]
    monkeypatch.setattr(supervising.pulse.time, "monotonic", lambda: now[0])
    one = supervising.pulse.Pulse()
    os.write(one.writing, b".")
    assert not one.silent()
    now[0] += 3600
    assert not one.silent()
    said = []
    for _ in range(400):
        now[0] += 0.1
        said.append(one.silent())
    assert said.count(True) == 1
    one.given()
    one.close()


def test_a_world_that_came_back_elsewhere_is_waited_for(supervisor, monkeypatch):
    """Killed, it leaves its old addresses behind; they were taken for the new ones, and the pages kept them."""
    told = supervising.place.world_file()
    told.parent.mkdir()
    told.write_text("old")
    ended = []

    monkeypatch.setattr(supervisor, "launch", lambda child: setattr(child, "began", 1.0))
    monkeypatch.setattr(supervisor, "pause", lambda seconds: told.write_text("new"))
    monkeypatch.setattr(supervisor, "_end", lambda child: ended.append(child.name))
    monkeypatch.setattr(supervising.Child, "running", lambda child: child.began > 0)
    supervisor.children = {name: supervising.Child(name, []) for name in ("world", "web")}
    supervisor._keep(supervisor.children["world"])
    assert ended == ["web"]


def test_a_look_at_the_lock_does_not_keep_a_start_away(supervisor, monkeypatch):
    """`vardvag doctor`, run every minute, takes it for a moment to see whether somebody has it."""
    looking = embedded.lock_data_folder(supervisor.folder)
    monkeypatch.setattr(supervisor, "pause", lambda seconds: looking.close())
    supervisor._own().close()
    looking = embedded.lock_data_folder(supervisor.folder)
    monkeypatch.setattr(supervisor, "pause", lambda seconds: None)
    with pytest.raises(embedded.Held):
        supervisor._own()
    looking.close()
