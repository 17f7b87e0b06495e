"""`vardvag doctor`: looks at everything this installation stands on; says what is wrong and the cure."""

import os
import shutil
import socket
import sys
from collections.abc import Callable
from importlib.util import find_spec

import psycopg

from vardvag.config import embedded, place, web
from vardvag.config.place import Trouble
from vardvag.files.sandbox import run as sandbox
from vardvag.files.sandbox.reasons import Rejected
from vardvag.outside.scanner.client import Scanner
from vardvag.services.triage.engine import load
from vardvag.services.triage.engine.place import BadContent

GIB = 2**30
WAITING = (
    "select count(*) filter (where status = 'todo'), count(*) filter (where status = 'failed'),"
    " coalesce(max(extract(epoch from now() - since)) filter (where status = 'todo'), 0)::int,"
    " (select count(*) from procrastinate_workers where last_heartbeat > now() - interval '1 minute')"
    " from procrastinate_jobs j, lateral (select coalesce("
    "scheduled_at, (select max(at) from procrastinate_events e where e.job_id = j.id and j.status = 'todo')) since) w"
)
Finding = tuple[str, str]  # what was looked at, what was found


def main() -> int:
    """0: nothing wrong. 1: something is."""
    wrong = 0
    for look in LOOKS:
        name = (look.__doc__ or look.__name__).strip().rstrip(".")
        try:
            found = look()
        except (Trouble, OSError, psycopg.Error) as trouble:
            wrong += 1
            print(f"WRONG  {name}: {' '.join(str(trouble).split())}")
        else:
            print(f"ok     {name}: {found}")
    print("\nNothing is wrong." if not wrong else f"\n{wrong} to put right.")
    return 1 if wrong else 0


def _python() -> str:
    """Python."""
    return sys.version.split()[0]


def _mode() -> str:
    """Mode."""
    place.check_production()
    return place.mode()


def _data() -> str:
    """Data folder."""
    folder = place.prepare_data_folder()
    free = shutil.disk_usage(folder).free
    if free < GIB:
        raise Trouble(f"{folder} has {free / GIB:.1f} GiB left; make room or move it with VARDVAG_DATA.")
    return f"{folder}, {free / GIB:.0f} GiB free"


def _secrets() -> str:
    """Secrets."""
    folder = place.secrets_folder()
    place.secret("django")
    loose = [path.name for path in folder.iterdir() if path.is_file() and path.stat().st_mode & 0o077]
    if loose or folder.stat().st_mode & 0o077:
        raise Trouble(f"others may read {folder}; run: chmod -R go= {folder}")
    return f"{folder}, readable by its owner only"


def _memory() -> str:
    """Memory."""
    limit = embedded.memory_limit()
    if limit < GIB:
        raise Trouble(f"{limit / GIB:.1f} GiB is too little; give at least 1 GiB, for a region 4.")
    return f"{limit / GIB:.1f} GiB"


def _running() -> bool:
    """Somebody holds the data folder."""
    try:
        embedded.lock_data_folder(place.data_folder()).close()
    except embedded.Held:
        return True
    return False


def _port() -> str:
    """Port."""
    port = place.port()
    if _running():
        host = os.environ.get("HOST") or "localhost"
        try:
            socket.create_connection((host, port), timeout=2).close()
        except OSError:
            raise Trouble(
                f"Vårdväg runs on this data folder, but not on port {port} of {host}; set PORT and HOST as it has them."
            ) from None
        return f"{port}, where Vårdväg runs"
    for listener in web.listen(port):
        listener.close()
    return f"{port} is free"


def _database() -> str:
    """Database."""
    if place.embedded():
        if not _running():
            server = embedded.EmbeddedServer(place.data_folder())
            where = server.binaries()
            if not (where / "postgres").exists():
                raise Trouble(f"no PostgreSQL in {where}; run make setup, or set DATABASE_URL.")
            state = "there" if (server.data / "PG_VERSION").exists() else "made at the first start"
            return f"embedded PostgreSQL 18, not running now, data {state}"
        connection = _connect("owner")
    else:
        connection = _connect("owner")
        if connection.info.server_version < 180000:
            raise Trouble(
                f"DATABASE_URL is a PostgreSQL {connection.info.server_version // 10000}; 18 or newer is needed."
            )
    with connection:
        row = connection.execute("select pg_database_size(current_database())").fetchone()
        size = row[0] if row else 0
        version = connection.info.parameter_status("server_version")
    for role in ("app", "system"):
        with _connect(role) as other:
            bypass = other.execute(
                "select rolsuper or rolbypassrls, current_user from pg_roles where rolname = current_user"
            ).fetchone()
            if bypass and bypass[0]:
                raise Trouble(
                    f"{bypass[1]} may step over the border; run: ALTER ROLE {bypass[1]} NOSUPERUSER NOBYPASSRLS."
                )
    return f"PostgreSQL {version}, {int(str(size)) / 2**20:.0f} MiB"


def _connect(role: place.Role) -> "psycopg.Connection[tuple[object, ...]]":
    try:
        return psycopg.connect(**place.connection(role), connect_timeout=5)  # type: ignore[arg-type]
    except psycopg.OperationalError as problem:
        said = " ".join(str(problem).split())
        raise Trouble(f"the role {place.LOGIN[role]} cannot log in ({said}); run vardvag migrate.") from None


def _jobs() -> str:
    """Jobs."""
    if place.embedded() and not _running():
        return "not running now"
    with _connect("system") as connection:
        if not connection.execute("select to_regclass('procrastinate_jobs') is not null").fetchone()[0]:  # type: ignore[index]
            raise Trouble("the database has no tables yet; run vardvag migrate.")
        waiting, failed, age, workers = connection.execute(WAITING).fetchone() or (0, 0, 0, 0)
    if not workers:
        raise Trouble("no worker is alive; start vardvag worker, or vardvag run.")
    if failed:
        raise Trouble(
            f"{failed} have failed for good; the worker's log says why ({place.data_folder()}/logs/worker.log)."
        )
    if int(str(age)) > 600:
        raise Trouble(f"the oldest has waited {age} s; start another vardvag worker.")
    return f"{waiting} waiting, {workers} worker"


def _outside() -> str:
    """Outside systems."""
    demo = place.mode() != "production"
    found = place.outside(demo, place.port())
    if demo:
        return (
            "the demo's stand-ins"
            if place.world_file().exists()
            else "the demo's stand-ins start with vardvag run"
        )
    needed = {"bankid": "url", "siths": "issuer", "population": "url", "sms": "url", "mail": "host"}
    missing = [f"{system}_{key}".upper() for system, key in needed.items() if not found[system][key]]
    if missing:
        raise Trouble(f"not set: {', '.join(missing)}; see docs/settings.md.")
    for system, keys in found.items():
        for key in ("ca", "cert", "key"):
            if keys.get(key) and not os.access(keys[key], os.R_OK):
                raise Trouble(
                    f"{system}_{key}".upper()
                    + f" names {keys[key]}, which cannot be read; check path and rights."
                )
    return ", ".join(system for system, key in needed.items() if found[system][key])


def _scanner() -> str:
    """Virus scanner."""
    address = place.outside(place.mode() != "production", place.port())["scanner"].get("address", "")
    if not address:
        return "none (SCANNER_ADDRESS is not set); files are decoded and rebuilt, but not scanned"
    try:
        version = Scanner(address, timeout=5).version()
    except ValueError:
        raise Trouble(
            f"SCANNER_ADDRESS is {address!r}; give host:port, or the path of clamd's socket."
        ) from None
    if version is None:
        raise Trouble(
            f"{address} does not answer, and files wait for it; start clamd, or see to SCANNER_ADDRESS."
        )
    return f"{address}, {version}"


def _parts() -> str:
    """Program."""
    missing = [
        name
        for name in ("django", "psycopg", "uvicorn", "uvloop", "pikepdf", "pillow_heif")
        if not find_spec(name)
    ]
    if missing:
        raise Trouble(f"not installed: {', '.join(missing)}; run make setup, or pip install again.")
    return "whole"


def _sandbox() -> str:
    """Sandbox of uploaded files."""
    try:
        open_ways = [way for way, is_open in sandbox.holes().items() if is_open]
    except Rejected as problem:
        raise Trouble(
            f"it does not start ({problem}); files will be refused. "
            "Linux with seccomp is needed, and bubblewrap helps: apt-get install bubblewrap."
        ) from None
    if open_ways:
        raise Trouble(
            f"it leaves open: {', '.join(open_ways)}; run on Linux (x86_64 or aarch64) with seccomp."
        )
    return "closed, behind bubblewrap" if sandbox.walled() else "closed by the system-call filter alone"


def _triage() -> str:
    """Triage content."""
    try:
        found = load.library()
    except BadContent as fault:
        raise Trouble(f"{fault} `vardvag triage check` shows all of it.") from None
    every = (found.screening, found.general, *found.protocols.values())
    signed = sum(one.signoff.signed != "" and len(one.signoff.reviewers) >= 2 for one in every)
    if signed < len(every) and place.mode() == "production":
        return (
            f"{len(every)} protocols, {signed} signed by two clinicians in their files. Seeking care is not offered"
            " before all are, there or under /personal/bedomning/"
        )
    return f"{len(every)} protocols, {signed} signed by two clinicians"


LOOKS: list[Callable[[], str]] = [
    _python, _parts, _mode, _data, _secrets, _memory, _port, _database, _jobs, _outside, _scanner, _sandbox,
    _triage,
]  # fmt: skip
