"""`vardvag backup PLACE`: a consistent copy while the product runs.

One snapshot of the database decides: the dump, the row counts and the list of stored files are all of that moment.
Stored files never change; one that is destroyed meanwhile is written down as gone, and a restore says so in its row.
"""

import io
import os
import shutil
import tarfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from psycopg import sql

from vardvag.config import place
from vardvag.config.backup import age, programs, sets
from vardvag.config.backup.sets import BESIDE, DATABASE, FILES, MANIFEST, SUMS, Manifest, Stored
from vardvag.config.place import Trouble
from vardvag.core.disk import force
from vardvag.files import store

_SEEN_BY_ALL = (
    "select count(*), min(c.relname) from pg_class c where c.relforcerowsecurity and c.relrowsecurity"
    " and c.relnamespace = 'public'::regnamespace and not exists (select from pg_policies p"
    " where p.schemaname = 'public' and p.tablename = c.relname and p.permissive = 'PERMISSIVE'"
    " and p.cmd = 'ALL' and p.qual = 'true' and p.roles && array[current_user, 'public']::name[])"
)


def back_up(where: Path, key: X25519PublicKey, keep: int) -> tuple[Path, Manifest]:
    """The finished set and what it holds. Raises Trouble, and then leaves nothing."""
    with sets.locked(where):
        began = datetime.now(UTC)
        final = where / began.strftime("%Y%m%dT%H%M%SZ")
        if final.exists():
            raise Trouble(f"{final} was made this very second; try again.")
        new = where / f".new-{final.name}"
        new.mkdir(mode=0o700)
        try:
            made = _write(new, where, key)
            sets.finish(new, final)
        except OSError as problem:
            raise Trouble(
                f"{problem.filename or where}: {problem.strerror}; nothing was kept. Make room, or see to its rights."
            ) from None
        finally:
            shutil.rmtree(new, ignore_errors=True)  # not there any more when it is whole
        sets.sweep(where, keep, final)
    return final, made


def _write(new: Path, where: Path, key: X25519PublicKey) -> Manifest:
    anchors = read(anchor_file())  # before the snapshot, which then knows each of them
    with connected() as reader:
        made, moment, names = snapshot(reader)
        made.sums[DATABASE] = age.write(new / DATABASE, _dump(reader, moment), key)
    kept = _copy_files(where, names, made)
    lines = "".join(f"{file.sum}  {file.size}  {file.name}\n" for file in kept)
    made.sums[FILES] = sets.write(new / FILES, lines.encode())
    made.sums[BESIDE] = age.write(new / BESIDE, [beside(anchors)], key)
    sums = {**made.sums, MANIFEST: age.write(new / MANIFEST, [made.text()], key)}
    sets.write(new / SUMS, "".join(f"{mark}  {name}\n" for name, mark in sums.items()).encode())
    return made


def login() -> dict[str, str]:
    """Who reads: one whom no border stops. Outside: DATABASE_BACKUP_URL, else the owner, whom the policies let by."""
    if place.embedded():
        return {**place.connection("supervisor"), "dbname": place.DATABASE}
    if url := os.environ.get("DATABASE_BACKUP_URL"):
        return place.parsed("DATABASE_BACKUP_URL", url)
    return place.connection("owner")


def connected() -> "psycopg.Connection[tuple[object, ...]]":
    try:
        return psycopg.connect(**login(), connect_timeout=10)  # type: ignore[arg-type]
    except psycopg.OperationalError as problem:
        raise Trouble(f"The database does not answer: {' '.join(str(problem).split())}") from None


def _passes_all(reader: "psycopg.Connection[tuple[object, ...]]") -> bool:
    """Superuser or BYPASSRLS. Else each border must have a policy that lets this role see every row."""
    row = reader.execute(
        "select rolsuper or rolbypassrls, current_user from pg_roles where rolname = current_user"
    ).fetchone()
    if row and row[0]:
        return True
    count, first = reader.execute(_SEEN_BY_ALL).fetchone() or (0, "")
    if count:
        raise Trouble(
            f"{row[1] if row else 'This role'} may not read every row ({first} and {int(str(count)) - 1} more tables); "
            "back up as a role with BYPASSRLS and pg_read_all_data: set DATABASE_BACKUP_URL."
        )
    return False


def snapshot(reader: "psycopg.Connection[tuple[object, ...]]") -> tuple[Manifest, str, list[str]]:
    """What the database holds at this moment, the moment's name for pg_dump, and the stored files' names."""
    reader.execute("set transaction isolation level repeatable read, read only")
    for limit in ("statement_timeout", "idle_in_transaction_session_timeout", "transaction_timeout"):
        reader.execute(sql.SQL("set local {} = 0").format(sql.Identifier(limit)))
    one = reader.execute(
        "select pg_export_snapshot(), to_regclass('public.django_migrations') is not null"
    ).fetchone()
    if one is None or not one[1]:
        raise Trouble(
            "The database has no tables yet: there is nothing to back up; run vardvag migrate first."
        )
    tables = {
        str(name): int(
            str(_one(reader, sql.SQL("select count(*) from public.{}").format(sql.Identifier(str(name)))))
        )
        for (name,) in reader.execute(
            "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
            " and not relispartition order by 1"
        ).fetchall()
    }
    made = Manifest(
        made_at=datetime.now(UTC).isoformat(),
        version=sets.product_version(),
        database_version=reader.info.server_version,
        owner=str(_one(reader, "select relowner::regrole from pg_class where oid = 'public.files_file'::regclass")),
        migrations=[
            f"{app}.{name}"
            for app, name in reader.execute("select app, name from django_migrations order by id").fetchall()
        ],
        tables=tables,
        anchors=[
            [chain, seq, str(head)]
            for chain, seq, head in reader.execute(
                "select distinct on (provider_id) provider_id, seq, encode(hash, 'hex') from audit_anchor"
                " order by provider_id, seq desc"
            ).fetchall()
        ],
        mode=place.mode(),
    )  # fmt: skip
    names = reader.execute("select stored_as from files_file where wrapped_key <> '' order by id").fetchall()
    return made, str(one[0]), [str(name) for (name,) in names]


def _one(reader: "psycopg.Connection[tuple[object, ...]]", query: str | sql.Composed) -> object:
    row = reader.execute(query).fetchone()
    return row[0] if row else None


def _dump(reader: "psycopg.Connection[tuple[object, ...]]", snapshot: str) -> Iterator[bytes]:
    program = programs.found("pg_dump", server=reader.info.server_version // 10000)
    database, environment = programs.login(login())
    command = [
        str(program),
        "--format=custom",
        "--compress=gzip:1",
        "--exclude-extension=*",
        f"--snapshot={snapshot}",
    ]
    if not _passes_all(reader):
        command.append("--enable-row-security")
    return programs.output([*command, "--dbname", database], environment)


# --- files -----------------------------------------------------------------------------------------------------------


def _copy_files(where: Path, names: Iterable[str], made: Manifest) -> list[Stored]:
    """Into the place what is not there yet; known sums are those of the newest set that is whole."""
    source = place.data_folder() / "files"
    known = sets.known(where)
    kept: list[Stored] = []
    missing: list[str] = []
    for name in names:
        parts = [_kept(where, source, f"{name}.{part}", known) for part in store.PARTS]
        if parts[store.PARTS.index(store.BODY)] is None:
            missing.append(name)
        else:
            kept.extend(file for file in parts if file is not None)
    _force_names(where, [file for file in kept if known.get(file.name) is not file])
    if missing:
        with connected() as reader:  # as it is now: was it destroyed on purpose?
            still = reader.execute(
                "select stored_as from files_file where wrapped_key <> '' and stored_as = any(%s)", [missing]
            ).fetchall()
        made.lost = sorted(str(name) for (name,) in still)
        made.gone = sorted(set(missing) - set(made.lost))
    return kept


def _force_names(where: Path, copied: Iterable[Stored]) -> None:
    """Their content is on the disk; without this a power cut could take the names."""
    folders = {above for file in copied for above in (where / "files" / sets.below(file.name)).parents}
    for folder in folders:
        if folder.is_relative_to(where):
            force(folder)


def _kept(where: Path, source: Path, name: str, known: dict[str, Stored]) -> Stored | None:
    path, copy = source / sets.below(name), where / "files" / sets.below(name)
    try:
        size = path.stat().st_size
        there = known.get(name)
        if there is not None and there.size == size and copy.exists() and copy.stat().st_size == size:
            return there
        copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside = copy.with_suffix(copy.suffix + ".new")
        with path.open("rb") as old, beside.open("wb") as new:
            shutil.copyfileobj(old, new, 2**20)
            new.flush()
            os.fsync(new.fileno())
    except FileNotFoundError:
        return None
    beside.rename(copy)
    return Stored(name, copy.stat().st_size, sets.sum_of(copy))


# --- beside the database ---------------------------------------------------------------------------------------------


def anchor_file() -> Path:
    return Path(os.environ.get("VARDVAG_ANCHORS") or place.data_folder() / "anchors.log")


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def beside(anchors: bytes) -> bytes:
    """A tar with the secrets (without them the files stay shut), the anchors and what the demo's stand-ins know."""
    key = place.secrets_folder() / "files"
    if not key.is_file():
        raise Trouble(
            f"{key} is not there, and no stored file opens without it; set VARDVAG_SECRETS as for vardvag run."
        )
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w", dereference=True) as tar:  # secrets may be links
        told = tarfile.TarInfo("anchors.log")
        told.size, told.mode = len(anchors), 0o600
        tar.addfile(told, io.BytesIO(anchors))
        for name, folder in (("secrets", place.secrets_folder()), ("world", place.data_folder() / "world")):
            if folder.is_dir() and (name == "secrets" or place.mode() == "demo"):
                tar.add(folder, name, filter=_plain)
    return whole.getvalue()


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Files and folders only, without their owner."""
    if not (member.isfile() or member.isdir()) or Path(member.name).name.startswith("."):
        return None
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member
