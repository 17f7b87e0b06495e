"""`vardvag run`: the whole product as one tree of processes, kept alive and taken down together.

Order: lock, ports, world of stand-ins (demo), database, tables and demo data, then pages and worker.
Every child dies with us (the kernel sees to it), so a kill -9 leaves nothing behind that the next start cannot clear.
"""

import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import IO

from vardvag.config import embedded, place, pulse, renewing, upgrade, web
from vardvag.config.place import Trouble
from vardvag.config.saying import say

STEADY = 60.0  # seconds up, after which earlier failures are forgotten
MEMORY = Path("/dev", "shm")
LONGEST = 5.0  # seconds until what could not even be started is tried again


class Stopped(Exception):
    """Somebody asked us to stop while starting."""


@dataclass
class Child:
    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    pass_fds: tuple[int, ...] = ()
    folder: Path | None = None  # where its program lies; None: ours
    process: subprocess.Popen[bytes] | None = None
    fails: int = 0
    began: float = 0.0
    again_at: float = 0.0
    heart: pulse.Pulse | None = None

    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Supervisor:
    def __init__(self) -> None:
        self.port = place.port()
        self.mode = place.mode()
        place.check_production()
        self.folder = place.prepare_data_folder()
        self.server: embedded.EmbeddedServer | None = None
        self.children: dict[str, Child] = {}
        self.stopping = False
        self.sockets: list[socket.socket] = []
        self.program = upgrade.Program.own()
        self.asked_to_renew = False
        self.leaving: list[tuple[Child, float]] = []  # old pages, and until when

    # -- the whole life

    def run(self) -> int:
        began = time.monotonic()
        lock = self._own()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._asked_to_stop)
        signal.signal(signal.SIGUSR1, self._asked_to_renew)
        try:
            self.sockets = self._listen()
            self._start(began)
            self._watch()
        except Stopped:
            pass
        finally:
            self._stop()
            lock.close()
        return 0

    def _asked_to_stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _asked_to_renew(self, number: int, frame: FrameType | None) -> None:
        self.asked_to_renew = True

    def _own(self) -> IO[str]:
        """A doctor who looks whether somebody has the folder has it for a moment."""
        for _ in range(5):
            try:
                return embedded.lock_data_folder(self.folder)
            except embedded.Held:
                self.pause(0.1)
        return embedded.lock_data_folder(self.folder)

    def _listen(self) -> list[socket.socket]:
        """A predecessor that was killed may hold the port a moment longer."""
        for _ in range(15):
            try:
                return web.listen(self.port)
            except Trouble:
                self.pause(0.1)
        return web.listen(self.port)

    def _start(self, began: float) -> None:
        place.whole_data_folder()
        world = self._world()
        if place.embedded():
            self.server = embedded.EmbeddedServer(self.folder)
            if not (self.server.data / "PG_VERSION").exists():
                say("Creating the database ...")
            self.server.initialise()
            self.server.start(pause=self.pause)
        more = {"demo": ["demo"], "production": ["triage"]}
        self._prepare(["migrate", "static", *more.get(self.mode, [])])
        if world:
            self._wait_for_world()
        self._figures(empty=True)
        for child in (*self.pages(), self.worker()):
            self.launch(child)
        self._wait_until_ready()
        self._welcome(time.monotonic() - began)

    def pages(self) -> list[Child]:
        """As many processes as settings say, on the same sockets."""
        fds = tuple(listener.fileno() for listener in self.sockets)
        passed = {"VARDVAG_SOCKETS": ",".join(map(str, fds)), "VARDVAG_ROLE": "app"}
        webs = web.processes()
        if webs > 1:
            passed["PROMETHEUS_MULTIPROC_DIR"] = str(self._figures())
        command = self.program.command("vardvag.config.web")
        return [
            Child("web" if number == 1 else f"web-{number}", command, passed, fds, folder=self.program.folder)
            for number in range(1, webs + 1)
        ]

    def worker(self) -> Child:
        role = {"VARDVAG_ROLE": "system"}
        return Child("worker", self.program.command("vardvag.config.work"), role, folder=self.program.folder)

    def _watch(self) -> None:
        while not self.stopping:
            time.sleep(0.1)
            if self.asked_to_renew:
                self.asked_to_renew = False
                renewing.renew(self)
            renewing.see_off(self)
            if self.server is not None and not self.server.running():
                say("The database stopped; starting it again ...")
                self._start_again(self.server)
            for child in self.children.values():
                try:
                    self._keep(child)
                except (Trouble, OSError) as problem:  # the others stay up
                    say(f"{child.name} could not be started: {problem}")
                    child.again_at = time.monotonic() + LONGEST

    def _start_again(self, server: embedded.EmbeddedServer) -> None:
        """On a full disk it stops at once; when there is room again it starts, and nobody had to be there."""
        wait = 0.5
        while True:
            try:
                server.start(pause=self.pause)
                return
            except (Trouble, OSError) as problem:
                say(f"{problem} Trying again in {wait:.1f} s.")
            self.pause(wait)
            wait = min(LONGEST, wait * 2)

    def _keep(self, child: Child) -> None:
        now = time.monotonic()
        if child.running():
            if child.fails and now - child.began > STEADY:
                child.fails = 0
            if child.process is not None and child.heart is not None and child.heart.silent():
                say(f"{child.name} runs and does nothing; ending it.")
                child.process.kill()
            return
        if child.process is not None:
            self.forget_open_pages(child.process.pid)
            code, child.process = child.process.returncode, None
            wait = min(10.0, 0.2 * 2 ** min(child.fails, 10))
            child.fails += 1
            child.again_at = now + wait
            again = f"starting it again in {wait:.1f} s"
            say(f"{child.name} stopped ({_how(code)}); {again}. Its log: {self._log(child.name)}")
        elif now >= child.again_at:
            if child.name == "world":
                self._world_again(child)
            else:
                self.launch(child)

    def _world_again(self, world: Child) -> None:
        before = _read(place.world_file())
        place.world_file().unlink(missing_ok=True)  # killed, it left its old addresses behind
        self.launch(world)
        self._wait_for_world()
        if _read(place.world_file()) != before:
            for other in self.children.values():  # they know the old addresses
                if other is not world:
                    self._end(other)

    # -- children

    def _figures(self, *, empty: bool = False) -> Path:
        """Where several page processes keep what /matvarden adds up. In memory: these are mapped files, and on a full
        disk the kernel ends whoever writes into one."""
        folder = self.folder / "figures"
        if os.access(MEMORY, os.W_OK):
            folder = MEMORY / f"vardvag-{hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:12]}"
        if empty:
            shutil.rmtree(folder, ignore_errors=True)
            place.own_folder(folder, uid=os.geteuid(), gid=os.getegid())
        return folder

    def forget_open_pages(self, pid: int) -> None:
        """Of a page process that is gone; what it counted stays in the sums."""
        for left in self._figures().glob(f"gauge_live*_{pid}.db"):
            left.unlink(missing_ok=True)

    def launch(self, child: Child) -> None:
        inherit = self.mode == "production" or os.environ.get("VARDVAG_LOGS") == "stdout"
        log: IO[bytes] | None = None if inherit else self._open_log(child.name)
        if child.heart is not None:
            child.heart.close()
        child.heart = pulse.Pulse()
        try:
            child.process = subprocess.Popen(
                child.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **child.environment, **child.heart.environment()},
                pass_fds=(*child.pass_fds, child.heart.writing),
                cwd=child.folder,
                start_new_session=True,  # Ctrl-C reaches us alone; we take the children down in order
                preexec_fn=embedded.die_with_parent(signal.SIGKILL),
            )
        finally:
            child.heart.given()
            if log is not None:
                log.close()
        child.began = time.monotonic()
        self.children[child.name] = child

    def _log(self, name: str) -> Path:
        return self.folder / "logs" / f"{name}.log"

    def _open_log(self, name: str) -> IO[bytes]:
        path = self._log(name)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        if path.exists() and path.stat().st_size > embedded.LOG_KEPT:
            path.rename(path.with_suffix(".log.1"))
        return path.open("ab")

    def _world(self) -> bool:
        if self.mode != "demo" or find_spec("vardvag.outside.world.__main__") is None:
            return False
        place.world_file().unlink(missing_ok=True)
        where = ["--data", str(self.folder), "--port", str(self.port + 1)]
        self.launch(Child("world", [sys.executable, "-m", "vardvag.outside.world", *where]))
        return True

    def _wait_for_world(self) -> None:
        world = self.children["world"]
        until = time.monotonic() + 30
        while not place.world_file().exists():
            if not world.running() or time.monotonic() > until:
                raise Trouble(f"The demo's stand-ins did not start: {_last_line(self._log('world'))}")
            self.pause(0.05)

    def _prepare(self, steps: list[str]) -> None:
        command = [sys.executable, "-m", "vardvag.config.prepare", *steps]
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, start_new_session=True,
            preexec_fn=embedded.die_with_parent(signal.SIGKILL),
        )  # fmt: skip
        try:
            while child.poll() is None:
                self.pause(0.03)
        finally:
            if child.poll() is None:
                child.terminate()
                child.wait()
        if child.returncode:
            raise Trouble("The database could not be prepared; the reason is above.")

    def _wait_until_ready(self) -> None:
        first = self.sockets[0].getsockname()
        host = f"[{first[0]}]" if ":" in first[0] else first[0]
        straight = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # no proxy knows this machine
        until = time.monotonic() + 60
        while time.monotonic() < until:
            self.pause(0.05)
            if not self.children["web"].running():
                raise Trouble(f"The pages did not start: {_last_line(self._log('web'))}")
            try:
                straight.open(f"http://{host}:{self.port}/halsa/redo", timeout=10).close()
                return
            except urllib.error.HTTPError as problem:
                if problem.code != 503:
                    return  # it answers; what it answers is not for us to judge
            except OSError:
                continue
        raise Trouble(f"The pages did not become ready within a minute; see {self._log('web')}.")

    def _welcome(self, seconds: float) -> None:
        say(f"Vårdväg runs on {place.public_url()} (ready in {seconds:.1f} s; Ctrl-C stops it)")
        if self.mode == "demo":
            say(whom(place.world_file().with_name("people.json"), f"http://localhost:{self.port + 1}"))

    def pause(self, seconds: float) -> None:
        time.sleep(seconds)
        if self.stopping:
            raise Stopped

    def where_said(self, name: str) -> str:
        """Where a child's words are found: pages that leave and their successors share a log."""
        return str(self._log(name)) if self._log(name).exists() else "the log"

    def _end(self, child: Child) -> None:
        if child.process is not None and child.running():
            child.process.terminate()

    def _stop(self) -> None:
        """Pages first (they finish what they hold), then worker and world, the database last."""
        for listener in self.sockets:
            listener.close()
        last = [self.children[name] for name in ("worker", "world") if name in self.children]
        pages = [child for child in self.children.values() if child not in last]
        every = [*pages, *(child for child, _ in self.leaving), *last]
        for child in every:
            self._end(child)
        for child in every:
            if child.process is None:
                continue
            try:
                child.process.wait(15)
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()
        if self.server is not None:
            self.server.stop()
        if self.children:
            shutil.rmtree(self._figures(), ignore_errors=True)
            say("Stopped.")


def whom(people: Path, world: str) -> str:
    """Whom one can log in as: the main characters stand first in the demo's list."""
    try:
        known = json.loads(people.read_text())
        residents = [f"  {p['personal_number']}  {p['name']}: {p['note']}" for p in known["residents"][:6]]
        staff = [f"  {p['given_name']} {p['surname']}, {p['title']}: {p['note']}" for p in known["staff"][:6]]
    except (OSError, ValueError, KeyError) as problem:
        return f"The demo's people are not known here ({type(problem).__name__} in {people}); see {world}"
    return "\n".join(
        [
            f"Every SMS, mail and login of the demo, and the phone that plays BankID: {world}",
            "Residents, log in with BankID or Freja+:",
            *residents,
            f"Staff, log in at /personal/ and choose a person (all {len(known['staff'])} are there):",
            *staff,
        ]
    )


def _how(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"code {code}"


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def _last_line(path: Path) -> str:
    lines = [line for line in _read(path).splitlines() if line.strip()]
    return lines[-1][:500] if lines else f"no reason given; see {path}"
