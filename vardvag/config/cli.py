"""The command `vardvag`. Thin: every step lives in the module named after it."""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import psycopg

from vardvag.config import embedded, place, prepare
from vardvag.config.place import Trouble


@contextmanager
def database_up() -> Iterator[None]:
    """The database for a command: an outside one, the one `vardvag run` has up, or our own for as long as needed."""
    folder = place.prepare_data_folder()
    if not place.embedded():
        yield
        return
    try:
        lock = embedded.lock_data_folder(folder)
    except Trouble:
        with suppress(psycopg.OperationalError):
            psycopg.connect(**place.connection("owner"), connect_timeout=5).close()  # type: ignore[arg-type]
            yield
            return
        raise
    server = embedded.EmbeddedServer(folder)
    server.initialise()
    server.start()
    try:
        yield
    finally:
        server.stop()
        lock.close()


def migrate(arguments: argparse.Namespace) -> int:
    with database_up():
        return prepare.main(["migrate"])


def manage(arguments: argparse.Namespace) -> int:
    """Django's own commands."""
    from django.core.management import execute_from_command_line  # noqa: PLC0415 - reads the settings at import

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vardvag.config.settings")
    os.environ.setdefault("VARDVAG_ROLE", "owner")
    execute_from_command_line(["manage.py", *arguments.rest])
    return 0


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="vardvag", description="Vårdväg: patient e-services.")
    commands = top.add_subparsers(dest="command", required=True, metavar="command")
    commands.add_parser("migrate", help="bring the database to this version").set_defaults(do=migrate)
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
    except KeyboardInterrupt:
        return 130
