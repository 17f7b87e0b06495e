"""A point in time, for an outside database: `backup --base`, `archive-wal` and `restore --to TIME --into FOLDER`.

    point/20261121T021500Z/     a base: base.tar.age (pg_basebackup), beside.age, manifest.age, SHA256SUMS
    wal/<segment>-<sum>.age     the log of changes, as archive_command puts it away

The server's own superuser does not have to be known: the recovered copy is started on a private socket that only
we reach, checked, stopped and handed over as a data folder.
"""

import hashlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import backports.tarfile as tarfile
import psycopg
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from psycopg.conninfo import make_conninfo

from vardvag.config import embedded, place
from vardvag.config.backup import age, making, programs, restoring, sets
from vardvag.config.backup.sets import BESIDE, MANIFEST, SUMS, Manifest
from vardvag.config.place import Trouble
from vardvag.core.disk import force
from vardvag.files import store

BASE = "base.tar.age"
# .partial: the end of the old line, when a standby has taken over. Recovery does not read it; refused, it would be
# offered for ever, and the standby's disk fill up behind it.
_SEGMENT = re.compile(r"[0-9A-F]{24}(\.[0-9A-F]{8}\.backup|\.partial)?|[0-9A-F]{8}\.history")
PUT_AWAY = re.compile(r"(.+)-([0-9a-f]{64})\.age")
PATIENCE = 3600.0  # seconds; a week's log takes its time


@dataclass
class Base:
    """`first`: the oldest part of the log that it needs. `finished_at`: earliest moment it can be brought to."""

    finished_at: str
    version: str
    owner: str
    database: str
    migrations: list[str]
    anchors: list[list[object]]
    first: str
    sums: dict[str, str]


class Reader(io.RawIOBase):
    """Pieces as a file, for tarfile."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._held = pieces, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        if not self._held:
            self._held = next(self._pieces, b"")
        count = min(len(view), len(self._held))
        view[:count] = self._held[:count]
        self._held = self._held[count:]
        return count


# --- making ----------------------------------------------------------------------------------------------------------


def base(where: Path, key: X25519PublicKey, keep: int) -> Path:
    """A base backup of the outside server; older bases and the log before them go by `keep`."""
    if place.embedded():
        raise Trouble(
            "Points in time are for an outside database (DATABASE_URL); the embedded one has `vardvag backup`."
        )
    with sets.locked(where):
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        (where / "point").mkdir(exist_ok=True, mode=0o700)
        new, final = where / "point" / f".new-{stamp}", where / "point" / stamp
        new.mkdir(mode=0o700)
        try:
            _write(new, key)
            sets.finish(new, final)
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            raise
        _sweep(where, keep)
    return final


def _write(new: Path, key: X25519PublicKey) -> None:
    anchors = making.read(making.anchor_file())
    with making.connected() as reader:
        first = reader.execute(
            "select pg_walfile_name(pg_current_wal_lsn()), current_setting('archive_mode')"
        ).fetchone()
        if first is None or first[1] == "off":
            raise Trouble(
                "The server archives nothing (archive_mode is off); see docs/backup.md for the lines it needs."
            )
        reader.commit()
        manifest, _snapshot, _names = making.snapshot(reader)
        database, environment = programs.login({**making.login(), "dbname": ""})
        program = programs.found("pg_basebackup", server=reader.info.server_version // 10000)
    command = [
        str(program),
        "--pgdata=-",
        "--format=tar",
        "--wal-method=fetch",
        "--checkpoint=fast",
        "--no-password",
    ]
    pieces = programs.output([*command, "--dbname", database], environment)
    sums = {BASE: age.write(new / BASE, pieces, key)}
    sums[BESIDE] = age.write(new / BESIDE, [making.beside(anchors)], key)
    with making.connected() as reader:
        row = reader.execute("select clock_timestamp(), current_database()").fetchone() or ("", "")
    made = Base(
        finished_at=str(row[0]), version=sets.product_version(), owner=manifest.owner, database=str(row[1]),
        migrations=manifest.migrations, anchors=manifest.anchors, first=str(first[0]), sums=dict(sums),
    )  # fmt: skip
    sums[MANIFEST] = age.write(new / MANIFEST, [json.dumps(asdict(made)).encode()], key)
    sets.write(new / "first", made.first.encode())  # which log it needs, readable without the key
    sets.write(new / SUMS, "".join(f"{mark}  {name}\n" for name, mark in sums.items()).encode())


def archive(path: Path, where: Path, key: X25519PublicKey) -> None:
    """A finished segment, sealed; done twice it is the same, and another one of that name is refused."""
    if not _SEGMENT.fullmatch(path.name):
        raise Trouble(
            f"{path.name} is no part of PostgreSQL's log; write archive_command as in docs/backup.md."
        )
    try:
        content = path.read_bytes()
        folder = where / "wal"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        final = folder / f"{path.name}-{hashlib.sha256(content).hexdigest()}.age"
        if final.exists():
            return
        if there := list(folder.glob(f"{path.name}-*.age")):
            raise Trouble(
                f"{there[0]} is another part of that name: two servers archive to {where}; give each its own."
            )
        new = folder / f".new-{path.name}"
        new.unlink(missing_ok=True)
        try:
            age.write(new, [content], key)
            new.rename(final)
        finally:
            new.unlink(missing_ok=True)
        force(folder)
    except OSError as problem:
        raise Trouble(f"{problem.filename or where}: {problem.strerror}; the server tries again.") from None


def _sweep(where: Path, keep: int) -> None:
    bases = sets.found(where / "point")
    for old in bases[:-keep] if keep else []:
        sets.remove(old)
    left = sets.found(where / "point")
    if not left:
        return
    first = oldest_part(left[0])
    for path in (where / "wal").glob("*.age"):
        if path.name[:24] < first and ".history" not in path.name:
            path.unlink()


def oldest_part(one: Path) -> str:
    """The oldest part of the log that a base needs."""
    try:
        return (one / "first").read_text().strip()
    except (OSError, UnicodeDecodeError):
        raise Trouble(f"{one / 'first'} cannot be read: the base is damaged; make a new one.") from None


# --- restoring -------------------------------------------------------------------------------------------------------


def restore(where: Path, key: X25519PrivateKey, to: datetime, into: Path) -> list[str]:
    """A server's data folder as the database was at that time. Raises Trouble, and then leaves nothing."""
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise Trouble(f"{into} is not empty; name a new folder with --into.")
    one, made = _base_before(where, key, to)
    restoring.check_version(made.migrations, one)
    staging = into.with_name(f"{into.name}.restoring")
    shutil.rmtree(staging, ignore_errors=True)
    log = Path(tempfile.mkdtemp(prefix=f".{into.name}.log-", dir=into.parent))
    beside = Path(tempfile.mkdtemp(prefix=f".{into.name}.beside-", dir=into.parent))
    try:
        staging.mkdir(mode=0o700)
        with tarfile.open(fileobj=io.BufferedReader(Reader(sets.pieces(one / BASE, key))), mode="r|") as tar:
            tar.extractall(staging, filter="data")
        parts = _bring_log(where, key, made.first, log)
        restoring.unpack_beside(b"".join(sets.pieces(one / BESIDE, key)), beside)
        with _recovered(staging, log, to, made) as url:
            told = _afterwards(made, to, url, beside)
            files = _bring_files(where, url, beside)
        os.sync()  # all of it lies on the disk before it has its name
        staging.rename(into) if not into.exists() else _move_into(staging, into)
    finally:
        for folder in (staging, log, beside):
            shutil.rmtree(folder, ignore_errors=True)
    return [
        f"Recovered {one.name} and {parts} parts of the log to {to.isoformat()}: {into}",
        *told, *files,
        f"Start the server on {into}, with archive_command to a new place, and set DATABASE_URL.",
    ]  # fmt: skip


def _move_into(staging: Path, into: Path) -> None:
    into.rmdir()
    staging.rename(into)


def _base_before(where: Path, key: X25519PrivateKey, to: datetime) -> tuple[Path, Base]:
    bases = sets.found(where / "point")
    if not bases:
        raise Trouble(
            f"{where} has no base; points in time need `vardvag backup --base {where}` and the server's archive."
        )
    for one in reversed(bases):
        made = Base(**json.loads(b"".join(sets.pieces(one / MANIFEST, key))))
        if datetime.fromisoformat(made.finished_at) > to:
            continue
        for name, mark in made.sums.items():
            if not (one / name).is_file() or sets.sum_of(one / name) != mark:
                raise Trouble(
                    f"{one / name} is not as it was written (cut or changed); name a time before another base."
                )
        return one, made
    raise Trouble(
        f"The oldest base was finished at {made.finished_at[:19]}, after that time; choose a later one."
    )


def _bring_log(where: Path, key: X25519PrivateKey, first: str, log: Path) -> int:
    count = 0
    for path in sorted((where / "wal").glob("*.age")):
        told = PUT_AWAY.fullmatch(path.name)
        if told is None or (told[1][:24] < first and "history" not in told[1]):
            continue
        (log / told[1]).write_bytes(part(path, told[2], key))
        count += 1
    return count


def part(path: Path, mark: str, key: X25519PrivateKey) -> bytes:
    content = b"".join(sets.pieces(path, key))
    if hashlib.sha256(content).hexdigest() != mark:
        raise Trouble(f"{path} is not what its name says; choose a time before it.")
    return content


@contextmanager
def _recovered(data: Path, log: Path, to: datetime, made: Base) -> Iterator[str]:
    """The server on that folder, recovered and promoted, for us alone: its address for the owner."""
    server = embedded.EmbeddedServer(place.prepare_data_folder())
    with tempfile.TemporaryDirectory(prefix="vardvag-") as name:
        room = Path(name)
        (room / "hba").write_text("local all all trust\n")
        (room / "conf").write_text("")
        (data / "recovery.signal").touch()
        for path in (room, log, data, *room.rglob("*"), *log.rglob("*"), *data.rglob("*")):
            os.chown(path, server.uid, server.gid, follow_symlinks=False)
        settings = {
            "config_file": str(room / "conf"), "hba_file": str(room / "hba"), "unix_socket_directories": name,
            "listen_addresses": "", "port": "5432", "archive_mode": "off", "hot_standby": "off", "ssl": "off",
            "shared_preload_libraries": "", "logging_collector": "off", "log_destination": "stderr",
            "restore_command": f'cp "{log}/%f" "%p"', "recovery_target_time": to.isoformat(),
            "recovery_target_action": "promote", "recovery_target_timeline": "latest",
            "log_parameter_max_length": "0", "log_min_error_statement": "panic",
        }  # fmt: skip
        command = [str(server.binaries() / "postgres"), "-D", str(data)]
        for setting, value in settings.items():
            command += ["-c", f"{setting}={value}"]
        said = room / "said"
        with said.open("wb") as output:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd="/", start_new_session=True,
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}, preexec_fn=embedded.die_with_parent(signal.SIGINT),
                **server.become,
            )  # fmt: skip
        try:
            url = make_conninfo("", host=name, port=5432, user=made.owner, dbname=made.database)
            _wait(process, url, said, to)
            yield url
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(120)
        for left in ("recovery.done", "backup_label.old", "postmaster.opts"):
            (data / left).unlink(missing_ok=True)


def _wait(process: "subprocess.Popen[bytes]", url: str, said: Path, to: datetime) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        if process.poll() is not None or time.monotonic() > until:
            lines = said.read_text(errors="replace").splitlines()
            if any("before configured recovery target was reached" in line for line in lines):
                raise Trouble(
                    f"The log of changes ends before {to.isoformat()}; choose an earlier time (or wait until the "
                    "server has archived the part after it)."
                )
            why = next(
                (line for line in reversed(lines) if "FATAL" in line or "PANIC" in line), "no reason given"
            )
            raise Trouble(
                f"The recovery failed: {why}; EMBEDPG_BIN names the server's own binaries if they differ."
            )
        try:
            psycopg.connect(url, connect_timeout=5).close()
            return
        except psycopg.OperationalError:
            time.sleep(0.1)


@contextmanager
def _acting(url: str, beside: Path) -> Iterator[None]:
    """The recovered database and the base's own secrets, for the processes we start."""
    others = {role: make_conninfo(url, user=place.LOGIN[role]) for role in ("app", "system")}
    new = {
        "DATABASE_URL": url, "DATABASE_APP_URL": others["app"], "DATABASE_SYSTEM_URL": others["system"],
        "VARDVAG_DATA": str(beside), "VARDVAG_SECRETS": str(beside / "secrets"),
        "VARDVAG_ANCHORS": str(beside / "anchors.log"),
    }  # fmt: skip
    before = {name: os.environ.get(name) for name in new}
    os.environ.update(new)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _afterwards(made: Base, to: datetime, url: str, beside: Path) -> list[str]:
    manifest = Manifest(
        made_at=to.isoformat(), version=made.version, database_version=18, owner=made.owner,
        migrations=made.migrations, tables={}, anchors=made.anchors,
    )  # fmt: skip
    with _acting(url, beside):
        return restoring.afterwards(manifest, beside)


def _bring_files(where: Path, url: str, beside: Path) -> list[str]:
    """Stored files the database names and the data folder lacks come from the place; secrets if there are none."""
    folder = place.data_folder()
    with psycopg.connect(url) as reader:
        names: Iterable[tuple[str]] = reader.execute(
            "select stored_as from files_file where wrapped_key <> ''"
        ).fetchall()
    brought, missing = 0, []
    for (name,) in names:
        for part in store.PARTS:
            target = folder / "files" / sets.below(f"{name}.{part}")
            source = where / "files" / sets.below(f"{name}.{part}")
            if target.exists():
                continue
            if source.exists():
                target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                new = target.with_name(f"{target.name}.new")
                shutil.copyfile(source, new)
                force(new)
                new.rename(target)
                brought += 1
            elif part == store.BODY:
                missing.append(name)
    lines = [f"{brought} stored files brought back to {folder / 'files'}."]
    if missing:
        lines.append(
            f"WRONG  {len(missing)} stored files are neither there nor in {where}, first {missing[0]}."
        )
    apart = place.secrets_folder()
    if not apart.exists() or not any(apart.iterdir()):
        restoring.bring_secrets(beside / "secrets", apart)
        lines.append(f"The secrets are back in {apart}.")
    elif wrong := restoring.differ(apart, beside / "secrets"):
        lines.append(
            f"note   {apart} has other secrets than the backup ({wrong}); stored files need those of the backup."
        )
    return lines
