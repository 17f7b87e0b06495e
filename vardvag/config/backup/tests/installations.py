"""The tests' world as an installation with an outside database, and empty places to restore into."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import psycopg
from psycopg import sql

from tests import cluster
from vardvag.config.backup import age

# What a restore changes on purpose (after.py), beside the one entry in the log that says so.
# The small world's log is sealed by the restore: no worker has run on it.
SETTLED = {
    "identity_session", "identity_loginattempt", "inbox_delivery", "inbox_digestline", "audit_entry", "audit_seal",
    "audit_floor",
}  # fmt: skip


class Installation:
    """`environment` for commands; no DATABASE_URL: embedded."""

    def __init__(self, folder: Path, environment: dict[str, str]):
        self.folder, self.environment = folder, environment

    def command(self, *words, **more):
        """(exit code, what it said)."""
        done = subprocess.run(
            [sys.executable, "-m", "vardvag.config", *map(str, words)],
            cwd=cluster.ROOT, env={**self.environment, **more}, capture_output=True, text=True, timeout=120,
            check=False,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    def did(self, *words, **more):
        code, said = self.command(*words, **more)
        assert code == 0, said
        return said

    def refused(self, *words, **more):
        """The one line that names the cure."""
        code, said = self.command(*words, **more)
        assert code == 2 and "Traceback" not in said, said
        lines = [line for line in said.splitlines() if line.startswith("vardvag: ")]
        assert len(lines) == 1, said
        return lines[0]


def with_world(name: str, folder: Path) -> Installation:
    """The small world in a database of its own, its files copied."""
    cluster.start()
    cluster.clone(name, cluster.world())
    for known in ("world", "files", "anchors.log"):
        source = cluster.world_folder() / known
        if source.is_dir():
            shutil.copytree(source, folder / known)
        elif source.exists():
            shutil.copyfile(source, folder / known)
    return Installation(folder, cluster.product_environment(name, folder, 8000))


def empty(folder: Path) -> Installation:
    """Nothing there; embedded, in demo mode."""
    folder.mkdir(mode=0o711, exist_ok=True)
    folder.chmod(0o711)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("VARDVAG_", "DATABASE_", "DJANGO_"))}
    return Installation(folder, {**kept, "VARDVAG_MODE": "demo", "VARDVAG_DATA": str(folder), "PORT": "8000"})


def key_pair(folder: Path) -> tuple[str, Path]:
    return age.new_key(folder / "backup.key"), folder / "backup.key"


def contents(connection: psycopg.Connection) -> dict[str, tuple[int, int]]:
    """Rows and a sum over every row's text, for each table."""
    tables = connection.execute(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
        " and not relispartition order by 1"
    ).fetchall()
    found = {}
    for (table,) in tables:
        row = connection.execute(
            sql.SQL(
                "select count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) from public.{} t"
            ).format(sql.Identifier(table))
        ).fetchone()
        found[table] = (int(row[0]), int(row[1]))
    return found


def tree(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
