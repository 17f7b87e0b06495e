"""The command `vardvag`. Thin: every step lives in the module named after it."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import psycopg

from vardvag.config import doctor, embedded, place, prepare, supervisor, upgrade
from vardvag.config.backup import command as backup
from vardvag.config.place import Trouble
from vardvag.services.triage import command as triage


@contextmanager
def database_up() -> Iterator[None]:
    """The database for a command: an outside one, the one `vardvag run` has up, or our own for as long as needed."""
    folder = place.whole_data_folder()
    if not place.embedded():
        yield
        return
    try:
        lock = embedded.lock_data_folder(folder)
    except embedded.Held:
        if not _answers():
            raise
        yield
        return
    server = embedded.EmbeddedServer(folder)
    server.initialise()
    server.start()
    try:
        yield
    finally:
        server.stop()
        lock.close()


def _answers() -> bool:
    try:
        psycopg.connect(**place.connection("owner"), connect_timeout=5).close()  # type: ignore[arg-type]
    except psycopg.OperationalError:
        return False
    return True


def run(arguments: argparse.Namespace) -> int:
    return supervisor.Supervisor().run()


def one(module: str, *words: str) -> int:
    """Become one of the processes that `vardvag run` keeps: the same interpreter, a fresh module."""
    place.check_production()
    place.whole_data_folder()
    os.execv(sys.executable, [sys.executable, "-m", module, *words])  # noqa: S606


def prepared(*steps: str) -> int:
    with database_up():
        return prepare.main(list(steps))


def manage(arguments: argparse.Namespace) -> int:
    """Django's own commands."""
    from django.core.management import execute_from_command_line  # noqa: PLC0415 - reads the settings at import

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vardvag.config.settings")
    os.environ.setdefault("VARDVAG_ROLE", "owner")
    execute_from_command_line(["manage.py", *arguments.rest])
    return 0


def part(module: str, *words: str) -> int:
    with database_up():
        return prepare.command(module, list(words))


def bring_in(given: argparse.Namespace) -> int:
    wishes = [f"--{name}" for name in ("apply", "allow-gone") if vars(given)[name.replace("-", "_")]]
    return part("vardvag.organisation.command", given.kind, given.file, *wishes)


COMMANDS: dict[str, tuple[str, Callable[[argparse.Namespace], int]]] = {
    "run": ("everything, in one tree of processes", run),
    "web": ("the pages and live, on PORT", lambda _: one("vardvag.config.web")),
    "live": ("live alone, on PORT (scaled installations)", lambda _: one("vardvag.config.web", "live")),
    "worker": ("the jobs", lambda _: one("vardvag.config.work")),
    "migrate": ("bring the database to this version", lambda _: prepared("migrate", "static")),
    "upgrade": ("this version into the running product, without a pause", lambda _: upgrade.main()),
    "demo": ("load the demo region into an empty database", lambda _: prepared("migrate", "static", "demo")),
    "doctor": ("say what is wrong, and the cure", lambda _: doctor.main()),
}


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="vardvag", description="Vårdväg: patient e-services for Swedish regions."
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="command")
    for name, (text, do) in COMMANDS.items():
        commands.add_parser(name, help=text, description=text.capitalize() + ".").set_defaults(do=do)
    backup.add(commands, database_up)
    checking = commands.add_parser("verify-log", help="check that the log of who saw what is whole")
    checking.add_argument("--export", default="", help="also write the log to a file for an auditor")
    checking.set_defaults(do=lambda given: part("vardvag.audit.checking", given.export))
    for kind, text in (
        ("units", "units from the HSA catalogue's file or a CSV"),
        ("staff", "staff from a CSV"),
    ):
        importing = commands.add_parser(
            f"import-{kind}", help=f"import {text}; only looks unless told to apply"
        )
        importing.add_argument("file")
        importing.add_argument("--apply", action="store_true", help="do it, not only look")
        importing.add_argument(
            "--allow-gone", action="store_true", help="accept that many are missing in the file"
        )
        importing.set_defaults(do=bring_in, kind=kind)
    loading = commands.add_parser(
        "load-catalogue", help="case types, forms, terms and texts; a changed file makes a new version"
    )
    loading.add_argument("folder", nargs="?", default="", help="default: the basic range that is shipped")
    loading.add_argument("--offer", action="store_true", help="also switch them on at every unit")
    loading.set_defaults(
        do=lambda given: part(
            "vardvag.catalogue.command", given.folder, *(["--offer"] if given.offer else [])
        )
    )
    triaging = commands.add_parser("triage", help="interview by lines; protocols to and from FHIR; check")
    triage.add(triaging.add_subparsers(required=True, metavar="command"))
    passing = commands.add_parser(
        "manage", help="Django's commands (shell, makemigrations, ...)", add_help=False
    )
    passing.add_argument("rest", nargs=argparse.REMAINDER)
    passing.set_defaults(do=manage)
    return top


def main(words: Sequence[str] | None = None) -> int:
    arguments = parser().parse_args(words)
    try:
        return int(arguments.do(arguments))
    except Trouble as trouble:
        print(f"vardvag: {trouble}", file=sys.stderr)
        return 2
    except psycopg.OperationalError as problem:
        print(f"vardvag: The database does not answer: {' '.join(str(problem).split())}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
