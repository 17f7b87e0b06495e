"""Brings the database to this version's tables, loads the demo into an empty one, collects the static files.

Runs as its own short process before web and worker start: `python -m vardvag.config.prepare [migrate] [static] ...`.
"""

import fcntl
import hashlib
import importlib
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import django
import psycopg
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from psycopg.errors import DeadlockDetected, LockNotAvailable

from vardvag.config import place, roles
from vardvag.config.place import Trouble
from vardvag.core.disk import force


def become(role: place.Role) -> None:
    """Let the default connection log in as another role from now on."""
    connection.close()
    connection.settings_dict.update(place.database(role))


def migrate() -> None:
    become("owner")
    executor = MigrationExecutor(connection)
    loader = executor.loader
    unknown = [
        f"{app}.{name}"
        for app, name in loader.applied_migrations
        if (app, name) not in loader.disk_migrations
    ]
    ours = {config.label for config in django.apps.apps.get_app_configs()}
    newer = [name for name in unknown if name.split(".")[0] in ours]
    if newer:
        raise Trouble(f"The database is of a newer version ({newer[0]} is applied); install that version.")
    if executor.migration_plan(loader.graph.leaf_nodes()):
        _apply()
        with connection.cursor() as cursor:  # /halsa/redo asks which are applied
            cursor.execute("grant select on django_migrations to vardvag_app, vardvag_system")


def _apply() -> None:
    """While people work: a change that waits for a lock lets everybody wait behind it, so it waits half a second at
    most (less than PostgreSQL takes to look for a deadlock, so that it is not somebody's request that is ended),
    steps back and comes again. What is applied stays applied."""
    for patience in range(60, -1, -1):
        with connection.cursor() as cursor:
            cursor.execute("set lock_timeout = '500ms'")
        try:
            call_command("migrate", verbosity=0, interactive=False)
            return
        except OperationalError as problem:
            if not isinstance(problem.__cause__, LockNotAvailable | DeadlockDetected):
                raise
            if not patience:
                raise Trouble(
                    "The tables are held by something that runs long (a backup, a report); try again when it is done."
                ) from None
            connection.close()
            time.sleep(1)


def demo() -> None:
    """Load the demo region (or the tests' small one) into an empty database, with what the stand-ins know of it."""
    become("system")
    load = importlib.import_module("vardvag.demo.load")
    if load.is_empty():
        print("Loading the demo region ...", flush=True)
        load.load(os.environ.get("VARDVAG_DEMO", "demo"))


def static() -> None:
    """Collect only when a file changed: compressing them takes seconds. What did not come to its end is collected anew
    from nothing: a power cut leaves files that look new and are empty."""
    mark = hashlib.sha256()
    for finder in finders.get_finders():
        for name, storage in sorted(finder.list([]), key=lambda found: str(found[0])):
            told = Path(storage.path(name)).stat()
            mark.update(f"{name} {told.st_size} {told.st_mtime_ns}\n".encode())
    root = Path(settings.STATIC_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    with (root / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp, begun = root / ".collected", root / ".collecting"
        if begun.exists():
            _clear(root, {".lock", begun.name})
        elif stamp.exists() and stamp.read_text() == mark.hexdigest():
            return
        begun.touch()
        force(begun)
        force(root)
        call_command("collectstatic", verbosity=0, interactive=False)
        stamp.write_text(mark.hexdigest())
        for path in (*root.rglob("*"), root):
            force(path)
        begun.unlink()


def _clear(folder: Path, kept: set[str]) -> None:
    for path in folder.iterdir():
        if path.name in kept:
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def triage() -> None:
    """In production no care is sought by triage before clinicians have signed all of it; the start says so."""
    become("system")
    content = importlib.import_module("vardvag.services.triage.content")
    every = content.library()
    if without := content.unsigned(every):
        print(
            f"Triage is refused: {len(without)} of {len(every.every)} protocols are not signed by two clinicians"
            f" ({', '.join(without[:3])} ...). Everything else is open. Sign them under /personal/bedomning/.",
            flush=True,
        )


STEPS = {"migrate": migrate, "demo": demo, "static": static, "triage": triage}


def command(module: str, words: list[str]) -> int:
    """A part's own command (its `main`), as the worker's role in a prepared database."""

    def do() -> int:
        become("system")
        return int(importlib.import_module(module).main(words))

    return _guarded(do)


def main(names: list[str]) -> int:
    def do() -> int:
        for name in names:
            STEPS[name]()
        return 0

    return _guarded(do)


def _guarded(do: Callable[[], int]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vardvag.config.settings")
    try:
        roles.prepare_embedded() if place.embedded() else roles.prepare_outside()
        django.setup()
        return do()
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 2
    except OperationalError as problem:
        print(f"The database does not answer: {' '.join(str(problem).split())}", file=sys.stderr)
        return 2
    except psycopg.Error as problem:
        print(f"The database refuses: {' '.join(str(problem).split())}", file=sys.stderr)
        return 2
    except OSError as problem:
        print(
            f"{problem.filename or 'The disk'}: {problem.strerror or problem}; see to its room and rights.",
            file=sys.stderr,
        )
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
