"""An outside PostgreSQL with a synchronous standby on this machine, from the wheel's binaries: what G6 needs."""

import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg

from tools.chaos.product import free_ports
from vardvag.config.embedded import EmbeddedServer, die_with_parent

PASSWORD = "chaos"  # noqa: S105 - a throw-away server on this machine
SETTINGS = {
    "fsync": "on", "synchronous_commit": "on", "shared_buffers": "128MB", "max_connections": "80",
    "wal_level": "replica", "max_wal_senders": "5", "hot_standby": "on", "wal_sender_timeout": "3s",
    "log_min_error_statement": "panic",
}  # fmt: skip


class Server:
    """One server in `folder`, on 127.0.0.1."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self._tools = EmbeddedServer(folder)  # knows the binaries and whom to be
        self.process: subprocess.Popen[bytes] | None = None

    def url(self, user: str = "vardvag_owner", database: str = "vardvag", port: int = 0) -> str:
        return f"postgresql://{user}:{PASSWORD}@127.0.0.1:{port or self.port}/{database}"

    def admin(self) -> "psycopg.Connection[Any]":
        return psycopg.connect(self.url("supervisor", "postgres"), autocommit=True, connect_timeout=3)

    def create(self) -> None:
        self._own()
        secret = self.folder / "password"
        secret.write_text(PASSWORD)
        os.chown(secret, self._tools.uid, self._tools.gid)
        self._run("initdb", "-D", str(self.folder / "data"), "-U", "supervisor", "-E", "UTF8", "--locale=C.UTF-8",
                  "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--data-checksums", "--auth=scram-sha-256",
                  f"--pwfile={secret}")  # fmt: skip
        with (self.folder / "data" / "pg_hba.conf").open("a") as rules:
            rules.write("host replication supervisor 127.0.0.1/32 scram-sha-256\n")

    def copy_of(self, primary: "Server") -> None:
        """A standby called s1 that follows the primary."""
        self._own()
        self._run("pg_basebackup", "-D", str(self.folder / "data"), "-R", "-X", "stream", "-c", "fast", "-d",
                  f"{primary.url('supervisor', 'postgres')}?application_name=s1")  # fmt: skip

    def start(self, **more: str) -> None:
        options = [part for k, v in {**SETTINGS, **more}.items() for part in ("-c", f"{k}={v}")]
        where = ["-D", str(self.folder / "data"), "-k", str(self.folder), "-c", "listen_addresses=127.0.0.1",
                 "-c", f"port={self.port}"]  # fmt: skip
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(self._tools.binaries() / "postgres"), *where, *options], stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, cwd="/", start_new_session=True, preexec_fn=die_with_parent(signal.SIGINT),
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}, **self._tools.become,
            )  # fmt: skip
        until = time.monotonic() + 60
        while True:
            with suppress(psycopg.OperationalError):
                self.admin().close()
                return
            if self.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError((self.folder / "log").read_text()[-1000:])
            time.sleep(0.05)

    def kill(self) -> None:
        """As a machine that is gone."""
        if self.process is not None:
            self.process.send_signal(signal.SIGQUIT)  # immediate: nothing is written any more
            self.process.wait(30)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()

    def promote(self) -> None:
        with self.admin() as db:
            db.execute("select pg_promote(true, 30)")

    def _own(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o711)
        os.chown(self.folder, self._tools.uid, self._tools.gid)

    def _run(self, program: str, *words: str) -> None:
        subprocess.run([str(self._tools.binaries() / program), *words], check=True, capture_output=True, cwd="/",
                       env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}, **self._tools.become)  # fmt: skip


class Pair:
    """Primary and standby; commits wait for the standby."""

    def __init__(self, folder: Path) -> None:
        ports = free_ports(4)
        self.folder = folder
        self.primary, self.standby = Server(folder / "one", ports), Server(folder / "two", ports + 1)

    def start(self, *, with_standby: bool = True) -> None:
        self.primary.create()
        self.primary.start()
        with self.primary.admin() as db:
            db.execute(f"create role vardvag_owner login createrole password '{PASSWORD}'")
            db.execute("create database vardvag owner vardvag_owner")
        if with_standby:
            self.standby.copy_of(self.primary)
            self.standby.start()
            self.wait_for_standby(True)

    def demand_standby(self) -> None:
        """From now on a commit counts when the standby has it."""
        with self.primary.admin() as db:
            db.execute("alter system set synchronous_standby_names = 's1'")
            db.execute("select pg_reload_conf()")
        until = time.monotonic() + 20
        while time.monotonic() < until:
            with self.primary.admin() as db:
                row = db.execute(
                    "select sync_state from pg_stat_replication where application_name = 's1'"
                ).fetchone()
            if row and row[0] == "sync":
                return
            time.sleep(0.1)
        raise RuntimeError("the standby does not follow")

    def wait_for_standby(self, there: bool) -> None:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            with self.primary.admin() as db:
                row = db.execute(
                    "select count(*) from pg_stat_replication where state = 'streaming'"
                ).fetchone()
            if bool(row and row[0]) == there:
                return
            time.sleep(0.1)

    def cancel_waiting(self) -> int:
        """Cancel every commit that waits for the standby, as an operator or a driver's timeout would."""
        with self.primary.admin() as db:
            return len(db.execute(
                "select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'"
                " and usename = 'vardvag_app'").fetchall())  # fmt: skip

    def stop(self) -> None:
        for server in (self.standby, self.primary):
            server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
