"""The real product in a place of its own: own data folder, own ports, the stand-ins of SMS and mail in this process.

The first start of a version takes its time (database, demo region); it is kept, stopped, in .cache/chaos and copied
for each run. SMS and mail stand here so that a kill of the whole tree does not forget what went out.
"""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from tools.bench.processes import tree
from vardvag.config import embedded
from vardvag.outside.journal import Journal
from vardvag.outside.mail.standin import StandIn as Mail
from vardvag.outside.sms.standin import StandIn as Sms

ROOT = Path(__file__).resolve().parent.parent.parent
KEPT = ROOT / ".cache" / "chaos"
PORTS = 9  # the pages' port, the world's behind it
NAMES = {"vardvag.config.web": "web", "vardvag.config.work": "worker", "vardvag.outside.world": "world"}


class NotStarted(Exception):
    """With the product's own words."""


def free_ports(count: int = PORTS) -> int:
    """First of so many neighbouring free ports."""
    import socket  # noqa: PLC0415 - only here

    for start in range(20_000 + os.getpid() % 1_300 * PORTS, 60_000, PORTS * 10):
        try:
            taken = [socket.create_server(("127.0.0.1", start + n)) for n in range(count)]
        except OSError:
            continue
        for one in taken:
            one.close()
        return start
    raise NotStarted("no free ports")


@dataclass
class Outside:
    """The stand-ins of SMS and mail that this process keeps; their ports may be hidden behind fault proxies."""

    journal: Journal = field(default_factory=lambda: Journal(keep=5_000_000))

    def __post_init__(self) -> None:
        self.sms, self.mail = Sms(self.journal, password="chaos", receipt_delay=1.0), Mail(self.journal)  # noqa: S106
        self.sms.start()
        self.mail.start()

    def stop(self) -> None:
        self.sms.stop()
        self.mail.stop()

    def environment(self, *, sms: int = 0, mail: int = 0) -> dict[str, str]:
        """`sms`, `mail`: ports of proxies in front of them."""
        return {
            "SMS_URL": f"http://127.0.0.1:{sms or self.sms.port}/a1", "SMS_USER": "demo", "SMS_PASSWORD": "chaos",
            "MAIL_HOST": "127.0.0.1", "MAIL_PORT": str(mail or self.mail.port),
        }  # fmt: skip


@dataclass
class Product:
    folder: Path
    source: Path = ROOT
    more: dict[str, str] = field(default_factory=dict)  # of the environment
    port: int = field(default_factory=free_ports)
    process: "subprocess.Popen[bytes] | None" = None
    group: Path | None = None  # the control group it is started in

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def world(self) -> str:
        return f"http://localhost:{self.port + 1}"

    def environment(self) -> dict[str, str]:
        kept = {
            k: v
            for k, v in os.environ.items()
            if k in ("PATH", "HOME", "LANG", "EMBEDPG_BIN", "WEB_PROCESSES")
        }
        return {
            **kept, "VARDVAG_DEMO": "tests", "VARDVAG_DATA": str(self.folder), "PORT": str(self.port),
            "PYTHONPATH": str(self.source), "PYTHONDONTWRITEBYTECODE": "1", **self.more,
        }  # fmt: skip

    def start(self, patience: float = 180) -> float:
        """Seconds until it was ready."""
        began = time.monotonic()
        self._spawn()
        self.wait_ready(patience)
        return time.monotonic() - began

    def _spawn(self) -> None:
        with (self.folder / "run.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "vardvag.config", "run"], cwd=self.source, env=self.environment(),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                preexec_fn=self._born(),
            )  # fmt: skip

    def _born(self) -> Callable[[], None]:
        die_with_us = embedded.die_with_parent(signal.SIGTERM)

        def born() -> None:
            die_with_us()
            if self.group is not None:
                (self.group / "cgroup.procs").write_text("0")

        return born

    def wait_ready(self, patience: float) -> None:
        until = time.monotonic() + patience
        while not self.ready():
            if self.process is None or self.process.poll() is not None or time.monotonic() > until:
                raise NotStarted(self.said()[-3000:])
            time.sleep(0.05)

    def ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/halsa/redo", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def said(self) -> str:
        path = self.folder / "run.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def pids(self, name: str) -> list[int]:
        """web | live | worker | world | database (the postmaster) | tree (all, the supervisor first)."""
        if self.process is None or self.process.poll() is not None:
            return []
        everybody = tree(self.process.pid)
        if name == "tree":
            return everybody
        if name == "database":
            try:
                return [int((self.folder / "pg18" / "postmaster.pid").read_text().split()[0])]
            except (OSError, ValueError, IndexError):
                return []
        return [pid for pid in everybody if _name(pid) == name]

    def kill(self, name: str, order: int = signal.SIGKILL) -> int:
        """How many processes got it."""
        sent = 0
        for pid in self.pids(name):
            try:
                os.kill(pid, order)
                sent += 1
            except ProcessLookupError:
                continue
        return sent

    def kill_tree(self) -> None:
        self.kill("tree")
        if self.process is not None:
            self.process.wait()

    def stop(self, patience: float = 60) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.kill_tree()

    def database(self) -> "psycopg.Connection[Any]":
        """As superuser, for the checker alone; with DATABASE_URL its owner."""
        if url := self.more.get("CHECK_URL"):
            return psycopg.connect(url, autocommit=True)
        secret = (self.folder / "secrets" / "database-supervisor").read_text().strip()
        return psycopg.connect(host=str(self.folder / "run"), port=5432, dbname="vardvag", user="supervisor",
                               password=secret, autocommit=True)  # fmt: skip

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """One of the product's own commands, for example `verify-log`."""
        return subprocess.run([sys.executable, "-m", "vardvag.config", *words], cwd=self.source,
                              env=self.environment(), capture_output=True, text=True, check=False)  # fmt: skip


def _name(pid: int) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return ""
    found = next((name for module, name in NAMES.items() if module in words), "")
    return "live" if found == "web" and "live" in words else found


def key(source: Path) -> str:
    """Of everything that decides what a first start makes."""
    mark = hashlib.sha256()
    for part in ("demo", "catalogue", "core/rowsecurity.py", "config/roles.py"):
        at = source / "vardvag" / part
        for file in sorted(at.rglob("*.py")) + sorted(at.rglob("*.json")) if at.is_dir() else [at]:
            if "tests" not in file.parts:
                mark.update(str(file.relative_to(source)).encode() + file.read_bytes())
    for file in sorted((source / "vardvag").glob("**/migrations/*.py")):
        mark.update(file.read_bytes())
    return mark.hexdigest()[:16]


def ready_made(source: Path) -> Path:
    """A stopped data folder of this version, as its first start left it."""
    kept = KEPT / key(source)
    if not kept.exists():
        print("First start of this version (database, demo region) ...", flush=True)
        work = Path(tempfile.mkdtemp(prefix="vardvag-chaos-first-"))
        work.chmod(0o711)
        first = Product(work, source)
        try:
            first.start()
        finally:
            first.stop()
        KEPT.mkdir(parents=True, exist_ok=True)
        for old in sorted(KEPT.iterdir(), key=lambda path: path.stat().st_mtime)[:-3]:
            shutil.rmtree(old, ignore_errors=True)
        mine = kept.with_suffix(f".{os.getpid()}")
        subprocess.run(["cp", "-a", str(work), str(mine)], check=True)
        try:
            mine.rename(kept)
        except OSError:  # another process has been first
            shutil.rmtree(mine)
        shutil.rmtree(work, ignore_errors=True)
    return kept


def fresh(source: Path, folder: Path | None = None) -> Path:
    """A copy to act on; in `folder` (a mounted place) if given."""
    if folder is None:
        folder = Path(tempfile.mkdtemp(prefix="vardvag-chaos-"))
    folder.chmod(0o711)
    subprocess.run(["cp", "-a", f"{ready_made(source)}/.", str(folder)], check=True)
    return folder
