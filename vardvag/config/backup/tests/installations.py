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


# Two stored files, as uploading leaves them: one with all its parts.
STORE = """
import hashlib, os, uuid
from vardvag.core import clock
from vardvag.files import store, vault
from vardvag.files.models import File
from vardvag.identity.models import Person
for parts in (store.PARTS, (store.BODY,)):
    name, key, content = store.new_name(), vault.new_key(), os.urandom(300_000)
    store.put(name, key, {part: content for part in parts})
    File.objects.create(
        patient_id=Person.objects.first().pk, uploaded_by_kind="resident", uploaded_by_id=1, draft_key=uuid.uuid4(),
        purpose="case", name="bild.jpg", kind="image", content_type="image/jpeg", size=len(content), width=1, height=1,
        sha256=hashlib.sha256(content).hexdigest(), original_sha256="0" * 64, stored_as=name,
        wrapped_key=vault.wrap(key, name), state="clean", created_at=clock.now(), kept_at=clock.now(),
    )
"""
# Every stored file opens with the secrets that are there.
OPEN = """
import hashlib
from vardvag.files import store, vault
from vardvag.files.models import File
for file in File.objects.exclude(wrapped_key=""):
    content = b"".join(store.get(file.stored_as, store.BODY, vault.unwrap(file.wrapped_key, file.stored_as)))
    assert hashlib.sha256(content).hexdigest() == file.sha256
    print("opened")
"""


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

    def python(self, text):
        """Run as the worker's role; what it printed."""
        start = "import django; django.setup()\n"
        settings = {"DJANGO_SETTINGS_MODULE": "vardvag.config.settings", "VARDVAG_ROLE": "system"}
        done = subprocess.run(
            [sys.executable, "-c", start + text],
            cwd=cluster.ROOT, env={**self.environment, **settings}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

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
    made = Installation(folder, cluster.product_environment(name, folder, 8000))
    made.python(STORE)
    return made


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
        assert row is not None
        found[table] = (int(row[0]), int(row[1]))
    return found


def tree(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
