"""`vardvag restore PLACE`: a set back into an empty place, checked before and after, or nothing at all.

Everything is made in `restoring` inside the data folder and moved up when it has been compared, the database last;
`vardvag run` refuses a data folder where that was cut short, and the next restore clears it. An outside database is
filled in one transaction.
"""

import errno
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path

import backports.tarfile as tarfile
import psycopg
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from psycopg import sql

from vardvag.config import embedded, place, roles
from vardvag.config.backup import programs, sets
from vardvag.config.backup.sets import BESIDE, DATABASE, Manifest
from vardvag.config.place import Trouble
from vardvag.core.disk import force

PIECES = (
    "files",
    "anchors.log",
    "world",
    "secrets",
    "pg18",
)  # in the order they are moved up; the database last
_MOVING = "whole"  # names what is being moved up
PACKAGE = Path(__file__).resolve().parents[2]


def restore(where: Path, key: X25519PrivateKey, name: str) -> list[str]:
    """What was done, line by line. Raises Trouble, and then the place is as empty as before."""
    one = sets.chosen(where, name)
    manifest = sets.manifest(one, key)
    check_version(manifest.migrations, one)
    folder = place.prepare_data_folder()
    lock = embedded.lock_data_folder(folder)
    try:
        check_database_empty()
        clear_half(folder)
        check_folder_empty(folder)
        with _staging(folder) as staging:
            unpack_beside(b"".join(sets.pieces(one / BESIDE, key)), staging)
            check_secrets(staging)
            count = _bring_files(where, one, staging)
            with _as_place(staging), _database(staging, manifest):
                _fill(one, key)
                try:
                    compare(manifest)
                    told = afterwards(manifest, staging)
                except BaseException:
                    _empty_outside()
                    raise
            os.sync()  # every stored file lies on the disk before the place counts as filled
            _move_up(staging, folder)
    finally:
        lock.close()
    return [
        f"Restored {one} (made {manifest.made_at[:19]} UTC by version {manifest.version}).",
        f"{len(manifest.tables)} tables with {sum(manifest.tables.values())} rows and {count} stored files compared.",
        *told,
    ]


# --- before ----------------------------------------------------------------------------------------------------------


def check_version(migrations: list[str], one: Path) -> None:
    """A backup of a newer version knows tables that this one does not."""
    ours = {path.parent.parent.name for path in PACKAGE.rglob("migrations/*.py")}
    here = {f"{path.parent.parent.name}.{path.stem}" for path in PACKAGE.rglob("migrations/[0-9]*.py")}
    newer = [name for name in migrations if name.split(".")[0] in ours and name not in here]
    if newer:
        raise Trouble(
            f"{one} is of a newer version ({newer[0]} is applied in it); install that version first."
        )


def clear_half(folder: Path) -> None:
    """What a restore that was killed has left; it had found the place empty."""
    staging = folder / "restoring"
    if staging.exists():
        server = embedded.EmbeddedServer(staging)
        server.end_orphan()
        if (staging / _MOVING).exists():  # what it brought and is not there any more is ours up here
            for piece in (staging / _MOVING).read_text().split():
                if not (staging / piece).exists():
                    _remove(folder / piece)
        shutil.rmtree(staging)


def check_folder_empty(folder: Path) -> None:
    for name in ("pg18", "files") if place.embedded() else ("files",):
        if (folder / name).exists() and _content(folder / name):
            raise Trouble(
                f"{folder} is not empty ({name} is there); a restore only goes into an empty place: "
                "choose another with VARDVAG_DATA, or move the old one away."
            )


def check_database_empty() -> None:
    """The one outside; the embedded one lies in the folder."""
    if place.embedded():
        return
    try:
        with psycopg.connect(**place.connection("owner"), connect_timeout=10) as owner:  # type: ignore[arg-type]
            row = owner.execute(
                "select min(relname) from pg_class where relnamespace = 'public'::regnamespace"
            ).fetchone()
    except psycopg.OperationalError as problem:
        raise Trouble(f"DATABASE_URL: no connection ({' '.join(str(problem).split())}).") from None
    if row and row[0]:
        raise Trouble(
            f"The database of DATABASE_URL is not empty ({row[0]} is there); a restore only goes into an empty one: "
            "create another and name it in DATABASE_URL."
        )


def check_secrets(staging: Path) -> None:
    """VARDVAG_SECRETS elsewhere: empty, or the very secrets of the backup."""
    apart = place.secrets_folder()
    if apart == place.data_folder() / "secrets":
        if apart.exists() and any(apart.iterdir()) and differ(apart, staging / "secrets"):
            raise Trouble(
                f"{apart} holds secrets of another installation; move them away, or choose another place."
            )
        return
    if apart.exists() and any(apart.iterdir()) and (wrong := differ(apart, staging / "secrets")):
        raise Trouble(
            f"The secrets in {apart} are not those of the backup ({wrong} differs); "
            "move them away, or name an empty folder with VARDVAG_SECRETS."
        )


def differ(here: Path, theirs: Path) -> str:
    for path in sorted(theirs.rglob("*")):
        mine = here / path.relative_to(theirs)
        if path.is_file() and (not mine.is_file() or mine.read_bytes() != path.read_bytes()):
            return str(path.relative_to(theirs))
    return ""


# --- filling ---------------------------------------------------------------------------------------------------------


@contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    staging = folder / "restoring"
    staging.mkdir(mode=0o711)
    staging.chmod(0o711)  # the database's own user passes through
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def unpack_beside(raw: bytes, staging: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(raw)) as tar:
        tar.extractall(staging, filter="data")
    secrets = staging / "secrets"
    for path in (secrets, *secrets.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)


def _bring_files(where: Path, one: Path, staging: Path) -> int:
    """Every stored file of the set, its sum checked as it is copied."""
    count = 0
    for file in sets.stored(one):
        source, target = where / "files" / sets.below(file.name), staging / "files" / sets.below(file.name)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            shutil.copyfile(source, target)
        except FileNotFoundError:
            raise Trouble(f"{source} is missing: the set is damaged; take another set.") from None
        if sets.sum_of(target) != file.sum:
            raise Trouble(f"{source} is not as it was written (cut or changed); take another set.")
        count += 1
    return count


@contextmanager
def _as_place(staging: Path) -> Iterator[None]:
    """What asks for the data folder gets the staging; secrets that live apart are used if they are there."""
    apart = place.secrets_folder()
    use = (
        apart
        if "VARDVAG_SECRETS" in os.environ and apart.exists() and any(apart.iterdir())
        else staging / "secrets"
    )
    new = {
        "VARDVAG_DATA": str(staging),
        "VARDVAG_SECRETS": str(use),
        "VARDVAG_ANCHORS": str(staging / "anchors.log"),  # those elsewhere may have gone on after the backup
    }
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


@contextmanager
def _database(staging: Path, manifest: Manifest) -> Iterator[None]:
    """An empty database with its roles, embedded or outside."""
    server = embedded.EmbeddedServer(staging) if place.embedded() else None
    if server is not None:
        server.initialise()
        server.start()
    try:
        roles.prepare_embedded() if server is not None else roles.prepare_outside()
        owner = place.connection("owner").get("user", "")
        if owner != manifest.owner:
            raise Trouble(
                f"The backup's tables belong to {manifest.owner}, here {owner} would own them; restore into an outside "
                f"database as {manifest.owner} (CREATE ROLE {manifest.owner} LOGIN CREATEROLE, and a database of its)."
            )
        yield
    finally:
        if server is not None:
            server.stop()
            shutil.rmtree(server.socket, ignore_errors=True)


def _fill(one: Path, key: X25519PrivateKey) -> None:
    database, environment = programs.login(place.connection("owner"))
    command = [str(programs.found("pg_restore")), "--single-transaction", "--exit-on-error", "--no-owner"]
    programs.feed([*command, "--dbname", database], sets.pieces(one / DATABASE, key), environment)


def _empty_outside() -> None:
    """Nothing of ours is left in an outside database (an embedded one goes with its folder)."""
    if place.embedded():
        return
    with psycopg.connect(**place.connection("owner"), autocommit=True) as owner:  # type: ignore[arg-type]
        for kind, query in (
            ("table", "select relname from pg_class where relnamespace = 'public'::regnamespace"
             " and relkind in ('r', 'p') and not relispartition"),
            ("routine", "select oid::regprocedure::text from pg_proc where pronamespace = 'public'::regnamespace"),
            ("sequence", "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'S'"),
            ("type", "select t.typname from pg_type t left join pg_class c on c.oid = t.typrelid where"
             " t.typnamespace = 'public'::regnamespace and t.typtype in ('e', 'd', 'c')"
             " and coalesce(c.relkind, 'c') = 'c'"),
        ):  # fmt: skip
            for (name,) in owner.execute(query).fetchall():
                target = sql.SQL(name) if kind == "routine" else sql.Identifier("public", name)
                with suppress(psycopg.errors.UndefinedObject, psycopg.errors.UndefinedFunction):
                    owner.execute(sql.SQL("drop {} if exists {} cascade").format(sql.SQL(kind), target))


# --- after -----------------------------------------------------------------------------------------------------------


def compare(manifest: Manifest) -> None:
    """Row counts as they were at the moment of the backup."""
    with psycopg.connect(**_reader()) as reader:  # type: ignore[arg-type]
        for table, rows in manifest.tables.items():
            row = reader.execute(
                sql.SQL("select count(*) from public.{}").format(sql.Identifier(table))
            ).fetchone()
            if row is None or row[0] != rows:
                raise Trouble(
                    f"{table} has {row[0] if row else 0} rows after the restore, the backup had {rows}; "
                    "take another set."
                )


def _reader() -> dict[str, str]:
    if place.embedded():
        return {**place.connection("supervisor"), "dbname": place.DATABASE}
    return place.connection("owner")


def afterwards(manifest: Manifest, staging: Path) -> list[str]:
    """In a process of its own, with the product's code on the restored data: sessions, notices, the log (after.py)."""
    task = staging / "after.json"
    task.write_text(json.dumps(asdict(manifest)))
    done = subprocess.run(
        [sys.executable, "-m", "vardvag.config.backup.after", str(task)],
        capture_output=True, text=True, check=False, env={**os.environ, "VARDVAG_ROLE": "system"},
    )  # fmt: skip
    task.unlink()
    lines = done.stdout.splitlines()
    if done.returncode:
        why = (
            next((line for line in lines if line.startswith("WRONG")), "")
            or (done.stderr.splitlines() or ["?"])[-1]
        )
        raise Trouble(f"What was restored is not whole: {why}; take another set.")
    return lines


def _move_up(staging: Path, folder: Path) -> None:
    brought = [piece for piece in PIECES if (staging / piece).exists()]
    sets.write(staging / _MOVING, "\n".join(brought).encode())
    apart = place.secrets_folder()
    for piece in brought:
        source, target = staging / piece, folder / piece
        if piece == "secrets" and apart != target:
            bring_secrets(source, apart)
        elif piece == "anchors.log" and os.environ.get("VARDVAG_ANCHORS"):
            continue  # those kept elsewhere stay as they are
        else:
            _put(source, target.resolve())
    force(folder)


def _put(source: Path, target: Path) -> None:
    """In its place, which may be another disk."""
    try:
        _remove(target)
        source.rename(target)
    except OSError as problem:
        if problem.errno not in (errno.EBUSY, errno.EXDEV):
            raise
        if source.is_dir():
            target.mkdir(exist_ok=True)
        subprocess.run(["/bin/cp", "-aT", str(source), str(target)], check=True)
        os.sync()
        _remove(source)


def bring_secrets(source: Path, apart: Path) -> None:
    apart.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.copytree(source, apart, dirs_exist_ok=True)


def _remove(path: Path) -> None:
    """What a link leads to; the link stays, and so does what is mounted there."""
    path = path.resolve()
    if path.is_mount():
        for piece in _content(path):
            shutil.rmtree(piece) if piece.is_dir() and not piece.is_symlink() else piece.unlink()
    elif path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _content(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.name != "lost+found"]  # each ext4 disk has one
